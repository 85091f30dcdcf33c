//! Goods move: shipped, missing, received, returned, adjusted.

use super::journal::check;
use super::*;

fn line(place: &str, quantity: i64) -> Value {
    json!({"line": "1", "sku": "A", "place": place, "quantity": quantity})
}

fn ship(pool: &mut Pool, shipment: &str, lines: &[Value]) -> Turn {
    pool.mail("stock.ship", &json!({"order": "shop-1", "shipment": shipment, "lines": lines}))
}

fn missing(pool: &mut Pool, lines: &[Value]) -> Turn {
    pool.mail("stock.missing", &json!({"order": "shop-1", "fulfilment": "shop-1-F1", "lines": lines}))
}

#[test]
fn shipping_ends_the_reservation_and_lowers_on_hand_once() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    pool.reserve("shop-1", &[("A", 3)]);
    let turn = ship(&mut pool, "s1", &[line("north", 2)]);
    assert_eq!(pool.at("A", "north"), (3, 1));
    assert_eq!(
        turn.entries[0].lines,
        [("units.place.north".into(), "A".into(), -2), ("units.customer".into(), "A".into(), 2)]
    );
    assert!(is_silent(&ship(&mut pool, "s1", &[line("north", 2)])), "the same shipment again");
    ship(&mut pool, "s2", &[line("north", 1)]);
    assert!(is_silent(&ship(&mut pool, "s2", &[line("north", 1)])), "also after the last one");
    assert_eq!(pool.at("A", "north"), (2, 0));
    check(&pool);
}

#[test]
fn a_place_may_ship_what_was_reserved_elsewhere() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 3)]);
    pool.receive("r2", "south", &[("A", 3)]);
    pool.reserve("shop-1", &[("A", 3)]);
    let turn = ship(&mut pool, "s1", &[line("south", 3)]);
    assert!(codes(&turn).is_empty());
    assert_eq!((pool.at("A", "north"), pool.at("A", "south")), ((3, 0), (0, 0)));
    check(&pool);
}

#[test]
fn what_left_beyond_the_reservation_becomes_an_exception_and_is_made_up_by_what_comes() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 2)]);
    pool.reserve("shop-1", &[("A", 2)]);
    let turn = ship(&mut pool, "s1", &[line("north", 5)]);
    assert_eq!(codes(&turn), ["shipped_unreserved"]);
    assert_eq!(pool.at("A", "north"), (0, 0));
    check(&pool);
    // Three had come in unreported: of the ten in this report they are not there any more.
    pool.receive("r2", "north", &[("A", 10)]);
    assert_eq!(pool.at("A", "north"), (7, 0));
    check(&pool);
}

#[test]
fn what_left_unreserved_may_leave_others_short_until_supply_comes() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    pool.reserve("shop-2", &[("A", 4)]);
    pool.reserve("shop-1", &[("A", 1)]);
    let turn = ship(&mut pool, "s1", &[line("north", 3)]);
    assert_eq!(codes(&turn), ["shipped_unreserved", "stock_short"]);
    assert_eq!(pool.at("A", "north"), (2, 2), "two of shop-2's four are there");
    check(&pool);
    assert_eq!(wanted(&pool.reserve("shop-3", &[("A", 1)]).short), [("1", 1)]);
    let turn = pool.receive("r2", "north", &[("A", 2)]);
    assert!(supplied(&turn).is_empty(), "the shortage comes first");
    assert_eq!(turn.clear, ["stock_short"]);
    assert_eq!(pool.at("A", "north"), (4, 4));
    check(&pool);
}

#[test]
fn waiting_demand_ends_when_its_units_leave_after_all() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 1)]);
    pool.reserve("shop-1", &[("A", 3)]);
    ship(&mut pool, "s1", &[line("north", 3)]);
    assert_eq!(pool.waiting("A"), []);
    check(&pool);
}

#[test]
fn missing_units_are_sought_elsewhere_and_else_wait_before_later_demand() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    pool.receive("r2", "south", &[("A", 1)]);
    pool.reserve("shop-1", &[("A", 5)]);
    pool.reserve("shop-2", &[("A", 3)]);
    let turn = missing(&mut pool, &[line("north", 2)]);
    assert!(supplied(&turn).is_empty());
    assert_eq!(pool.at("A", "north"), (3, 3));
    assert_eq!(pool.waiting("A"), [("shop-1".into(), 2), ("shop-2".into(), 2)]);
    check(&pool);
    let turn = pool.receive("r3", "south", &[("A", 3)]);
    assert_eq!(supplied(&turn), [("shop-1".into(), "south".into(), 2), ("shop-2".into(), "south".into(), 1)]);
    check(&pool);
}

