//! A small trade, told by hand: an order shipped in two parts and partly returned to stock, one of which a unit was
//! destroyed, one that was cancelled, and a message that nobody could read. All systems agree.

use super::book::{Book, Born, Turn};
use super::money;
use super::roles;
use crate::Evidence;
use serde_json::{Value, json};

/// A line: its number, SKU, units, charge and tax.
#[derive(Clone, Copy)]
struct Line(&'static str, &'static str, i64, i64, i64);

/// Units of a line at a place: line, SKU, place, units.
pub(super) type Held = (&'static str, &'static str, &'static str, i64);

pub(super) const POOL: (&str, &str) = ("pool", "main");
pub(super) const NORTH: &str = "wms-north";
const SOUTH: &str = "wms-south";

pub(super) fn turn() -> Turn {
    Turn { open: true, ..Turn::default() }
}

pub(super) fn held(lines: &[Held]) -> Value {
    lines.iter().map(|(l, s, p, n)| json!({"line": l, "sku": s, "place": p, "quantity": n})).collect()
}

pub(super) fn units(lines: &[Held]) -> Value {
    lines.iter().map(|(l, s, _, n)| json!({"line": l, "sku": s, "quantity": n})).collect()
}

fn sum(lines: &[Held]) -> i64 {
    lines.iter().map(|l| l.3).sum()
}

/// The evidence of it.
#[must_use]
pub fn sample() -> Evidence {
    told().close()
}

/// The sample before it is closed, so that more can be told.
pub(super) fn told() -> Book {
    let mut b = Book::default();
    stock(&mut b, "stock.counted", "opening", "N1", NORTH, &[("A", 10), ("B", 10)]);
    stock(&mut b, "stock.counted", "opening", "S1", SOUTH, &[("A", 10), ("B", 2)]);
    let first = [Line("1", "A", 5, 1000, 100), Line("2", "B", 3, 999, 99)];
    let all = [("1", "A", NORTH, 3), ("1", "A", SOUTH, 2), ("2", "B", SOUTH, 2)];
    place(&mut b, "shop-1", &first, &all, Some(("2", "B", 1)));
    ship(&mut b, "shop-1", 1, NORTH, &[("1", "A", NORTH, 3)], &[(600, 60)], false);
    ship(
        &mut b,
        "shop-1",
        2,
        SOUTH,
        &[("1", "A", SOUTH, 2), ("2", "B", SOUTH, 2)],
        &[(400, 40), (666, 66)],
        false,
    );
    stock(&mut b, "stock.received", "stock_received", "G1", SOUTH, &[("B", 6)]);
    supply(&mut b, "shop-1", ("2", "B", SOUTH, 1));
    ship(&mut b, "shop-1", 3, SOUTH, &[("2", "B", SOUTH, 1)], &[(333, 33)], true);
    capture(&mut b, "shop-1", 1999);
    place(&mut b, "shop-2", &[Line("1", "A", 2, 400, 40)], &[("1", "A", NORTH, 2)], None);
    cancel(&mut b, "shop-2", 400, ("1", "A", NORTH, 2));
    place(&mut b, "shop-3", &[Line("1", "B", 4, 1333, 133)], &[("1", "B", NORTH, 4)], None);
    ship(&mut b, "shop-3", 1, NORTH, &[("1", "B", NORTH, 4)], &[(1333, 133)], true);
    capture(&mut b, "shop-3", 1333);
    give_back(&mut b, ("R1", "shop-1", "1", "A"), 2, (400, 40), "restock");
    give_back(&mut b, ("R2", "shop-3", "1", "B"), 1, (333, 33), "destroy");
    money::dispute(&mut b, "shop-3", 1333);
    money::goodwill(&mut b, "shop-3", 50);
    super::changed::story(&mut b);
    b.parked_message();
    checkout(&mut b);
    transfer(&mut b);
    promise(&mut b);
    publish(&mut b, &[("A", 15), ("B", 9)]);
    for (key, body) in [
        ("p/A", r#"{"p":[[0,7,0,5],[1,8,0]],"n":1}"#),
        ("p/B", r#"{"p":[[0,5,0],[1,5,1]],"w":[]}"#),
        ("r/shop-1", r#"{"s":["x"]}"#),
        ("r/shop-4", r#"{"l":[["1","B",1,1]]}"#),
        ("p/C", r#"{"p":[[0,3,1],[1,1,0],[65536,2,0]],"k":["opened"]}"#),
        ("p/D", r#"{"w":[["shop-5","1",2]],"x":[["PO1",0,"2026-02-01",5]]}"#),
        ("r/~H1", r#"{"l":[["1","C",0,1]],"u":1}"#),
        ("r/shop-5", r#"{"a":true}"#),
        ("t/T1", r#"{"l":[["C","",2,1,0]],"r":[""],"s":true,"o":true}"#),
        ("f/count/wms-north/N1", "1"),
    ] {
        b.evidence.rows.push((0, 1, key.to_owned(), body.as_bytes().to_vec()));
    }
    b.evidence.shelves.extend([("A".to_owned(), 15), ("B".to_owned(), 9)]);
    b
}

/// A place counts what it has, or receives supply.
fn stock(b: &mut Book, event: &str, row: &str, id: &'static str, place: &str, lines: &[(&'static str, i64)]) {
    let account = if place == NORTH { "units.place.wms-north" } else { "units.place.wms-south" };
    let from = if row == "opening" { "units.adjustment" } else { "units.supply" };
    let mut entry = Vec::new();
    for (sku, n) in lines {
        b.ledger(place, row, json!({"reference": id, "place": place, "sku": sku, "quantity": n}));
        entry.extend([(account, *sku, *n), (from, *sku, -n)]);
    }
    let said: Vec<Value> =
        lines.iter().map(|(s, n)| json!({"sku": s, "on_hand": n, "quantity": n})).collect();
    let data = json!({"count": id, "receipt": id, "place": place, "lines": said});
    b.event(POOL, event, &data, Turn { entries: vec![("counted", entry)], ..turn() });
}

/// An order is placed, reserved, and written to the ERP. `short` waits for supply.
fn place(b: &mut Book, order: &str, lines: &[Line], reserved: &[Held], short: Option<(&str, &str, i64)>) {
    let case = ("order", order);
    let (total, n) = (lines.iter().map(|l| l.3).sum::<i64>(), lines.iter().map(|l| l.2).sum::<i64>());
    let head = json!({"reference": order, "order": order, "amount": total, "currency": "GBP", "quantity": n});
    b.ledger("shop", "order_placed", head.clone());
    b.ledger("stripe", "authorised", head.clone());
    let said: Vec<Value> = lines
        .iter()
        .map(|Line(l, s, n, charge, tax)| json!({"line": l, "sku": s, "kind": "goods", "quantity": n, "amount": charge, "tax": tax}))
        .collect();
    let data = json!({"order": order, "lines": said, "total": total, "currency": "GBP"});
    let booked = vec![("orders.open", "GBP", total), ("orders.booked", "GBP", -total)];
    let reserve = json!({"order": order, "lines": said});
    let (asked, _) = b.event(
        case,
        "order.submitted",
        &data,
        Turn {
            messages: vec![("pool", "main".to_owned(), "stock.reserve", reserve)],
            entries: vec![("order_booked", booked)],
            ..turn()
        },
    );
    let waits: Vec<Value> =
        short.iter().map(|(l, s, n)| json!({"line": l, "sku": s, "quantity": n})).collect();
    let answer = json!({"order": order, "lines": held(reserved), "short": waits});
    let messages = vec![("order", order.to_owned(), "stock.reserved", answer)];
    let answered = b.mail(POOL, asked[0], Turn { messages, ..turn() }).0[0];
    let sales = json!({"id": order, "lines": said, "total": total});
    let commands = vec![("erp", "create_sales_order", order.to_owned(), sales)];
    let ordered = b.mail(case, answered, Turn { commands, ..turn() }).1[0];
    b.ledger("erp", "sales_order", head);
    b.done(case, ordered, turn());
}

/// Supply came for units that waited.
pub(super) fn supply(b: &mut Book, order: &str, line: Held) {
    let data = json!({"order": order, "lines": held(&[line])});
    let messages = vec![("order", order.to_owned(), "stock.supplied", data)];
    let sent = b.timer(POOL, Turn { messages, ..turn() }).0[0];
    b.mail(("order", order), sent, turn());
}

/// A command whose document a system writes into its ledger.
pub(super) fn command(
    b: &mut Book,
    case: (&str, &str),
    to: (&'static str, &'static str, &str),
    args: Value,
    ledger: Vec<(&str, &str, Value)>,
) {
    let ordered = b.timer(case, Turn { commands: vec![(to.0, to.1, to.2.to_owned(), args)], ..turn() }).1[0];
    for (system, kind, row) in ledger {
        b.ledger(system, kind, row);
    }
    b.done(case, ordered, turn());
}

/// A part of an order is released, allocated, fulfilled, shipped, delivered and invoiced.
pub(super) fn ship(
    b: &mut Book,
    order: &str,
    n: usize,
    place: &str,
    lines: &[Held],
    values: &[(i64, i64)],
    last: bool,
) {
    let case = ("order", order);
    let (release, fulfilment, shipment) =
        (format!("{order}-R{n}"), format!("{order}-F{n}"), format!("S-{order}-{n}"));
    let row = |reference: &str, line: &Held| json!({"reference": reference, "order": order, "place": place, "line": line.0, "sku": line.1, "quantity": line.3});
    let whole = |reference: &str| json!({"reference": reference, "order": order, "quantity": sum(lines)});
    let args = json!({"id": release, "order": order, "lines": units(lines)});
    if n == 1 {
        hold(b, order);
    }
    let facts = vec![("order.released", json!({"release": release, "quantity": sum(lines)}))];
    let commands = vec![("oms", "release_order", release.clone(), args)];
    let ordered = b.timer(case, Turn { commands, facts, ..turn() }).1[0];
    b.ledger("oms", "release", whole(&release));
    b.done(case, ordered, turn());
    for line in lines {
        b.ledger("oms", "allocation", row(&release, line));
    }
    let data = json!({"release": release, "order": order, "fulfilments": [{"place": place, "lines": units(lines)}], "short": []});
    let args = json!({"id": fulfilment, "order": order, "lines": units(lines)});
    let commands = vec![("wms", "create_fulfilment", fulfilment.clone(), args)];
    let ordered = b.event(case, "order.allocated", &data, Turn { commands, ..turn() }).1[0];
    b.ledger(place, "fulfilment", whole(&fulfilment));
    b.done(case, ordered, turn());
    for line in lines {
        b.ledger(place, "shipment", row(&shipment, line));
    }
    let parcels = json!([{"id": "P1", "lines": units(lines)}]);
    let data = json!({"shipment": shipment, "fulfilment": fulfilment, "order": order, "place": place, "parcels": parcels});
    let (amount, tax) = values.iter().fold((0, 0), |sum, v| (sum.0 + v.0, sum.1 + v.1));
    let value: Vec<Value> = lines
        .iter()
        .zip(values)
        .map(|(l, v)| json!({"line": l.0, "quantity": l.3, "amount": v.0, "tax": v.1}))
        .collect();
    let invoiced = vec![
        ("receivable", "GBP", amount),
        ("sales", "GBP", tax - amount),
        ("tax", "GBP", -tax),
        ("orders.booked", "GBP", amount),
        ("orders.open", "GBP", -amount),
    ];
    let told = json!({"order": order, "shipment": shipment, "lines": held(lines)});
    let turned = Turn {
        messages: vec![("pool", "main".to_owned(), "stock.ship", told)],
        commands: vec![
            (
                "erp",
                "post_delivery",
                shipment.clone(),
                json!({"id": shipment, "order": order, "lines": units(lines)}),
            ),
            (
                "erp",
                "post_invoice",
                shipment.clone(),
                json!({"id": shipment, "order": order, "lines": value, "total": amount}),
            ),
            (
                "storefront",
                "report_shipment",
                shipment.clone(),
                json!({"id": shipment, "order": order, "parcels": parcels}),
            ),
        ],
        entries: vec![("order_invoiced", invoiced)],
        ..turn()
    };
    roles::shipped(b, order, &fulfilment, &shipment, tax);
    let (mail, commands) = b.event(case, "shipment.confirmed", &data, turned);
    let account = if place == NORTH { "units.place.wms-north" } else { "units.place.wms-south" };
    let moved = lines.iter().flat_map(|l| [(account, l.1, -l.3), ("units.customer", l.1, l.3)]).collect();
    b.mail(POOL, mail[0], Turn { entries: vec![("shipped", moved)], ..turn() });
    for line in lines {
        b.ledger("erp", "delivery", row(&shipment, line));
    }
    let mut invoice = whole(&shipment);
    invoice["amount"] = json!(amount);
    b.ledger("erp", "invoice", invoice);
    b.ledger("shop", "shipment_reported", whole(&shipment));
    for command in commands {
        b.done(case, command, turn());
    }
    if last {
        b.timer(case, turn());
    }
}

/// A person has the order held for a while before anything is released.
fn hold(b: &mut Book, order: &str) {
    let data = json!({"order": order, "hold": "address", "reason": "no such street", "by": "Ann"});
    for (event, fact) in [("order.hold_requested", "order.held"), ("order.hold_lifted", "order.hold_lifted")]
    {
        b.event(("order", order), event, &data, Turn { facts: vec![(fact, data.clone())], ..turn() });
    }
}

pub(super) fn capture(b: &mut Book, order: &str, amount: i64) {
    let case = ("order", order);
    let args = json!({"payment": format!("pi_{order}"), "order": order, "amount": amount, "currency": "GBP", "several": false});
    let commands = vec![("payments", "capture", format!("pi_{order}"), args)];
    let ordered = b.timer(case, Turn { commands, ..turn() }).1[0];
    b.ledger(
        "stripe",
        "captured",
        json!({"reference": order, "order": order, "amount": amount, "currency": "GBP"}),
    );
    let taken = vec![("provider.stripe", "GBP", amount), ("receivable", "GBP", -amount)];
    b.done(case, ordered, Turn { entries: vec![("captured", taken)], open: false, ..Turn::default() });
}

/// All of an order is cancelled before anything was released.
fn cancel(b: &mut Book, order: &str, amount: i64, line: Held) {
    let case = ("order", order);
    b.ledger("shop", "cancel_requested", json!({"reference": order, "order": order}));
    let id = format!("{order}-X1");
    let lines = units(&[line]);
    let args = json!({"id": id, "order": order, "reason": "customer", "lines": lines});
    let free = json!({"order": order, "reason": "cancelled", "lines": held(&[line]), "waiting": []});
    let turned = Turn {
        messages: vec![("pool", "main".to_owned(), "stock.release", free)],
        commands: vec![
            ("erp", "cancel_sales_order", id.clone(), args.clone()),
            ("storefront", "report_cancellation", id.clone(), args),
            (
                "payments",
                "void",
                format!("pi_{order}"),
                json!({"payment": format!("pi_{order}"), "order": order}),
            ),
        ],
        entries: vec![(
            "order_unbooked",
            vec![("orders.booked", "GBP", amount), ("orders.open", "GBP", -amount)],
        )],
        ..turn()
    };
    let (mail, commands) =
        b.event(case, "order.cancel_requested", &json!({"order": order, "reason": "customer"}), turned);
    b.mail(POOL, mail[0], turn());
    b.ledger("erp", "sales_order_cancelled", json!({"reference": id, "order": order, "quantity": line.3}));
    b.ledger("shop", "cancellation_reported", json!({"reference": id, "order": order, "quantity": line.3}));
    b.ledger("stripe", "voided", json!({"reference": order, "order": order, "amount": amount}));
    for command in commands {
        b.done(case, command, Turn::default());
    }
}

/// Units of a line come back, are disposed of and paid back.
fn give_back(
    b: &mut Book,
    (rma, order, line, sku): (&str, &str, &'static str, &'static str),
    n: i64,
    (amount, tax): (i64, i64),
    disposition: &'static str,
) {
    let case = ("return", rma);
    let unit = |extra: Value| {
        let mut row =
            json!({"line": "1", "sku": sku, "quantity": n, "place": NORTH, "disposition": disposition});
        if let (Some(row), Some(extra)) = (row.as_object_mut(), extra.as_object()) {
            row.extend(extra.clone());
        }
        row
    };
    let whole = json!({"reference": rma, "quantity": n});
    b.ledger("returns", "return_requested", whole.clone());
    let asked = json!({"rma": rma, "lines": [unit(json!({"order": order, "order_line": line}))]});
    b.event(
        case,
        "return.requested",
        &asked,
        Turn { raised: if rma == "R2" { vec!["no_hurry"] } else { vec![] }, ..turn() },
    );
    command(
        b,
        case,
        ("erp", "create_return_order", rma),
        {
            let mut args = asked.clone();
            args["id"] = json!(rma);
            args
        },
        vec![("erp", "return_order", whole.clone())],
    );
    roles::noted(b, rma);
    let approved =
        json!({"id": format!("{rma}-U1"), "rma": rma, "status": "approved", "lines": [unit(json!({}))]});
    command(
        b,
        case,
        ("returns", "update_return", &format!("{rma}-U1")),
        approved,
        vec![("returns", "approved", whole.clone())],
    );
    let expected = json!({"id": rma, "rma": rma, "lines": [unit(json!({}))]});
    command(
        b,
        case,
        ("wms", "expect_return", rma),
        expected,
        vec![(NORTH, "expected_return", whole.clone())],
    );
    let receipt = json!({"reference": rma, "place": NORTH, "line": "1", "sku": sku, "quantity": n});
    b.ledger(NORTH, "return_received", receipt.clone());
    let data =
        json!({"receipt": format!("{rma}-P1"), "rma": rma, "place": NORTH, "lines": [unit(json!({}))]});
    let back = vec![("units.customer", sku, -n), ("units.inspection", sku, n)];
    let facts = vec![("return.goods_received", data.clone())];
    b.event(
        case,
        "return.received",
        &data,
        Turn { entries: vec![("return_received", back)], facts, ..turn() },
    );
    let mut disposed = receipt;
    disposed["detail"] = json!(disposition);
    let args = json!({"id": format!("{rma}-D1"), "rma": rma, "lines": [unit(json!({}))]});
    command(
        b,
        case,
        ("wms", "dispose", &format!("{rma}-D1")),
        args.clone(),
        vec![(NORTH, "disposition", disposed.clone())],
    );
    command(
        b,
        case,
        ("erp", "post_return_receipt", &format!("{rma}-D1")),
        args,
        vec![("erp", "return_receipt", disposed)],
    );
    if disposition == "restock" {
        let data = json!({"rma": rma, "id": "1", "lines": [{"sku": sku, "place": NORTH, "quantity": n}]});
        let messages = vec![("pool", "main".to_owned(), "stock.returned", data)];
        let sent = b.timer(case, Turn { messages, ..turn() }).0[0];
        let moved = vec![("units.inspection", sku, -n), ("units.place.wms-north", sku, n)];
        b.mail(POOL, sent, Turn { entries: vec![("restocked", moved)], ..turn() });
    } else {
        let moved = vec![("units.inspection", sku, -n), ("units.destroyed", sku, n)];
        b.timer(case, Turn { entries: vec![("destroyed", moved)], ..turn() });
    }
    let request =
        json!({"rma": rma, "id": "1", "lines": [{"return_line": "1", "order_line": line, "quantity": n}]});
    let messages = vec![("order", order.to_owned(), "credit.request", request)];
    let wish = b.timer(case, Turn { messages, ..turn() }).0[0];
    pay_back(b, (rma, order, line), n, (amount, tax), wish);
    let done =
        json!({"id": format!("{rma}-U2"), "rma": rma, "status": "completed", "lines": [unit(json!({}))]});
    command(
        b,
        case,
        ("returns", "update_return", &format!("{rma}-U2")),
        done,
        vec![("returns", "completed", whole)],
    );
    b.timer(case, Turn::default());
}

/// The order grants the credit, the refund pays it, ERP and storefront are told.
fn pay_back(
    b: &mut Book,
    (rma, order, line): (&str, &str, &str),
    n: i64,
    (amount, tax): (i64, i64),
    wish: Born,
) {
    let (case, credit) = (("order", order), format!("{order}-C1"));
    let refund = ("refund", credit.as_str());
    let value = json!([{"return_line": "1", "order_line": line, "line": line, "quantity": n, "amount": amount, "tax": tax}]);
    let granted =
        json!({"rma": rma, "id": "1", "credit": credit, "currency": "GBP", "amount": amount, "lines": value});
    let open = json!({"credit": credit, "order": order, "executor": "stripe", "payment": format!("pi_{order}"), "amount": amount, "lines": value});
    let owed =
        vec![("returns", "GBP", amount - tax), ("tax", "GBP", tax), ("refunds.payable", "GBP", -amount)];
    let turned = Turn {
        messages: vec![
            ("return", rma.to_owned(), "credit.granted", granted),
            ("refund", credit.clone(), "refund.open", open),
        ],
        entries: vec![("credit_granted", owed)],
        ..turn()
    };
    let sent = b.mail(case, wish, turned).0;
    b.mail(("return", rma), sent[0], turn());
    roles::credited(b, order, &credit, tax);
    let memo = json!({"reference": credit, "order": order, "lines": value, "total": amount});
    let pay = json!({"payment": format!("pi_{order}"), "order": order, "credit": credit, "amount": amount, "currency": "GBP"});
    let commands =
        vec![("erp", "post_credit_memo", credit.clone(), memo), ("payments", "refund", credit.clone(), pay)];
    let ordered = b.mail(refund, sent[1], Turn { commands, ..turn() }).1;
    let row = json!({"reference": credit, "order": order, "amount": amount, "currency": "GBP"});
    let mut counted = row.clone();
    counted["quantity"] = json!(n);
    b.ledger("erp", "credit_memo", counted.clone());
    b.ledger("stripe", "refunded", row);
    b.done(refund, ordered[0], turn());
    let paid = vec![("refunds.payable", "GBP", amount), ("provider.stripe", "GBP", -amount)];
    let settled = json!({"credit": credit, "currency": "GBP", "amount": amount, "reference": "re_1"});
    let turned = Turn {
        messages: vec![("order", order.to_owned(), "refund.settled", settled)],
        entries: vec![("refund_paid", paid)],
        ..Turn::default()
    };
    let told = b.done(refund, ordered[1], turned).0[0];
    let report = json!({"id": credit, "order": order, "amount": amount, "lines": value});
    let commands = vec![("storefront", "report_refund", credit.clone(), report)];
    let ordered = b.mail(case, told, Turn { commands, ..turn() }).1[0];
    b.ledger("shop", "refund_reported", counted);
    b.done(case, ordered, Turn::default());
}

/// A reservation for an order that is not finished, then the publication of what is left.
fn publish(b: &mut Book, items: &[(&str, i64)]) {
    place(b, "shop-4", &[Line("1", "B", 1, 333, 33)], &[("1", "B", SOUTH, 1)], None);
    let items: Vec<Value> = items.iter().map(|(sku, n)| json!({"sku": sku, "available": n})).collect();
    let commands = vec![(
        "storefront",
        "publish_stock",
        "main-1-shop".to_owned(),
        json!({"id": "main-1-shop", "items": items}),
    )];
    let ordered = b.timer(POOL, Turn { commands, ..turn() }).1[0];
    b.ledger("shop", "stock_published", json!({"reference": "main-1-shop", "quantity": 2}));
    b.done(POOL, ordered, Turn::default());
}

/// A checkout holds two units, of which it gives one back.
fn checkout(b: &mut Book) {
    stock(b, "stock.counted", "opening", "N2", NORTH, &[("C", 5)]);
    let asked = json!({"hold": "H1", "channel": "shop", "lines": [{"sku": "C", "quantity": 2}]});
    let held = json!({"hold": "H1", "channel": "shop", "lines": [["1", "C", NORTH, 2]]});
    b.event(POOL, "stock.hold_requested", &asked, Turn { facts: vec![("stock.held", held)], ..turn() });
    let ended = json!({"hold": "H1", "how": "withdrawn", "lines": [["1", "C", NORTH, 1]]});
    b.timer(POOL, Turn { facts: vec![("stock.hold_ended", ended)], ..turn() });
    // Two opened ones are found, which nobody is promised.
    b.ledger(NORTH, "adjustment", json!({"reference": "A1", "place": NORTH, "sku": "C", "quantity": 2}));
    let data = json!({"adjustment": "A1", "place": NORTH, "lines": [{"sku": "C", "quantity": 2, "condition": "opened"}]});
    let found = vec![("units.place.wms-north/opened", "C", 2), ("units.adjustment", "C", -2)];
    b.event(POOL, "stock.adjusted", &data, Turn { entries: vec![("adjusted", found)], ..turn() });
}

/// Two units go south, and one has arrived.
fn transfer(b: &mut Book) {
    let lines = |n: i64| json!([{"sku": "C", "quantity": n}]);
    let row = |place: &str, n: i64| json!({"reference": "T1", "place": place, "sku": "C", "quantity": n});
    b.ledger(NORTH, "transfer_shipped", row(NORTH, 2));
    let data = json!({"transfer": "T1", "from": NORTH, "to": SOUTH, "lines": lines(2)});
    let left = vec![("units.place.wms-north", "C", -2), ("units.transit", "C", 2)];
    b.event(
        POOL,
        "stock.transfer_shipped",
        &data,
        Turn { entries: vec![("transfer_shipped", left)], ..turn() },
    );
    b.ledger(SOUTH, "transfer_received", row(SOUTH, 1));
    let data = json!({"transfer": "T1", "to": SOUTH, "more": true, "lines": lines(1)});
    let came = vec![("units.transit", "C", -1), ("units.place.wms-south", "C", 1)];
    b.event(
        POOL,
        "stock.transfer_received",
        &data,
        Turn { entries: vec![("transfer_received", came)], ..turn() },
    );
}

/// An order waits for what is expected.
fn promise(b: &mut Book) {
    let lines = json!([{"sku": "D", "quantity": 5, "date": "2026-02-01"}]);
    let data = json!({"supply": "PO1", "place": NORTH, "lines": lines});
    let fact = json!({"supply": "PO1", "place": NORTH, "lines": [["D", 5, "2026-02-01"]]});
    b.event(POOL, "stock.expected", &data, Turn { facts: vec![("stock.expected", fact)], ..turn() });
    place(b, "shop-5", &[Line("1", "D", 2, 400, 40)], &[], Some(("1", "D", 2)));
    let promised = json!([{"line": "1", "sku": "D", "supply": "PO1", "date": "2026-02-01", "quantity": 2}]);
    let told = json!({"order": "shop-5", "expected": promised});
    let messages = vec![("order", "shop-5".to_owned(), "stock.promised", told)];
    let sent = b.timer(POOL, Turn { messages, ..turn() }).0[0];
    b.mail(("order", "shop-5"), sent, turn());
}
