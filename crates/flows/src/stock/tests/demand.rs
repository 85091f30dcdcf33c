//! Orders ask, wait, are served and give up.

use super::journal::check;
use super::*;

#[test]
fn a_single_place_that_has_everything_is_preferred_to_two() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5), ("B", 1)]);
    pool.receive("r2", "south", &[("A", 5), ("B", 5)]);
    let answer = pool.reserve("shop-1", &[("A", 2), ("B", 2)]);
    assert_eq!(held(&answer.lines), [("1", "south", 2), ("2", "south", 2)]);
    let answer = pool.reserve("shop-2", &[("A", 2), ("B", 1)]);
    assert_eq!(held(&answer.lines), [("1", "north", 2), ("2", "north", 1)], "north comes first where it can");
    check(&pool);
}

#[test]
fn a_line_is_split_only_when_no_place_has_it_whole() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 3), ("B", 1)]);
    pool.receive("r2", "south", &[("A", 4), ("B", 1)]);
    let answer = pool.reserve("shop-1", &[("A", 4), ("B", 2)]);
    assert_eq!(held(&answer.lines), [("1", "south", 4), ("2", "north", 1), ("2", "south", 1)]);
    assert!(answer.short.is_empty());
    check(&pool);
}

#[test]
fn two_lines_of_one_sku_share_what_there_is() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 5)]);
    let answer = pool.reserve("shop-1", &[("A", 3), ("A", 3)]);
    assert_eq!(held(&answer.lines), [("1", "north", 3), ("2", "north", 2)]);
    assert_eq!(wanted(&answer.short), [("2", 1)]);
    check(&pool);
}

#[test]
fn what_is_short_is_served_in_order_of_arrival_with_one_message_per_order() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 1)]);
    assert_eq!(wanted(&pool.reserve("shop-1", &[("A", 3), ("B", 1)]).short), [("1", 2), ("2", 1)]);
    assert_eq!(wanted(&pool.reserve("shop-2", &[("A", 1)]).short), [("1", 1)]);
    assert_eq!(pool.waiting("A"), [("shop-1".into(), 2), ("shop-2".into(), 1)]);
    let turn = pool.receive("r2", "south", &[("A", 2), ("B", 1)]);
    assert_eq!(turn.messages.len(), 1);
    assert_eq!(supplied(&turn), [("shop-1".into(), "south".into(), 2), ("shop-1".into(), "south".into(), 1)]);
    let turn = pool.receive("r3", "south", &[("A", 5)]);
    assert_eq!(supplied(&turn), [("shop-2".into(), "south".into(), 1)]);
    assert_eq!(pool.at("A", "south"), (7, 3));
    check(&pool);
}

#[test]
fn new_demand_never_overtakes_waiting_demand() {
    let mut pool = Pool::simple();
    pool.policy.places[0].safety = 2;
    pool.receive("r1", "north", &[("A", 2)]);
    assert_eq!(wanted(&pool.reserve("shop-1", &[("A", 5)]).short), [("1", 5)]);
    // A lower safety stock frees two: they are the waiting order's, though another one asks first now.
    pool.policy.places[0].safety = 0;
    let turn = pool.mail("stock.reserve", &demand("shop-2", &[("A", 1)]));
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 2)]);
    assert_eq!(wanted(&told::<Reserved>(&turn, "stock.reserved")[0].short), [("1", 1)]);
    assert_eq!(pool.waiting("A"), [("shop-1".into(), 3), ("shop-2".into(), 1)]);
    check(&pool);
}

#[test]
fn safety_stock_is_never_promised() {
    let mut pool = Pool::simple();
    pool.policy.places[0].safety = 2;
    pool.receive("r1", "north", &[("A", 5)]);
    assert_eq!(wanted(&pool.reserve("shop-1", &[("A", 5)]).short), [("1", 2)]);
    check(&pool);
}

#[test]
fn the_last_unit_has_one_of_two_hundred_buyers() {
    let mut pool = Pool::simple();
    pool.receive("r1", "south", &[("A", 1)]);
    let winners =
        (0..200).filter(|n| pool.reserve(&format!("shop-{n}"), &[("A", 1)]).short.is_empty()).count();
    assert_eq!(winners, 1);
    assert_eq!(pool.at("A", "south"), (1, 1));
    assert_eq!(pool.waiting("A").len(), 199);
    check(&pool);
    let turn = pool.receive("r2", "north", &[("A", 198)]);
    assert_eq!(turn.messages.len(), 198);
    assert_eq!(pool.waiting("A"), [("shop-199".into(), 1)], "the last to come waits on");
    check(&pool);
}

#[test]
fn the_same_demand_again_changes_nothing_also_when_all_of_it_waited() {
    let mut pool = Pool::simple();
    pool.reserve("shop-1", &[("A", 2)]);
    assert!(is_silent(&pool.mail("stock.reserve", &demand("shop-1", &[("A", 2)]))));
    assert_eq!(pool.waiting("A"), [("shop-1".into(), 2)]);
}

#[test]
fn a_line_asked_for_twice_is_refused() {
    let data = json!({"order": "shop-1", "lines": [
        {"line": "1", "sku": "A", "quantity": 1}, {"line": "1", "sku": "B", "quantity": 1}]});
    assert_eq!(Pool::simple().try_turn(&mail("stock.reserve", &data)).unwrap_err().code, "duplicate_line");
}

#[test]
fn released_units_go_to_who_waits_and_the_later_of_two_endings_changes_nothing() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 3)]);
    pool.reserve("shop-1", &[("A", 3)]);
    pool.reserve("shop-2", &[("A", 2)]);
    let release = json!({"order": "shop-1", "reason": "cancelled",
        "lines": [{"line": "1", "sku": "A", "place": "north", "quantity": 3}]});
    let turn = pool.mail("stock.release", &release);
    assert_eq!(supplied(&turn), [("shop-2".into(), "north".into(), 2)]);
    assert_eq!(pool.at("A", "north"), (3, 2));
    assert!(is_silent(&pool.mail("stock.release", &release)));
    check(&pool);
}

#[test]
fn a_release_that_crosses_supply_leaves_the_supplied_units_to_the_order() {
    let mut pool = Pool::simple();
    pool.reserve("shop-1", &[("A", 3)]);
    pool.receive("r1", "north", &[("A", 2)]);
    // The order cancelled all three while it still thought that they waited.
    let give_up = json!({"order": "shop-1", "reason": "cancelled", "lines": [],
        "waiting": [{"line": "1", "sku": "A", "quantity": 3}]});
    pool.mail("stock.release", &give_up);
    assert_eq!((pool.waiting("A"), pool.at("A", "north")), (vec![], (2, 2)));
    // Told of the two, it gives exactly those back.
    let give_back = json!({"order": "shop-1", "reason": "not_wanted",
        "lines": [{"line": "1", "sku": "A", "place": "north", "quantity": 2}]});
    pool.mail("stock.release", &give_back);
    assert_eq!(pool.at("A", "north"), (2, 0));
    check(&pool);
}
