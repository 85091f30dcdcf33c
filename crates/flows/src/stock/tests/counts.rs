//! Counts: S7, and what they do to reservations.

use super::journal::check;
use super::*;

fn ship_at(pool: &mut Pool, order: &str, shipment: &str, at: i64, quantity: i64) {
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": quantity})];
    pool.mail("stock.ship", &json!({"order": order, "shipment": shipment, "at": Time(at), "lines": lines}));
}

fn at(pool: &Pool) -> i64 {
    pool.at("A", "north").0
}

#[test]
fn an_opening_count_is_what_there_is() {
    let mut pool = Pool::simple();
    let turn = pool.count("c1", "north", 900_000, &[("A", 10), ("B", 0)]);
    assert_eq!(at(&pool), 10);
    assert_eq!(turn.entries.len(), 1);
    assert_eq!(turn.entries[0].occurred, Time(900_000));
    assert!(is_silent(&pool.count("c1", "north", 950_000, &[("A", 99)])), "the same count again");
    check(&pool);
}

#[test]
fn an_older_count_never_overwrites() {
    let mut pool = Pool::simple();
    pool.count("c2", "north", 900_000, &[("A", 10)]);
    pool.count("c1", "north", 800_000, &[("A", 50), ("B", 7)]);
    assert_eq!(at(&pool), 10);
    assert_eq!(pool.at("B", "north").0, 7, "of B nothing newer is known");
    check(&pool);
}

#[test]
fn what_is_put_back_without_a_time_comes_after_the_count_whatever_our_clock_shows() {
    let mut pool = Pool::simple();
    pool.count("c1", "north", 900_000, &[("A", 10)]);
    pool.now = Time(400_000);
    let lines = json!([{"sku": "A", "place": "north", "quantity": 2}]);
    pool.mail("stock.returned", &json!({"rma": "RMA-1", "id": "D1", "lines": lines}));
    assert_eq!(at(&pool), 12);
    // Of a place that was not counted yet, what is known is what its reports say.
    pool.receive("r1", "south", &[("A", 1)]);
    pool.now = Time(100_000);
    let lines = json!([{"sku": "A", "place": "south", "quantity": 1}]);
    pool.mail("stock.returned", &json!({"rma": "RMA-2", "id": "D2", "lines": lines}));
    pool.now = Time(990_000);
    pool.count("c2", "south", 350_000, &[("A", 0)]);
    assert_eq!(pool.at("A", "south").0, 2, "both came after the count");
    check(&pool);
}

#[test]
fn sales_after_the_snapshot_stay_deducted() {
    let mut pool = Pool::simple();
    pool.count("c1", "north", 500_000, &[("A", 10)]);
    pool.reserve("shop-1", &[("A", 5)]);
    ship_at(&mut pool, "shop-1", "s1", 600_000, 2);
    ship_at(&mut pool, "shop-1", "s2", 800_000, 1);
    // Taken between the two: it saw eight, and one has left since.
    pool.count("c2", "north", 700_000, &[("A", 8)]);
    assert_eq!(pool.at("A", "north"), (7, 2));
    check(&pool);
}

#[test]
fn a_movement_that_the_count_contains_is_not_applied_again() {
    let mut pool = Pool::simple();
    pool.count("c1", "north", 500_000, &[("A", 10)]);
    pool.reserve("shop-1", &[("A", 2)]);
    pool.count("c2", "north", 700_000, &[("A", 8)]);
    ship_at(&mut pool, "shop-1", "s1", 600_000, 2);
    assert_eq!(pool.at("A", "north"), (8, 0), "reported after the count, left before it");
    let data = json!({"receipt": "r1", "place": "north", "lines": [{"sku": "A", "quantity": 4}]});
    pool.event("stock.received", Time(650_000), &data);
    assert_eq!(at(&pool), 8);
    assert_eq!(
        pool.journal.balances[&("units.supply".to_owned(), "A".to_owned())],
        -4,
        "posted all the same"
    );
    check(&pool);
}

#[test]
fn a_report_from_long_before_the_count_is_not_believed_to_be_in_it() {
    let mut pool = Pool::simple();
    pool.now = Time(10 * 86_400_000);
    pool.count("c1", "north", pool.now.0 - 1, &[("A", 10)]);
    pool.reserve("shop-1", &[("A", 2)]);
    ship_at(&mut pool, "shop-1", "s1", 1_000, 2);
    assert_eq!(at(&pool), 8);
    check(&pool);
}

