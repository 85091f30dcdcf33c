//! Units by SKU and place, and what of them is on its way.

use crate::record::Data;
use retail::time::Time;
use std::collections::BTreeMap;

/// Account of units that lie at a place: `units.place.{place}`, with `/{condition}` behind it where they are not new.
const PLACE: &str = "units.place.";

type Units = BTreeMap<String, i64>;

#[derive(Debug, Default)]
pub(crate) struct Shelf {
    /// On hand by (place, SKU), whatever its condition, and when that last changed.
    on_hand: BTreeMap<(String, String), (i64, Time)>,
    /// What goods are to leave or reach a place by: its place, and units by SKU that have not.
    moving: BTreeMap<String, (String, Units)>,
    /// What storefronts were told, by system, place (empty for all of them) and SKU.
    shown: BTreeMap<(String, String, String), Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    units: Option<i64>,
    /// Commands under way that tell it anew.
    pending: u32,
    touched: Option<Time>,
}

impl Shelf {
    pub fn posted(&mut self, account: &str, sku: &str, amount: i64, at: Time) {
        let Some(place) = account.strip_prefix(PLACE) else { return };
        let place = place.split('/').next().unwrap_or(place);
        let (units, touched) = self.on_hand.entry((place.to_owned(), sku.to_owned())).or_insert((0, at));
        *units += amount;
        *touched = (*touched).max(at);
    }

    pub fn moving(&mut self, id: &str, place: &str, units: Vec<(String, i64)>) {
        let (_, open) = self.moving.entry(id.to_owned()).or_insert_with(|| (place.to_owned(), Units::new()));
        for (sku, quantity) in units {
            *open.entry(sku).or_default() += quantity;
        }
    }

    pub fn stays(&mut self, id: &str) {
        self.moving.remove(id);
    }

    /// Units left under a fulfilment order, or will not.
    pub fn left(&mut self, told: &Data) {
        let Some(id) = &told.fulfilment else { return };
        let Some((_, open)) = self.moving.get_mut(id) else { return };
        let lines = told.parcels.iter().flat_map(|parcel| &parcel.lines).chain(&told.lines);
        for line in lines {
            if let (Some(sku), Some(quantity)) = (&line.sku, line.quantity)
                && let Some(units) = open.get_mut(sku)
            {
                *units -= quantity;
            }
        }
        open.retain(|_, units| *units > 0);
        if open.is_empty() {
            self.moving.remove(id);
        }
    }

    pub fn gone(&mut self, told: &Data) {
        // Picked up without lines: all of it.
        if told.parcels.is_empty() && told.lines.is_empty() {
            if let Some(id) = &told.fulfilment {
                self.stays(id);
            }
            return;
        }
        self.left(told);
    }

    pub fn showing(&mut self, system: &str, items: &[((String, String), i64)], at: Time) {
        for ((place, sku), _) in items {
            let shown = self.shown.entry((system.to_owned(), place.clone(), sku.clone())).or_default();
            shown.pending += 1;
            shown.touched = Some(at);
        }
    }

    pub fn shown(&mut self, system: &str, items: Vec<((String, String), i64)>, done: bool) {
        for ((place, sku), units) in items {
            let shown = self.shown.entry((system.to_owned(), place, sku)).or_default();
            shown.pending = shown.pending.saturating_sub(1);
            if done {
                shown.units = Some(units);
            }
        }
    }

    /// Units on hand, and whether that may be changing.
    pub fn at_place(&self, place: &str, sku: &str, asked: Time) -> (i64, bool) {
        let found = self.on_hand.get(&(place.to_owned(), sku.to_owned()));
        let (units, touched) = found.copied().unwrap_or((0, Time(i64::MIN)));
        let leaving = self.moving.values().any(|(at, open)| at == place && open.contains_key(sku));
        (units, leaving || touched >= asked)
    }

    /// SKUs of a place of which there are any.
    pub fn skus_at(&self, place: &str) -> Vec<String> {
        let from = (place.to_owned(), String::new());
        let rows = self.on_hand.range(from..).take_while(|((at, _), _)| at == place);
        rows.filter(|(_, (units, _))| *units != 0).map(|((_, sku), _)| sku.clone()).collect()
    }

    /// What a storefront was told of a SKU at a place (empty for all of them), where it was told anything, and whether
    /// it is being told anew.
    pub fn told(&self, system: &str, place: &str, sku: &str, asked: Time) -> Option<(i64, bool)> {
        let shown = self.shown.get(&(system.to_owned(), place.to_owned(), sku.to_owned()))?;
        let busy = shown.pending > 0 || shown.touched.is_some_and(|at| at >= asked);
        Some((shown.units.unwrap_or(0), busy || shown.units.is_none()))
    }

    /// Places and SKUs of which a storefront was told that there are some.
    pub fn all_told(&self, system: &str) -> Vec<(String, String)> {
        let from = (system.to_owned(), String::new(), String::new());
        let rows = self.shown.range(from..).take_while(|((of, _, _), _)| of == system);
        let some = rows.filter(|(_, shown)| shown.units.is_some_and(|units| units != 0));
        some.map(|((_, place, sku), _)| (place.clone(), sku.clone())).collect()
    }
}
