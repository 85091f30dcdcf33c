//! Stock: reservations replayed from what pools were told and said, against the pools' rows, the books and the
//! warehouses' ledgers.
//!
//! A pool's rows: `p/{sku}` is `{"p": [[spot, units, reserved, …], …], "k": [kind, …], …}`, `r/{order}` is
//! `{"l": [[line, sku, spot, reserved], …], …}`. A spot is `kind * 65536 + place`: the place is a position in the list
//! `p` of the pool's state, the kind one in the row's list `k`, counted from 1; 0 is new units of the entity without a
//! lot. A checkout's hold stands as `r/~{hold}`. Units are below zero while a place has shipped what it has not
//! reported in yet; none are then on hand.

use crate::args::Data;
use crate::documents::{Documents, Role};
use crate::holding::Held as Hold;
use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use crate::shelf::{PoolRules, Sku};
use crate::verifier::Settings;
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

/// What a pool's rows say of a SKU at a spot.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// What came less what went.
    net: i64,
    held: i64,
    /// Summed over the orders' rows.
    held_by_orders: i64,
}

/// What was last published of a SKU.
#[derive(Clone, Debug, Default)]
struct Published {
    available: i64,
    at: (u16, u64),
}

/// A pool by partition and case.
type PoolId = (u16, u64);

