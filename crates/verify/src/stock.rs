//! Stock: reservations replayed from what pools were told and said, against the pools' rows, the books and the
//! warehouses' ledgers.
//!
//! A pool's rows: `p/{sku}` is `{"p": [[place number, units, reserved, …], …], …}`, `r/{order}` is
//! `{"l": [[line, sku, place number, reserved], …], …}`; the place numbers are positions in the list `p` of the
//! pool's state. Units are below zero while a place has shipped what it has not reported in yet; none are then on hand.

use crate::args::Data;
use crate::documents::{Documents, Role};
use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Open reservations of one order line: by place.
type Held = Vec<(Id, i64)>;

/// A place and a SKU.
type Spot = (Id, Id);

/// How far things have come to rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    /// Nothing is under way between hub and systems.
    pub quiet: bool,
    /// No pool has anything to publish.
    pub pools: bool,
    /// A person knows of reservations that nothing stands behind.
    pub short: bool,
}

/// What a pool's rows say of a SKU at a place.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// What came less what went.
    net: i64,
    held: i64,
    /// Summed over the orders' rows.
    held_by_orders: i64,
}

#[derive(Debug, Default)]
struct Published {
    available: i64,
    at: (u16, u64),
}

#[derive(Debug, Default)]
pub(crate) struct Stock {
    open: HashMap<(Id, Id, Id), Held>,
    places: HashMap<(u16, u64), Vec<Id>>,
    /// Rows until the places of their pool are known: partition, case, place number, SKU.
    rows: HashMap<(u16, u64, usize, Id), Row>,
    warehouse: HashMap<Spot, i64>,
    published: HashMap<Id, Published>,
    shelves: HashMap<Id, i64>,
}

/// The part of a pool's state that names its places.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    p: Vec<String>,
}

#[derive(Deserialize)]
struct Position {
    #[serde(default)]
    p: Vec<Vec<i64>>,
}

#[derive(Deserialize)]
struct OrderRow {
    #[serde(default)]
    l: Vec<(String, String, usize, i64)>,
}

impl Stock {
    /// A message that a pool took in.
    pub fn told(&mut self, kind: &str, data: &Data<'_>, texts: &mut Texts) {
        let anywhere = match kind {
            "stock.ship" => true,
            "stock.release" | "stock.missing" => false,
            _ => return,
        };
        let order = texts.id(&data.order);
        for l in data.lines() {
            let (line, sku, place) = (texts.id(&l.line), texts.id(&l.sku), texts.id(&l.place));
            let Some(held) = self.open.get_mut(&(order, line, sku)) else { continue };
            let mut left = l.quantity;
            // What has left ends a reservation where it left, else wherever the line has one.
            for here in [true, false] {
                for h in held.iter_mut().filter(|h| (h.0 == place) == here && (here || anywhere)) {
                    let n = h.1.min(left);
                    h.1 -= n;
                    left -= n;
                }
            }
            held.retain(|h| h.1 > 0);
            if held.is_empty() {
                self.open.remove(&(order, line, sku));
            }
        }
    }

    /// A message that a pool sent: units are reserved.
    pub fn said(&mut self, kind: &str, data: &Data<'_>, texts: &mut Texts) {
        if !matches!(kind, "stock.reserved" | "stock.supplied") {
            return;
        }
        let order = texts.id(&data.order);
        for l in data.lines() {
            let (line, sku, place) = (texts.id(&l.line), texts.id(&l.sku), texts.id(&l.place));
            let held = self.open.entry((order, line, sku)).or_default();
            match held.iter_mut().find(|h| h.0 == place) {
                Some(h) => h.1 += l.quantity,
                None => held.push((place, l.quantity)),
            }
        }
    }

    /// Availability was published, by the journal row `at`.
    pub fn published(&mut self, at: (u16, u64), data: &Data<'_>, texts: &mut Texts) {
        for item in &data.items {
            let sku = texts.id(&item.sku);
            self.published.insert(sku, Published { available: item.available, at });
        }
    }

    /// What a storefront shows as available.
    pub fn shelf(&mut self, sku: Id, available: i64) {
        self.shelves.insert(sku, available);
    }

    /// The state of a pool.
    pub fn pool(&mut self, part: u16, case: u64, body: &[u8], texts: &mut Texts) -> Result<(), String> {
        let head: Head = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        let places = head.p.iter().map(|p| texts.id(p)).collect();
        self.places.insert((part, case), places);
        Ok(())
    }

    /// A row of a pool.
    pub fn row(
        &mut self,
        part: u16,
        case: u64,
        key: &str,
        body: &[u8],
        texts: &mut Texts,
    ) -> Result<(), String> {
        if let Some(sku) = key.strip_prefix("p/") {
            let position: Position = serde_json::from_slice(body).map_err(|e| e.to_string())?;
            let sku = texts.id(sku);
            for at in &position.p {
                let [place, net, held, ..] = at[..] else {
                    return Err(format!("a place has {} numbers", at.len()));
                };
                let place = usize::try_from(place).map_err(|_| format!("place {place}"))?;
                let row = self.rows.entry((part, case, place, sku)).or_default();
                (row.net, row.held) = (net, held);
            }
        } else if key.starts_with("r/") {
            let order: OrderRow = serde_json::from_slice(body).map_err(|e| e.to_string())?;
            for (_, sku, place, held) in &order.l {
                let row = self.rows.entry((part, case, *place, texts.id(sku))).or_default();
                row.held_by_orders += held;
            }
        }
        Ok(())
    }

