//! Checkouts hold units for a time.

use super::journal::check;
use super::*;

fn ask(pool: &mut Pool, hold: &str, minutes: i64, lines: &[(&str, i64)]) -> Value {
    let until = pool.now.plus(Span::minutes(minutes));
    let lines: Vec<Value> = lines.iter().map(|(sku, n)| json!({"sku": sku, "quantity": n})).collect();
    let data = json!({"hold": hold, "channel": "shop", "until": until, "lines": lines});
    let now = pool.now;
    let turn = pool.event("stock.hold_requested", now, &data);
    fact(&turn, "stock.held")
}

fn fact(turn: &Turn, kind: &str) -> Value {
    let found = turn.facts.iter().find(|f| f.kind == kind);
    found.map_or(Value::Null, |f| serde_json::from_str(f.data.get()).unwrap())
}

fn order(pool: &mut Pool, order: &str, hold: &str, lines: &[(&str, i64)]) -> Turn {
    let mut data = demand(order, lines);
    data["hold"] = json!(hold);
    let turn = pool.mail("stock.reserve", &data);
    check(pool);
    turn
}

fn release(pool: &mut Pool, hold: &str) -> Turn {
    let now = pool.now;
    let turn = pool.event("stock.hold_released", now, &json!({"hold": hold}));
    check(pool);
    turn
}

fn shown(pool: &Pool, hold: &str) -> Option<Value> {
    match pool.row(&format!("r/~{hold}")) {
        Some(Row::Order(row)) => Some(super::super::show_hold(hold, &row)),
        _ => None,
    }
}

#[test]
fn a_hold_is_answered_and_nobody_else_gets_its_units() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 3)]);
    let answer = ask(&mut pool, "H1", 10, &[("A", 2), ("B", 1)]);
    check(&pool);
    assert_eq!(answer["lines"], json!([["1", "A", "north", 2]]));
    assert_eq!(answer["short"], json!([["2", "B", 1]]));
    assert_eq!(shown(&pool, "H1").unwrap()["lines"], json!([{"sku": "A", "quantity": 2}]));
    assert_eq!(pool.reserve("shop-1", &[("A", 2)]).short.len(), 1);
    assert!(pool.waiting("B").is_empty(), "what a hold is short of does not wait");
}

#[test]
fn a_hold_asked_again_changes_nothing() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 3)]);
    ask(&mut pool, "H1", 10, &[("A", 2)]);
    let lines = json!([{"sku": "A", "quantity": 1}]);
    let again =
        json!({"hold": "H1", "channel": "shop", "until": pool.now.plus(Span::minutes(20)), "lines": lines});
    let now = pool.now;
    assert!(is_silent(&pool.event("stock.hold_requested", now, &again)));
    release(&mut pool, "H1");
    let now = pool.now;
    assert!(is_silent(&pool.event("stock.hold_requested", now, &again)), "nor after it ended");
}

#[test]
fn an_order_takes_over_what_its_checkout_held_and_the_rest_is_free() {
    let mut pool = Pool::simple();
    pool.receive("r1", "south", &[("A", 3), ("B", 2)]);
    ask(&mut pool, "H1", 10, &[("A", 3), ("B", 1)]);
    pool.receive("r2", "north", &[("A", 5)]);
    pool.reserve("shop-9", &[("C", 1)]);
    let turn = order(&mut pool, "shop-1", "H1", &[("A", 2), ("B", 2)]);
    let answer = &told::<Reserved>(&turn, "stock.reserved")[0];
    assert_eq!(held(&answer.lines), [("1", "south", 2), ("2", "south", 2)]);
    assert_eq!(fact(&turn, "stock.hold_ended")["how"], "taken_over");
    assert_eq!((pool.at("A", "south"), pool.at("B", "south")), ((3, 2), (2, 2)));
    assert_eq!(shown(&pool, "H1").unwrap()["order"], "shop-1");
    for turn in [release(&mut pool, "H1"), pool.wake()] {
        assert!(fact(&turn, "stock.hold_ended").is_null(), "it ended once");
    }
    assert_eq!(pool.at("A", "south"), (3, 2));
    assert!(shown(&pool, "H1").is_none());
    check(&pool);
}

#[test]
fn a_buyer_that_goes_away_leaves_its_units_to_who_waits() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 1)]);
    ask(&mut pool, "H1", 10, &[("A", 1)]);
    pool.reserve("shop-1", &[("A", 1)]);
    let turn = release(&mut pool, "H1");
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 1)]);
    assert!(is_silent(&release(&mut pool, "H1")));
    let turn = order(&mut pool, "shop-2", "H1", &[("A", 1)]);
    assert_eq!(wanted(&told::<Reserved>(&turn, "stock.reserved")[0].short), [("1", 1)]);
}

