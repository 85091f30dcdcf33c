//! Publication of what is available.

use super::*;
use retail::envelope::Command;

fn pool(max: u64) -> Pool {
    let mut policy = StockPolicy::simple("uk", &["north", "south"]);
    policy.publish_to = vec!["shop".into()];
    policy.publish_max = max;
    Pool::new(policy)
}

fn tick(pool: &mut Pool) -> Turn {
    if let Some(due) = pool.state().and_then(|s| s.due) {
        pool.now = pool.now.max(Time(due));
    }
    pool.turn(&Stimulus::Timer)
}

fn items(command: &Command) -> Vec<(String, i64)> {
    let args: Value = serde_json::from_str(command.args.get()).unwrap();
    let item = |i: &Value| (i["sku"].as_str().unwrap().to_owned(), i["available"].as_i64().unwrap());
    args["items"].as_array().unwrap().iter().map(item).collect()
}

#[test]
fn changes_are_gathered_and_sent_once_with_the_figures_of_then() {
    let mut pool = pool(10);
    let turn = pool.receive("r1", "north", &[("A", 5), ("B", 1)]);
    assert_eq!(turn.due, Some(pool.now.plus(pool.policy.publish_every)));
    assert!(turn.open);
    pool.reserve("shop-1", &[("A", 2)]);
    assert!(pool.turn(&Stimulus::Timer).commands.is_empty(), "not yet");
    let turn = tick(&mut pool);
    let [command] = &turn.commands[..] else { panic!("one command") };
    assert_eq!(items(command), [("A".into(), 3), ("B".into(), 1)]);
    assert_eq!(
        (command.role.as_str(), command.at.as_str(), command.op.as_str()),
        ("storefront", "shop", "publish_stock")
    );
    assert_eq!((command.object.as_str(), command.key.as_str()), ("stock/main", "publish_stock:main-1-shop"));
    assert!(turn.open && turn.due.is_none());
    let key = command.key.clone();
    let turn = pool.turn(&outcome(&key, done()));
    assert!(!turn.open && turn.due.is_none());
    assert_eq!(pool.row("d/1"), None);
}

#[test]
fn what_does_not_change_availability_is_not_published() {
    let mut pool = pool(10);
    pool.receive("r1", "north", &[("A", 5)]);
    pool.reserve("shop-1", &[("A", 2)]);
    let key = tick(&mut pool).commands[0].key.clone();
    pool.turn(&outcome(&key, done()));
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 2})];
    let turn = pool.mail("stock.ship", &json!({"order": "shop-1", "shipment": "s1", "lines": lines}));
    assert!(!turn.open, "reserved units left: as many are available as before");
    pool.reserve("shop-2", &[("B", 1)]);
    assert!(!pool.state().unwrap().is_dirty(), "waiting demand alone keeps nothing open");
}

#[test]
fn one_chunk_is_under_way_at_a_time_and_changes_meanwhile_go_into_the_next() {
    let mut pool = pool(2);
    pool.receive("r1", "north", &[("A", 1), ("B", 1), ("C", 1)]);
    let turn = tick(&mut pool);
    let first = turn.commands[0].key.clone();
    assert_eq!(items(&turn.commands[0]), [("A".into(), 1), ("B".into(), 1)]);
    pool.reserve("shop-1", &[("A", 1)]);
    pool.reserve("shop-2", &[("A", 1)]);
    assert!(tick(&mut pool).commands.is_empty(), "the first is still under way");
    let turn = pool.turn(&outcome(&first, done()));
    assert_eq!(turn.due, Some(pool.now), "a full chunk waits: at once");
    let turn = tick(&mut pool);
    assert_eq!(items(&turn.commands[0]), [("C".into(), 1), ("A".into(), 0)]);
    let args: Value = serde_json::from_str(turn.commands[0].args.get()).unwrap();
    assert_eq!((args["seq"].as_i64(), args["id"].as_str()), (Some(2), Some("main-2-shop")));
    let second = turn.commands[0].key.clone();
    assert!(!pool.turn(&outcome(&second, done())).open);
}

