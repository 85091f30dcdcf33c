//! Errors in what systems did: rows that are missing, doubled, of other contents, or of nobody's doing.

use super::Plant;
use super::edit::{ledger, more, number, stranger, twice, without};
use crate::Evidence;
use serde_json::{Value, json};

macro_rules! plants {
    ($($name:literal => $rule:literal, $plant:expr;)+) => {
        pub(super) const PLANTS: &[Plant] = &[$(Plant { name: $name, rule: $rule, plant: $plant }),+];
    };
}

plants! {
    "a refund was paid twice" => "payment.refunded", |e| twice(e, "stripe", "refunded");
    "a refund was paid with another amount" => "payment.refunded", |e| more(e, "stripe", "refunded", "amount", 1);
    "a refund never reached the provider" => "payment.refunded", |e| without(e, "stripe", "refunded");
    "a refund was made by hand and never reported" => "payment.unknown", |e| {
        stranger(e, "stripe", "refunded", "re_by_hand")
    };
    "more was refunded than captured" => "payment.bound", |e| more(e, "stripe", "refunded", "amount", 1_000_000);
    "a capture is missing" => "payment.captured", |e| without(e, "stripe", "captured");
    "a capture was made twice" => "payment.captured", |e| twice(e, "stripe", "captured");
    "a capture is of another amount" => "payment.captured", |e| more(e, "stripe", "captured", "amount", 100);
    "a cancelled order was captured" => "payment.unshipped", captured_cancelled;
    "a sales order of nobody is in the ERP" => "erp.sales_order", |e| stranger(e, "erp", "sales_order", "shop-nobody");
    "a sales order is in the ERP twice" => "erp.sales_order", |e| twice(e, "erp", "sales_order");
    "a sales order has another total" => "erp.sales_order", |e| more(e, "erp", "sales_order", "amount", 1);
    "a sales order is missing" => "erp.sales_order", |e| without(e, "erp", "sales_order");
    "a cancellation never reached the ERP" => "erp.sales_order", |e| without(e, "erp", "sales_order_cancelled");
    "an invoice is missing" => "erp.invoice", |e| without(e, "erp", "invoice");
    "an invoice was posted twice" => "erp.invoice", |e| twice(e, "erp", "invoice");
    "an invoice has another amount" => "erp.invoice", |e| more(e, "erp", "invoice", "amount", -1);
    "a delivery lacks a line" => "erp.delivery", |e| without(e, "erp", "delivery");
    "a delivered line was posted twice" => "order.units", |e| twice(e, "erp", "delivery");
    "a return receipt is missing in the ERP" => "erp.return", |e| without(e, "erp", "return_receipt");
    "a return order is in the ERP twice" => "erp.return", |e| twice(e, "erp", "return_order");
    "a credit memo was posted twice" => "erp.credit_memo", |e| twice(e, "erp", "credit_memo");
    "a credit memo is missing" => "erp.credit_memo", |e| without(e, "erp", "credit_memo");
    "a credit memo of nobody's credit" => "erp.credit_memo", |e| stranger(e, "erp", "credit_memo", "shop-nobody-C1");
    "a release is missing" => "oms.release", |e| without(e, "oms", "release");
    "an allocation was never reported" => "oms.release", |e| more(e, "oms", "allocation", "quantity", 1);
    "a fulfilment order was given twice" => "wms.fulfilment", |e| twice(e, "wms", "fulfilment");
    "a shipment is missing in its warehouse" => "wms.shipment", |e| without(e, "wms", "shipment");
    "a line was shipped twice" => "wms.shipment", |e| twice(e, "wms", "shipment");
    "something was shipped that nobody asked for" => "wms.shipment", |e| stranger(e, "wms", "shipment", "S-nobody");
    "a line was shipped twice, by order" => "order.units", |e| twice(e, "wms", "shipment");
    "units were restocked twice" => "wms.return", |e| restocked(e);
    "units were restocked twice, by stock" => "stock.on_hand", |e| restocked(e);
    "returned units were received that were never reported" => "wms.return", |e| more(e, "wms", "return_received", "quantity", 1);
    "supply came that was never reported" => "wms.stock", |e| stranger(e, "wms", "stock_received", "G-nobody");
    "units were counted away" => "wms.stock", |e| more(e, "wms", "opening", "quantity", -1);
    "an order never reached the hub" => "order.received", |e| stranger(e, "shop", "order_placed", "shop-lost");
    "the hub has an order that was never placed" => "order.received", |e| without(e, "shop", "order_placed");
    "an order was placed at another total" => "order.received", |e| more(e, "shop", "order_placed", "amount", 1);
    "the storefront was not told of a shipment" => "shop.told", |e| without(e, "shop", "shipment_reported");
    "the storefront was told of another refund" => "shop.told", |e| more(e, "shop", "refund_reported", "amount", 1);
    "the storefront was not told of a cancellation" => "shop.told", |e| without(e, "shop", "cancellation_reported");
    "a publication never arrived" => "stock.published", |e| without(e, "shop", "stock_published");
    "a return never reached the hub" => "return.known", |e| stranger(e, "returns", "return_requested", "R-lost");
    "a customer was never told how a return ended" => "return.known", |e| without(e, "returns", "completed");
    "a ledger has a gap" => "ledger.dense", |e| gap(e);
    "a ledger was not given" => "ledger.missing", |e| e.ledgers.remove("erp").is_some();
}

fn captured_cancelled(e: &mut Evidence) -> bool {
    ledger(e, "stripe", |row| {
        let mut captured = row.clone();
        captured["kind"] = json!("captured");
        (row["kind"] == "voided").then(|| vec![row.clone(), captured])
    })
}

fn restocked(e: &mut Evidence) -> bool {
    ledger(e, "wms", |row| {
        let restock = row["kind"] == "disposition" && row["detail"] == "restock";
        restock.then(|| vec![row.clone(), row.clone()])
    })
}

/// Takes a row away and leaves its number free.
fn gap(e: &mut Evidence) -> bool {
    let Some(rows) = e.ledgers.values_mut().find(|rows| rows.len() > 3) else { return false };
    number(rows);
    rows.drain(1..2).count() == 1
        && rows.iter().any(|r| serde_json::from_str::<Value>(r).is_ok_and(|v| v["n"] == 3))
}
