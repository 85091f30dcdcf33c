//! Random histories: the rules hold after every step, whatever comes in whatever order.

use super::journal::check;
use super::*;

/// SplitMix64: the same seed, the same history.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.next() % u64::try_from(to - from + 1).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const SEEDS: u64 = 200;
const SKUS: [&str; 4] = ["A", "B", "C", "DOT COM"];
const CHANNELS: [&str; 2] = ["shop", "market"];
const SUPPLIES: [&str; 2] = ["PO1", "PO2"];
const PLACES: [&str; 3] = ["north", "south", "store"];

/// How often each rare thing happened, so that the histories are known to reach it.
#[derive(Debug, Default)]
struct Reached {
    short: u64,
    supplied: u64,
    split: u64,
    excess: u64,
    unreserved: u64,
    repeats: u64,
    stale: u64,
    published: u64,
    withdrawn: u64,
    given_up: u64,
    taken_over: u64,
    expired: u64,
    promised: u64,
    in_transit: u64,
    other_kinds: u64,
}

/// The number of a step before this one.
fn earlier(dice: &mut Dice, n: u64) -> u64 {
    n.saturating_sub(1 + dice.next() % 20)
}

fn next(dice: &mut Dice, pool: &Pool, n: u64) -> (Stimulus, bool) {
    let place = *dice.pick(&PLACES);
    let sku = *dice.pick(&SKUS);
    let id = format!("id{n}");
    let (kind, data) = match dice.below(18) {
        0..=3 => {
            let lines: Vec<(&str, i64)> =
                (0..dice.between(1, 4)).map(|_| (*dice.pick(&SKUS), dice.between(1, 6))).collect();
            let mut data = demand(&format!("shop-{n}"), &lines);
            data["channel"] = json!(dice.pick(&CHANNELS));
            if dice.one_in(3) {
                data["hold"] = json!(format!("H{}", earlier(dice, n)));
            }
            return (mail("stock.reserve", &data), true);
        }
        4 | 5 => {
            let quantity = dice.between(1, 9);
            let mut data =
                json!({"receipt": id, "place": place, "lines": [{"sku": sku, "quantity": quantity}]});
            if pool.journal.unordered && dice.one_in(3) {
                data["supply"] = json!(dice.pick(&SUPPLIES));
            }
            if dice.one_in(5) {
                data["lines"][0]["condition"] = json!(dice.pick(&["opened", "damaged"]));
                data["lines"][0]["lot"] = json!(dice.pick(&["L1", "L2"]));
            }
            ("stock.received", data)
        }
        13 | 14 => {
            let lines: Vec<Value> = (0..dice.between(1, 2))
                .map(|_| json!({"sku": dice.pick(&SKUS), "quantity": dice.between(1, 4)}))
                .collect();
            let until = pool.now.plus(Span::seconds(dice.between(1, 90)));
            // Asked again after its time it would be refused: an answer, and not silence.
            let data = json!({"hold": format!("H{n}"), "channel": dice.pick(&CHANNELS), "until": until, "lines": lines});
            return (event("stock.hold_requested", pool.now, &data), false);
        }
        15 => {
            let data = json!({"hold": format!("H{}", earlier(dice, n))});
            return (event("stock.hold_released", pool.now, &data), true);
        }
        16 => {
            let (transfer, quantity) = (format!("T{}", n / 8), dice.between(1, 5));
            let lines = [json!({"sku": SKUS[usize::try_from(n / 8).unwrap() % 4], "quantity": quantity})];
            match dice.below(3) {
                0 => {
                    let data = json!({"transfer": transfer, "from": "north", "to": "south", "lines": lines});
                    ("stock.transfer_shipped", data)
                }
                _ => {
                    let receipt = dice.pick(&["", "one", "two"]);
                    let data =
                        json!({"transfer": transfer, "receipt": receipt, "to": "south", "lines": lines});
                    ("stock.transfer_received", data)
                }
            }
        }
        17 => {
            let date = dice.pick(&["2026-12-01", "2026-12-10", "2026-12-24"]);
            let lines: Vec<Value> = (0..dice.below(3))
                .map(|_| json!({"sku": dice.pick(&SKUS), "quantity": dice.between(1, 9), "date": date}))
                .collect();
            let data = json!({"supply": dice.pick(&SUPPLIES), "place": place, "lines": lines});
            return (event("stock.expected", pool.now, &data), false);
        }
        6 => {
            let quantity = if dice.one_in(2) { dice.between(1, 3) } else { -dice.between(1, 3) };
            (
                "stock.adjusted",
                json!({"adjustment": id, "place": place, "lines": [{"sku": sku, "quantity": quantity}]}),
            )
        }
        7 => {
            let as_of = Time(pool.now.0 - dice.between(0, 60_000));
            let on_hand = (pool.at(sku, place).0 + dice.between(-4, 3)).max(0);
            let lines = [json!({"sku": sku, "on_hand": on_hand})];
            ("stock.counted", json!({"count": id, "place": place, "as_of": as_of, "lines": lines}))
        }
        8 => {
            let lines = [json!({"sku": sku, "place": place, "quantity": dice.between(1, 2)})];
            return (mail("stock.returned", &json!({"rma": "RMA-1", "id": id, "lines": lines})), true);
        }
        _ => return about_an_order(dice, pool, &id),
    };
    let occurred = Time(pool.now.0 - dice.between(0, 5_000));
    (event(kind, occurred, &data), true)
}

