//! Transfers: in transit is a place.

use super::journal::check;
use super::*;

fn line(n: i64) -> Value {
    json!([{"sku": "A", "quantity": n}])
}

fn shipped(pool: &mut Pool, n: i64) -> Turn {
    let now = pool.now;
    let data = json!({"transfer": "T1", "from": "north", "to": "south", "lines": line(n)});
    let turn = pool.event("stock.transfer_shipped", now, &data);
    check(pool);
    turn
}

fn received(pool: &mut Pool, receipt: &str, n: i64, more: bool) -> Turn {
    let now = pool.now;
    let data = json!({"transfer": "T1", "receipt": receipt, "to": "south", "more": more, "lines": line(n)});
    let turn = pool.event("stock.transfer_received", now, &data);
    check(pool);
    turn
}

fn lost(pool: &mut Pool) -> Turn {
    let now = pool.now;
    let turn = pool.event("stock.transfer_lost", now, &json!({"transfer": "T1"}));
    check(pool);
    turn
}

fn balance(pool: &Pool, account: &str) -> i64 {
    pool.journal.balances.get(&(account.to_owned(), "A".to_owned())).copied().unwrap_or(0)
}

fn pool() -> Pool {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 10)]);
    pool
}

#[test]
fn what_is_in_transit_is_nowhere_to_be_promised() {
    let mut pool = pool();
    shipped(&mut pool, 4);
    assert_eq!(
        (pool.at("A", "north").0, pool.at("A", "south").0, balance(&pool, "units.transit")),
        (6, 0, 4)
    );
    assert_eq!(wanted(&pool.reserve("shop-1", &[("A", 7)]).short), [("1", 1)]);
    let turn = received(&mut pool, "", 4, false);
    assert_eq!(supplied(&turn), [("shop-1".into(), "south".into(), 1)]);
    assert_eq!((pool.at("A", "south").0, balance(&pool, "units.transit")), (4, 0));
    assert!(codes(&turn).is_empty());
}

#[test]
fn each_report_counts_once() {
    let mut pool = pool();
    shipped(&mut pool, 4);
    assert!(is_silent(&shipped(&mut pool, 4)));
    received(&mut pool, "", 4, false);
    assert!(is_silent(&received(&mut pool, "", 4, false)));
    assert_eq!(pool.at("A", "south").0, 4);
}

#[test]
fn an_arrival_may_be_known_before_the_departure() {
    let mut pool = pool();
    assert!(codes(&received(&mut pool, "", 4, false)).is_empty());
    assert_eq!((pool.at("A", "south").0, balance(&pool, "units.transit")), (4, -4));
    assert!(codes(&shipped(&mut pool, 4)).is_empty());
    assert_eq!((pool.at("A", "north").0, balance(&pool, "units.transit")), (6, 0));
    assert!(codes(&pool.wake()).is_empty(), "it is settled when its time comes");
}

#[test]
fn what_arrives_short_is_an_exception_until_the_rest_comes_or_is_lost() {
    let mut pool = pool();
    shipped(&mut pool, 4);
    let turn = received(&mut pool, "one", 3, false);
    assert_eq!(codes(&turn), ["transfer_differs"]);
    assert!(turn.raise[0].cause.contains("4 shipped, 3 received"), "{}", turn.raise[0].cause);
    let turn = lost(&mut pool);
    assert_eq!((turn.clear.as_slice(), balance(&pool, "units.lost")), (["transfer_differs"].as_slice(), 1));
    assert!(is_silent(&lost(&mut pool)));
    // It turns up after all.
    received(&mut pool, "two", 1, false);
    assert_eq!((balance(&pool, "units.lost"), balance(&pool, "units.transit")), (0, 0));
    assert_eq!(pool.at("A", "south").0, 4);
}

#[test]
fn parts_may_arrive_one_after_the_other() {
    let mut pool = pool();
    shipped(&mut pool, 4);
    assert!(codes(&received(&mut pool, "one", 1, true)).is_empty());
    assert!(codes(&received(&mut pool, "two", 3, false)).is_empty());
    let mut pool = self::pool();
    shipped(&mut pool, 4);
    assert_eq!(codes(&received(&mut pool, "one", 5, false)), ["transfer_differs"], "more than left");
}

#[test]
fn one_that_does_not_arrive_in_time_is_an_exception() {
    let mut pool = pool();
    shipped(&mut pool, 4);
    let turn = pool.wake();
    assert_eq!(codes(&turn), ["transfer_differs"]);
    assert!(pool.now.since(Time(1_000_000)) >= pool.policy.transit);
    let turn = received(&mut pool, "", 4, false);
    assert_eq!(turn.clear, ["transfer_differs"]);
}

#[test]
fn a_pool_that_only_receives_keeps_the_other_half() {
    let (mut out, mut into) = (pool(), Pool::new(StockPolicy::simple("uk", &["south"])));
    out.policy.places.remove(1);
    shipped(&mut out, 4);
    assert!(codes(&shipped(&mut into, 4)).is_empty(), "where it arrives it is only expected");
    assert_eq!(balance(&into, "units.transit"), 0);
    received(&mut into, "", 4, false);
    assert_eq!(balance(&out, "units.transit") + balance(&into, "units.transit"), 0);
    let data = json!({"transfer": "T2", "from": "east", "to": "west", "lines": line(1)});
    let fault = into.try_turn(&event("stock.transfer_shipped", Time(0), &data)).unwrap_err();
    assert_eq!(fault.code, "unknown_place");
    let fault =
        into.try_turn(&event("stock.transfer_lost", Time(0), &json!({"transfer": "T9"}))).unwrap_err();
    assert_eq!(fault.code, "unknown_transfer");
}

/// A transfer that left with two SKUs and of which one came short says which, and counts only the others that differ.
#[test]
fn a_transfer_that_differs_says_in_what() {
    let mut pool = pool();
    pool.receive("r2", "north", &[("B", 10)]);
    let now = pool.now;
    let lines =
        json!([{"sku": "A", "quantity": 4}, {"sku": "B", "quantity": 3}, {"sku": "A", "quantity": 1}]);
    pool.event(
        "stock.transfer_shipped",
        now,
        &json!({"transfer": "T1", "from": "north", "to": "south", "lines": lines}),
    );
    check(&pool);
    let came = json!([{"sku": "A", "quantity": 5}, {"sku": "B", "quantity": 1}]);
    let now = pool.now;
    let turn = pool.event(
        "stock.transfer_received",
        now,
        &json!({"transfer": "T1", "receipt": "a1", "to": "south", "more": false, "lines": came}),
    );
    let raised: Vec<_> = turn.raise.iter().map(|a| a.cause.clone()).collect();
    assert_eq!(raised, ["transfer T1 arrived otherwise than it left: B: 3 shipped, 1 received, 0 lost"]);
    let turn = lost(&mut pool);
    assert_eq!(turn.clear, ["transfer_differs"]);
    assert_eq!((pool.at("A", "south").0, pool.at("B", "south").0), (5, 1));
    assert_eq!(balance(&pool, "units.transit"), 0);
}
