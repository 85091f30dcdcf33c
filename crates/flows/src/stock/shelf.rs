//! What can be promised of a SKU, from where, and to whom. Nothing here is stored.

use super::policy::{PlaceRule, StockPolicy};
use super::position::{At, Position};
use super::spot::{PlaceNo, SpotNo, parts, place_of};
use serde::Serialize;

/// (spot, units) that can be promised, the most preferred first.
pub(super) type Free = Vec<(SpotNo, i64)>;

/// Units that can be promised by spot, the places in order of preference: only sellable conditions, and not what a
/// place keeps back. `preference` has the places' numbers in the order of the policy's rules.
pub(super) fn free(policy: &StockPolicy, preference: &[PlaceNo], sku: &str, position: &Position) -> Free {
    let mut all = Vec::new();
    for (rule, place) in policy.places.iter().zip(preference) {
        let spots = sellable(policy, position, *place);
        let here: i64 = spots.iter().map(|s| s.1).fold(0, i64::saturating_add);
        let mut left = here.saturating_sub(policy.safety(rule, sku, &position.category)).max(0);
        for (spot, n) in spots {
            let n = n.min(left);
            left -= n;
            if n > 0 {
                all.push((spot, n));
            }
        }
    }
    all
}

/// The rank of a kind's condition among those that may be sold; `None` for units that may not.
fn is_sellable(policy: &StockPolicy, tag: &str) -> Option<usize> {
    let (condition, owner, _) = parts(tag);
    let rank = policy.sellable.iter().position(|c| c == condition)?;
    (owner.is_empty() || policy.consigned.contains(owner)).then_some(rank)
}

/// A place's spots of sellable units that nobody has reserved, plain ones first, then by condition, owner and lot.
fn sellable(policy: &StockPolicy, position: &Position, place: PlaceNo) -> Vec<(SpotNo, i64)> {
    if position.kinds.is_empty() {
        return vec![(SpotNo::from(place), position.place(place).free())];
    }
    let here = position.at.iter().filter(|a| place_of(a.spot) == place);
    let mut spots: Vec<_> = here
        .filter_map(|a| {
            let tag = position.tag(a.spot);
            let rank = is_sellable(policy, tag)?;
            Some((tag.len().min(1), rank, tag, a.spot, a.free()))
        })
        .collect();
    spots.sort_unstable();
    spots.into_iter().map(|s| (s.3, s.4)).collect()
}

/// What storefronts are to be told of a SKU.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Figures<'a> {
    /// By storefront, in the policy's order; the same for all where policy tells no channels apart.
    pub available: Vec<i64>,
    /// Of each place of the pool, in order of preference, where a storefront is told of places.
    pub places: Vec<PlaceFigures<'a>>,
}

/// What a place has of a SKU.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PlaceFigures<'a> {
    pub place: &'a str,
    /// Sellable units that are there, reserved or not: what a storefront that reserves by itself is to show as its
    /// stock.
    pub on_hand: i64,
    /// Of these, units that nobody has reserved, less what is kept back.
    pub available: i64,
}

/// The figures of each place of the pool, in order of preference.
pub(super) fn by_place<'a>(
    policy: &'a StockPolicy,
    preference: &[PlaceNo],
    free: &Free,
    position: &Position,
) -> Vec<PlaceFigures<'a>> {
    let of = |(rule, place): (&'a PlaceRule, &PlaceNo)| {
        let here = position.at.iter().filter(|a| place_of(a.spot) == *place);
        let sold = here.filter(|a| is_sellable(policy, position.tag(a.spot)).is_some());
        let promised = free.iter().filter(|f| place_of(f.0) == *place);
        PlaceFigures {
            place: &rule.place,
            on_hand: sold.map(At::on_hand).fold(0, i64::saturating_add),
            available: promised.map(|f| f.1).fold(0, i64::saturating_add),
        }
    };
    policy.places.iter().zip(preference).map(of).collect()
}

/// Units of all spots.
pub(super) fn sum(free: &[(SpotNo, i64)]) -> i64 {
    free.iter().map(|f| f.1).fold(0, i64::saturating_add)
}

/// The most that one channel may have of `available` units: not what is kept for others, and its share only. What
/// it holds counts as available to it, so that it does not get its share of the rest again and again.
pub(super) fn ceiling(policy: &StockPolicy, position: &Position, available: i64, channel: &str) -> i64 {
    if policy.channels.is_empty() {
        return available;
    }
    let others = policy.channels.iter().filter(|c| c.0 != channel).map(|c| c.1.kept);
    let mut most = available.saturating_sub(others.fold(0, i64::saturating_add));
    if let Some(share) = policy.channels.get(channel).and_then(|rule| rule.share) {
        let held = position.shares.get(channel).copied().unwrap_or(0);
        let part = i128::from(available.saturating_add(held)) * i128::from(share) / 100;
        most = most.min(i64::try_from(part).unwrap_or(i64::MAX).saturating_sub(held));
    }
    most.max(0)
}

/// Takes up to `wanted` units: from the first place that has them all, else from one after the other.
pub(super) fn pick(free: &[(SpotNo, i64)], wanted: i64) -> Vec<(SpotNo, i64)> {
    let whole = places(free).into_iter().find(|(_, n)| *n >= wanted).map(|(place, _)| place);
    let mut left = wanted;
    let mut taken = Vec::new();
    for (spot, n) in free.iter().filter(|f| whole.is_none_or(|place| place_of(f.0) == place)) {
        let n = left.min(*n);
        if n > 0 {
            taken.push((*spot, n));
            left -= n;
        }
    }
    taken
}

/// The same by place, in the same order.
pub(super) fn places(free: &[(SpotNo, i64)]) -> Vec<(PlaceNo, i64)> {
    let mut all: Vec<(PlaceNo, i64)> = Vec::new();
    for (spot, n) in free {
        match all.last_mut() {
            Some(last) if last.0 == place_of(*spot) => last.1 = last.1.saturating_add(*n),
            _ => all.push((place_of(*spot), *n)),
        }
    }
    all
}
