//! What must hold of a world: at every instant, and once it has come to rest.

use super::{World, name};
use books::Account;
use flows::{State, order, stock};
use std::collections::BTreeMap;

/// Rules of every instant, of the case that changed last.
pub fn always(world: &World) {
    let Some(case) = &world.last else { return };
    if let Some(State::Order(s)) = world.state(case) {
        of_order(&case.value, &s);
    }
}

fn of_order(id: &str, state: &order::State) {
    let Some(doc) = state.doc.as_deref() else { return };
    let b = &state.body;
    for (i, (d, l)) in (0_u16..).zip(doc.lines.iter().zip(&b.lines)) {
        let parts = [
            l.cancelled,
            l.shipped,
            l.credited,
            b.reserved_of(i),
            b.released_of(i),
            b.waiting(doc, i),
            b.held(i),
            b.returnable(i),
        ];
        assert!(parts.iter().all(|n| *n >= 0), "{id} line {}: {parts:?}", d.id);
        let sum = l.cancelled + l.shipped + b.reserved_of(i) + b.released_of(i) + b.waiting(doc, i);
        if d.is_goods() {
            assert_eq!(sum, d.quantity, "{id} line {}: every unit is somewhere", d.id);
        }
        // M1, M4: what was given back of a line is for units that were shipped, and no more than they cost.
        assert!(l.credited + b.held(i) <= l.shipped, "{id} line {}", d.id);
        let given: i64 = b
            .credits
            .iter()
            .flat_map(|c| &c.lines)
            .filter(|x| x.1 == i)
            .map(|x| doc.share(i, x.2, x.3).0)
            .sum();
        assert_eq!(given, doc.share(i, 0, l.credited).0, "{id} line {}: credited units add up (M5)", d.id);
        assert!(given <= doc.share(i, 0, l.shipped).0, "{id} line {} (M1)", d.id);
    }
    for c in &b.credits {
        let lines: i64 = c.lines.iter().map(|l| doc.share(l.1, l.2, l.3).0).sum();
        assert_eq!(lines, c.amount, "{id}: a credit is the sum of its lines (M5)");
        let parts: i64 = c.parts.iter().map(|p| p.1).sum();
        assert!(c.parts.is_empty() || parts == c.amount, "{id}: a credit is the sum of its refunds (M5)");
    }
    for (d, t) in doc.tenders.iter().zip(&b.tenders) {
        assert!(t.captured <= d.authorised || t.capture_asked <= d.authorised, "{id} {}", d.id);
        if t.elsewhere == 0 {
            assert!(t.refund_asked <= t.captured, "{id} {}: refunds within what was captured (M1, M6)", d.id);
        }
    }
}

/// Rules of a world in which nothing is under way: books, systems, stock and orders tell the same story.
pub fn at_rest(world: &World) {
    assert_eq!(world.choices(), 0);
    assert!(world.totals.unbalanced().is_empty(), "books balance: {:?}", world.totals.unbalanced());
    let (mut invoiced, mut granted, mut unpaid, mut open) = (0, 0, 0, 0);
    let mut refunds: BTreeMap<String, i64> = BTreeMap::new();
    for case in world.cases.keys() {
        let Some(State::Order(s)) = world.state(case) else { continue };
        let Some(doc) = s.doc.as_deref() else { continue };
        of_order(&case.value, &s);
        let b = &s.body;
        invoiced += b.invoiced(doc);
        granted += b.credits.iter().map(|c| c.amount).sum::<i64>();
        unpaid += b.credits.iter().flat_map(|c| &c.parts).filter(|p| !p.2).map(|p| p.1).sum::<i64>();
        unpaid += b.credits.iter().filter(|c| c.parts.is_empty()).map(|c| c.amount).sum::<i64>();
        for (i, l) in (0_u16..).zip(&b.lines) {
            let of = doc.lines[usize::from(i)].quantity;
            open += doc.share(i, l.shipped, of - l.cancelled).0;
        }
        for (d, t) in doc.tenders.iter().zip(&b.tenders) {
            let taken = world.systems.captured.get(&d.payment).copied().unwrap_or(0);
            assert_eq!(taken, t.captured, "{}: the provider's captures", d.payment);
            refunds.entry(d.payment.clone()).or_default();
        }
        same_stock(world, &case.value, &s);
    }
    for (payment, amount) in world.systems.refunded.values() {
        *refunds.entry(payment.clone()).or_default() += amount;
    }
    same_units(world);
    let captured: i64 = world.systems.captured.values().sum();
    let refunded: i64 = refunds.values().sum();
    let total = |a: &Account| world.total(a, "GBP");
    assert_eq!(total(&Account::OrdersOpen), open, "booked and neither invoiced nor cancelled");
    assert_eq!(total(&Account::OrdersBooked), -open);
    assert_eq!(total(&Account::Receivable), invoiced - captured, "owed by customers");
    assert_eq!(total(&Account::Provider("stripe".into())), captured - refunded, "with the provider");
    assert_eq!(total(&Account::RefundsPayable), -unpaid, "owed to customers");
    assert_eq!(total(&Account::Sales) + total(&Account::Tax) + total(&Account::Returns), granted - invoiced);
    let erp: i64 = world.systems.invoices.values().sum();
    assert_eq!(erp, invoiced, "the ERP's invoices");
}

