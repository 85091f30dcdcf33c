//! What may be shown as available, worked out from a pool's rows and what the retailer has decided.

use std::collections::{BTreeMap, BTreeSet};

/// What a retailer has decided about a pool, as far as it decides what may be promised.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PoolRules {
    /// Units per SKU that are never promised, instead of the place's.
    pub safety_skus: BTreeMap<String, i64>,
    /// The same by category.
    pub safety_categories: BTreeMap<String, i64>,
    /// Conditions that may be promised; none given means new ones only.
    pub sellable: BTreeSet<String>,
    /// Owners besides the entity whose units may be promised.
    pub consigned: BTreeSet<String>,
    /// By channel: the most percent of what is available, and units that only it gets.
    pub channels: BTreeMap<String, (Option<u8>, i64)>,
}

/// Units of a SKU at a spot: place, kind's tag, on hand less reserved.
pub(crate) type Spot<'a> = (&'a str, &'a str, i64);

/// A SKU's row.
pub(crate) struct Sku<'a> {
    pub sku: &'a str,
    pub category: &'a str,
    pub spots: Vec<Spot<'a>>,
    /// What channels hold.
    pub shares: &'a BTreeMap<String, i64>,
}

impl PoolRules {
    fn may_sell(&self, tag: &str) -> bool {
        let (rest, _) = tag.split_once('#').unwrap_or((tag, ""));
        let (condition, owner) = rest.split_once('@').unwrap_or((rest, ""));
        let condition = if condition.is_empty() { "new" } else { condition };
        let sells =
            if self.sellable.is_empty() { condition == "new" } else { self.sellable.contains(condition) };
        sells && (owner.is_empty() || self.consigned.contains(owner))
    }

    /// What a channel is to be shown. `safety` is what places keep back.
    pub(crate) fn shown(&self, sku: &Sku<'_>, safety: &BTreeMap<String, i64>, channel: &str) -> i64 {
        let own = self.safety_skus.get(sku.sku).or_else(|| self.safety_categories.get(sku.category));
        let mut places: BTreeMap<&str, i64> = BTreeMap::new();
        for (place, _, free) in sku.spots.iter().filter(|s| self.may_sell(s.1)) {
            *places.entry(place).or_default() += free.max(&0);
        }
        let kept = |place: &str| own.copied().unwrap_or_else(|| safety.get(place).copied().unwrap_or(0));
        let available: i64 = places.iter().map(|(place, free)| (free - kept(place)).max(0)).sum();
        let others: i64 = self.channels.iter().filter(|c| c.0 != channel).map(|c| c.1.1).sum();
        let mut most = available - others;
        if let Some(share) = self.channels.get(channel).and_then(|c| c.0) {
            let held = sku.shares.get(channel).copied().unwrap_or(0);
            most = most.min((available + held) * i64::from(share) / 100 - held);
        }
        most.max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_back_is_not_shown() {
        let mut rules = PoolRules::default();
        let shares = BTreeMap::from([("market".to_owned(), 1)]);
        let safety = BTreeMap::from([("south".to_owned(), 2)]);
        let spots =
            vec![("north", "", 5), ("north", "opened", 3), ("south", "", 4), ("south", "new@acme", 1)];
        let sku = Sku { sku: "A", category: "toys", spots, shares: &shares };
        assert_eq!(rules.shown(&sku, &safety, "shop"), 7);
        rules.sellable = BTreeSet::from(["new".to_owned(), "opened".to_owned()]);
        rules.consigned.insert("acme".to_owned());
        assert_eq!(rules.shown(&sku, &safety, "shop"), 11);
        rules.channels.insert("market".to_owned(), (Some(50), 4));
        assert_eq!((rules.shown(&sku, &safety, "shop"), rules.shown(&sku, &safety, "market")), (7, 5));
        rules.safety_categories.insert("toys".to_owned(), 4);
        assert_eq!(rules.shown(&sku, &safety, "shop"), 1);
        rules.safety_skus.insert("A".to_owned(), 9);
        assert_eq!(rules.shown(&sku, &safety, "market"), 0);
    }
}
