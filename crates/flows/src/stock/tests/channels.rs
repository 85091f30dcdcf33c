//! Channels that do not get all there is.

use super::super::ChannelRule;
use super::journal::check;
use super::*;

fn pool(rules: &[(&str, ChannelRule)]) -> Pool {
    let mut pool = Pool::simple();
    pool.journal.unordered = true;
    pool.policy.channels = rules.iter().map(|(c, r)| ((*c).to_owned(), *r)).collect();
    pool.policy.publish_to = vec!["shop".into(), "market".into()];
    pool
}

fn share(percent: u8) -> ChannelRule {
    ChannelRule { share: Some(percent), kept: 0 }
}

fn kept(units: i64) -> ChannelRule {
    ChannelRule { share: None, kept: units }
}

/// Units that an order gets.
fn reserve(pool: &mut Pool, channel: &str, order: &str, quantity: i64) -> i64 {
    let mut data = demand(order, &[("A", quantity)]);
    data["channel"] = json!(channel);
    let turn = pool.mail("stock.reserve", &data);
    check(pool);
    told::<Reserved>(&turn, "stock.reserved")[0].lines.iter().map(|l| l.quantity).sum()
}

/// What each channel is shown of A, once all is published.
fn shown(pool: &mut Pool) -> BTreeMap<String, i64> {
    let mut shown = BTreeMap::new();
    for _ in 0..10 {
        let turn = pool.wake();
        for c in &turn.commands {
            let args: Value = serde_json::from_str(c.args.get()).unwrap();
            shown.insert(c.at.clone(), args["items"][0]["available"].as_i64().unwrap());
        }
        for c in &turn.commands {
            pool.turn(&outcome(&c.key, done()));
        }
        if !pool.state().unwrap().is_dirty() {
            break;
        }
    }
    shown
}

fn figures(shop: i64, market: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([("shop".to_owned(), shop), ("market".to_owned(), market)])
}

#[test]
fn a_share_is_the_most_that_a_channel_holds_and_is_shown() {
    let mut pool = pool(&[("market", share(30))]);
    pool.receive("r1", "north", &[("A", 10)]);
    assert_eq!(shown(&mut pool), figures(10, 3));
    assert_eq!(reserve(&mut pool, "market", "market-1", 5), 3);
    assert_eq!(reserve(&mut pool, "market", "market-2", 1), 0, "not its share of the rest again");
    assert_eq!(shown(&mut pool), figures(7, 0));
    assert_eq!(reserve(&mut pool, "shop", "shop-1", 8), 7, "who waits for its share keeps nobody back");
    assert_eq!(pool.waiting("A"), [("market-1".into(), 2), ("market-2".into(), 1), ("shop-1".into(), 1)]);
    // Ten more: the market may have 30 % of what is available to it, which is what is free and what it holds.
    let turn = pool.receive("r2", "south", &[("A", 10)]);
    check(&pool);
    assert_eq!(supplied(&turn), [("shop-1".into(), "south".into(), 1)], "it has 3 of 13 already");
    assert_eq!(pool.at("A", "south"), (10, 1));
}

#[test]
fn what_ended_counts_no_more() {
    let mut pool = pool(&[("market", share(50))]);
    pool.receive("r1", "north", &[("A", 4)]);
    assert_eq!(reserve(&mut pool, "market", "market-1", 2), 2);
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 2})];
    pool.mail("stock.ship", &json!({"order": "market-1", "shipment": "s1", "lines": lines}));
    check(&pool);
    assert_eq!(shown(&mut pool), figures(2, 1));
    assert_eq!(reserve(&mut pool, "market", "market-2", 2), 1);
}

#[test]
fn what_is_kept_for_a_channel_no_other_gets() {
    let mut pool = pool(&[("market", kept(4))]);
    pool.receive("r1", "north", &[("A", 6)]);
    assert_eq!(shown(&mut pool), figures(2, 6));
    assert_eq!(reserve(&mut pool, "shop", "shop-1", 5), 2);
    assert_eq!(shown(&mut pool), figures(0, 4));
    assert_eq!(reserve(&mut pool, "market", "market-1", 9), 4);
    assert_eq!(shown(&mut pool), figures(0, 0));
    pool.receive("r2", "north", &[("A", 5)]);
    check(&pool);
    assert_eq!(
        pool.waiting("A"),
        [("shop-1".into(), 2), ("market-1".into(), 1)],
        "the one that came first got one, the market what is kept for it"
    );
}

#[test]
fn more_kept_than_there_is_shows_nothing_and_never_less() {
    let mut pool = pool(&[("market", kept(100)), ("till", kept(100))]);
    pool.count("c1", "north", 900_000, &[("A", 6)]);
    assert_eq!(shown(&mut pool), figures(0, 0));
    assert_eq!(reserve(&mut pool, "shop", "shop-1", 1), 0);
}

#[test]
fn an_order_from_before_the_rule_counts_for_nobody() {
    let mut pool = pool(&[]);
    pool.receive("r1", "north", &[("A", 10)]);
    assert_eq!(reserve(&mut pool, "market", "market-1", 5), 5);
    pool.policy.channels.insert("market".into(), share(20));
    assert_eq!(reserve(&mut pool, "market", "market-2", 5), 1);
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 5})];
    pool.mail("stock.release", &json!({"order": "market-1", "reason": "cancelled", "lines": lines}));
    check(&pool);
}
