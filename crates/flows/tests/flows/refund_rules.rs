//! Which tender gives back how much, and that many partial refunds come to exactly the whole (pitfalls 8 and 9).

use crate::harness::samples::{goods, order, other};
use crate::harness::{Rng, World, name, rules};
use flows::policy::{PromotionBreak, RefundFirst};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn tender(n: usize, executor: &str, authorised: i64) -> Value {
    json!({"id": format!("t{n}"), "kind": "card", "executor": executor, "payment": format!("p{n}"), "authorised": authorised})
}

/// A completed order of these lines, paid by tenders of these amounts, each with another executor.
fn paid_by(lines: &[Value], rule: RefundFirst, amounts: &[i64]) -> World {
    let mut w = World::stocked(&[("A", 100), ("B", 100)]);
    w.flows.policy.refund_first = rule;
    let mut data = order("1", lines);
    let executors = ["stripe", "gift", "shop_pay"];
    let tenders = amounts.iter().enumerate().map(|(i, n)| tender(i + 1, executors[i % 3], *n));
    data["tenders"] = tenders.collect();
    w.tell("order.submitted", name("order", "shop-1"), &data);
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", "shop-1"), "completed");
    w.systems.habits.sends_back = true;
    w
}

fn given(w: &World) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (payment, amount) in w.systems.refunded.values() {
        *sums.entry(payment.clone()).or_default() += amount;
    }
    sums
}

/// Pitfall 8: by each rule, over several partial refunds; none gets back more than it paid.
#[test]
fn pitfall_08_each_rule_over_several_partial_refunds() {
    for (rule, after_one) in [
        (RefundFirst::First, vec![("p1", 100)]),
        (RefundFirst::Last, vec![("p3", 1), ("p2", 99)]),
        (RefundFirst::Proportional, vec![("p1", 70), ("p2", 30)]),
    ] {
        let mut w = paid_by(&[goods("1", "A", 10, 1_001)], rule, &[700, 300, 1]);
        w.request("RMA-0", &[("1", "shop-1", "1", "A", 1)]);
        w.settle();
        let first: BTreeMap<String, i64> = after_one.into_iter().map(|(p, n)| (p.to_owned(), n)).collect();
        assert_eq!(given(&w), first, "{rule:?}");
        for i in 1..10 {
            w.request(&format!("RMA-{i}"), &[("1", "shop-1", "1", "A", 1)]);
            w.settle();
            rules::at_rest(&w);
        }
        let whole = [("p1", 700), ("p2", 300), ("p3", 1)].map(|(p, n)| (p.to_owned(), n));
        assert_eq!(given(&w), BTreeMap::from(whole), "{rule:?}");
    }
}

/// Pitfall 9: 1 of 10 units of a line at 15 % off, ten times over, and its tax, to the smallest unit.
#[test]
fn pitfall_09_ten_times_one_unit_is_the_line() {
    for (amount, tax) in [(1_445, 240), (8_496, 1_416), (101, 17), (9, 1), (849_999, 141_667)] {
        let mut line = goods("1", "A", 10, amount);
        (line["tax"], line["discount"]) = (json!(tax), json!(amount * 15 / 85));
        let mut w = paid_by(&[line], RefundFirst::Proportional, &[amount - 3, 3]);
        for i in 0..10 {
            w.request(&format!("RMA-{i}"), &[("1", "shop-1", "1", "A", 1)]);
            w.settle();
        }
        assert_eq!(given(&w).values().sum::<i64>(), amount);
        let memos = w.args_of("post_credit_memo");
        let taxes: i64 = memos.iter().map(|m| m["lines"][0]["tax"].as_i64().unwrap()).sum();
        assert_eq!(taxes, tax);
        rules::at_rest(&w);
    }
}

