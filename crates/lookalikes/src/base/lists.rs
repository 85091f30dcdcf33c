//! What a system lists of what it has: `GET /lists/{kind}` of the canonical contract. Rows are made from the ledger;
//! what somebody did over there by hand, and told nobody, stands over them.

use crate::base::http::{Call, Response};
use crate::base::ledger::{Kind, Ledger, Shown};
use crate::base::system::System;
use crate::base::when;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The most rows on a page.
const PAGE: u64 = 5_000;

/// One thing done by hand: `POST /{system}/_lab/by-hand`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hand {
    list: String,
    /// The row's `reference` or `id`.
    row: String,
    /// Members that it has from now on; null takes one away.
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    remove: bool,
}

/// What a place or a shop says it has of a SKU.
#[derive(Debug)]
pub(crate) struct Shelved<'a> {
    pub sku: &'a str,
    /// Where it lies; empty where it is what a shop shows.
    pub place: &'a str,
    pub quantity: i64,
}

/// The ledger's kinds that a list is made of: those that make a row, those that take units off it, and those that
/// end it.
struct Made {
    rows: &'static [Kind],
    less: &'static [Kind],
    more: &'static [Kind],
    ends: &'static [Kind],
}

fn made(system: System, list: &str) -> Option<Made> {
    use Kind::{
        CancellationReported, Captured, CreditMemo, CreditMemoReversed, Delivery, Invoice, Label,
        LabelVoided, OrderPlaced, Refunded, ReturnLabel, ReturnReceipt, ReturnRequested, SalesOrder,
        SalesOrderAmended, SalesOrderCancelled, Shipment, ShipmentReported,
    };
    let of = |rows| Made { rows, less: &[], more: &[], ends: &[] };
    Some(match (system, list) {
        (System::Erp, "orders") => {
            Made { less: &[SalesOrderCancelled], more: &[SalesOrderAmended], ..of(&[SalesOrder]) }
        }
        (System::Erp, "deliveries") => of(&[Delivery]),
        (System::Erp, "invoices") => of(&[Invoice]),
        (System::Erp, "return_receipts") => of(&[ReturnReceipt]),
        (System::Erp, "credit_memos") => Made { ends: &[CreditMemoReversed], ..of(&[CreditMemo]) },
        (System::Shop, "orders") => Made { less: &[CancellationReported], ..of(&[OrderPlaced]) },
        (System::Shop, "shipments") => of(&[ShipmentReported]),
        (System::WmsNorth | System::WmsSouth, "shipments") => of(&[Shipment]),
        (System::Giftcards, "captures") => of(&[Captured]),
        (System::Giftcards, "refunds") => of(&[Refunded]),
        (System::Returns | System::Shop, "returns") => of(&[ReturnRequested]),
        (System::Carrier, "labels") => Made { ends: &[LabelVoided], ..of(&[Label, ReturnLabel]) },
        (System::WmsNorth | System::WmsSouth | System::Shop, "stock") => of(&[]),
        _ => return None,
    })
}

fn text(row: &mut Map<String, Value>, member: &str, value: &str) {
    if !value.is_empty() {
        row.insert(member.to_owned(), json!(value));
    }
}

/// What a row may be found by once it is there: sales orders and orders by order, memos by reference, labels by
/// tracking number.
fn named<'a>(list: &str, shown: &'a Shown<'a>) -> &'a str {
    match list {
        "orders" => shown.order,
        "labels" => shown.id,
        _ => shown.reference,
    }
}

fn row(list: &str, first: &Shown<'_>) -> Map<String, Value> {
    let mut row = Map::new();
    let own = if first.id.is_empty() { first.reference } else { first.id };
    row.insert("id".to_owned(), json!(own));
    // A return receipt is filed under its return, and written under an id of its own.
    let reference = if list == "return_receipts" { own } else { first.reference };
    text(&mut row, "reference", if list == "captures" { "" } else { reference });
    text(&mut row, "order", first.order);
    if matches!(list, "return_receipts" | "returns") {
        text(&mut row, "rma", first.reference);
    }
    if let Some(amount) = first.amount {
        row.insert("amount".to_owned(), json!(amount));
        text(&mut row, "currency", first.currency);
    }
    text(&mut row, "place", first.place);
    if list == "labels" {
        text(&mut row, "tracking", first.id);
    }
    row.insert("at".to_owned(), json!(first.at));
    row
}

