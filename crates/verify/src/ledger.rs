//! Rows of a system's own ledger: `docs/contract.md` says what they hold.

use crate::documents::{Documents, Kind, Role, Shape, Side};
use crate::filed::Filed;
use crate::names::{Id, Texts};
use crate::orders::Orders;
use crate::record::Text;
use crate::report::{Breach, Findings};
use crate::rules;
use crate::stock::Stock;
use crate::told::Told;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A row of a system's ledger that nobody has to read first. Empty texts and zeros are absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct LedgerRow<'a> {
    /// Its number, from 1.
    pub n: u64,
    pub kind: &'a str,
    pub reference: &'a str,
    pub order: &'a str,
    pub sku: &'a str,
    pub place: &'a str,
    /// The system's own number.
    pub id: &'a str,
    pub detail: &'a str,
    /// Minor units.
    pub amount: i64,
    pub quantity: i64,
}

impl<'a> From<LedgerRow<'a>> for Row<'a> {
    fn from(row: LedgerRow<'a>) -> Self {
        Self {
            n: row.n,
            kind: row.kind.into(),
            reference: row.reference.into(),
            order: row.order.into(),
            sku: row.sku.into(),
            place: row.place.into(),
            id: row.id.into(),
            detail: row.detail.into(),
            amount: row.amount,
            quantity: row.quantity,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Row<'a> {
    n: u64,
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    reference: Text<'a>,
    #[serde(borrow, default)]
    order: Text<'a>,
    #[serde(borrow, default)]
    sku: Text<'a>,
    #[serde(borrow, default)]
    place: Text<'a>,
    /// The system's own number.
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    detail: Text<'a>,
    #[serde(default)]
    amount: i64,
    #[serde(default)]
    quantity: i64,
}

/// What rows add to.
pub(crate) struct Sums<'a> {
    pub texts: &'a mut Texts,
    pub documents: &'a mut Documents,
    pub orders: &'a mut Orders,
    pub stock: &'a mut Stock,
    pub told: &'a mut Told,
    pub filed: &'a mut Filed,
    pub findings: &'a mut Findings,
}

/// The ledgers given so far: the roles of each system and its last row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledgers {
    systems: BTreeMap<String, (Vec<Role>, u64)>,
}

/// The role of a system by the name of its connection: `shop`, `stripe`, `giftcards`, `wms…`, or the role's own.
fn by_name(system: &str) -> Option<Role> {
    match system {
        "shop" => Some(Role::Storefront),
        "stripe" | "giftcards" => Some(Role::Payments),
        _ if system == "wms" || system.starts_with("wms-") => Some(Role::Wms),
        _ => Role::of(system),
    }
}

impl Ledgers {
    /// Takes a system's ledger in, be it empty; one that plays several roles is taken once for each. Answers whether
    /// the role is known.
    pub fn open(&mut self, system: &str, role: Option<Role>, documents: &mut Documents) -> bool {
        let Some(role) = role.or_else(|| by_name(system)) else { return false };
        documents.give(role);
        let (roles, _) = self.systems.entry(system.to_owned()).or_default();
        if !roles.contains(&role) {
            roles.push(role);
        }
        true
    }

    /// The next row of a system's ledger, as a line of JSON.
    pub fn line(&mut self, system: &str, line: &str, sums: &mut Sums<'_>) {
        match serde_json::from_str::<Row<'_>>(line) {
            Ok(row) => self.take(system, &row, sums),
            Err(e) => {
                let last = self.systems.get(system).map_or(0, |(_, last)| *last);
                let place = format!("ledger of {system} after row {last}");
                sums.findings.checked(rules::LEDGER_DENSE, 1);
                let (expected, found) = ("a row of its format", e.to_string());
                sums.findings.breach(rules::LEDGER_DENSE, system, expected, found, place);
            }
        }
    }

    /// The same, read already.
    pub fn row(&mut self, system: &str, row: LedgerRow<'_>, sums: &mut Sums<'_>) {
        self.take(system, &row.into(), sums);
    }

    fn take(&mut self, system: &str, row: &Row<'_>, sums: &mut Sums<'_>) {
        sums.findings.checked(rules::LEDGER_DENSE, 1);
        let known = self.systems.contains_key(system) || self.open(system, None, sums.documents);
        let Some((roles, last)) = self.systems.get_mut(system).filter(|_| known) else {
            let expected = "a system whose role is known";
            sums.findings.breach(
                rules::LEDGER_DENSE,
                system,
                expected,
                "another",
                "the ledgers given to verify",
            );
            return;
        };
        if row.n != *last + 1 {
            let (expected, place) = (format!("row {}", *last + 1), format!("ledger of {system}"));
            sums.findings.breach(rules::LEDGER_DENSE, system, expected, format!("row {}", row.n), place);
        }
        *last = row.n;
        let role = roles.iter().copied().find(|role| Kind::of(*role, &row.kind).is_some());
        if let Some(role) = role.or_else(|| roles.first().copied()) {
            take(role, system, row, sums);
        }
    }
}