/// Something that an order with open reservations says; and whether it may be repeated at will.
fn about_an_order(dice: &mut Dice, pool: &Pool, id: &str) -> (Stimulus, bool) {
    let orders: Vec<(String, super::super::state::OrderRow)> = pool
        .all_rows()
        .filter_map(|(key, row)| match row {
            Row::Order(o) if !o.held.is_empty() && o.until.is_none() => {
                Some((key.strip_prefix("r/").unwrap().to_owned(), o))
            }
            _ => None,
        })
        .collect();
    if orders.is_empty() {
        return (Stimulus::Timer, false);
    }
    let (order, row) = dice.pick(&orders);
    let (line, sku, place, held) = dice.pick(&row.held);
    let mut place = pool.state().unwrap().place_name(super::super::spot::place_of(*place)).to_owned();
    let mut quantity = dice.between(1, *held);
    match dice.below(4) {
        0 => {
            let lines = [json!({"line": line, "sku": sku, "place": place, "quantity": quantity})];
            let waiting = [json!({"line": line, "sku": sku, "quantity": dice.between(1, 3)})];
            let data = json!({"order": order, "reason": "cancelled", "lines": lines, "waiting": waiting});
            (mail("stock.release", &data), false)
        }
        1 => {
            let lines = [json!({"line": line, "sku": sku, "place": place, "quantity": quantity})];
            (mail("stock.missing", &json!({"order": order, "fulfilment": "F1", "lines": lines})), false)
        }
        _ => {
            if dice.one_in(8) {
                place = (*dice.pick(&PLACES)).to_owned();
            }
            if dice.one_in(12) {
                quantity += dice.between(1, 3);
            }
            let at = Time(pool.now.0 - dice.between(0, 5_000));
            let lines = [json!({"line": line, "sku": sku, "place": place, "quantity": quantity})];
            (mail("stock.ship", &json!({"order": order, "shipment": id, "at": at, "lines": lines})), true)
        }
    }
}

