//! One list of one system, held against the books.

use crate::books::Books;
use crate::cause::Cause;
use crate::thing::{Key, Standing, Thing};
use retail::listing::{ListKind, Row};
use retail::money::{Currency, Money};
use retail::time::Time;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What each side says an amount is, minor units; a side that says nothing is absent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Amounts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub there: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl Amounts {
    fn of(hub: Option<i64>, there: Option<i64>, currency: Option<&String>) -> Option<Self> {
        (hub.is_some() || there.is_some()).then(|| Self { hub, there, currency: currency.cloned() })
    }
}

/// Where two books differ.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Difference {
    pub system: String,
    pub kind: ListKind,
    /// The hub's id of the thing, else the system's; `SKU at PLACE` of stock.
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    /// What each side says, in words.
    pub hub: String,
    pub there: String,
    /// The same of money, where it is about money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amounts: Option<Amounts>,
    pub cause: Cause,
    pub next_step: &'static str,
}

impl Difference {
    /// The name of its case at the hub: the same on each run, as long as nothing else is wrong with the thing.
    #[must_use]
    pub fn case(&self) -> String {
        case_of(&self.system, self.kind, &self.what)
    }
}

/// The longest id that the contract allows.
const LONGEST: usize = 80;

/// The name of the case of a thing that differs: an id as the contract has them. What does not fit is told apart by a
/// number made of all of it.
#[must_use]
pub fn case_of(system: &str, kind: ListKind, what: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
    let whole = format!("{system}:{kind}:{what}", kind = kind.code());
    if whole.len() <= LONGEST && whole.chars().all(fits) {
        return whole;
    }
    // FNV-1a: only to tell names apart.
    let number = whole.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let plain: String = whole.chars().map(|c| if fits(c) { c } else { '.' }).take(LONGEST - 17).collect();
    format!("{plain}-{number:016x}")
}

/// What came of one list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// Rows listed.
    pub rows: usize,
    /// Things under way: they may differ now and agree later.
    pub in_flight: usize,
    pub differences: Vec<Difference>,
}

/// A list that was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub system: &'a str,
    pub kind: ListKind,
    /// Older rows may be missing from it.
    pub since: Option<Time>,
    /// When the asking began: what the hub learned later, the list need not know.
    pub at: Time,
}

/// Holds a list that a system was asked for at `at` against the books, which must have been read later than that.
#[must_use]
pub fn compare(
    books: &Books,
    system: &str,
    kind: ListKind,
    rows: &[Row],
    since: Option<Time>,
    at: Time,
) -> Compared {
    let asked = Asked { system, kind, since, at };
    let mut out = Compared { rows: rows.len(), ..Compared::default() };
    if kind == ListKind::Stock {
        books.stock(asked, rows, &mut out);
    } else {
        let (mut found, mut extra): (BTreeMap<Key, Vec<&Row>>, Vec<&Row>) = Default::default();
        for row in rows {
            match books.known(asked, row) {
                Some(key) => found.entry(key).or_default().push(row),
                None => extra.push(row),
            }
        }
        let from = (system.to_owned(), kind, String::new());
        let things = books.things.range(from..).take_while(|((s, k, _), _)| s == system && *k == kind);
        for (key, thing) in things {
            let rows = found.get(key).map_or(&[][..], Vec::as_slice);
            books.hold(asked, &key.2, thing, rows, &mut out);
        }
        books.unknown(asked, &extra, rows, &mut out);
    }
    out.differences.sort_by(|a, b| (&a.what, a.cause).cmp(&(&b.what, b.cause)));
    out
}

/// An amount for people; without a currency in minor units.
fn money(amount: i64, currency: Option<&str>) -> String {
    let known = currency.and_then(|code| Currency::parse(&code.to_ascii_uppercase()));
    match known {
        Some(currency) => Money::new(amount, currency).to_string(),
        None => format!("{amount} {} (minor units)", currency.unwrap_or("?")),
    }
}

fn units(quantity: i64) -> String {
    format!("{quantity} {}", if quantity == 1 { "unit" } else { "units" })
}

/// A row in a few words.
fn words(row: &Row) -> String {
    let mut words = Vec::new();
    if row.reference.as_deref().is_some_and(|reference| reference != row.id) {
        words.push(row.id.clone());
    }
    if let Some(amount) = row.amount {
        words.push(money(amount, row.currency.as_deref()));
    } else if let Some(quantity) = row.units() {
        words.push(units(quantity));
    }
    if let Some(order) = row.order.as_deref().filter(|order| Some(*order) != row.reference.as_deref()) {
        words.push(format!("for {order}"));
    }
    words.extend(row.state.clone());
    if words.is_empty() { "listed".to_owned() } else { words.join(", ") }
}

fn believed(thing: &Thing) -> String {
    match (thing.amount, thing.units) {
        (Some(amount), _) => money(amount, thing.currency.as_deref()),
        (None, Some(quantity)) => units(quantity),
        (None, None) => "one".to_owned(),
    }
}

