//! Journals of a few rows, and lists that differ from them in one thing each.

use crate::{Books, Cause, Compared, Routes, compare};
use retail::listing::{ListKind, Row, RowLine};
use retail::time::Time;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ASKED: Time = Time(1_000_000);

fn routes() -> Routes {
    let plays = [
        ("erp", "", "erp"),
        ("storefront", "shop", "shop"),
        ("wms", "north", "north"),
        ("payments", "stripe", "stripe"),
        ("returns", "", "returns"),
    ];
    let play =
        |(role, at, by): (&str, &str, &str)| (role.to_owned(), [(at.to_owned(), by.to_owned())].into());
    plays.into_iter().map(play).collect()
}

/// Builds a journal: events, commands and their outcomes.
struct Journal {
    books: Books,
    next: u64,
    at: i64,
    settled: BTreeSet<u64>,
}

impl Journal {
    fn new() -> Self {
        Self { books: Books::new(routes()), next: 0, at: 0, settled: BTreeSet::new() }
    }

    fn row(&mut self, more: &Value) {
        self.at += 1;
        let mut row = json!({"v": 1, "case": {"tenant": "main", "kind": "order", "value": "shop-1"},
            "cause": "timer", "input": {"timer": {}}, "open": false});
        for (member, value) in more.as_object().unwrap() {
            row[member] = value.clone();
        }
        self.books.turn(0, Time(self.at), row.to_string().as_bytes()).unwrap();
    }

    fn event(&mut self, kind: &str, data: &Value) {
        let event = json!({"type": kind, "occurred": "1970-01-01T00:00:00Z", "data": data,
            "name": {"tenant": "main", "kind": "order", "value": "shop-1"}});
        self.row(&json!({"cause": {"received": 1}, "input": {"event": event}}));
    }

    fn order(&mut self, system: &str, op: &str, key: &str, args: &Value) -> u64 {
        self.next += 1;
        let command = json!({"id": self.next, "system": system, "role": "any", "op": op, "object": "o", "key": key,
            "class": "status", "args": args});
        self.row(&json!({ "commands": [command] }));
        self.next
    }

    fn outcome(&mut self, id: u64, outcome: &Value) {
        let mut input = outcome.clone();
        (input["op"], input["key"]) = (json!("op"), json!("key"));
        self.row(&json!({"cause": {"command": [id, 1]}, "input": {"outcome": input}}));
        self.settled.insert(id);
    }

    fn done(&mut self, system: &str, op: &str, args: &Value) {
        let id = self.order(system, op, &format!("{op}:{}", args["id"].as_str().unwrap_or_default()), args);
        self.outcome(id, &json!({"outcome": "done", "result": {"ref": format!("own-{id}")}}));
    }

    fn held(mut self, system: &str, kind: ListKind, rows: &[Row]) -> Compared {
        let open = (1..=self.next).filter(|id| !self.settled.contains(id)).map(|id| (0, id)).collect();
        self.books.unsettled(&open);
        compare(&self.books, system, kind, rows, None, ASKED)
    }
}

fn line(sku: &str, quantity: i64) -> RowLine {
    RowLine { sku: sku.to_owned(), quantity, ..RowLine::default() }
}

fn row(reference: &str) -> Row {
    Row { id: format!("id of {reference}"), reference: Some(reference.to_owned()), ..Row::default() }
}

fn money(reference: &str, amount: i64) -> Row {
    Row { amount: Some(amount), currency: Some("GBP".to_owned()), ..row(reference) }
}

fn causes(compared: &Compared) -> Vec<(&str, Cause)> {
    compared.differences.iter().map(|d| (d.what.as_str(), d.cause)).collect()
}

fn sold() -> Journal {
    let mut journal = Journal::new();
    journal.done("erp", "create_sales_order", &json!({"id": "shop-1", "currency": "GBP", "total": 1530, "lines": [
        {"line": "1", "sku": "A", "kind": "goods", "quantity": 6}, {"line": "2", "sku": "post", "kind": "shipping", "quantity": 1}]}));
    journal
}

