//! Random histories of money: credits of every kind, approvals, disputes, refunds made elsewhere, store credit and
//! returns on orders paid by tenders of several executors. The rules are checked after every step; no payment is
//! ever told to two executors, and none to one that is no system (see `harness/systems.rs`).

use crate::failing::Strike;
use crate::harness::samples::{goods, order, other};
use crate::harness::{Rng, World, event, name, rules};
use flows::Policy;
use flows::policy::{CaptureRule, CreditPolicy, PromotionBreak, RefundFirst};
use retail::time::Span;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const EXECUTORS: [&str; 3] = ["stripe", "gift", "shop_pay"];

fn policy(rng: &mut Rng) -> Policy {
    let mut p = Policy::simple("uk", &["north", "south"]);
    p.refund_first = [RefundFirst::First, RefundFirst::Last, RefundFirst::Proportional][rng.below(3)];
    p.capture = if rng.chance(50) { CaptureRule::PerShipment } else { CaptureRule::WhenComplete };
    p.credits = CreditPolicy {
        goodwill_limit: rng.within(0, 100),
        approve_above: Some(rng.within(50, 300)).filter(|_| rng.chance(70)),
        approve_returns_above: Some(rng.within(300, 900)).filter(|_| rng.chance(20)),
        store_credit: if rng.chance(80) { "gift".to_owned() } else { String::new() },
        promotion_break: if rng.chance(50) { PromotionBreak::ClawBack } else { PromotionBreak::Keep },
        reverse_memo: rng.chance(50),
    };
    if rng.chance(50) {
        p.asks.extend(["tax", "notifications"].map(str::to_owned));
    }
    p
}

fn submit(w: &mut World, rng: &mut Rng, id: i64) {
    let mut lines: Vec<Value> = (1..=rng.within(1, 3))
        .map(|i| {
            let amount = rng.within(1, 1_000);
            let mut l = goods(&i.to_string(), ["A", "B"][rng.below(2)], rng.within(1, 4), amount);
            l["tax"] = json!(rng.within(0, amount / 6));
            if i > 1 && rng.chance(50) {
                let off = rng.within(1, 200);
                l["prices"] = json!([
                    {"kind": "list", "amount": amount + off},
                    {"kind": "discount", "amount": -off, "promotion": "P", "qualifies": ["1"]},
                    {"kind": "tax", "amount": l["tax"]},
                ]);
            }
            l
        })
        .collect();
    lines.push(other("9", "shipping", rng.within(0, 300)));
    let mut data = order(&id.to_string(), &lines);
    let total = data["total"].as_i64().unwrap();
    let (a, b) = (rng.within(0, total), rng.within(0, total));
    let parts = [a.min(b), (a - b).abs(), total - a.max(b)];
    let first = rng.below(3);
    data["tenders"] = (0..3)
        .map(|i| {
            json!({
                "id": format!("t{i}"), "kind": "card", "executor": EXECUTORS[(first + i) % 3],
                "payment": format!("p{id}-{i}"), "authorised": parts[i], "several": rng.chance(50),
            })
        })
        .collect();
    w.tell("order.submitted", name("order", &format!("shop-{id}")), &data);
}

fn person(rng: &mut Rng) -> &'static str {
    if rng.chance(50) { "ann" } else { "bob" }
}

/// Says something to an order that may well be refused.
fn say(w: &mut World, kind: &str, order: &str, data: &Value, faults: &mut BTreeSet<&'static str>) {
    let on = name("order", order);
    let stimulus = event(kind, on.clone(), w.now, data);
    if let Err(fault) = w.deliver(&on, &stimulus) {
        faults.insert(fault.code);
        w.parked.pop();
    }
}

fn payment_of(w: &World, rng: &mut Rng, order: &str) -> String {
    let show = w.show("order", order);
    let tenders = show["tenders"].as_array().map(Vec::len).unwrap_or_default();
    if tenders == 0 {
        "p0".into()
    } else {
        show["tenders"][rng.below(tenders)]["payment"].as_str().unwrap().to_owned()
    }
}