#[test]
fn a_count_that_too_much_has_overtaken_is_asked_for_again() {
    let mut pool = Pool::simple();
    pool.count("c1", "north", 100_000, &[("A", 50)]);
    pool.reserve("shop-1", &[("A", 20)]);
    for n in 0..20 {
        ship_at(&mut pool, "shop-1", &format!("s{n}"), 200_000 + n * 1_000, 1);
    }
    let turn = pool.count("c2", "north", 205_000, &[("A", 45)]);
    assert_eq!(codes(&turn), ["count_overtaken"]);
    assert_eq!(at(&pool), 30);
    let turn = pool.count("c3", "north", 218_000, &[("A", 33)]);
    assert!(codes(&turn).is_empty());
    assert_eq!(at(&pool), 31, "two left at or after 218 s");
    check(&pool);
}

#[test]
fn a_first_count_from_before_everything_that_moved_is_applied_however_much_did() {
    let mut pool = Pool::simple();
    pool.count("c0", "south", 100_000, &[("A", 50)]);
    pool.reserve("shop-1", &[("A", 20)]);
    for n in 0..20 {
        let receipt = format!("r{n}");
        pool.now = Time(200_000 + n * 1_000);
        pool.receive(&receipt, "north", &[("A", 2)]);
    }
    let turn = pool.count("c1", "north", 199_000, &[("A", 7)]);
    assert!(codes(&turn).is_empty(), "{:?}", codes(&turn));
    assert_eq!(pool.at("A", "north").0, 47);
    check(&pool);
}

#[test]
fn a_count_that_eats_into_reservations_is_applied_and_the_excess_is_an_exception() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 10)]);
    pool.reserve("shop-1", &[("A", 8)]);
    pool.later(Span::minutes(1));
    let turn = pool.count("c1", "north", pool.now.0, &[("A", 5)]);
    assert_eq!(codes(&turn), ["stock_short"]);
    assert!(turn.raise[0].cause.contains("3 of A at north"), "{}", turn.raise[0].cause);
    assert_eq!(pool.at("A", "north"), (5, 5));
    check(&pool);
    pool.later(Span::minutes(1));
    let turn = pool.count("c2", "north", pool.now.0, &[("A", 9)]);
    assert_eq!(turn.clear, ["stock_short"]);
    assert_eq!(pool.at("A", "north"), (9, 8));
    check(&pool);
}

#[test]
fn a_count_that_finds_more_serves_who_waits() {
    let mut pool = Pool::simple();
    pool.reserve("shop-1", &[("A", 3)]);
    let turn = pool.count("c1", "north", 900_000, &[("A", 2)]);
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 2)]);
    check(&pool);
}

#[test]
fn a_clock_that_is_ahead_does_not_swallow_what_is_still_to_come() {
    let mut pool = Pool::simple();
    pool.count("c1", "north", pool.now.0 + 3_600_000, &[("A", 10)]);
    pool.reserve("shop-1", &[("A", 2)]);
    pool.later(Span::seconds(1));
    let now = pool.now.0;
    ship_at(&mut pool, "shop-1", "s1", now, 2);
    assert_eq!(at(&pool), 8);
    check(&pool);
}

/// A count forgets what it contains: of its own place, and from before it.
#[test]
fn a_count_forgets_nothing_that_another_count_needs() {
    let mut pool = Pool::simple();
    pool.count("c1", "north", 500_000, &[("A", 10)]);
    pool.count("c2", "south", 500_000, &[("A", 10)]);
    let gone = |pool: &mut Pool, id: &str, place: &str, at: i64| {
        let data = json!({"adjustment": id, "place": place, "lines": [{"sku": "A", "quantity": -2}]});
        pool.event("stock.adjusted", Time(at), &data);
    };
    gone(&mut pool, "a1", "south", 600_000);
    gone(&mut pool, "a2", "north", 800_000);
    // The places count by snapshots that are older than those movements.
    pool.count("c3", "north", 700_000, &[("A", 10)]);
    assert_eq!(pool.at("A", "north").0, 8);
    pool.count("c4", "north", 750_000, &[("A", 10)]);
    assert_eq!(pool.at("A", "north").0, 8);
    pool.count("c5", "south", 550_000, &[("A", 10)]);
    assert_eq!(pool.at("A", "south").0, 8);
    check(&pool);
}
