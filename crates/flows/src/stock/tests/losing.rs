//! Counts and damage that eat into reservations: applied, and the orders are told.

use super::super::messages::Withdrawn;
use super::journal::check;
use super::*;

fn pool() -> Pool {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 6)]);
    for order in ["shop-1", "shop-2", "shop-3"] {
        pool.reserve(order, &[("A", 2)]);
    }
    pool.later(Span::minutes(1));
    pool
}

/// (order, place, units) of what a turn withdrew.
fn withdrawn(turn: &Turn) -> Vec<(String, String, i64)> {
    let all: Vec<Withdrawn> = told(turn, "stock.withdrawn");
    all.into_iter()
        .flat_map(|w| w.lines.into_iter().map(move |l| (w.order.clone(), l.place, l.quantity)))
        .collect()
}

fn count(pool: &mut Pool, id: &str, n: i64) -> Turn {
    pool.later(Span::seconds(1));
    let turn = pool.count(id, "north", pool.now.0, &[("A", n)]);
    check(pool);
    turn
}

fn given_up(pool: &mut Pool, order: &str, quantity: i64) -> Turn {
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": quantity})];
    let turn = pool.mail("stock.given_up", &json!({"order": order, "lines": lines}));
    check(pool);
    turn
}

#[test]
fn the_youngest_lose_first_and_each_unit_is_told_once() {
    let mut pool = pool();
    let turn = count(&mut pool, "c1", 3);
    assert_eq!(
        withdrawn(&turn),
        [("shop-2".into(), "north".into(), 1), ("shop-3".into(), "north".into(), 2)]
    );
    assert_eq!(codes(&turn), ["stock_short"]);
    let cause = &turn.raise[0].cause;
    assert!(
        cause.contains("3 of A at north") && cause.contains("shop-2") && cause.contains("shop-3"),
        "{cause}"
    );
    assert_eq!(pool.at("A", "north"), (3, 3), "S1 holds: the excess stands apart");
    let turn = count(&mut pool, "c2", 2);
    assert_eq!(withdrawn(&turn), [("shop-2".into(), "north".into(), 1)], "one more, and only that");
    assert!(withdrawn(&count(&mut pool, "c3", 2)).is_empty());
}

#[test]
fn what_is_given_up_is_looked_for_elsewhere_and_waits_before_later_demand() {
    let mut pool = pool();
    pool.reserve("shop-4", &[("A", 1)]);
    count(&mut pool, "c1", 3);
    let turn = given_up(&mut pool, "shop-3", 2);
    assert!(supplied(&turn).is_empty());
    assert_eq!(pool.waiting("A"), [("shop-3".into(), 2), ("shop-4".into(), 1)]);
    let turn = given_up(&mut pool, "shop-2", 1);
    assert_eq!(turn.clear, ["stock_short"]);
    assert_eq!(pool.at("A", "north"), (3, 3), "on hand is as it was counted");
    let turn = pool.receive("r2", "south", &[("A", 4)]);
    check(&pool);
    assert_eq!(
        supplied(&turn),
        [
            ("shop-2".into(), "south".into(), 1),
            ("shop-3".into(), "south".into(), 2),
            ("shop-4".into(), "south".into(), 1)
        ]
    );
    assert!(is_silent(&given_up(&mut pool, "shop-9", 1)), "a stranger gives up nothing");
}

#[test]
fn units_that_turn_up_again_are_no_longer_missed() {
    let mut pool = pool();
    count(&mut pool, "c1", 4);
    let turn = count(&mut pool, "c2", 6);
    assert_eq!(turn.clear, ["stock_short"]);
    let turn = count(&mut pool, "c3", 5);
    assert_eq!(
        withdrawn(&turn),
        [("shop-3".into(), "north".into(), 1)],
        "told anew, since it had them again"
    );
}

#[test]
fn damage_and_transfers_take_units_too() {
    let mut pool = pool();
    let now = pool.now;
    let lines = json!([{"sku": "A", "quantity": -1}]);
    let turn =
        pool.event("stock.adjusted", now, &json!({"adjustment": "a1", "place": "north", "lines": lines}));
    assert_eq!(withdrawn(&turn), [("shop-3".into(), "north".into(), 1)]);
    check(&pool);
    let lines = json!([{"sku": "A", "quantity": 2}]);
    let data = json!({"transfer": "T1", "from": "north", "to": "south", "lines": lines});
    let turn = pool.event("stock.transfer_shipped", now, &data);
    assert_eq!(
        withdrawn(&turn),
        [("shop-2".into(), "north".into(), 1), ("shop-3".into(), "north".into(), 1)]
    );
    check(&pool);
}

#[test]
fn what_another_order_took_unreserved_is_missed_by_who_had_it() {
    let mut pool = pool();
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 3})];
    let turn = pool.mail("stock.ship", &json!({"order": "shop-1", "shipment": "s1", "lines": lines}));
    assert_eq!(withdrawn(&turn), [("shop-3".into(), "north".into(), 1)]);
    assert_eq!(codes(&turn), ["shipped_unreserved", "stock_short"]);
    check(&pool);
}

#[test]
fn of_many_reservations_the_youngest_are_known_and_the_row_stays_small() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 500)]);
    for n in 0..500 {
        pool.reserve(&format!("shop-{n}"), &[("A", 1)]);
    }
    let bytes = super::super::encode_row(&pool.row("p/A").unwrap()).unwrap().len();
    assert!(bytes < 300, "{bytes} bytes");
    let turn = count(&mut pool, "c1", 480);
    assert_eq!(withdrawn(&turn).len(), 8);
    assert!(turn.raise[0].cause.contains("20 of A"), "{}", turn.raise[0].cause);
    let turn = given_up(&mut pool, "shop-499", 1);
    assert!(supplied(&turn).is_empty());
    assert_eq!(pool.at("A", "north"), (480, 480));
}