/// Pitfall 17: after two returns on one payment what the order shows still adds up.
#[test]
fn pitfall_17_after_two_returns_on_one_payment_the_order_adds_up() {
    let lines = [goods("1", "A", 3, 1_000), goods("2", "B", 1, 499)];
    let mut w = paid_by(&lines, RefundFirst::First, &[1_499]);
    for (rma, line, sku) in [("RMA-1", "1", "A"), ("RMA-2", "2", "B")] {
        w.request(rma, &[("1", "shop-1", line, sku, 1)]);
        w.settle();
        rules::at_rest(&w);
    }
    let show = w.show("order", "shop-1");
    let n = |v: &Value| v.as_i64().unwrap();
    let sum =
        |of: &str, member: &str| show[of].as_array().unwrap().iter().map(|x| n(&x[member])).sum::<i64>();
    assert_eq!(["total", "invoiced", "captured"].map(|m| n(&show[m])), [1_499; 3]);
    assert_eq!((n(&show["credited"]), sum("credits", "amount")), (333 + 499, 333 + 499));
    assert_eq!(sum("tenders", "refund_asked"), 333 + 499);
    assert_eq!(sum("tenders", "captured") - sum("tenders", "refund_asked"), sum("tenders", "refundable"));
    assert_eq!(sum("lines", "charge"), n(&show["total"]));
    for line in show["lines"].as_array().unwrap() {
        assert_eq!(n(&line["shipped"]), n(&line["credited"]) + n(&line["returnable"]), "{line}");
    }
    assert_eq!(given(&w)["p1"], 333 + 499);
}

/// Any lines, discounts, taxes and fees, any split over tenders, any rule, in any parts: exactly the whole.
#[test]
fn any_parts_come_to_the_whole() {
    for seed in 0..40 {
        let mut rng = Rng(seed);
        let mut lines = Vec::new();
        for i in 1..=rng.within(1, 3) {
            let (n, amount) = (rng.within(1, 9), rng.within(1, 3_000));
            let mut line = goods(&i.to_string(), ["A", "B"][rng.below(2)], n, amount);
            (line["tax"], line["discount"]) = (json!(rng.within(0, amount / 5)), json!(rng.within(0, 500)));
            lines.push(line);
        }
        lines.push(other("9", "fee", rng.within(0, 300)));
        let total: i64 = lines.iter().map(|l| l["amount"].as_i64().unwrap()).sum();
        let (a, b) = (rng.within(0, total), rng.within(0, total));
        let amounts = [a.min(b), (a - b).abs(), total - a.max(b)];
        let rule = [RefundFirst::First, RefundFirst::Last, RefundFirst::Proportional][rng.below(3)];
        let mut w = paid_by(&lines, rule, &amounts);
        for round in 0..24 {
            let i = rng.below(lines.len());
            let (line, sku) = (lines[i]["line"].as_str().unwrap(), lines[i]["sku"].as_str().unwrap());
            let left = w.line("order", "shop-1", line, "returnable");
            let n = if round < 12 { rng.within(0, left) } else { left };
            if i + 1 == lines.len() || left == 0 || n == 0 {
                continue;
            }
            if rng.chance(30) {
                let worth = rng.within(1, 40);
                let data = json!({"order": "shop-1", "id": format!("a{round}"), "kind": "price_adjustment", "by": "ann", "lines": [{"line": line, "quantity": n, "amount": worth}]});
                let event = crate::harness::event("credit.requested", name("order", "shop-1"), w.now, &data);
                if w.deliver(&name("order", "shop-1"), &event).is_err() {
                    w.parked.clear();
                }
            } else {
                w.request(&format!("RMA-{round}"), &[("1", "shop-1", line, sku, n)]);
            }
            w.settle();
            rules::always(&w);
        }
        for (i, l) in lines.iter().enumerate() {
            let line = l["line"].as_str().unwrap();
            let left = w.line("order", "shop-1", line, "returnable");
            if left > 0 && i + 1 < lines.len() {
                w.request(&format!("RMA-z{i}"), &[("1", "shop-1", line, l["sku"].as_str().unwrap(), left)]);
                w.settle();
            }
        }
        let fee = lines.last().unwrap()["amount"].as_i64().unwrap();
        if fee > 0 {
            let data = json!({"order": "shop-1", "id": "rest", "kind": "price_adjustment", "by": "ann", "amount": fee});
            w.tell("credit.requested", name("order", "shop-1"), &data);
            w.settle();
        }
        assert_eq!(given(&w).values().sum::<i64>(), total, "seed {seed}");
        for (n, amount) in (1..).zip(amounts) {
            assert_eq!(given(&w).get(&format!("p{n}")).copied().unwrap_or(0), amount, "seed {seed}: p{n}");
        }
        rules::at_rest(&w);
        rules::finished(&w, &[]);
    }
}

/// A tender of an executor that is no system is not taken from outside.
#[test]
fn what_is_no_system_is_no_executor() {
    let mut w = World::stocked(&[]);
    let mut data = order("1", &[goods("1", "A", 1, 100)]);
    data["tenders"][0]["executor"] = json!("exchange");
    assert_eq!(w.refused("order.submitted", name("order", "shop-1"), &data).code, "executor_reserved");
}

