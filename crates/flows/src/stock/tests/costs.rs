//! What an order costs a pool does not grow with what it has seen: rows and bytes are counted, not time.

use super::*;

/// Rows and bytes written, rows loaded.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    written: usize,
    bytes: usize,
    loaded: usize,
}

fn turn(pool: &mut Pool, cost: &mut Cost, stimulus: &Stimulus) {
    let turn = pool.turn(stimulus);
    cost.written += turn.rows.len();
    cost.bytes += encode(&turn.state).unwrap().len();
    for (key, row) in &turn.rows {
        cost.bytes += key.len() + row.as_ref().map_or(0, |row| encode_row(row).unwrap().len());
    }
    cost.loaded += pool.loaded;
    for command in &turn.commands {
        pool.turn(&outcome(&command.key, done()));
    }
}

/// One order's life: reserved and shipped, with a receipt that makes up for it and a timer.
fn order(pool: &mut Pool, n: i64) -> Cost {
    let mut cost = Cost::default();
    let id = format!("shop-{}", 100_000 + n);
    let skus: Vec<String> = (0..4).map(|i| format!("SKU{}", (n * 7 + i * 13) % 50)).collect();
    let lines: Vec<(&str, i64)> = skus.iter().map(|s| (s.as_str(), 1)).collect();
    let mut data = demand(&id, &lines);
    data["channel"] = json!("shop");
    turn(pool, &mut cost, &mail("stock.reserve", &data));
    pool.later(Span::minutes(7));
    turn(pool, &mut cost, &Stimulus::Timer);
    let lines: Vec<Value> = (1..)
        .zip(&skus)
        .map(|(l, s): (usize, _)| json!({"line": l.to_string(), "sku": s, "place": "north", "quantity": 1}))
        .collect();
    let shipped = json!({"order": id, "shipment": format!("S{id}"), "at": pool.now, "lines": lines});
    turn(pool, &mut cost, &mail("stock.ship", &shipped));
    let lines: Vec<Value> = skus.iter().map(|s| json!({"sku": s, "quantity": 1})).collect();
    let data = json!({"receipt": format!("R{}", 100_000 + n), "place": "north", "lines": lines});
    let now = pool.now;
    turn(pool, &mut cost, &event("stock.received", now, &data));
    if n % 50 == 0 {
        let lines: Vec<Value> = (0..50).map(|s| json!({"sku": format!("SKU{s}"), "on_hand": 100})).collect();
        let data = json!({"count": format!("C{n}"), "place": "north", "as_of": now, "lines": lines});
        pool.event("stock.counted", now, &data);
    }
    cost
}

fn year(mut pool: Pool) {
    let skus: Vec<(String, i64)> = (0..50).map(|n| (format!("SKU{n}"), 100)).collect();
    let skus: Vec<(&str, i64)> = skus.iter().map(|(s, n)| (s.as_str(), *n)).collect();
    pool.receive("opening", "north", &skus);
    let mut tenths = [Cost::default(); 10];
    // The first weeks fill the memory of what moved lately.
    for n in 0..200 {
        order(&mut pool, n);
    }
    for n in 0..1_000 {
        let cost = order(&mut pool, 200 + n);
        let sum = &mut tenths[usize::try_from(n / 100).unwrap()];
        sum.written += cost.written;
        sum.bytes += cost.bytes;
        sum.loaded += cost.loaded;
    }
    let (first, last) = (tenths[0], tenths[9]);
    for (what, first, last) in [
        ("rows written", first.written, last.written),
        ("bytes written", first.bytes, last.bytes),
        ("rows loaded", first.loaded, last.loaded),
    ] {
        assert!(last * 10 <= first * 11, "{what}: {first} for the first orders, {last} for the last");
        assert!(first > 0);
    }
    super::journal::check(&pool);
}

#[test]
fn an_order_costs_as_much_at_the_end_of_the_year_as_at_its_start() {
    let mut pool = Pool::simple();
    pool.policy.publish_to = vec!["shop".into()];
    year(pool);
}

#[test]
fn so_it_does_with_channels_and_storefronts_that_compare() {
    let mut pool = Pool::simple();
    pool.journal.unordered = true;
    pool.policy.publish_to = vec!["shop".into(), "market".into()];
    pool.policy.compare.insert("shop".into());
    pool.policy.channels.insert("market".into(), super::super::ChannelRule { share: Some(30), kept: 1 });
    year(pool);
}

/// A case goes on however long its life: it is written anew each turn, and holds no more than what may still matter.
#[test]
fn pitfall_38_the_fifty_thousandth_event_of_a_case_costs_as_much_as_its_thousandth() {
    let mut pool = Pool::simple();
    let mut cost = |n: i64| {
        let lines = [json!({"sku": "A", "quantity": 1})];
        let data = json!({"receipt": format!("R{}", 100_000 + n), "place": "north", "lines": lines});
        let (now, mut cost) = (pool.now, Cost::default());
        pool.later(Span::seconds(1));
        turn(&mut pool, &mut cost, &event("stock.received", now, &data));
        (cost.written, cost.bytes, cost.loaded, pool.at("A", "north").0)
    };
    let costs: Vec<_> = (1..=50_001).map(&mut cost).collect();
    let (early, last) = (costs[999], costs[50_000]);
    assert_eq!((early.0, early.2, last.3), (last.0, last.2, 50_001));
    assert!(last.1 <= early.1 + 16, "{early:?}, {last:?}: its figures have grown by digits only");
}
