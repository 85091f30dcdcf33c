//! Expected supply and what is promised of it.

use super::super::messages::{Promise, Promised};
use super::journal::check;
use super::*;

fn expect(pool: &mut Pool, supply: &str, lines: &[(i64, &str)]) -> Turn {
    let lines: Vec<Value> =
        lines.iter().map(|(n, date)| json!({"sku": "A", "quantity": n, "date": date})).collect();
    pool.later(Span::seconds(1));
    let now = pool.now;
    let turn =
        pool.event("stock.expected", now, &json!({"supply": supply, "place": "north", "lines": lines}));
    check(pool);
    turn
}

fn receive(pool: &mut Pool, id: &str, supply: &str, n: i64) -> Turn {
    let now = pool.now;
    let lines = json!([{"sku": "A", "quantity": n}]);
    let data = json!({"receipt": id, "place": "north", "supply": supply, "lines": lines});
    let turn = pool.event("stock.received", now, &data);
    check(pool);
    turn
}

fn plain(promises: &[Promise]) -> Vec<(&str, &str, i64)> {
    promises.iter().map(|p| (p.supply.as_str(), p.date.as_str(), p.quantity)).collect()
}

/// (order, supply, date, units) of what a turn promised.
fn promised(turn: &Turn) -> Vec<(String, String, String, i64)> {
    let all: Vec<Promised> = told(turn, "stock.promised");
    all.into_iter()
        .flat_map(|m| m.expected.into_iter().map(move |p| (m.order.clone(), p.supply, p.date, p.quantity)))
        .collect()
}

fn pool() -> Pool {
    let mut pool = Pool::simple();
    pool.journal.unordered = true;
    pool
}

#[test]
fn what_waits_is_promised_the_earliest_supply_in_order_of_arrival() {
    let mut pool = pool();
    expect(&mut pool, "PO2", &[(5, "2026-12-10")]);
    expect(&mut pool, "PO1", &[(4, "2026-12-01")]);
    let answer = pool.reserve("shop-1", &[("A", 3)]);
    assert_eq!(plain(&answer.expected), [("PO1", "2026-12-01", 3)]);
    let answer = pool.reserve("shop-2", &[("A", 3)]);
    assert_eq!(plain(&answer.expected), [("PO1", "2026-12-01", 1), ("PO2", "2026-12-10", 2)]);
    assert_eq!(plain(&pool.reserve("shop-3", &[("A", 9)]).expected), [("PO2", "2026-12-10", 3)]);
    assert!(pool.reserve("shop-4", &[("A", 1)]).expected.is_empty(), "no more than is expected");
    check(&pool);
}

#[test]
fn a_supply_that_is_dated_anew_reduced_or_cancelled_changes_promises() {
    let mut pool = pool();
    pool.reserve("shop-1", &[("A", 3)]);
    pool.reserve("shop-2", &[("A", 2)]);
    let turn = expect(&mut pool, "PO1", &[(5, "2026-12-01")]);
    assert_eq!(promised(&turn).len(), 2, "who waits already is told");
    let turn = expect(&mut pool, "PO1", &[(5, "2026-12-24")]);
    assert_eq!(
        promised(&turn),
        [
            ("shop-1".into(), "PO1".into(), "2026-12-24".into(), 3),
            ("shop-2".into(), "PO1".into(), "2026-12-24".into(), 2)
        ]
    );
    let turn = expect(&mut pool, "PO1", &[(4, "2026-12-24")]);
    assert_eq!(promised(&turn), [("shop-2".into(), "PO1".into(), "2026-12-24".into(), 1)]);
    let turn = expect(&mut pool, "PO1", &[]);
    let none: Vec<Promised> = told(&turn, "stock.promised");
    assert_eq!(none.len(), 2);
    assert!(none.iter().all(|m| m.expected.is_empty() && m.lines == ["1"]));
    assert!(told::<Promised>(&expect(&mut pool, "PO1", &[]), "stock.promised").is_empty());
}

#[test]
fn what_was_said_earlier_never_replaces_what_was_said_later() {
    let mut pool = pool();
    pool.reserve("shop-1", &[("A", 3)]);
    expect(&mut pool, "PO1", &[(3, "2026-12-01")]);
    let lines = json!([{"sku": "A", "quantity": 9, "date": "2026-11-01"}]);
    let late = event("stock.expected", Time(5), &json!({"supply": "PO1", "place": "north", "lines": lines}));
    assert!(is_silent(&pool.turn(&late)));
}

#[test]
fn received_units_of_a_supply_serve_those_who_were_promised_them_first() {
    let mut pool = pool();
    expect(&mut pool, "PO1", &[(2, "2026-12-01")]);
    expect(&mut pool, "PO2", &[(3, "2026-12-10")]);
    pool.reserve("shop-1", &[("A", 2)]);
    pool.reserve("shop-2", &[("A", 2)]);
    // The later supply comes first: it is the second order's.
    let turn = receive(&mut pool, "r1", "PO2", 3);
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 1), ("shop-2".into(), "north".into(), 2)]);
    assert_eq!(
        promised(&turn),
        [("shop-1".into(), "PO1".into(), "2026-12-01".into(), 1)],
        "what is left of it"
    );
    let turn = receive(&mut pool, "r2", "PO1", 2);
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 1)]);
    assert_eq!(pool.at("A", "north"), (5, 4));
    let Some(Row::Position(p)) = pool.row("p/A") else { panic!("a position") };
    assert!(p.supplies.is_empty(), "all of it came");
}

#[test]
fn a_receipt_may_come_before_its_supply_is_known_and_counts_for_it() {
    let mut pool = pool();
    receive(&mut pool, "r1", "PO1", 2);
    expect(&mut pool, "PO1", &[(5, "2026-12-01")]);
    let answer = pool.reserve("shop-1", &[("A", 9)]);
    assert_eq!(plain(&answer.expected), [("PO1", "2026-12-01", 3)]);
    check(&pool);
}

#[test]
fn a_day_that_is_none_is_refused() {
    let lines = json!([{"sku": "A", "quantity": 9, "date": "2026-13-01"}]);
    let bad = event("stock.expected", Time(5), &json!({"supply": "PO1", "place": "north", "lines": lines}));
    let fault = Pool::simple().try_turn(&bad).unwrap_err();
    assert!(fault.code == "bad_data" && fault.why.contains("YYYY-MM-DD"), "{}", fault.why);
}

/// What came counts for the earliest days first, and only what is left of them is promised.
#[test]
fn what_came_of_a_supply_of_several_days_is_off_the_earliest() {
    let mut pool = pool();
    expect(&mut pool, "PO1", &[(2, "2026-12-01"), (3, "2026-12-10"), (4, "2026-12-20")]);
    receive(&mut pool, "r1", "PO1", 4);
    pool.reserve("shop-0", &[("A", 4)]);
    let answer = pool.reserve("shop-1", &[("A", 9)]);
    assert_eq!(plain(&answer.expected), [("PO1", "2026-12-10", 1), ("PO1", "2026-12-20", 4)]);
    check(&pool);
}

/// A line that waits in two places of the queue is promised one sum of one supply.
#[test]
fn a_line_that_waits_twice_is_promised_once() {
    let mut pool = pool();
    pool.reserve("shop-1", &[("A", 2)]);
    pool.reserve("shop-2", &[("A", 2)]);
    let turn = expect(&mut pool, "PO1", &[(9, "2026-12-01")]);
    let units: Vec<_> = promised(&turn).into_iter().map(|p| (p.0, p.3)).collect();
    assert_eq!(units, [("shop-1".to_owned(), 2), ("shop-2".to_owned(), 2)]);
}