/// Units are where the books say: on hand as the pool has it, and none in inspection once all is disposed of (S5, S6).
fn same_units(world: &World) {
    let pool = name("pool", "main");
    for ((of, key), body) in world.rows.iter().filter(|((of, key), _)| *of == pool && key.starts_with("p/")) {
        let Ok(stock::Row::Position(p)) = stock::decode_row(key, body) else { panic!("{of} {key}") };
        let sku = key.trim_start_matches("p/");
        let State::Pool(head) = world.state(&pool).unwrap() else { panic!("{pool}") };
        for at in &p.at {
            let place = head.place_name(stock::spot::place_of(at.spot));
            let account = Account::Place(stock::spot::name(place, p.tag(at.spot)));
            assert_eq!(world.total(&account, sku), at.on_hand(), "{sku} at {account}");
        }
        let interim = world.exceptions().contains(&"units_in_quarantine");
        assert!(
            interim || world.total(&Account::Inspection, sku) == 0 || !at_peace(world),
            "{sku} in inspection"
        );
    }
}

/// Whether no return waits for anything.
fn at_peace(world: &World) -> bool {
    !world.cases.iter().any(|(n, c)| n.kind == "return" && c.open)
}

/// The pool holds for an order exactly what the order believes, and lets the same units wait.
fn same_stock(world: &World, id: &str, s: &order::State) {
    let Some(doc) = s.doc.as_deref() else { return };
    if !doc.has_goods() || !s.body.answered {
        return;
    }
    let pool = name("pool", "main");
    let row = |key: String| {
        let body = world.rows.get(&(pool.clone(), key.clone()))?;
        Some(stock::decode_row(&key, body).unwrap())
    };
    let held = match row(stock::state::order_key(id)) {
        Some(stock::Row::Order(o)) => o.held,
        _ => Vec::new(),
    };
    for (i, d) in (0_u16..).zip(&doc.lines).filter(|(_, d)| d.is_goods()) {
        let there: i64 = held.iter().filter(|h| h.0 == d.id).map(|h| h.3).sum();
        let here = s.body.reserved_of(i) + s.body.released_of(i);
        assert_eq!(there, here, "{id} line {}: reserved in the pool and here", d.id);
        let Some(stock::Row::Position(p)) = row(stock::state::position_key(&d.sku)) else { continue };
        let waits: i64 =
            p.waiting.iter().filter(|w| w.order == id && w.line == d.id).map(|w| w.quantity).sum();
        assert_eq!(waits, s.body.waiting(doc, i), "{id} line {}: waiting in the pool and here", d.id);
    }
}

/// Every case is finished, but for those that wait for a person, who has been told.
pub fn finished(world: &World, waits_for_a_person: &[&str]) {
    for (case, stored) in &world.cases {
        let told = |code: &&str| world.exceptions.iter().any(|e| e.0 == *case && e.1 == *code);
        if stored.open && case.kind != "pool" && !waits_for_a_person.iter().any(told) {
            let show = flows::views::show(&world.flows.policy, case, &world.state(case).unwrap());
            panic!("{case} is still open, with {:?}: {show:#}", world.exceptions);
        }
    }
}
