//! What a pool keeps back, for whom, and how it deals with checkouts, transfers and storefronts that compare: part of
//! `[policy.pools.…]`.

use super::roster::Roster;
use super::words::{ID, instead, is_id, span, texts};
use crate::policy::StockRules;
use crate::role::Role;
use formats::toml::{Fields, Node};
use retail::returns::Grade;
use retail::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The most units of anything.
const UNITS: i64 = 1_000_000_000;

/// Reads the rules of one pool with these places.
pub(super) fn rules<'a>(fields: &mut Fields<'a>, roster: &Roster<'a>, places: &[String]) -> StockRules {
    let safety_at = units(fields.section("safety_at"));
    let read = safety_at.iter().map(|(place, node, n)| {
        if !places.contains(place) {
            let hint = instead(place, places.iter().map(String::as_str));
            node.fault(format!("the pool has no place {place:?}"), hint);
        }
        (place.clone(), *n)
    });
    let safety_at = read.collect();
    let plain =
        |units: Vec<(String, Node<'a>, i64)>| units.into_iter().map(|(name, _, n)| (name, n)).collect();
    let safety_skus = plain(units(fields.section("safety_skus")));
    let safety_categories = plain(units(fields.section("safety_categories")));
    let kept = channels(units(fields.section("kept")), roster);
    let shares = channels(percents(fields.section("shares")), roster);
    let compare = fields.get("compare").map(|node| texts(&node)).unwrap_or_default();
    compare.iter().for_each(|(source, node)| roster.expect(Role::Storefront, source, node));
    let by_place = fields.get("by_place").map(|node| texts(&node)).unwrap_or_default();
    by_place.iter().for_each(|(source, node)| roster.expect(Role::Storefront, source, node));
    StockRules {
        safety_at,
        safety_skus,
        safety_categories,
        sellable: sellable(fields.get("sellable")),
        consigned: ids(fields.get("consigned")).into_iter().collect(),
        restocked_as: fields.section("restocked_as").map(restocked_as).unwrap_or_default(),
        kept,
        shares: shares.into_iter().filter_map(|(c, n)| Some((c, u8::try_from(n).ok()?))).collect(),
        hold_most: fields.get("hold_most").and_then(|node| span(&node)).unwrap_or(Span::hours(1)),
        transit: fields.get("transit").and_then(|node| span(&node)).unwrap_or(Span::days(14)),
        compare: compare.into_iter().map(|(source, _)| source).collect(),
        by_place: by_place.into_iter().map(|(source, _)| source).collect(),
        publish_tries: fields
            .get("publish_tries")
            .and_then(|node| node.whole(0..=100))
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(3),
    }
}

fn numbers<'a>(fields: Option<Fields<'a>>, most: i64) -> Vec<(String, Node<'a>, i64)> {
    let entries = fields.map(|fields| fields.entries()).unwrap_or_default();
    let number = |(name, node): (formats::toml::Text<'a>, Node<'a>)| {
        let n = node.whole(0..=most)?;
        Some((name.value.to_owned(), node, n))
    };
    entries.into_iter().filter_map(number).collect()
}

fn units<'a>(fields: Option<Fields<'a>>) -> Vec<(String, Node<'a>, i64)> {
    numbers(fields, UNITS)
}

fn percents<'a>(fields: Option<Fields<'a>>) -> Vec<(String, Node<'a>, i64)> {
    numbers(fields, 100)
}

/// Figures by source, each of which is played.
fn channels<'a>(read: Vec<(String, Node<'a>, i64)>, roster: &Roster<'a>) -> BTreeMap<String, i64> {
    let known = |(source, node, n): (String, Node<'a>, i64)| {
        roster.expect(Role::Storefront, &source, &node);
        (source, n)
    };
    read.into_iter().map(known).collect()
}

/// Conditions that may be sold; a pool that sells nothing new is as much a mistake as one that sells nothing.
fn sellable(node: Option<Node<'_>>) -> Vec<String> {
    let Some(node) = node else { return vec!["new".to_owned()] };
    let read = ids(Some(node.clone()));
    if read.is_empty() {
        node.fault("a pool without a sellable condition can promise nothing", "sellable = [\"new\"]");
    }
    let mut once = BTreeSet::new();
    if let Some(twice) = read.iter().find(|c| !once.insert(c.as_str())) {
        node.fault(format!("{twice:?} stands here twice"), "each condition once");
    }
    read
}

fn ids(node: Option<Node<'_>>) -> Vec<String> {
    let read = node.map(|node| texts(&node)).unwrap_or_default();
    let sound = |(text, node): (String, Node<'_>)| {
        let fits = is_id(&text);
        if !fits {
            node.fault(format!("{text:?} is not an id"), ID);
        }
        fits.then_some(text)
    };
    read.into_iter().filter_map(sound).collect()
}

fn restocked_as(mut fields: Fields<'_>) -> BTreeMap<Grade, String> {
    let mut all = BTreeMap::new();
    for (name, grade) in [("A", Grade::A), ("B", Grade::B), ("C", Grade::C), ("X", Grade::X)] {
        if let Some(condition) = fields.get(name).and_then(|node| super::words::id(&node)) {
            all.insert(grade, condition);
        }
    }
    fields.done();
    all
}