#[test]
fn a_sales_order_as_it_was_written_does_not_differ() {
    let whole =
        Row { lines: Some(vec![line("A", 4), line("A", 2), line("post", 1)]), ..money("shop-1", 1530) };
    assert_eq!(causes(&sold().held("erp", ListKind::Orders, &[whole])), []);
    // A system that does not list freight as a line, or no lines at all.
    let goods = Row { lines: Some(vec![line("A", 6)]), ..row("shop-1") };
    assert_eq!(causes(&sold().held("erp", ListKind::Orders, &[goods])), []);
    let units = Row { quantity: Some(7), ..row("shop-1") };
    assert_eq!(causes(&sold().held("erp", ListKind::Orders, &[units])), []);
}

#[test]
fn each_way_in_which_a_document_differs_has_its_cause() {
    let changed = Row { lines: Some(vec![line("A", 5), line("B", 1)]), ..money("shop-1", 1530) };
    let dearer = money("shop-1", 1531);
    let foreign = Row { currency: Some("EUR".to_owned()), ..money("shop-1", 1530) };
    let ended = Row { state: Some("cancelled".to_owned()), ..money("shop-1", 1530) };
    for (rows, cause) in [
        (vec![changed], Cause::QuantityDiffers),
        (vec![dearer], Cause::AmountDiffers),
        (vec![foreign], Cause::CurrencyDiffers),
        (vec![ended], Cause::EndedThere),
        (vec![], Cause::DeletedThere),
        (vec![money("shop-1", 1530), money("shop-1", 1530)], Cause::Twice),
    ] {
        assert_eq!(causes(&sold().held("erp", ListKind::Orders, &rows)), [("shop-1", cause)]);
    }
    let told = sold().held("erp", ListKind::Orders, &[money("shop-1", 1531)]);
    assert_eq!(
        (told.differences[0].hub.as_str(), told.differences[0].there.as_str()),
        ("15.30 GBP", "15.31 GBP")
    );
}

#[test]
fn what_the_hub_never_ordered_was_made_by_hand_or_is_a_second_one() {
    let mut journal = sold();
    journal.done(
        "erp",
        "post_credit_memo",
        &json!({"reference": "shop-1-C1", "order": "shop-1", "currency": "GBP", "total": 500}),
    );
    let of = |id: &str, amount: i64| Row {
        order: Some("shop-1".to_owned()),
        reference: None,
        id: id.to_owned(),
        ..money(id, amount)
    };
    let own = Row { order: Some("shop-1".to_owned()), ..money("shop-1-C1", 500) };
    let found = journal.held("erp", ListKind::CreditMemos, &[own, of("CM-8", 500), of("CM-9", 70)]);
    assert_eq!(causes(&found), [("CM-8", Cause::Twice), ("CM-9", Cause::NotOurs)]);
}

#[test]
fn what_is_under_way_is_in_flight_and_no_difference() {
    let mut journal = sold();
    journal.order(
        "erp",
        "post_invoice",
        "post_invoice:S-1",
        &json!({"id": "S-1", "order": "shop-1", "currency": "GBP", "total": 1530}),
    );
    // Not there, there, or there otherwise: nobody knows yet.
    let found = journal.held("erp", ListKind::Invoices, &[money("S-1", 7)]);
    assert_eq!((causes(&found), found.in_flight), (vec![], 1));

    // A cancellation that is under way leaves the order in flight; one that is done is counted.
    let mut journal = sold();
    let cut = json!({"id": "shop-1-X1", "order": "shop-1", "lines": [{"line": "1", "quantity": 2}]});
    let id = journal.order("erp", "cancel_sales_order", "cancel_sales_order:shop-1-X1", &cut);
    let now = Row { quantity: Some(5), ..money("shop-1", 1530) };
    let before = Row { quantity: Some(7), ..now.clone() };
    let books = |mut journal: Journal, settle: bool| {
        if settle {
            journal.outcome(id, &json!({"outcome": "done", "result": {}}));
        }
        journal
    };
    let mut other = sold();
    assert_eq!(other.order("erp", "cancel_sales_order", "k", &cut), id);
    assert_eq!(
        books(journal, false).held("erp", ListKind::Orders, std::slice::from_ref(&before)).in_flight,
        1
    );
    let settled = books(other, true);
    assert_eq!(
        causes(&settled.held("erp", ListKind::Orders, &[before])),
        [("shop-1", Cause::QuantityDiffers)]
    );
}