#[test]
fn a_refused_publication_is_sent_again_later_with_the_figures_of_then() {
    let mut pool = pool(10);
    pool.receive("r1", "north", &[("A", 5)]);
    let key = tick(&mut pool).commands[0].key.clone();
    let refused = Outcome::Refused { code: "bad".into(), message: "no such item".into() };
    let turn = pool.turn(&outcome(&key, refused));
    assert_eq!(codes(&turn), ["stock_not_published"]);
    assert_eq!(turn.due, Some(pool.now.plus(pool.policy.publish_retry)));
    pool.reserve("shop-1", &[("A", 1)]);
    let turn = tick(&mut pool);
    assert_eq!(items(&turn.commands[0]), [("A".into(), 4)]);
    assert_eq!(turn.commands[0].key, "publish_stock:main-2-shop", "other figures, another key");
    let key = turn.commands[0].key.clone();
    let turn = pool.turn(&outcome(&key, done()));
    assert_eq!(turn.clear, ["stock_not_published"]);
    assert!(!turn.open);
}

#[test]
fn unknown_leaves_it_under_way_and_a_stranger_or_a_late_outcome_changes_nothing() {
    let mut pool = pool(10);
    pool.receive("r1", "north", &[("A", 5)]);
    let key = tick(&mut pool).commands[0].key.clone();
    assert!(pool.turn(&outcome(&key, Outcome::Unknown { why: "time-out".into() })).open);
    assert!(pool.turn(&outcome("publish_stock:main-9-shop", done())).open);
    assert!(!pool.turn(&outcome(&key, done())).open);
    assert!(!pool.turn(&outcome(&key, done())).open);
}

#[test]
fn several_storefronts_must_all_have_it() {
    let mut pool = pool(10);
    pool.policy.publish_to.push("market".into());
    pool.receive("r1", "north", &[("A", 5)]);
    let turn = tick(&mut pool);
    assert_eq!(turn.commands.len(), 2);
    assert!(pool.turn(&outcome(&turn.commands[0].key, done())).open);
    assert!(!pool.turn(&outcome(&turn.commands[1].key, done())).open);
}

#[test]
fn a_sku_is_made_known_by_its_first_count_though_there_is_none() {
    let mut pool = pool(10);
    pool.count("c1", "north", 900_000, &[("A", 0)]);
    assert_eq!(items(&tick(&mut pool).commands[0]), [("A".into(), 0)]);
}

#[test]
fn switching_publication_off_drops_what_waits_for_it() {
    let mut pool = pool(1);
    pool.receive("r1", "north", &[("A", 5), ("B", 1)]);
    pool.policy.publish_to.clear();
    assert!(!tick(&mut pool).open);
    assert!(pool.all_rows().all(|(key, _)| !key.starts_with("d/")));
}

#[test]
fn a_storefront_that_keeps_stock_by_place_is_told_each_places_figures_and_again_when_it_booked_by_itself() {
    let mut policy = StockPolicy::simple("uk", &["north", "south"]);
    policy.publish_to = vec!["shop".into(), "market".into()];
    policy.by_place = ["shop".to_owned()].into();
    let mut pool = Pool::new(policy);
    pool.receive("r1", "north", &[("A", 5)]);
    pool.receive("r2", "south", &[("A", 3)]);
    pool.reserve("shop-1", &[("A", 2)]);
    let places = |command: &Command| {
        let args: Value = serde_json::from_str(command.args.get()).unwrap();
        args["items"][0]["places"].clone()
    };
    let turn = tick(&mut pool);
    let [shop, market] = &turn.commands[..] else { panic!("two commands") };
    assert_eq!(
        places(shop),
        json!([
            {"place": "north", "on_hand": 5, "available": 3},
            {"place": "south", "on_hand": 3, "available": 3}
        ])
    );
    assert_eq!(places(market), Value::Null);
    for command in turn.commands.clone() {
        pool.turn(&outcome(&command.key, done()));
    }
    // What leaves changes no availability, and yet what is there.
    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": 2})];
    pool.mail("stock.ship", &json!({"order": "shop-1", "shipment": "s1", "lines": lines}));
    let turn = tick(&mut pool);
    assert_eq!(places(&turn.commands[0])[0], json!({"place": "north", "on_hand": 3, "available": 3}));
    for command in turn.commands.clone() {
        pool.turn(&outcome(&command.key, done()));
    }
    assert!(!pool.state().unwrap().is_dirty());
    pool.mail("stock.shelf_touched", &json!({"channel": "market", "skus": ["A"]}));
    assert!(!pool.state().unwrap().is_dirty(), "one that keeps no places has booked nothing");
    pool.mail("stock.shelf_touched", &json!({"channel": "shop", "skus": ["A", "NEVER-SEEN"]}));
    let turn = tick(&mut pool);
    assert_eq!(places(&turn.commands[0])[0], json!({"place": "north", "on_hand": 3, "available": 3}));
    assert_eq!(turn.commands.len(), 2);
}