impl Books {
    /// The thing that a row is about.
    fn known(&self, asked: Asked<'_>, row: &Row) -> Option<Key> {
        let more = match asked.kind {
            ListKind::Orders => row.order.as_ref(),
            ListKind::Returns => row.rma.as_ref(),
            ListKind::Labels => row.tracking.as_ref(),
            _ => None,
        };
        let names = row.reference.iter().chain(more).chain([&row.id]);
        let found = names.filter_map(|name| self.called(asked.system, asked.kind, name)).next();
        found.filter(|key| self.things.get(key).is_some_and(|thing| thing.standing != Standing::Refused))
    }

    /// One thing, and all rows about it.
    fn hold(&self, asked: Asked<'_>, reference: &str, thing: &Thing, rows: &[&Row], out: &mut Compared) {
        if matches!(thing.standing, Standing::Refused | Standing::Ended) {
            return;
        }
        if thing.under_way(asked.at) {
            out.in_flight += 1;
            return;
        }
        let live: Vec<&Row> = rows.iter().copied().filter(|row| !row.ended()).collect();
        let sum = live.iter().filter_map(|row| row.amount).reduce(|sum, amount| sum.saturating_add(amount));
        let said = |cause: Cause, hub: String, there: String| Difference {
            amounts: Amounts::of(thing.amount, sum, thing.currency.as_ref()),
            order: thing.order.clone().or_else(|| rows.first().and_then(|row| row.order.clone())),
            rma: thing.rma.clone(),
            ..difference(asked, reference, cause, hub, there)
        };
        let Some(first) = live.first() else {
            // Cancelled to the last unit, or never taken: there may be nothing of it.
            let nothing = match asked.kind {
                ListKind::Orders => thing.units == Some(0),
                ListKind::Captures => thing.amount == Some(0),
                _ => false,
            };
            let old = asked.since.is_some_and(|since| thing.began.is_none_or(|began| began < since));
            if nothing || (rows.is_empty() && old) {
                return;
            }
            let told = thing.standing == Standing::Told || asked.kind == ListKind::Refunds;
            let (cause, there) = match rows.first() {
                Some(row) => (Cause::EndedThere, words(row)),
                None if told => (Cause::MissingThere, "nothing".to_owned()),
                None => (Cause::DeletedThere, "nothing".to_owned()),
            };
            out.differences.push(said(cause, believed(thing), there));
            return;
        };
        if asked.kind == ListKind::Captures {
            let differs = sum.and_then(|sum| amounts(thing, sum, first.currency.as_deref()));
            if let Some((cause, hub, there)) = differs {
                out.differences.push(said(cause, hub, there));
            }
            return;
        }
        if live.len() > 1 {
            let each: Vec<&str> = live.iter().map(|row| row.id.as_str()).collect();
            out.differences.push(said(Cause::Twice, believed(thing), each.join(", ")));
            return;
        }
        if let Some((cause, hub, there)) = differs(thing, first) {
            out.differences.push(said(cause, hub, there));
        }
    }

    /// Rows that are about nothing that the hub knows.
    fn unknown(&self, asked: Asked<'_>, extra: &[&Row], all: &[Row], out: &mut Compared) {
        let theirs = self.originates(asked);
        for row in extra.iter().filter(|row| !row.ended()) {
            if let (Some(since), Some(at)) = (asked.since, row.at)
                && at < since
            {
                continue;
            }
            let open = row.order.as_deref().is_some_and(|order| self.in_progress("order", order))
                || row.rma.as_deref().is_some_and(|rma| self.in_progress("return", rma));
            if open || row.at.is_some_and(|at| at >= asked.at) {
                out.in_flight += 1;
                continue;
            }
            let like = |other: &&Row| {
                !std::ptr::eq(*other, *row)
                    && !other.ended()
                    && other.order.is_some()
                    && (&other.order, other.amount, other.units()) == (&row.order, row.amount, row.units())
                    && self.known(asked, other).is_some()
            };
            let (cause, hub) = match all.iter().find(like) {
                Some(other) => {
                    (Cause::Twice, format!("one: {}", other.reference.as_deref().unwrap_or(&other.id)))
                }
                None if theirs => (Cause::NeverTold, "nothing".to_owned()),
                None => (Cause::NotOurs, "nothing".to_owned()),
            };
            out.differences.push(Difference {
                order: row.order.clone(),
                rma: row.rma.clone(),
                amounts: Amounts::of(None, row.amount, row.currency.as_ref()),
                ..difference(asked, row.reference.as_deref().unwrap_or(&row.id), cause, hub, words(row))
            });
        }
    }

