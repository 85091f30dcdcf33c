//! Publication to storefronts that compare, and what they show of it.

use super::*;
use retail::envelope::Command;

fn pool() -> Pool {
    let mut policy = StockPolicy::simple("uk", &["north"]);
    policy.publish_to = vec!["shop".into()];
    policy.compare.insert("shop".into());
    let mut pool = Pool::new(policy);
    pool.receive("r1", "north", &[("A", 5)]);
    pool
}

/// (available, expected) of A in a publication.
fn figures(command: &Command) -> (i64, Option<i64>) {
    let args: Value = serde_json::from_str(command.args.get()).unwrap();
    let item = &args["items"][0];
    (item["available"].as_i64().unwrap(), item["expected"].as_i64())
}

fn publish(pool: &mut Pool, answer: Outcome) -> ((i64, Option<i64>), Turn) {
    let sent = pool.wake();
    let [command] = &sent.commands[..] else { panic!("one publication, not {:?}", sent.commands) };
    (figures(command), pool.turn(&outcome(&command.key, answer)))
}

fn differs() -> Outcome {
    Outcome::Refused { code: "compare_failed".into(), message: "4 there, 5 expected".into() }
}

fn shows(pool: &mut Pool, available: i64) -> Turn {
    pool.later(Span::seconds(1));
    let now = pool.now;
    let lines = [json!({"sku": "A", "available": available})];
    pool.event("stock.shown", now, &json!({"channel": "shop", "lines": lines}))
}

#[test]
fn what_was_told_last_is_expected_to_be_there() {
    let mut pool = pool();
    assert_eq!(publish(&mut pool, done()).0, (5, None), "nothing is known yet");
    pool.reserve("shop-1", &[("A", 2)]);
    assert_eq!(publish(&mut pool, done()).0, (3, Some(5)));
    pool.reserve("shop-2", &[("A", 1)]);
    assert_eq!(publish(&mut pool, done()).0, (2, Some(3)));
}

#[test]
fn a_storefront_that_does_not_compare_is_expected_nothing_of() {
    let mut pool = pool();
    pool.policy.compare.clear();
    publish(&mut pool, done());
    pool.reserve("shop-1", &[("A", 2)]);
    assert_eq!(publish(&mut pool, done()).0, (3, None));
}

#[test]
fn a_failed_comparison_is_published_anew_at_once_but_not_for_ever() {
    let mut pool = pool();
    publish(&mut pool, done());
    pool.reserve("shop-1", &[("A", 2)]);
    let (sent, turn) = publish(&mut pool, differs());
    assert_eq!((sent, turn.due), ((3, Some(5)), Some(pool.now)));
    assert!(codes(&turn).is_empty());
    for _ in 0..2 {
        let (sent, turn) = publish(&mut pool, differs());
        assert_eq!(sent, (3, None), "what it reads itself is compared with");
        assert_eq!(turn.due, Some(pool.now));
    }
    let (_, turn) = publish(&mut pool, differs());
    assert_eq!(codes(&turn), ["stock_not_published"]);
    assert_eq!(turn.due, Some(pool.now.plus(pool.policy.publish_retry)));
    let (sent, turn) = publish(&mut pool, done());
    assert_eq!((sent, turn.clear.as_slice()), ((3, None), ["stock_not_published"].as_slice()));
    pool.reserve("shop-2", &[("A", 1)]);
    assert_eq!(publish(&mut pool, done()).0, (2, Some(3)), "trusted again");
}

/// Pitfall 30.
#[test]
fn pitfall_30_the_echo_of_a_publication_causes_none() {
    let mut pool = pool();
    publish(&mut pool, done());
    let before = pool.state();
    for _ in 0..20 {
        assert!(is_silent(&shows(&mut pool, 5)));
    }
    assert_eq!(pool.state(), before);
    let old =
        event("stock.shown", Time(0), &json!({"channel": "shop", "lines": [{"sku": "A", "available": 9}]}));
    assert!(is_silent(&pool.turn(&old)), "what it showed before is no news");
    let strange = json!({"channel": "till", "lines": [{"sku": "A", "available": 9}]});
    let now = pool.now;
    assert!(is_silent(&pool.event("stock.shown", now, &strange)));
}

/// Pitfall 30.
#[test]
fn pitfall_30_a_figure_that_somebody_else_set_is_put_right_a_few_times_and_then_contested() {
    let mut pool = pool();
    publish(&mut pool, done());
    for _ in 0..3 {
        assert!(codes(&shows(&mut pool, 99)).is_empty());
        assert_eq!(publish(&mut pool, done()).0, (5, Some(99)));
    }
    for _ in 0..10 {
        let turn = shows(&mut pool, 99);
        assert_eq!(codes(&turn), ["stock_contested"]);
        assert!(!turn.open && pool.wake().commands.is_empty(), "the loop has ended");
    }
    // A change of our own is published, and from then on it is put right again.
    pool.reserve("shop-1", &[("A", 1)]);
    assert_eq!(publish(&mut pool, done()).0, (4, Some(99)));
    assert_eq!(shows(&mut pool, 4).clear, ["stock_contested"]);
}

#[test]
fn what_is_about_to_be_published_is_not_put_right_besides() {
    let mut pool = pool();
    publish(&mut pool, done());
    pool.reserve("shop-1", &[("A", 1)]);
    assert!(is_silent(&shows(&mut pool, 5)), "the change is on its way");
}
