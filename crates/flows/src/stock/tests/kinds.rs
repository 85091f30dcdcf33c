//! Positions by owner, condition and lot: only what may be sold is promised, and every spot has its own account.

use super::journal::check;
use super::*;
use retail::returns::Grade;

fn receive(pool: &mut Pool, id: &str, place: &str, line: Value) -> Turn {
    let now = pool.now;
    pool.event("stock.received", now, &json!({"receipt": id, "place": place, "lines": [line]}))
}

fn balance(pool: &Pool, account: &str) -> i64 {
    pool.journal.balances.get(&(account.to_owned(), "A".to_owned())).copied().unwrap_or(0)
}

#[test]
fn only_sellable_conditions_and_own_units_are_promised() {
    let mut pool = Pool::simple();
    receive(&mut pool, "r1", "north", json!({"sku": "A", "quantity": 2}));
    receive(&mut pool, "r2", "north", json!({"sku": "A", "quantity": 5, "condition": "damaged"}));
    receive(&mut pool, "r3", "north", json!({"sku": "A", "quantity": 7, "owner": "acme"}));
    assert_eq!(wanted(&pool.reserve("shop-1", &[("A", 9)]).short), [("1", 7)]);
    assert_eq!(pool.of_kind("A", "north", "damaged"), (5, 0));
    assert_eq!(pool.of_kind("A", "north", "new@acme"), (7, 0));
    assert_eq!(balance(&pool, "units.place.north/damaged"), 5);
    assert_eq!(balance(&pool, "units.place.north/new@acme"), 7);
    assert_eq!(balance(&pool, "units.place.north"), 2);
    check(&pool);
}

#[test]
fn what_may_be_sold_is_promised_plain_units_first_and_leaves_from_where_it_was_reserved() {
    let mut pool = Pool::simple();
    pool.policy.sellable.push("opened".into());
    pool.policy.consigned.insert("acme".into());
    receive(&mut pool, "r1", "north", json!({"sku": "A", "quantity": 2, "condition": "opened"}));
    receive(&mut pool, "r2", "north", json!({"sku": "A", "quantity": 2}));
    receive(&mut pool, "r3", "north", json!({"sku": "A", "quantity": 2, "owner": "acme"}));
    let answer = pool.reserve("shop-1", &[("A", 5)]);
    assert_eq!(held(&answer.lines), [("1", "north", 5)], "an order knows of places only");
    assert_eq!(pool.of_kind("A", "north", ""), (2, 2));
    assert_eq!(pool.of_kind("A", "north", "new@acme"), (2, 2));
    assert_eq!(pool.of_kind("A", "north", "opened"), (2, 1));
    check(&pool);
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 5})];
    let ship = json!({"order": "shop-1", "shipment": "s1", "lines": lines});
    assert!(codes(&pool.mail("stock.ship", &ship)).is_empty());
    assert_eq!(pool.of_kind("A", "north", "opened"), (1, 0));
    assert_eq!(balance(&pool, "units.customer"), 5);
    assert_eq!(balance(&pool, "units.place.north/opened"), 1);
    check(&pool);
}

#[test]
fn safety_stock_is_kept_of_all_kinds_together() {
    let mut pool = Pool::simple();
    pool.policy.sellable.push("opened".into());
    pool.policy.places[0].safety = 3;
    receive(&mut pool, "r1", "north", json!({"sku": "A", "quantity": 2, "condition": "opened"}));
    receive(&mut pool, "r2", "north", json!({"sku": "A", "quantity": 4}));
    assert_eq!(wanted(&pool.reserve("shop-1", &[("A", 5)]).short), [("1", 2)]);
    check(&pool);
}

#[test]
fn a_sku_and_a_category_have_safety_stock_of_their_own() {
    let mut pool = Pool::simple();
    pool.policy.places[0].safety = 1;
    pool.policy.safety_skus.insert("A".into(), 4);
    pool.policy.safety_categories.insert("toys".into(), 2);
    for (id, sku, category) in [("r1", "A", "toys"), ("r2", "B", "toys"), ("r3", "C", "decor")] {
        receive(&mut pool, id, "north", json!({"sku": sku, "quantity": 5, "category": category}));
    }
    let short = pool.reserve("shop-1", &[("A", 5), ("B", 5), ("C", 5)]).short;
    assert_eq!(wanted(&short), [("1", 4), ("2", 2), ("3", 1)]);
    check(&pool);
}