/// A SKU's row beside its spots.
#[derive(Clone, Debug, Default)]
struct About {
    kinds: Vec<String>,
    category: String,
    shares: BTreeMap<String, i64>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Stock {
    open: HashMap<(Id, Id, Id), Held>,
    /// Name and places.
    pools: HashMap<PoolId, (String, Vec<Id>)>,
    rows: BTreeMap<(PoolId, Id, usize), Row>,
    about: HashMap<(PoolId, Id), About>,
    warehouse: HashMap<Spot, i64>,
    /// By pool and SKU, and then by channel.
    published: HashMap<(Id, Id), BTreeMap<String, Published>>,
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
    #[serde(default)]
    k: Vec<String>,
    #[serde(default)]
    g: String,
    #[serde(default)]
    c: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
struct OrderRow {
    #[serde(default)]
    l: Vec<(String, String, usize, i64)>,
}

/// Places have this many numbers before the next kind's begin.
const PLACES: usize = 65_536;

impl Stock {
    /// A message that a pool took in.
    pub fn told(&mut self, kind: &str, data: &Data<'_>, texts: &mut Texts) {
        let anywhere = match kind {
            "stock.ship" => true,
            "stock.release" | "stock.missing" | "stock.given_up" => false,
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

    /// A checkout's hold began, or units of it ended.
    pub fn hold(&mut self, hold: &Hold, place: &str, texts: &mut Texts, findings: &mut Findings) {
        let who = texts.id(&hold.who);
        for (line, sku, at, n) in &hold.lines {
            let (line, sku) = (texts.id(line), texts.id(sku));
            // Named with its kind, where that is not plain; reservations are compared by place.
            let at = texts.id(at.split_once('/').map_or(at.as_str(), |(place, _)| place));
            let held = self.open.entry((who, line, sku)).or_default();
            if hold.begins {
                held.push((at, *n));
                continue;
            }
            findings.checked(rules::STOCK_HOLD, 1);
            let mut left = *n;
            for h in held.iter_mut().filter(|h| h.0 == at) {
                let n = h.1.min(left);
                h.1 -= n;
                left -= n;
            }
            held.retain(|h| h.1 > 0);
            if left > 0 {
                let (about, expected) = (format!("hold {}", &hold.who[1..]), (n - left).to_string());
                findings.breach(rules::STOCK_HOLD, about, expected, n.to_string(), place);
            }
        }
    }

    /// Availability was published by a pool, in the journal row `at`.
    pub fn published(&mut self, at: (u16, u64), pool: &str, data: &Data<'_>, texts: &mut Texts) {
        // `{pool}-{number}-{channel}`
        let rest = data.id.strip_prefix(pool).and_then(|rest| rest.strip_prefix('-'));
        let channel = rest.and_then(|rest| rest.split_once('-')).map_or("", |(_, channel)| channel);
        let pool = texts.id(pool);
        for item in &data.items {
            let sku = texts.id(&item.sku);
            let of = self.published.entry((pool, sku)).or_default();
            of.insert(channel.to_owned(), Published { available: item.available, at });
        }
    }

    /// What a storefront shows as available.
    pub fn shelf(&mut self, sku: Id, available: i64) {
        self.shelves.insert(sku, available);
    }

    /// The state of a pool.
    pub fn pool(&mut self, id: PoolId, name: &str, body: &[u8], texts: &mut Texts) -> Result<(), String> {
        let head: Head = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        let places = head.p.iter().map(|p| texts.id(p)).collect();
        self.pools.insert(id, (name.to_owned(), places));
        Ok(())
    }

    /// A row of a pool.
    pub fn row(&mut self, pool: PoolId, key: &str, body: &[u8], texts: &mut Texts) -> Result<(), String> {
        if let Some(sku) = key.strip_prefix("p/") {
            let position: Position = serde_json::from_slice(body).map_err(|e| e.to_string())?;
            let sku = texts.id(sku);
            for at in &position.p {
                let [spot, net, held, ..] = at[..] else {
                    return Err(format!("a place has {} numbers", at.len()));
                };
                let spot = usize::try_from(spot).map_err(|_| format!("place {spot}"))?;
                let row = self.rows.entry((pool, sku, spot)).or_default();
                (row.net, row.held) = (net, held);
            }
            let about = About { kinds: position.k, category: position.g, shares: position.c };
            self.about.insert((pool, sku), about);
        } else if key.starts_with("r/") {
            let order: OrderRow = serde_json::from_slice(body).map_err(|e| e.to_string())?;
            for (_, sku, spot, held) in &order.l {
                let row = self.rows.entry((pool, texts.id(sku), *spot)).or_default();
                row.held_by_orders += held;
            }
        }
        Ok(())
    }

    /// A movement in a warehouse's own ledger.
    pub fn warehouse(&mut self, place: Id, sku: Id, by: i64) {
        *self.warehouse.entry((place, sku)).or_default() += by;
    }

    /// A spot's place, and its kind's tag.
    fn spot(&self, pool: PoolId, sku: Id, spot: usize) -> Option<(Id, &str)> {
        let place = self.pools.get(&pool)?.1.get(spot % PLACES)?;
        let tag = match (spot / PLACES).checked_sub(1) {
            None => "",
            Some(kind) => self.about.get(&(pool, sku))?.kinds.get(kind).filter(|k| !k.is_empty())?,
        };
        Some((*place, tag))
    }

    /// Compares. `books` says what is on hand by the entries.
    pub fn finish(
        &self,
        books: &HashMap<Spot, i64>,
        settings: &Settings,
        rest: Rest,
        documents: &Documents,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        // By spot, as accounts name it, and by place over all kinds.
        let (mut spots, mut places): (BTreeMap<Spot, Row>, BTreeMap<Spot, Row>) = Default::default();
        for ((pool, sku, spot), row) in &self.rows {
            let Some((place, tag)) = self.spot(*pool, *sku, *spot) else {
                findings.breach(
                    rules::STOCK_ON_HAND,
                    format!("pool {}/{} {}", pool.0, pool.1, texts.text(*sku)),
                    "a place and a kind that the pool names",
                    format!("number {spot}"),
                    "rows",
                );
                continue;
            };
            let named =
                if tag.is_empty() { place } else { texts.id(&format!("{}/{tag}", texts.text(place))) };
            for (sum, net) in [
                (spots.entry((named, *sku)).or_default(), row.net),
                (places.entry((place, *sku)).or_default(), row.net.max(0)),
            ] {
                sum.net += net;
                sum.held += row.held;
                sum.held_by_orders += row.held_by_orders;
            }
        }
        let mut held: HashMap<Spot, i64> = HashMap::new();
        for ((_, _, sku), at) in &self.open {
            for (place, n) in at {
                *held.entry((*place, *sku)).or_default() += n;
            }
        }
        let all: BTreeSet<Spot> = spots.keys().chain(books.keys()).copied().collect();
        for spot in all {
            let row = spots.get(&spot).copied().unwrap_or_default();
            let about = format!("{} at {}", texts.text(spot.1), texts.text(spot.0));
            Spotted { about, row, findings }.judge(books.get(&spot).copied().unwrap_or(0), rest);
        }
        let all: BTreeSet<Spot> =
            places.keys().chain(held.keys()).chain(self.warehouse.keys()).copied().collect();
        for spot in all {
            let row = places.get(&spot).copied().unwrap_or_default();
            let about = format!("{} at {}", texts.text(spot.1), texts.text(spot.0));
            let told = documents.given(Role::Wms) && rest.quiet;
            let warehouse = told.then(|| self.warehouse.get(&spot).copied().unwrap_or(0));
            Spotted { about, row, findings }.judge_place(held.get(&spot).copied().unwrap_or(0), warehouse);
        }
        if rest.pools {
            self.judge_published(settings, texts, findings);
        }
    }

    fn judge_published(&self, settings: &Settings, texts: &mut Texts, findings: &mut Findings) {
        let pools: BTreeMap<Id, PoolId> =
            self.pools.iter().map(|(id, (name, _))| (texts.id(name), *id)).collect();
        let none = PoolRules::default();
        for ((pool, sku), channels) in &self.published {
            let rules_of = settings.pools.get(texts.text(*pool)).unwrap_or(&none);
            for (channel, published) in channels {
                findings.checked(rules::STOCK_PUBLISHED, 1);
                let available = pools
                    .get(pool)
                    .map_or(0, |id| self.shown(*id, *sku, (rules_of, channel), settings, texts));
                let place = format!("journal {}/{}", published.at.0, published.at.1);
                if available != published.available {
                    let (expected, found) = (available.to_string(), published.available.to_string());
                    findings.breach(rules::STOCK_PUBLISHED, texts.text(*sku), expected, found, place);
                }
            }
        }
        for (sku, shown) in &self.shelves {
            findings.checked(rules::STOCK_PUBLISHED, 1);
            let of = self.published.iter().filter(|((_, s), _)| s == sku);
            let told: BTreeSet<i64> = of.flat_map(|(_, c)| c.values().map(|p| p.available)).collect();
            if !told.contains(shown) {
                let expected = match told.first() {
                    None => "nothing published".to_owned(),
                    Some(_) => told.iter().map(i64::to_string).collect::<Vec<_>>().join(" or "),
                };
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

    /// What a channel is to be shown of a SKU.
    fn shown(
        &self,
        pool: PoolId,
        sku: Id,
        (rules, channel): (&PoolRules, &str),
        settings: &Settings,
        texts: &Texts,
    ) -> i64 {
        let Some(about) = self.about.get(&(pool, sku)) else { return 0 };
        let range = self.rows.range((pool, sku, 0)..=(pool, sku, usize::MAX));
        let spots = range.filter_map(|((_, _, spot), row)| {
            let (place, tag) = self.spot(pool, sku, *spot)?;
            Some((texts.text(place), tag, row.net.max(0) - row.held))
        });
        let of = Sku {
            sku: texts.text(sku),
            category: &about.category,
            spots: spots.collect(),
            shares: &about.shares,
        };
        rules.shown(&of, &settings.safety, channel)
    }
}

/// A SKU at a spot or a place while it is judged.
struct Spotted<'a> {
    about: String,
    row: Row,
    findings: &'a mut Findings,
}

impl Spotted<'_> {
    fn differs(&mut self, rule: rules::Rule, expected: String, found: i64, place: &str) {
        self.findings.breach(rule, self.about.as_str(), expected, found.to_string(), place);
    }

    /// By spot: on hand as the entries say, and no more reserved than that.
    fn judge(mut self, books: i64, rest: Rest) {
        let row = self.row;
        for rule in [rules::STOCK_ON_HAND, rules::STOCK_BOUNDS] {
            self.findings.checked(rule, 1);
        }
        let on_hand = row.net.max(0);
        if on_hand != books {
            let expected = format!("{books} by the entries");
            self.differs(rules::STOCK_ON_HAND, expected, on_hand, "rows of the pool");
        }
        if row.held != row.held_by_orders {
            let expected = format!("{} over its orders", row.held_by_orders);
            self.differs(rules::STOCK_RESERVED, expected, row.held, "rows of the pool");
        }
        if row.held < 0 || (row.net < 0 && rest.quiet) || (row.held > on_hand && !rest.short) {
            let expected = format!("0 to {} reserved", row.net);
            self.differs(rules::STOCK_BOUNDS, expected, row.held, "rows of the pool");
        }
    }

    /// By place, over all kinds: what messages reserved, and what the warehouse has.
    fn judge_place(mut self, held: i64, warehouse: Option<i64>) {
        let row = self.row;
        self.findings.checked(rules::STOCK_RESERVED, 1);
        if row.held != held {
            let expected = format!("{held} by the messages");
            self.differs(rules::STOCK_RESERVED, expected, row.held, "rows of the pool");
        }
        if let Some(warehouse) = warehouse
            && warehouse != row.net
        {
            let expected = format!("{warehouse} by the warehouse");
            self.differs(rules::STOCK_ON_HAND, expected, row.net, "rows of the pool, ledgers of wms");
        }
    }
}