#[test]
fn a_hold_expires_not_before_its_time_and_within_a_minute_of_it() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 1)]);
    ask(&mut pool, "H1", 10, &[("A", 1)]);
    pool.reserve("shop-1", &[("A", 1)]);
    let until = pool.now.plus(Span::minutes(10));
    pool.now = until.plus(Span::millis(-1));
    assert!(pool.turn(&Stimulus::Timer).facts.is_empty());
    let turn = pool.wake();
    assert!(pool.now >= until && pool.now <= until.plus(Span::minutes(1)));
    assert_eq!(fact(&turn, "stock.hold_ended")["how"], "expired");
    assert_eq!(supplied(&turn), [("shop-1".into(), "north".into(), 1)]);
    assert!(shown(&pool, "H1").is_none());
    assert_eq!(turn.due, None, "nothing is due any more");
    check(&pool);
    let turn = order(&mut pool, "shop-2", "H1", &[("A", 1)]);
    assert_eq!(wanted(&told::<Reserved>(&turn, "stock.reserved")[0].short), [("1", 1)], "too late");
}

#[test]
fn a_hold_that_is_over_or_too_long_is_refused_with_a_definite_answer() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 1)]);
    for (hold, minutes, why) in [("H1", 0, "expired"), ("H2", 61, "too_long")] {
        let answer = ask(&mut pool, hold, minutes, &[("A", 1)]);
        assert_eq!((&answer["refused"], &answer["short"]), (&json!(why), &json!([["1", "A", 1]])));
    }
    assert_eq!(pool.at("A", "north"), (1, 0));
}

#[test]
fn many_holds_of_one_minute_end_in_several_turns() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 250)]);
    for n in 0..250 {
        ask(&mut pool, &format!("H{n}"), 5, &[("A", 1)]);
    }
    let mut turns = 0;
    while pool.state().unwrap().buckets.first().is_some() {
        pool.wake();
        turns += 1;
    }
    assert_eq!((turns, pool.at("A", "north")), (3, (250, 0)));
    check(&pool);
    assert!(pool.all_rows().all(|(key, _)| !key.starts_with("r/~") && !key.starts_with("e/")));
}

#[test]
fn a_count_cuts_holds_before_orders() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 4)]);
    ask(&mut pool, "H1", 30, &[("A", 2)]);
    pool.reserve("shop-1", &[("A", 2)]);
    pool.later(Span::minutes(1));
    let turn = pool.count("c1", "north", pool.now.0, &[("A", 3)]);
    let ended = fact(&turn, "stock.hold_ended");
    assert_eq!((&ended["how"], &ended["lines"]), (&json!("withdrawn"), &json!([["1", "A", "north", 1]])));
    assert!(codes(&turn).is_empty() && turn.messages.is_empty(), "no order loses anything");
    assert_eq!(pool.at("A", "north"), (3, 3));
    check(&pool);
}

/// Pitfalls 27 and 28: the last unit, two hundred buyers through orders and checkouts, a count in between.
#[test]
fn pitfall_28_the_last_unit_has_one_winner_and_everybody_else_an_answer() {
    for seed in 0..50 {
        let mut dice = super::histories::Dice(seed);
        let mut pool = Pool::simple();
        pool.receive("r1", if seed % 2 == 0 { "north" } else { "south" }, &[("A", 1)]);
        let counted = dice.below(200);
        let (mut winners, mut answers) = (0, 0);
        for n in 0..200 {
            if n == counted {
                pool.later(Span::seconds(1));
                let place = if seed % 2 == 0 { "north" } else { "south" };
                let now = pool.now.0;
                pool.count("c1", place, now, &[("A", 1)]);
            }
            if dice.one_in(3) {
                let answer = ask(&mut pool, &format!("H{n}"), 30, &[("A", 1)]);
                let (got, short) = (answer["lines"].as_array().unwrap().len(), answer["short"].is_array());
                assert_ne!(got == 1, short, "seed {seed}: definite");
                winners += got;
            } else {
                let answer = pool.reserve(&format!("shop-{n}"), &[("A", 1)]);
                assert_ne!(answer.lines.len() == 1, answer.short.len() == 1, "seed {seed}: definite");
                winners += answer.lines.len();
            }
            answers += 1;
            if n % 50 == counted % 50 {
                check(&pool);
            }
        }
        check(&pool);
        assert_eq!((winners, answers), (1, 200), "seed {seed}");
        assert_eq!(pool.at("A", if seed % 2 == 0 { "north" } else { "south" }), (1, 1));
    }
}

/// Two lines of one SKU share what was held for it, and never have more of it.
#[test]
fn lines_of_one_sku_share_what_their_checkout_held() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 10)]);
    ask(&mut pool, "h1", 15, &[("A", 5)]);
    pool.reserve("shop-9", &[("A", 5)]);
    order(&mut pool, "shop-1", "h1", &[("A", 2), ("A", 4)]);
    assert_eq!(pool.at("A", "north"), (10, 10));
    assert_eq!(pool.waiting("A"), [("shop-1".into(), 1)]);
    check(&pool);
}

/// What was held at two places is taken over as far as it is wanted; the rest is free.
#[test]
fn no_more_is_taken_over_than_is_wanted() {
    let mut pool = Pool::simple();
    pool.receive("r1", "north", &[("A", 2)]);
    pool.receive("r2", "south", &[("A", 2)]);
    ask(&mut pool, "h1", 15, &[("A", 4)]);
    order(&mut pool, "shop-1", "h1", &[("A", 2)]);
    assert_eq!(pool.at("A", "north").1 + pool.at("A", "south").1, 2);
    check(&pool);
}
