//! `reconcile`: nothing differs after trade, on either store; and what somebody does in a system by hand is found and
//! named, each thing by its cause, becomes an exception once, and is closed when it is put right.

use super::common::folder::fresh;
use super::common::http::send;
use super::common::{EXE, on, run};
use ownpg::shared;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A hub and its vendors after some trade, serving on.
struct Demo {
    child: Child,
    data: PathBuf,
    vendors: String,
}

impl Demo {
    fn start(name: &str) -> Self {
        let data = fresh(name);
        let mut child = Command::new(EXE)
            .args(["demo", "--orders", "60", "--seed", "3", "--estate", "whole", "--data"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let vendors = loop {
            let line = said.next().unwrap().unwrap();
            if let Some((_, rest)) = line.split_once("the vendors on ") {
                break rest.split(". ").next().unwrap().to_owned();
            }
        };
        Self { child, data, vendors }
    }

    fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> String {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if let Some(token) = token {
            let secret = std::fs::read_to_string(self.data.join("secrets").join(token)).unwrap();
            headers.push(("authorization".to_owned(), format!("Bearer {secret}")));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send(&self.vendors, method, path, &headers, body.as_bytes()).unwrap();
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    fn by_hand(&self, system: &str, what: &Value) {
        self.ask("POST", &format!("/{system}/_lab/by-hand"), None, what);
    }

    /// The `n`th row of a kind in a system's ledger.
    fn row(&self, system: &str, kind: &str, n: usize) -> Value {
        let lines = self.ask("GET", &format!("/{system}/_ledger?limit=100000"), None, &Value::Null);
        let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.filter(|row| row["kind"] == kind).nth(n).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // As Ctrl-C does, so that its hub and its vendors end with it.
        let told = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|told| told.success()));
        self.child.wait().unwrap();
    }
}

/// Every difference as (system, kind, what) and its cause.
fn found(report: &Value) -> BTreeMap<(String, String, String), String> {
    let text = |d: &Value, member: &str| d[member].as_str().unwrap().to_owned();
    let rows = report["differences"].as_array().unwrap().iter();
    let each = rows.map(|d| ((text(d, "system"), text(d, "kind"), text(d, "what")), text(d, "cause")));
    each.collect()
}

fn open(data: &Path) -> Vec<String> {
    let listed = on(data, &["exceptions", "--json"]).json();
    let rows = listed["exceptions"].as_array().unwrap().iter();
    let codes = rows.map(|row| row["code"].as_str().unwrap().to_owned());
    let mut codes: Vec<String> = codes.filter(|code| code.starts_with("books_differ_")).collect();
    codes.sort();
    codes
}

#[test]
fn what_is_done_by_hand_is_found_and_named() {
    let demo = Demo::start("reconcile-planted");
    let data = demo.data.as_path();
    let clean = on(data, &["reconcile", "--json"]);
    assert_eq!((clean.code, &clean.json()["differences"]), (0, &json!([])), "{clean:?}");

    // What the vendors say from now on reaches nobody: a hub that hears of a change has no difference.
    demo.ask("POST", "/_lab/config", None, &json!({"hub": "http://127.0.0.1:1"}));
    let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
    let order = text(&demo.row("erp", "sales_order", 3), "order");
    let (paid, unpaid) = (demo.row("stripe", "captured", 5), demo.row("stripe", "captured", 7));
    let (shipment, invoice) = (demo.row("shop", "shipment_reported", 2), demo.row("erp", "invoice", 4));
    let (memo, label) = (demo.row("erp", "credit_memo", 1), demo.row("carrier", "return_label", 0));
    let rma = text(&demo.row("returns", "return_requested", 1), "reference");
    let opening = demo.row("wms-north", "opening", 0);
    let sku = text(&opening, "sku");
    let stock = demo.ask("GET", "/wms-north/_lab/stock", None, &Value::Null);
    let stock = serde_json::from_str::<Value>(&stock).unwrap()["items"][&sku].as_i64().unwrap();

    // 1. Somebody changes a quantity in the ERP.
    let amended = json!({"id": "by-hand", "order": order, "change": [{"line": "1", "quantity": 2}]});
    let path = format!("/erp/sales-orders/{order}/amendments/by-hand");
    demo.ask("PUT", &path, Some("erp_token"), &amended);
    // 2. A refund at the provider's dashboard.
    let wish = json!({"payment_intent": paid["id"], "amount": 25});
    let refund: Value = serde_json::from_str(&demo.ask("POST", "/stripe/_lab/refunds", None, &wish)).unwrap();
    // 3. A shipment is deleted at the storefront.
    demo.by_hand("shop", &json!({"list": "shipments", "row": shipment["reference"], "remove": true}));
    // 4. A second credit note for the same credit.
    let again = json!({"reference": memo["reference"], "order": memo["order"], "currency": memo["currency"],
        "total": memo["amount"], "lines": []});
    demo.ask("POST", "/erp/credit-memos", Some("erp_token"), &again);
    // 5. A capture that the provider does not know any more.
    demo.ask("POST", "/stripe/_lab/uncaptured", None, &json!({"payment_intent": unpaid["id"]}));
    // 6. An order that somebody took by telephone and entered in the ERP.
    let phone = json!({"id": "PHONE-1", "number": "1", "placed_at": "2026-01-05T08:00:00Z", "currency": "GBP",
        "lines": [{"line": "1", "sku": "X", "quantity": 1}], "total": 990});
    demo.ask("PUT", "/erp/sales-orders/PHONE-1", Some("erp_token"), &phone);
    // 7. An invoice is corrected by a pound.
    let more = json!({"amount": invoice["amount"].as_i64().unwrap() + 100});
    demo.by_hand("erp", &json!({"list": "invoices", "row": invoice["reference"], "set": more}));
    // 8. Three units are taken from a shelf, and nobody counts.
    demo.by_hand("wms-north", &json!({"list": "stock", "row": sku, "set": {"quantity": stock - 3}}));
    // 9. A return is removed from the platform.
    demo.by_hand("returns", &json!({"list": "returns", "row": rma, "remove": true}));
    // 10. A second label for the same parcel.
    let second = json!({"id": "again", "order": label["order"], "fulfilment": label["reference"],
        "to": {"place": "wms-north"}, "lines": []});
    demo.ask("PUT", "/carrier/return-labels/again", Some("carrier_token"), &second);

    let ran = on(data, &["reconcile", "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let report = ran.json();
    let row = |system: &str, kind: &str, what: &Value, cause: &str| {
        let what = what.as_str().unwrap().to_owned();
        ((system.to_owned(), kind.to_owned(), what), cause.to_owned())
    };
    let at_north = json!(format!("{sku} at wms-north"));
    let planted = BTreeMap::from([
        row("erp", "orders", &json!(order), "quantity differs"),
        row("stripe", "refunds", &refund["id"], "not ours: made by hand in the system"),
        row("shop-status", "shipments", &shipment["reference"], "deleted there"),
        row("erp", "credit_memos", &memo["reference"], "twice"),
        row("stripe", "captures", &unpaid["id"], "missing there"),
        row("erp", "orders", &json!("PHONE-1"), "not ours: made by hand in the system"),
        row("erp", "invoices", &invoice["reference"], "amount differs"),
        row("wms-north", "stock", &at_north, "stock differs"),
        row("returns", "returns", &json!(rma), "missing there"),
        row("carrier", "labels", &label["reference"], "twice"),
    ]);
    assert_eq!(found(&report), planted);
    assert_eq!(report["could_not_ask"], json!([]));
    let table = on(data, &["reconcile"]);
    assert_eq!(table.code, 1);
    assert!(
        table.out.contains("10 differences in ") && table.out.contains("safe next step"),
        "{}",
        table.out
    );

    // One system by itself, and one that is not there.
    let erp = on(data, &["reconcile", "erp", "--json"]).json();
    assert_eq!(found(&erp).len(), 4);
    assert_eq!(on(data, &["reconcile", "nobody"]).code, 2);

    // Each becomes an exception, once however often it is found.
    for again in 0..2 {
        let raised = on(data, &["reconcile", "--raise", "--json"]);
        assert_eq!(raised.code, 1, "{raised:?}");
        let told = if again == 0 { 10 } else { 0 };
        assert_eq!(raised.json()["raised"], json!({"found": told, "gone": 0}));
        let mut codes: Vec<String> =
            planted.keys().map(|(_, kind, _)| format!("books_differ_{kind}")).collect();
        codes.sort();
        assert_eq!(open(data), codes);
    }
    let trace = on(data, &["trace", &format!("erp:invoices:{}", text(&invoice, "reference"))]);
    assert!(trace.out.contains("amount differs"), "{}", trace.out);

    assert_eq!(on(data, &["verify", "--no-vendors"]).code, 0);

    // Put right, it is gone, and so is its exception; asking one system closes nothing of another.
    let right = json!({"quantity": stock});
    demo.by_hand("wms-north", &json!({"list": "stock", "row": sku, "set": right}));
    let told = |system: &str| on(data, &["reconcile", system, "--raise", "--json"]).json()["raised"].clone();
    assert_eq!(told("erp"), json!({"found": 0, "gone": 0}));
    assert_eq!(told("wms-north"), json!({"found": 0, "gone": 1}));
    assert_eq!(open(data).len(), 9);
    assert!(!open(data).contains(&"books_differ_stock".to_owned()));

    // A system that does not answer is named, and is not all clear.
    demo.ask("POST", "/_lab/config", None, &json!({"returns": {"habits": {"throttle": 1000}}}));
    let away = on(data, &["reconcile", "returns", "--json"]);
    assert_eq!(away.code, 2, "{away:?}");
    assert!(away.json()["could_not_ask"].as_array().is_some_and(|rows| rows.len() == 1), "{away:?}");
}

fn rehearsed(name: &str, store: Option<&str>) {
    let data = fresh(name);
    let mut arguments = vec!["rehearse", "--orders", "60", "--seed", "4", "--estate", "whole", "--reconcile"];
    arguments.extend(store.map(|store| ["--store", store]).into_iter().flatten());
    let mut arguments: Vec<_> = arguments.into_iter().map(std::ffi::OsString::from).collect();
    arguments.extend(["--data".into(), data.into_os_string()]);
    let ran = run(&arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("no differences in "), "{ran:?}");
}

#[test]
fn nothing_differs_after_trade_in_a_folder() {
    rehearsed("reconcile-sqlite", None);
}

#[test]
fn nothing_differs_after_trade_in_postgresql() {
    let server = shared().unwrap();
    rehearsed("reconcile-postgres", Some(&server.fresh()));
}