    /// A movement in a warehouse's own ledger.
    pub fn warehouse(&mut self, place: Id, sku: Id, by: i64) {
        *self.warehouse.entry((place, sku)).or_default() += by;
    }

    /// Compares. `books` says what is on hand by the entries, `safety` what is kept back per place.
    pub fn finish(
        &self,
        books: &HashMap<Spot, i64>,
        safety: &BTreeMap<String, i64>,
        rest: Rest,
        documents: &Documents,
        texts: &Texts,
        findings: &mut Findings,
    ) {
        let mut rows: HashMap<Spot, Row> = HashMap::new();
        for ((part, case, place, sku), row) in &self.rows {
            match self.places.get(&(*part, *case)).and_then(|p| p.get(*place)) {
                Some(place) => {
                    let sum = rows.entry((*place, *sku)).or_default();
                    sum.net += row.net;
                    sum.held += row.held;
                    sum.held_by_orders += row.held_by_orders;
                }
                None => findings.breach(
                    rules::STOCK_ON_HAND,
                    format!("pool {part}/{case} {}", texts.text(*sku)),
                    "a place that the pool names",
                    format!("number {place}"),
                    "rows",
                ),
            }
        }
        let mut held: HashMap<Spot, i64> = HashMap::new();
        for ((_, _, sku), places) in &self.open {
            for (place, n) in places {
                *held.entry((*place, *sku)).or_default() += n;
            }
        }
        let mut spots: BTreeSet<Spot> = rows.keys().chain(held.keys()).chain(books.keys()).copied().collect();
        spots.extend(self.warehouse.keys());
        let mut free: BTreeMap<Id, i64> = BTreeMap::new();
        for spot in spots {
            let row = rows.get(&spot).copied().unwrap_or_default();
            let about = format!("{} at {}", texts.text(spot.1), texts.text(spot.0));
            let one = Spotted { about, row, findings };
            one.judge(
                books.get(&spot).copied().unwrap_or(0),
                held.get(&spot).copied().unwrap_or(0),
                documents.given(Role::Wms).then(|| self.warehouse.get(&spot).copied().unwrap_or(0)),
                rest,
            );
            let kept = safety.get(texts.text(spot.0)).copied().unwrap_or(0);
            *free.entry(spot.1).or_default() += (row.net.max(0) - row.held - kept).max(0);
        }
        if rest.pools {
            self.judge_published(&free, texts, findings);
        }
    }

    fn judge_published(&self, free: &BTreeMap<Id, i64>, texts: &Texts, findings: &mut Findings) {
        for (sku, published) in &self.published {
            findings.checked(rules::STOCK_PUBLISHED, 1);
            let available = free.get(sku).copied().unwrap_or(0);
            let place = format!("journal {}/{}", published.at.0, published.at.1);
            if available != published.available {
                let (expected, found) = (available.to_string(), published.available.to_string());
                findings.breach(rules::STOCK_PUBLISHED, texts.text(*sku), expected, found, place);
            }
        }
        for (sku, shown) in &self.shelves {
            findings.checked(rules::STOCK_PUBLISHED, 1);
            let expected = self.published.get(sku).map(|p| p.available);
            if expected != Some(*shown) {
                let expected = expected.map_or_else(|| "nothing published".to_owned(), |n| n.to_string());
                findings.breach(
                    rules::STOCK_PUBLISHED,
                    texts.text(*sku),
                    expected,
                    shown.to_string(),
                    "the storefront",
                );
            }
        }
    }
}

/// A SKU at a place while it is judged.
struct Spotted<'a> {
    about: String,
    row: Row,
    findings: &'a mut Findings,
}

impl Spotted<'_> {
    fn judge(self, books: i64, held: i64, warehouse: Option<i64>, rest: Rest) {
        let Self { about, row, findings } = self;
        for rule in [rules::STOCK_ON_HAND, rules::STOCK_RESERVED, rules::STOCK_BOUNDS] {
            findings.checked(rule, 1);
        }
        let on_hand = row.net.max(0);
        let mut differs = |rule, expected: String, found: i64, place: &str| {
            findings.breach(rule, about.as_str(), expected, found.to_string(), place);
        };
        if on_hand != books {
            differs(rules::STOCK_ON_HAND, format!("{books} by the entries"), on_hand, "rows of the pool");
        }
        if let Some(warehouse) = warehouse
            && rest.quiet
            && warehouse != on_hand
        {
            let expected = format!("{warehouse} by the warehouse");
            differs(rules::STOCK_ON_HAND, expected, on_hand, "rows of the pool, ledgers of wms");
        }
        if row.held != held {
            differs(rules::STOCK_RESERVED, format!("{held} by the messages"), row.held, "rows of the pool");
        }
        if row.held != row.held_by_orders {
            let expected = format!("{} over its orders", row.held_by_orders);
            differs(rules::STOCK_RESERVED, expected, row.held, "rows of the pool");
        }
        if row.held < 0 || (row.net < 0 && rest.quiet) || (row.held > on_hand && !rest.short) {
            let expected = format!("0 to {} reserved", row.net);
            differs(rules::STOCK_BOUNDS, expected, row.held, "rows of the pool");
        }
    }
}