fn take(role: Role, system: &str, row: &Row<'_>, sums: &mut Sums<'_>) {
    let reference = sums.texts.id(&row.reference);
    let order = sums.texts.id(&row.order);
    let kind = &*row.kind;
    match (role, kind) {
        (Role::Payments, "refund_failed") => {
            sums.documents.ledger_undone(Kind::Refund, reference, Side::whole(0, row.amount));
            sums.orders.provider(order, 0, -row.amount);
            return;
        }
        (Role::Payments, "captured") => sums.orders.provider(order, row.amount, 0),
        (Role::Payments, "refunded") => sums.orders.provider(order, 0, row.amount),
        (Role::Erp, "delivery") => {
            let sku = sums.texts.id(&row.sku);
            sums.orders.erp(order, sku, row.quantity);
        }
        (Role::Notifications, "message") => sums.told.written(&row.detail, &row.id, reference, sums.texts),
        (Role::Carrier, "label" | "return_label" | "label_voided") => {
            sums.filed.label(kind, reference, sums.texts.id(&row.id));
        }
        (Role::Wms, _) => warehouse(system, order, row, sums),
        // Said by the storefront itself in addition, where returns begin there.
        (Role::Storefront, "return_requested") => {
            sums.documents.ledger(Kind::ReturnRequested, reference, Side::whole(row.quantity, 0));
            return;
        }
        _ => {}
    }
    let Some(kind) = Kind::of(role, kind) else { return };
    let side = match kind.spec().shape {
        Shape::Lines => {
            let mut side = Side { times: 1, ..Side::default() };
            side.line(&row.sku, detail(kind, row), row.quantity);
            side
        }
        Shape::Whole { .. } | Shape::Repeats => Side::whole(row.quantity, row.amount),
    };
    sums.documents.ledger(kind, reference, side);
    if let Some((asked, done)) = sums.documents.beyond(kind, reference) {
        let about = format!("{} {}", kind.spec().kind, sums.texts.text(reference));
        let (expected, place) = (format!("at most {asked}"), format!("ledger of {system}, row {}", row.n));
        sums.findings.for_now(Breach { rule: kind.spec().rule.id, about, expected, found: done, place });
    }
}

/// What tells units of a SKU apart within a document.
fn detail<'a>(kind: Kind, row: &'a Row<'_>) -> &'a str {
    if matches!(kind, Kind::Disposition | Kind::ReturnReceipt) { &row.detail } else { "" }
}

/// What moves a warehouse's stock. Units that it could not find were never there.
fn warehouse(system: &str, order: Id, row: &Row<'_>, sums: &mut Sums<'_>) {
    let by = match &*row.kind {
        "opening" | "stock_received" | "adjustment" | "transfer_received" => row.quantity,
        "shipment" | "transfer_shipped" => -row.quantity,
        "disposition" if &*row.detail == "restock" => row.quantity,
        _ => return,
    };
    let place = if row.place.is_empty() { system } else { &row.place };
    let (place, sku) = (sums.texts.id(place), sums.texts.id(&row.sku));
    sums.stock.warehouse(place, sku, by);
    if &*row.kind == "shipment" {
        sums.orders.warehouse(order, sku, row.quantity);
    }
}