#[test]
fn missing_units_come_from_another_place_first_and_from_the_same_one_last() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 9)]);
    pool.receive("r2", "south", &[("A", 1)]);
    pool.reserve("shop-1", &[("A", 2)]);
    let turn = missing(&mut pool, &[line("north", 1)]);
    assert_eq!(supplied(&turn), [("shop-1".into(), "south".into(), 1)]);
    let turn = missing(&mut pool, &[line("north", 1)]);
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 1)]);
    assert_eq!(pool.journal.balances[&("units.lost".to_owned(), "A".to_owned())], 2);
    check(&pool);
}

#[test]
fn missing_units_of_a_known_shortage_are_not_taken_off_twice() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    pool.reserve("shop-1", &[("A", 5)]);
    pool.later(Span::minutes(1));
    let turn = pool.count("c1", "north", pool.now.0, &[("A", 3)]);
    assert_eq!(codes(&turn), ["stock_short"]);
    let turn = missing(&mut pool, &[line("north", 2)]);
    assert_eq!(pool.at("A", "north"), (3, 3));
    assert_eq!(turn.clear, ["stock_short"]);
    assert_eq!(pool.waiting("A"), [("shop-1".into(), 2)]);
    check(&pool);
}

#[test]
fn a_missing_report_after_the_reservation_ended_changes_nothing() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    pool.reserve("shop-1", &[("A", 2)]);
    ship(&mut pool, "s1", &[line("north", 2)]);
    assert!(is_silent(&missing(&mut pool, &[line("north", 2)])));
    assert_eq!(pool.at("A", "north"), (3, 0));
}

#[test]
fn a_fact_again_under_a_new_event_changes_nothing() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    assert!(is_silent(&pool.receive("r1", "north", &[("A", 5)])));
    pool.receive("r1", "south", &[("A", 1)]);
    assert_eq!(pool.at("A", "south").0, 1, "another place has numbers of its own");
    let adjusted = json!({"adjustment": "a1", "place": "north", "reason": "damage",
        "lines": [{"sku": "A", "quantity": -2}]});
    pool.event("stock.adjusted", pool.now, &adjusted);
    assert!(is_silent(&pool.event("stock.adjusted", pool.now, &adjusted)));
    let returned =
        json!({"rma": "RMA-1", "id": "D1", "lines": [{"sku": "A", "place": "north", "quantity": 1}]});
    pool.mail("stock.returned", &returned);
    assert!(is_silent(&pool.mail("stock.returned", &returned)));
    assert_eq!(pool.at("A", "north"), (4, 0));
    assert_eq!(pool.journal.balances[&("units.inspection".to_owned(), "A".to_owned())], -1);
    check(&pool);
}

#[test]
fn a_loss_beyond_what_is_on_hand_becomes_an_exception() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 1)]);
    let adjusted = json!({"adjustment": "a1", "place": "north", "lines": [{"sku": "A", "quantity": -3}]});
    let turn = pool.event("stock.adjusted", pool.now, &adjusted);
    assert_eq!(codes(&turn), ["below_zero"]);
    assert_eq!(pool.at("A", "north"), (0, 0));
    check(&pool);
}

#[test]
fn returns_count_at_the_place_that_policy_names_for_places_outside_the_pool() {
    let mut pool = Pool::simple();
    let returned =
        json!({"rma": "RMA-1", "id": "D1", "lines": [{"sku": "A", "place": "centre", "quantity": 1}]});
    assert_eq!(pool.try_turn(&mail("stock.returned", &returned)).unwrap_err().code, "unknown_place");
    pool.policy.returns_to = Some("south".into());
    pool.mail("stock.returned", &returned);
    assert_eq!(pool.at("A", "south"), (1, 0));
    check(&pool);
}

#[test]
fn what_a_pool_cannot_take_in_is_refused_whole() {
    let mut pool = Pool::simple();
    let received = |place: &str, quantity: i64| json!({"receipt": "r1", "place": place, "lines": [{"sku": "A", "quantity": quantity}]});
    for (kind, data, code) in [
        ("stock.received", received("east", 1), "unknown_place"),
        ("stock.received", received("north", 0), "bad_data"),
        ("stock.received", received("north", -1), "bad_data"),
        ("stock.received", received("north", i64::MAX), "bad_data"),
        ("stock.frozen", json!({}), "unknown_kind"),
    ] {
        let fault = pool.try_turn(&event(kind, Time(0), &data)).unwrap_err();
        assert_eq!(fault.code, code, "{}", fault.why);
    }
    assert_eq!(pool.state(), None, "nothing changed");
}