fn add(row: &mut Map<String, Value>, shown: &Shown<'_>) {
    let Some(quantity) = shown.quantity else { return };
    if shown.sku.is_empty() {
        row.insert("quantity".to_owned(), json!(quantity));
        return;
    }
    let line = json!({"sku": shown.sku, "quantity": quantity});
    match row.get_mut("lines") {
        Some(Value::Array(lines)) => lines.push(line),
        _ => {
            row.insert("lines".to_owned(), json!([line]));
        }
    }
}

fn count(row: &mut Map<String, Value>, by: i64) {
    let now = row.get("quantity").and_then(Value::as_i64).unwrap_or(0);
    row.insert("quantity".to_owned(), json!(now.saturating_add(by)));
}

fn listed(
    system: System,
    list: &str,
    ledger: &Ledger,
    shelf: &[Shelved<'_>],
) -> Option<Vec<Map<String, Value>>> {
    let made = made(system, list)?;
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    let mut at: BTreeMap<String, usize> = BTreeMap::new();
    let mut document = None;
    for (head, shown) in ledger.shown() {
        if made.rows.contains(&shown.kind) {
            if document != Some(head) {
                at.insert(named(list, &shown).to_owned(), rows.len());
                rows.push(row(list, &shown));
                document = Some(head);
            }
            if let Some(row) = rows.last_mut() {
                add(row, &shown);
            }
            continue;
        }
        let Some(row) = at.get(named(list, &shown)).and_then(|n| rows.get_mut(*n)) else { continue };
        if made.less.contains(&shown.kind) {
            count(row, -shown.quantity.unwrap_or(0));
        } else if made.more.contains(&shown.kind) {
            count(row, shown.quantity.unwrap_or(0));
        } else if made.ends.contains(&shown.kind) {
            row.insert("state".to_owned(), json!("voided"));
        }
    }
    if list == "stock" {
        rows.extend(shelf.iter().map(|shelved| {
            let mut row = Map::new();
            text(&mut row, "id", shelved.sku);
            text(&mut row, "sku", shelved.sku);
            text(&mut row, "place", shelved.place);
            row.insert("quantity".to_owned(), json!(shelved.quantity));
            row
        }));
    }
    Some(rows)
}

/// Answers `GET /lists/{kind}?since=…&after=…&limit=…`: `{items, next}`, `next` null on the last page.
pub(crate) fn answer(
    system: System,
    list: &str,
    ledger: &Ledger,
    shelf: &[Shelved<'_>],
    hands: &[Hand],
    call: &Call<'_>,
) -> Response {
    let Some(mut rows) = listed(system, list, ledger, shelf) else {
        return Response::refuse(404, "no_list", &format!("{system} has no list of {list}"));
    };
    for hand in hands.iter().filter(|hand| hand.list == list) {
        let meant = |row: &Map<String, Value>| {
            ["reference", "id"].iter().any(|m| row.get(*m).and_then(Value::as_str) == Some(hand.row.as_str()))
        };
        if hand.remove {
            rows.retain(|row| !meant(row));
        }
        for row in rows.iter_mut().filter(|row| meant(row)) {
            for (member, value) in &hand.set {
                row.insert(member.clone(), value.clone());
            }
        }
    }
    if let Some(since) = call.query("since").filter(|text| !text.is_empty()) {
        let Some(since) = when::parse(since) else {
            return Response::refuse(422, "bad_time", "since is not RFC 3339 with a zone");
        };
        let time = |row: &Map<String, Value>| row.get("at").and_then(Value::as_str).and_then(when::parse);
        rows.retain(|row| time(row).is_none_or(|at| at >= since));
    }
    let after = usize::try_from(call.number("after", 0)).unwrap_or(usize::MAX);
    let limit = usize::try_from(call.number("limit", PAGE).clamp(1, PAGE)).unwrap_or(1);
    let next = after.saturating_add(limit);
    let more = (rows.len() > next).then(|| next.to_string());
    let items: Vec<_> = rows.into_iter().skip(after).take(limit).collect();
    Response::json(200, &json!({"items": items, "next": more}))
}