/// Line 2 had 20 off because line 1 was bought with it.
pub fn promoted(included: bool) -> Vec<Value> {
    let mut second = goods("2", "B", 2, if included { 80 } else { 70 });
    second["tax"] = json!(if included { 10 } else { 7 });
    second["tax_included"] = json!(included);
    let (list, off) = if included { (100, -20) } else { (90, -20) };
    second["prices"] = json!([
        {"kind": "list", "amount": list}, {"kind": "discount", "amount": off, "promotion": "A+B", "qualifies": ["1", "2"]},
        {"kind": "tax", "amount": if included { 10 } else { 7 }},
    ]);
    vec![goods("1", "A", 2, 200), second]
}

#[test]
fn a_promotion_that_breaks_takes_the_discount_of_what_is_kept() {
    for (included, off, tax) in [(true, 20, 2), (false, 22, 2)] {
        let total = if included { 280 } else { 277 };
        let mut w = paid_by(&promoted(included), RefundFirst::First, &[total]);
        w.flows.policy.credits.promotion_break = PromotionBreak::ClawBack;
        w.request("RMA-1", &[("1", "shop-1", "1", "A", 1)]);
        w.settle();
        assert_eq!(given(&w)["p1"], 100, "one that qualifies is left: it holds");
        w.request("RMA-2", &[("1", "shop-1", "1", "A", 1)]);
        w.settle();
        assert_eq!(given(&w)["p1"], 200 - off);
        let memo = &w.args_of("post_credit_memo")[1];
        assert_eq!(
            memo["lines"][1],
            json!({"line": "2", "quantity": 0, "amount": -off, "tax": -tax}),
            "{memo}"
        );
        // What was taken back is given back with the goods that it was for.
        for rma in ["RMA-3", "RMA-4"] {
            w.request(rma, &[("1", "shop-1", "2", "B", 1)]);
            w.settle();
        }
        assert_eq!(given(&w)["p1"], total);
        assert_eq!(w.exceptions(), [""; 0]);
        rules::at_rest(&w);
    }
}

#[test]
fn where_policy_lets_it_the_discount_is_kept() {
    let mut w = paid_by(&promoted(true), RefundFirst::First, &[280]);
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    assert_eq!(given(&w)["p1"], 200);
}

/// A credit never falls below nothing: more is not taken back than comes back.
#[test]
fn no_more_is_taken_back_than_comes_back() {
    let mut lines = promoted(true);
    lines[0]["amount"] = json!(12);
    let mut w = paid_by(&lines, RefundFirst::First, &[92]);
    w.flows.policy.credits.promotion_break = PromotionBreak::ClawBack;
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    assert!(given(&w).is_empty());
    assert_eq!(w.status("return", "RMA-1"), "completed");
    w.request("RMA-2", &[("1", "shop-1", "2", "B", 2)]);
    w.settle();
    assert_eq!(given(&w)["p1"], 92);
    rules::at_rest(&w);
}

/// Pitfall 6: where policy wants it the ERP's memo is undone, and a new one posted before it is paid again.
#[test]
fn pitfall_06_its_memo_is_reversed_too() {
    let mut w = paid_by(&[goods("1", "A", 4, 400)], RefundFirst::First, &[400]);
    w.flows.policy.credits.reverse_memo = true;
    w.request("RMA-1", &[("1", "shop-1", "1", "A", 2)]);
    w.settle();
    let report = json!({"refund": "re-refund:shop-1-C1", "credit": "shop-1-C1", "order": "shop-1", "amount": 200, "currency": "GBP"});
    let on = name("refund", "shop-1-C1");
    w.systems.habits.refuse.insert("reverse_credit_memo".into(), "period_closed".into());
    w.systems.refunded.clear();
    w.tell("refund.failed", on.clone(), &report);
    w.settle();
    assert_eq!(w.exceptions(), ["memo_reversal_refused", "refund_reversed"]);
    w.systems.habits.refuse.clear();
    for _ in 0..2 {
        w.tell("refund.failed", on.clone(), &report);
    }
    w.tell("refund.retry_requested", on, &json!({"credit": "shop-1-C1"}));
    w.settle();
    let undone = &w.args_of("reverse_credit_memo")[1];
    assert_eq!((&undone["id"], &undone["reference"]), (&json!("shop-1-C1-V"), &json!("shop-1-C1")));
    assert_eq!(w.systems.memos.clone().into_iter().collect::<Vec<_>>(), [("shop-1-C1~2".to_owned(), 200)]);
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 200);
    assert_eq!(w.exceptions(), [""; 0]);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    rules::at_rest(&w);
}