    fn stock(&self, asked: Asked<'_>, rows: &[Row], out: &mut Compared) {
        let mut places: BTreeSet<String> = self.places(asked.system);
        let mut listed: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in rows {
            let (place, sku) = (row.place.clone().unwrap_or_default(), row.sku.as_ref().unwrap_or(&row.id));
            *listed.entry((place, sku.clone())).or_default() += row.quantity.unwrap_or(0);
        }
        let by_place = rows.iter().any(|row| row.place.is_some());
        places.extend(rows.iter().filter_map(|row| row.place.clone()));
        let mut wanted: BTreeSet<(String, String)> = listed.keys().cloned().collect();
        // What a system does not list it has not: of what it keeps, or was told, in the way in which it lists.
        let told = self.shelf.all_told(asked.system);
        let shows = !told.is_empty();
        wanted.extend(told.into_iter().filter(|(place, _)| place.is_empty() != by_place));
        for place in places.iter().filter(|_| !shows) {
            wanted.extend(self.shelf.skus_at(place).into_iter().map(|sku| (place.clone(), sku)));
        }
        for (place, sku) in wanted {
            let own = match self.shelf.told(asked.system, &place, &sku, asked.at) {
                Some(told) => told,
                // A storefront shows more than the hub tells it of; that is none of the hub's.
                None if place.is_empty() || shows => continue,
                None => self.shelf.at_place(&place, &sku, asked.at),
            };
            let there = listed.get(&(place.clone(), sku.clone())).copied();
            if there.unwrap_or(0) == own.0 {
                continue;
            }
            if own.1 {
                out.in_flight += 1;
                continue;
            }
            let what = if place.is_empty() { sku } else { format!("{sku} at {place}") };
            let shown = there.map_or_else(|| "not listed".to_owned(), units);
            out.differences.push(difference(asked, &what, Cause::StockDiffers, units(own.0), shown));
        }
    }
}

fn difference(asked: Asked<'_>, what: &str, cause: Cause, hub: String, there: String) -> Difference {
    Difference {
        system: asked.system.to_owned(),
        kind: asked.kind,
        what: what.to_owned(),
        order: None,
        rma: None,
        hub,
        there,
        amounts: None,
        cause,
        next_step: cause.next_step(asked.kind),
    }
}

type Differs = Option<(Cause, String, String)>;

fn amounts(thing: &Thing, amount: i64, currency: Option<&str>) -> Differs {
    let own = thing.amount?;
    let hub = money(own, thing.currency.as_deref());
    let there = money(amount, currency);
    if let (Some(a), Some(b)) = (thing.currency.as_deref(), currency)
        && !a.eq_ignore_ascii_case(b)
    {
        return Some((Cause::CurrencyDiffers, hub, there));
    }
    (own != amount).then_some((Cause::AmountDiffers, hub, there))
}

/// The first thing in which a row is otherwise than it should be.
fn differs(thing: &Thing, row: &Row) -> Differs {
    let by_amount = || row.amount.and_then(|amount| amounts(thing, amount, row.currency.as_deref()));
    let by_place = || match (&thing.place, &row.place) {
        (Some(own), Some(there)) if own != there => Some((Cause::PlaceDiffers, own.clone(), there.clone())),
        _ => None,
    };
    let by_tracking = || {
        let there = row.tracking.as_ref().filter(|there| !thing.tracking.contains(*there))?;
        let own: Vec<&str> = thing.tracking.iter().map(String::as_str).collect();
        (!own.is_empty()).then(|| (Cause::TrackingDiffers, own.join(", "), there.clone()))
    };
    by_quantity(thing, row).or_else(by_amount).or_else(by_place).or_else(by_tracking)
}

/// By SKU where the row has lines: of goods only, since what a freight line is called is each system's own.
fn by_quantity(thing: &Thing, row: &Row) -> Differs {
    let own = thing.units?;
    let Some(lines) = row.lines.as_ref().filter(|_| !thing.goods.is_empty()) else {
        let there = row.quantity?;
        return (own != there).then(|| (Cause::QuantityDiffers, units(own), units(there)));
    };
    let mut there: BTreeMap<&str, i64> = BTreeMap::new();
    for line in lines.iter().filter(|line| !thing.others.contains(&line.sku)) {
        *there.entry(&line.sku).or_default() += line.quantity;
    }
    let skus: BTreeSet<&str> = thing.goods.keys().map(String::as_str).chain(there.keys().copied()).collect();
    let of = |sku: &str| (thing.goods.get(sku).copied().unwrap_or(0), there.get(sku).copied().unwrap_or(0));
    let wrong: Vec<(&str, i64, i64)> =
        skus.into_iter().map(|sku| (sku, of(sku).0, of(sku).1)).filter(|(_, a, b)| a != b).collect();
    if wrong.is_empty() {
        return None;
    }
    let told = |pick: fn(&(&str, i64, i64)) -> i64| {
        wrong.iter().map(|row| format!("{} {}", pick(row), row.0)).collect::<Vec<_>>().join(", ")
    };
    Some((Cause::QuantityDiffers, told(|row| row.1), told(|row| row.2)))
}