#[test]
fn counts_and_adjustments_name_kinds_and_an_old_count_never_overwrites_its_own() {
    let mut pool = Pool::simple();
    let count = |pool: &mut Pool, id: &str, as_of: i64, lines: Value| {
        let data = json!({"count": id, "place": "north", "as_of": Time(as_of), "lines": lines});
        pool.event("stock.counted", Time(as_of), &data)
    };
    let both =
        json!([{"sku": "A", "on_hand": 5}, {"sku": "A", "on_hand": 3, "condition": "opened", "lot": "L1"}]);
    count(&mut pool, "c2", 900_000, both);
    count(&mut pool, "c1", 800_000, json!([{"sku": "A", "on_hand": 9, "condition": "opened", "lot": "L1"}]));
    assert_eq!(pool.of_kind("A", "north", "opened#L1"), (3, 0));
    count(&mut pool, "c0", 700_000, json!([{"sku": "A", "on_hand": 1, "condition": "opened", "lot": "L2"}]));
    assert_eq!(pool.of_kind("A", "north", "opened#L2"), (1, 0), "of that lot nothing was known");
    let now = pool.now;
    let data = json!({"adjustment": "a1", "place": "north", "reason": "broken", "lines": [
        {"sku": "A", "quantity": -1}, {"sku": "A", "quantity": 1, "condition": "damaged"}]});
    pool.event("stock.adjusted", now, &data);
    assert_eq!((pool.at("A", "north"), pool.of_kind("A", "north", "damaged")), ((4, 0), (1, 0)));
    check(&pool);
}

#[test]
fn returned_units_go_back_in_the_condition_that_they_are_in() {
    let mut pool = Pool::simple();
    pool.policy.restocked_as.insert(Grade::B, "opened".into());
    let lines = json!([
        {"sku": "A", "place": "north", "quantity": 1, "grade": "A"},
        {"sku": "A", "place": "north", "quantity": 2, "grade": "B"},
        {"sku": "A", "place": "north", "quantity": 3, "grade": "B", "condition": "refurbished"},
        {"sku": "A", "place": "north", "quantity": 4}]);
    pool.mail("stock.returned", &json!({"rma": "RMA-1", "id": "D1", "lines": lines}));
    assert_eq!(pool.at("A", "north"), (5, 0));
    assert_eq!(pool.of_kind("A", "north", "opened"), (2, 0));
    assert_eq!(pool.of_kind("A", "north", "refurbished"), (3, 0));
    assert_eq!(balance(&pool, "units.inspection"), -10);
    check(&pool);
}

#[test]
fn lots_that_are_gone_leave_nothing_behind() {
    let mut pool = Pool::simple();
    pool.policy.report_lag = Span::minutes(10);
    for n in 0..50 {
        let lot = format!("L{n}");
        receive(&mut pool, &format!("r{n}"), "north", json!({"sku": "A", "quantity": 2, "lot": lot}));
        let order = format!("shop-{n}");
        assert!(pool.reserve(&order, &[("A", 2)]).short.is_empty());
        let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 2})];
        pool.mail("stock.ship", &json!({"order": order, "shipment": "s", "lines": lines}));
        pool.later(Span::minutes(3));
        check(&pool);
    }
    let Some(Row::Position(p)) = pool.row("p/A") else { panic!("a position") };
    assert!(p.kinds.len() <= 6, "{:?}", p.kinds);
}

#[test]
fn a_kind_that_is_no_id_is_refused() {
    let line = json!({"sku": "A", "quantity": 1, "condition": "a/b"});
    let data = json!({"receipt": "r1", "place": "north", "lines": [line]});
    let fault = Pool::simple().try_turn(&event("stock.received", Time(0), &data)).unwrap_err();
    assert_eq!(fault.code, "bad_data");
    assert!(fault.why.contains("condition"), "{}", fault.why);
}