fn history(seed: u64, reached: &mut Reached) {
    let mut dice = Dice(seed);
    let mut policy = StockPolicy::simple("uk", &PLACES);
    policy.places[1].safety = i64::from(dice.one_in(2)) * 2;
    policy.publish_to = vec!["shop".into()];
    policy.publish_max = 2;
    if dice.one_in(2) {
        policy.sellable.push("opened".into());
    }
    // Half of them keep strictly to the order of arrival.
    let unordered = seed % 2 == 1;
    if unordered {
        let share = (!dice.one_in(3)).then_some(40);
        let rule = super::super::ChannelRule { share, kept: dice.between(0, 2) };
        policy.channels.insert("market".into(), rule);
    }
    if dice.one_in(2) {
        policy.compare.insert("shop".into());
    }
    let mut pool = Pool::new(policy);
    pool.journal.unordered = unordered;
    let mut repeatable: Vec<Stimulus> = Vec::new();
    let mut shown: BTreeMap<String, i64> = BTreeMap::new();
    let mut flying: Vec<String> = Vec::new();
    let mut mailbox: Vec<Stimulus> = Vec::new();
    for n in 0..100 {
        pool.later(Span::millis(dice.between(0, 3_000)));
        let repeat = !repeatable.is_empty() && dice.one_in(6);
        if repeat {
            let again = dice.pick(&repeatable).clone();
            let turn = pool.turn(&again);
            assert!(is_silent(&turn), "seed {seed} step {n}: {again:?} again gave {turn:?}");
            reached.repeats += 1;
            continue;
        }
        let (stimulus, may_repeat) = if !flying.is_empty() && dice.one_in(3) {
            let key = flying.remove(0);
            let refused = Outcome::Refused { code: "busy".into(), message: "no".into() };
            (outcome(&key, if dice.one_in(5) { refused } else { done() }), false)
        } else if !mailbox.is_empty() && dice.one_in(2) {
            reached.given_up += 1;
            (mailbox.remove(0), false)
        } else if dice.one_in(5) {
            (Stimulus::Timer, false)
        } else {
            next(&mut dice, &pool, n)
        };
        let turn = pool.turn(&stimulus);
        note(&turn, reached);
        for lost in told::<super::super::messages::Withdrawn>(&turn, "stock.withdrawn") {
            // An order gives up what it has not passed on.
            if dice.one_in(2) {
                mailbox.push(mail("stock.given_up", &json!({"order": lost.order, "lines": lost.lines})));
            }
        }
        if may_repeat {
            repeatable.push(stimulus);
        }
        publish(&turn, &mut shown, &mut flying);
        check(&pool);
    }
    settle(&mut pool, &mut shown, &mut flying);
    for (key, row) in pool.all_rows() {
        if let (Some(sku), Row::Position(p)) = (key.strip_prefix("p/"), row) {
            let free =
                super::super::audit::available_to(&pool.policy, &pool.state().unwrap(), (sku, &p), "shop");
            assert_eq!(shown.get(sku).copied().unwrap_or(0), free, "seed {seed}: {sku} is shown wrong");
        }
    }
}

fn note(turn: &Turn, reached: &mut Reached) {
    for answer in told::<Reserved>(turn, "stock.reserved") {
        reached.short += u64::from(!answer.short.is_empty());
        let places: std::collections::BTreeSet<_> = answer.lines.iter().map(|l| &l.place).collect();
        reached.split += u64::from(places.len() > 1);
    }
    reached.supplied += u64::from(!supplied(turn).is_empty());
    reached.excess += u64::from(codes(turn).contains(&"stock_short"));
    reached.unreserved += u64::from(codes(turn).contains(&"shipped_unreserved"));
    reached.stale += u64::from(turn.facts.iter().any(|f| f.data.get().contains("\"stale\"")));
    reached.published += u64::from(!turn.commands.is_empty());
    reached.withdrawn += u64::from(turn.messages.iter().any(|m| m.kind == "stock.withdrawn"));
    reached.promised += u64::from(turn.messages.iter().any(|m| m.kind == "stock.promised"));
    let says = |text: &str| u64::from(turn.facts.iter().any(|f| f.data.get().contains(text)));
    reached.taken_over += says("\"taken_over\"");
    reached.expired += says("\"expired\"");
    reached.other_kinds += says("/opened#L1");
    reached.in_transit += u64::from(turn.entries.iter().any(|e| e.memo.starts_with("transfer_")));
}

/// The storefront takes items in as they are sent.
fn publish(turn: &Turn, shown: &mut BTreeMap<String, i64>, flying: &mut Vec<String>) {
    for command in &turn.commands {
        let args: Value = serde_json::from_str(command.args.get()).unwrap();
        for item in args["items"].as_array().unwrap() {
            shown.insert(item["sku"].as_str().unwrap().to_owned(), item["available"].as_i64().unwrap());
        }
        flying.push(command.key.clone());
    }
}