#[test]
fn what_the_hub_learned_after_the_asking_began_is_in_flight() {
    let mut journal = sold();
    journal.at = ASKED.0;
    journal.done(
        "erp",
        "post_invoice",
        &json!({"id": "S-1", "order": "shop-1", "currency": "GBP", "total": 1530}),
    );
    let found = journal.held("erp", ListKind::Invoices, &[]);
    assert_eq!((causes(&found), found.in_flight), (vec![], 1));
}

#[test]
fn a_command_that_was_refused_makes_nothing() {
    let mut journal = sold();
    let args = json!({"id": "S-1", "order": "shop-1", "currency": "GBP", "total": 1530});
    let id = journal.order("erp", "post_invoice", "post_invoice:S-1", &args);
    journal.outcome(id, &json!({"outcome": "refused", "code": "no", "message": "no"}));
    // Ordered again and done, it is there.
    let mut again = sold();
    let id = again.order("erp", "post_invoice", "post_invoice:S-1", &args);
    again.outcome(id, &json!({"outcome": "refused", "code": "no", "message": "no"}));
    again.done("erp", "post_invoice", &args);
    assert_eq!(causes(&journal.held("erp", ListKind::Invoices, &[])), []);
    assert_eq!(causes(&again.held("erp", ListKind::Invoices, &[])), [("S-1", Cause::DeletedThere)]);
}

fn paid() -> Journal {
    let mut journal = Journal::new();
    journal.event("order.submitted", &json!({"order": "shop-1", "source": "shop", "currency": "GBP", "total": 1530,
        "placed_at": "1970-01-01T00:00:00Z", "lines": [{"line": "1", "sku": "A", "kind": "goods", "quantity": 6}],
        "tenders": [{"id": "t", "kind": "card", "executor": "stripe", "payment": "pi_1"}]}));
    for (key, amount) in [("capture:pi_1", 1000), ("capture:pi_1:2", 530)] {
        let args = json!({"payment": "pi_1", "order": "shop-1", "amount": amount, "currency": "GBP", "several": true});
        let id = journal.order("stripe", "capture", key, &args);
        journal.outcome(id, &json!({"outcome": "done", "result": {"ref": "pi_1", "amount": amount}}));
        journal.row(
            &json!({"facts": [{"type": "payment.captured", "data": {"payment": "pi_1", "amount": amount}}]}),
        );
    }
    journal
}

#[test]
fn captures_of_one_payment_are_added_up() {
    let sum = Row { id: "pi_1".to_owned(), ..money("capture:pi_1:2", 1530) };
    let (one, two) = (money("capture:pi_1", 1000), money("capture:pi_1:2", 530));
    assert_eq!(causes(&paid().held("stripe", ListKind::Captures, &[sum])), []);
    assert_eq!(causes(&paid().held("stripe", ListKind::Captures, &[one.clone(), two])), []);
    assert_eq!(causes(&paid().held("stripe", ListKind::Captures, &[one])), [("pi_1", Cause::AmountDiffers)]);
    assert_eq!(causes(&paid().held("stripe", ListKind::Captures, &[])), [("pi_1", Cause::MissingThere)]);
}

#[test]
fn a_refund_made_elsewhere_is_known_once_it_was_told() {
    let row = Row { id: "re_9".to_owned(), reference: None, ..money("re_9", 25) };
    let rows = std::slice::from_ref(&row);
    assert_eq!(causes(&paid().held("stripe", ListKind::Refunds, rows)), [("re_9", Cause::NotOurs)]);
    let mut told = paid();
    told.event(
        "payment.refunded_elsewhere",
        &json!({"payment": "pi_1", "refund": "re_9", "amount": 25, "currency": "GBP"}),
    );
    assert_eq!(causes(&told.held("stripe", ListKind::Refunds, rows)), []);
    // A failed one never was.
    let failed = Row { state: Some("failed".to_owned()), ..row };
    assert_eq!(causes(&paid().held("stripe", ListKind::Refunds, &[failed])), []);
}