fn act(w: &mut World, rng: &mut Rng, step: i64, orders: &mut i64, faults: &mut BTreeSet<&'static str>) {
    if *orders == 0 || rng.chance(15) {
        *orders += 1;
        return submit(w, rng, *orders);
    }
    let order = format!("shop-{}", rng.within(1, *orders));
    let line = rng.within(1, 3).to_string();
    let (payment, amount) = (payment_of(w, rng, &order), rng.within(1, 500));
    match rng.below(9) {
        0..=2 => {
            let kind =
                ["price_adjustment", "goodwill", "shipping", "lost_parcel", "cancellation"][rng.below(5)];
            let mut data = json!({
                "order": order, "id": format!("a{}", step - rng.within(0, 1)), "kind": kind, "by": person(rng),
                "outcome": if rng.chance(25) { "store_credit" } else { "refund" },
            });
            match (kind, rng.chance(50)) {
                ("lost_parcel", _) => data["lines"] = json!([{"line": line, "quantity": rng.within(1, 2)}]),
                ("price_adjustment", true) => data["lines"] = json!([{"line": line, "amount": amount}]),
                _ => data["amount"] = json!(amount),
            }
            say(w, "credit.requested", &order, &data, faults);
        }
        3 => {
            let show = w.show("order", &order);
            let waiting =
                show["credits"].as_array().and_then(|c| c.iter().find(|c| c["state"] == "requested"));
            let credit = waiting.map_or_else(
                || format!("{order}-C{}", rng.within(1, 4)),
                |c| c["credit"].as_str().unwrap().to_owned(),
            );
            let data = json!({"order": order, "credit": credit, "by": person(rng)});
            say(
                w,
                ["credit.approved", "credit.approved", "credit.declined"][rng.below(3)],
                &order,
                &data,
                faults,
            );
        }
        4 => {
            let data = json!({"dispute": format!("dp{}", rng.within(1, 4)), "payment": payment, "amount": amount, "currency": "GBP"});
            say(w, "dispute.opened", &order, &data, faults);
        }
        5 => {
            let mut data = json!({
                "dispute": format!("dp{}", rng.within(1, 4)), "payment": payment, "outcome": if rng.chance(50) { "won" } else { "lost" },
            });
            if rng.chance(30) {
                data["amount"] = json!(amount);
            }
            say(w, "dispute.closed", &order, &data, faults);
        }
        6 => {
            let mut data = json!({"payment": payment, "order": order, "refund": format!("re-{step}"), "amount": amount, "currency": "GBP"});
            if rng.chance(60) {
                data["lines"] = json!([{"line": line, "amount": rng.within(1, amount)}]);
            }
            say(w, "payment.refunded_elsewhere", &order, &data, faults);
        }
        7 => {
            let sku = w.show("order", &order)["lines"]
                .as_array()
                .and_then(|l| l.iter().find(|l| l["line"] == line).cloned());
            if let Some(l) = sku {
                let n = rng.within(1, 3);
                w.request(&format!("RMA-{step}"), &[("1", &order, &line, l["sku"].as_str().unwrap(), n)]);
            }
        }
        _ => {
            let orders: Vec<Value> = (1..=*orders).map(|n| w.show("order", &format!("shop-{n}"))).collect();
            let found = orders.iter().find_map(|o| {
                let of = |list: &str, state: &str| {
                    o[list].as_array()?.iter().find(|x| x["state"] == state).cloned()
                };
                Some((o["order"].as_str()?.to_owned(), of("credits", "held")?, of("disputes", "lost")?))
            });
            let (order, credit, dispute) = found.unwrap_or_else(|| {
                (order.clone(), json!({"credit": format!("{order}-C1")}), json!({"dispute": "dp1"}))
            });
            let data = json!({"order": order, "credit": credit["credit"], "dispute": dispute["dispute"], "by": "ann"});
            say(w, "credit.settled_by_dispute", &order, &data, faults);
        }
    }
}

pub fn history(seed: u64, faults: &mut BTreeSet<&'static str>, strike: Option<Strike>) -> World {
    let mut rng = Rng(seed);
    let mut w = World::new(policy(&mut rng));
    w.strike = strike;
    let h = &mut w.systems.habits;
    h.rng = Rng(seed ^ 0xABCD);
    (h.ships, h.sends_back, h.split) = (80, true, 30);
    (h.unknown, h.pending, h.reversed, h.repeat) =
        (rng.below(30), rng.below(50), rng.below(20), rng.below(30));
    w.supply("north", &[("A", 60), ("B", 60)]);
    let mut orders = 0;
    for step in 0..rng.within(20, 45) {
        act(&mut w, &mut rng, step, &mut orders, faults);
        for _ in 0..rng.below(10) {
            let n = w.choices();
            if n > 0 {
                w.happen(rng.below(n));
                rules::always(&w);
            }
        }
    }
    for _ in 0..3 {
        w.settle_by(&mut rng);
        w.ship_all();
        w.wait(Span::days(12));
    }
    w
}

fn seeds() -> u64 {
    std::env::var("CROSSDOCK_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(90)
}

#[test]
fn the_rules_of_money_hold_after_every_step() {
    let (mut reached, mut faults) = (BTreeSet::new(), BTreeSet::new());
    let mut executors: BTreeMap<String, usize> = BTreeMap::new();
    let first: u64 = std::env::var("CROSSDOCK_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    for seed in first..first + seeds() {
        println!("seed {seed}");
        let w = history(seed, &mut faults, None);
        assert!(w.parked.is_empty(), "{:?}", w.parked);
        rules::at_rest(&w);
        reached.extend(w.raised.iter().copied());
        reached.extend(w.facts.iter().map(|f| f.1));
        for executor in w.systems.executors.values() {
            *executors.entry(executor.clone()).or_default() += 1;
        }
    }
    assert_eq!(executors.len(), 3, "{executors:?}");
    for rare in [
        "credit.approved",
        "credit.declined",
        "credit.settled_by_dispute",
        "dispute.opened",
        "dispute.closed",
        "dispute_open",
        "credit_or_dispute",
        "disputed_beyond_capture",
        "refund_exceeds_capture",
        "elsewhere_beyond_line",
        "refunded_beyond_capture",
        "credit_needs_approval",
        "refund_reversed",
    ] {
        assert!(reached.contains(rare), "no history reached {rare}; reached: {reached:?}");
    }
    for code in
        ["credit_beyond_limit", "same_person", "credit_differs", "dispute_differs", "dispute_too_small"]
    {
        assert!(faults.contains(code), "no history was refused with {code}; {faults:?}");
    }
}