#[test]
fn a_place_that_left_the_pool_keeps_its_number_and_its_stock() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 2)]);
    pool.reserve("shop-1", &[("A", 1)]);
    pool.policy.places.remove(0);
    assert_eq!(wanted(&pool.reserve("shop-2", &[("A", 1)]).short), [("1", 1)], "nothing new from there");
    ship(&mut pool, "s1", &[line("north", 1)]);
    assert_eq!(pool.at("A", "north"), (1, 0));
}

fn lost(pool: &mut Pool, id: &str, quantity: i64, at: Time) -> Turn {
    let lines = json!([{"sku": "A", "quantity": quantity}]);
    let data = json!({"adjustment": id, "place": "north", "reason": "damage", "lines": lines});
    pool.event("stock.adjusted", at, &data)
}

/// Five of A at north, all of them reserved.
fn all_reserved() -> Pool {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    pool.reserve("shop-1", &[("A", 5)]);
    pool
}

fn missed(pool: &mut Pool, quantity: i64, at: Time) -> Turn {
    let lines = [line("north", quantity)];
    let data = json!({"order": "shop-1", "fulfilment": "shop-1-F1", "at": at, "lines": lines});
    pool.mail("stock.missing", &data)
}

/// The place broke a unit, missed it when it picked, and tells of the second first.
#[test]
fn what_a_place_missed_is_not_taken_off_again_by_the_adjustment_that_explains_it() {
    let mut pool = all_reserved();
    let broken = pool.now;
    pool.later(Span::minutes(1));
    let at = pool.now;
    missed(&mut pool, 2, at);
    assert_eq!(pool.at("A", "north").0, 3);
    pool.later(Span::minutes(1));
    assert!(codes(&lost(&mut pool, "a1", -1, broken)).is_empty());
    assert_eq!(pool.at("A", "north").0, 3, "one of the two is explained");
    lost(&mut pool, "a2", -2, broken);
    assert_eq!(pool.at("A", "north").0, 2, "the other one too, and one more is gone");
    lost(&mut pool, "a3", -1, broken);
    assert_eq!(pool.at("A", "north").0, 1, "nothing is left to explain");
    check(&pool);
}

#[test]
fn what_is_lost_after_a_place_missed_something_is_another_unit() {
    let mut pool = all_reserved();
    let at = pool.now;
    pool.later(Span::minutes(1));
    missed(&mut pool, 1, at);
    let later = pool.now;
    lost(&mut pool, "a1", -1, later);
    assert_eq!(pool.at("A", "north").0, 3);
    check(&pool);
}

/// A count after the loss and before it was missed has seen that the unit was gone.
#[test]
fn a_count_between_the_loss_and_its_discovery_is_right_once_the_loss_is_known() {
    let mut pool = all_reserved();
    let broken = pool.now;
    pool.later(Span::minutes(1));
    let counted = pool.now.0;
    pool.later(Span::minutes(1));
    let at = pool.now;
    missed(&mut pool, 1, at);
    lost(&mut pool, "a1", -1, broken);
    pool.count("c1", "north", counted, &[("A", 4)]);
    assert_eq!(pool.at("A", "north").0, 4);
    check(&pool);
}

/// The pool learns of a loss and of new units before it learns that the place had missed the lost one.
#[test]
fn what_is_known_to_be_gone_stays_known_when_new_units_cover_it() {
    let mut pool = all_reserved();
    let broken = pool.now;
    lost(&mut pool, "a1", -1, broken);
    pool.later(Span::minutes(1));
    let at = pool.now;
    pool.later(Span::minutes(1));
    pool.receive("r2", "north", &[("A", 2)]);
    assert_eq!(pool.at("A", "north").0, 6);
    missed(&mut pool, 1, at);
    assert_eq!(pool.at("A", "north").0, 6, "it was off already");
    missed(&mut pool, 1, at);
    assert_eq!(pool.at("A", "north").0, 5, "another one");
    check(&pool);
}

#[test]
fn what_a_place_misses_after_new_units_came_is_another_unit() {
    let mut pool = all_reserved();
    let broken = pool.now;
    lost(&mut pool, "a1", -1, broken);
    pool.later(Span::minutes(1));
    pool.receive("r2", "north", &[("A", 1)]);
    pool.later(Span::minutes(1));
    let at = pool.now;
    missed(&mut pool, 1, at);
    assert_eq!(pool.at("A", "north").0, 4);
    check(&pool);
}