#[test]
fn a_storefront_s_own_orders_are_missed_on_either_side() {
    let own = Row { order: Some("shop-1".to_owned()), quantity: Some(6), ..money("shop-1", 1530) };
    let lost = Row { order: Some("shop-2".to_owned()), ..money("shop-2", 99) };
    assert_eq!(
        causes(&paid().held("shop", ListKind::Orders, &[own, lost.clone()])),
        [("shop-2", Cause::NeverTold)]
    );
    assert_eq!(
        causes(&paid().held("shop", ListKind::Orders, &[lost])),
        [("shop-1", Cause::MissingThere), ("shop-2", Cause::NeverTold)]
    );
}

#[test]
fn stock_is_held_by_sku_and_place_and_not_while_units_are_leaving() {
    let stocked = || {
        let mut journal = Journal::new();
        let lines = json!([
            ["units.supply", "A", -9],
            ["units.place.north", "A", 7],
            ["units.place.north/opened", "A", 2],
            ["units.supply", "B", -4],
            ["units.place.north", "B", 4]
        ]);
        journal.row(&json!({"entries": [{ "lines": lines }]}));
        journal
    };
    let shelf = |sku: &str, quantity: i64| Row {
        id: sku.to_owned(),
        sku: Some(sku.to_owned()),
        place: Some("north".to_owned()),
        quantity: Some(quantity),
        ..Row::default()
    };
    assert_eq!(causes(&stocked().held("north", ListKind::Stock, &[shelf("A", 9), shelf("B", 4)])), []);
    // What a place does not list it has not.
    let found = stocked().held("north", ListKind::Stock, &[shelf("A", 8)]);
    assert_eq!(causes(&found), [("A at north", Cause::StockDiffers), ("B at north", Cause::StockDiffers)]);
    let mut leaving = stocked();
    leaving.next += 1;
    let command = json!({"id": leaving.next, "system": "north", "role": "wms", "at": "north", "op": "create_fulfilment",
        "object": "o", "key": "k", "class": "status", "args": {"id": "F1", "order": "shop-1", "lines": [{"line": "1", "sku": "A", "quantity": 1}]}});
    leaving.row(&json!({ "commands": [command] }));
    let id = leaving.next;
    leaving.outcome(id, &json!({"outcome": "done", "result": {}}));
    let found = leaving.held("north", ListKind::Stock, &[shelf("A", 8), shelf("B", 4)]);
    assert_eq!((causes(&found), found.in_flight), (vec![], 1));
}

#[test]
fn a_storefront_is_held_to_what_it_was_told_in_the_way_in_which_it_lists() {
    let told = || {
        let mut journal = Journal::new();
        let items = json!([{"sku": "A", "available": 5, "places": [{"place": "north", "on_hand": 7, "available": 5}]}]);
        journal.done("shop", "publish_stock", &json!({"id": "main-1", "seq": 1, "items": items}));
        journal
    };
    let shelf = |place: Option<&str>, quantity: i64| Row {
        id: "A".to_owned(),
        sku: Some("A".to_owned()),
        place: place.map(str::to_owned),
        quantity: Some(quantity),
        ..Row::default()
    };
    let other = Row { id: "gift".to_owned(), sku: Some("gift".to_owned()), ..shelf(None, 3) };
    assert_eq!(causes(&told().held("shop", ListKind::Stock, &[shelf(None, 5), other])), []);
    assert_eq!(causes(&told().held("shop", ListKind::Stock, &[shelf(Some("north"), 7)])), []);
    assert_eq!(
        causes(&told().held("shop", ListKind::Stock, &[shelf(None, 7)])),
        [("A", Cause::StockDiffers)]
    );
    let found = told().held("shop", ListKind::Stock, &[shelf(Some("north"), 5)]);
    assert_eq!(causes(&found), [("A at north", Cause::StockDiffers)]);
}

#[test]
fn the_name_of_a_difference_is_an_id_whatever_the_thing_is_called() {
    let fits = |text: &str| {
        text.len() <= 80 && text.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
    };
    assert_eq!(crate::case_of("erp", ListKind::Invoices, "S-1"), "erp:invoices:S-1");
    let (long, odd) = ("x".repeat(200), "Ä b at north");
    for what in [long.as_str(), odd] {
        let name = crate::case_of("erp", ListKind::Stock, what);
        assert!(fits(&name) && name.starts_with("erp:stock:"), "{name}");
    }
    assert_ne!(crate::case_of("erp", ListKind::Stock, "Ä b"), crate::case_of("erp", ListKind::Stock, "Ö b"));
}