/// Nothing more comes in: the pool comes to rest.
fn settle(pool: &mut Pool, shown: &mut BTreeMap<String, i64>, flying: &mut Vec<String>) {
    for _ in 0..200 {
        let turn = if flying.is_empty() {
            pool.later(Span::hours(1));
            pool.wake()
        } else {
            pool.turn(&outcome(&flying.remove(0), done()))
        };
        publish(&turn, shown, flying);
        if !turn.open && turn.due.is_none() {
            return;
        }
    }
    panic!("the pool does not come to rest");
}

#[test]
fn the_rules_hold_after_every_step_of_any_history() {
    let mut reached = Reached::default();
    for seed in 0..SEEDS {
        history(seed, &mut reached);
    }
    let Reached { short, supplied, split, excess, unreserved, repeats, stale, published, .. } = reached;
    for (what, n) in [
        ("short", short),
        ("supplied", supplied),
        ("split", split),
        ("excess", excess),
        ("unreserved", unreserved),
        ("repeats", repeats),
        ("stale", stale),
        ("published", published),
        ("withdrawn", reached.withdrawn),
        ("given up", reached.given_up),
        ("taken over", reached.taken_over),
        ("expired", reached.expired),
        ("promised", reached.promised),
        ("in transit", reached.in_transit),
        ("other kinds", reached.other_kinds),
    ] {
        assert!(n > 10, "{what} was reached only {n} times");
    }
}

#[test]
fn with_n_units_left_at_most_n_are_promised() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let mut pool = Pool::simple();
        let units = [dice.between(0, 6), dice.between(0, 6)];
        for (no, (place, n)) in ["north", "south"].iter().zip(units).enumerate() {
            if n > 0 {
                pool.receive(&format!("r{no}"), place, &[("A", n)]);
            }
        }
        let mut promised = 0;
        let mut asked = 0;
        for order in 0..12 {
            let quantity = dice.between(1, 3);
            asked += quantity;
            let answer = pool.reserve(&format!("shop-{order}"), &[("A", quantity)]);
            let got: i64 = answer.lines.iter().map(|l| l.quantity).sum();
            let short: i64 = answer.short.iter().map(|w| w.quantity).sum();
            assert_eq!(got + short, quantity, "a definite answer");
            promised += got;
        }
        assert_eq!(promised, asked.min(units[0] + units[1]), "seed {seed}");
        check(&pool);
    }
}

/// What really happened at a place: movements and counts of what was really there. Reports reach the hub in any
/// order; once all are in, the hub knows what is there.
#[test]
fn reports_in_any_order_end_in_the_truth() {
    for seed in 0..500 {
        let mut dice = Dice(seed);
        let mut pool = Pool::simple();
        let mut truth = dice.between(0, 20);
        let mut reports = vec![(400_000, "count", truth)];
        for n in 1..=dice.between(1, 10) {
            let at = 400_000 + n * 10_000;
            match dice.below(3) {
                0 => reports.push((at, "count", truth)),
                1 => {
                    let n = dice.between(1, 5);
                    truth += n;
                    reports.push((at, "receipt", n));
                }
                _ => {
                    let n = dice.between(0, truth.min(5));
                    if n > 0 {
                        truth -= n;
                        reports.push((at, "ship", n));
                    }
                }
            }
        }
        let moves = reports.iter().filter(|r| r.1 != "count").count();
        if moves > 8 {
            continue;
        }
        while !reports.is_empty() {
            let i = dice.below(reports.len());
            let (at, what, n) = reports.swap_remove(i);
            let id = format!("{what}{at}");
            match what {
                "count" => pool.count(&id, "north", at, &[("A", n)]),
                "receipt" => {
                    let lines = [json!({"sku": "A", "quantity": n})];
                    let data = json!({"receipt": id, "place": "north", "lines": lines});
                    pool.event("stock.received", Time(at), &data)
                }
                _ => {
                    let lines = [json!({"line": "1", "sku": "A", "place": "north", "quantity": n})];
                    let data = json!({"order": "shop-1", "shipment": id, "at": Time(at), "lines": lines});
                    pool.mail("stock.ship", &data)
                }
            };
            check(&pool);
        }
        assert_eq!(pool.at("A", "north").0, truth, "seed {seed}");
    }
}
