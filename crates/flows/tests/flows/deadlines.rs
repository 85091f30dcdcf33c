//! By when a return is to be settled, what may be withheld until then, and who hears of it.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name};
use flows::returns::rules::Withhold;
use retail::returns::Regime;
use retail::time::Span;
use serde_json::json;

fn asked(withhold: Withhold, kind: &str) -> World {
    let mut w = World::stocked(&[("A", 50)]);
    w.flows.policy.asks.insert("carrier".into());
    w.flows.policy.returns.rules.withhold = withhold;
    w.flows.policy.spans.arrival = Span::days(60);
    w.flows.policy.spans.inspection = Span::days(60);
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2)]);
    data["lines"][0]["type"] = json!(kind);
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    w
}

fn paid_back(w: &World) -> i64 {
    w.systems.refunded.values().map(|r| r.1).sum()
}

fn sent(w: &mut World) {
    let data = json!({"tracking": "RT-RMA-1", "status": "in_transit", "at": w.now});
    w.tell("parcel.tracked", name("return", "RMA-1"), &data);
    w.settle();
}

/// Each regime has its own time.
#[test]
fn each_regime_has_its_deadline() {
    for (kind, days) in [("withdrawal", 14), ("defect", 30), ("refused", 14), ("recall", 30)] {
        let w = asked(Withhold::Goods, kind);
        let show = w.show("return", "RMA-1");
        let notice = retail::time::Time::parse(show["notice"].as_str().unwrap()).unwrap();
        assert_eq!(show["refund_by"], json!(notice.plus(Span::days(days))), "{kind}");
    }
    assert!(asked(Withhold::Goods, "commercial").show("return", "RMA-1")["refund_by"].is_null());
    let mut w = asked(Withhold::Goods, "commercial");
    w.flows.policy.returns.rules.deadlines.insert(Regime::Commercial, 10);
    assert!(!w.show("return", "RMA-1")["refund_by"].is_null());
}

/// A deadline that nears is an exception before it is a breach; money clears both.
#[test]
fn warned_before_and_told_after() {
    let mut w = asked(Withhold::Goods, "defect");
    w.flows.policy.returns.inspect_first.insert("decor".into());
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.settle();
    assert_eq!(paid_back(&w), 0, "it is here and nobody looks");
    w.wait(Span::days(29));
    assert_eq!(w.exceptions(), ["deadline_near"]);
    w.wait(Span::days(2));
    assert_eq!(w.exceptions(), ["deadline_near", "deadline_passed"]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!((paid_back(&w), w.exceptions()), (200, vec![]));
}

/// The money of a withdrawal may be withheld until the goods are on their way: until then no law is broken.
#[test]
fn while_the_goods_may_be_awaited_nothing_is_broken() {
    let mut w = asked(Withhold::Goods, "withdrawal");
    w.wait(Span::days(20));
    assert_eq!(w.exceptions(), ["deadline_near"]);
    sent(&mut w);
    w.wait(Span::days(1));
    assert_eq!(w.exceptions(), ["deadline_near"]);
    w.wait(Span::days(2));
    assert_eq!(w.exceptions(), ["deadline_near", "deadline_passed"], "shown to be on its way, and not paid");
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.settle();
    assert_eq!((paid_back(&w), w.exceptions()), (200, vec![]));
}

#[test]
fn proof_of_dispatch_is_enough_where_policy_says_so() {
    let mut w = asked(Withhold::Dispatch, "withdrawal");
    assert_eq!(paid_back(&w), 0);
    sent(&mut w);
    assert_eq!(paid_back(&w), 200);
    assert_eq!(w.facts_of("return.credited_ahead")[0]["why"], "dispatched");
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!((paid_back(&w), w.status("return", "RMA-1").as_str()), (200, "completed"));
}

/// Nothing is withheld: credited at approval. What the category wants inspected first waits all the same (M7), and so
/// does every other ground.
#[test]
fn where_nothing_is_withheld_a_withdrawal_is_credited_at_approval() {
    assert_eq!(paid_back(&asked(Withhold::Not, "withdrawal")), 200);
    assert_eq!(paid_back(&asked(Withhold::Not, "commercial")), 0);
    let mut w = World::stocked(&[("A", 50)]);
    w.flows.policy.returns.rules.withhold = Withhold::Not;
    w.flows.policy.returns.inspect_first.insert("decor".into());
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2)]);
    data["lines"][0]["type"] = json!("withdrawal");
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert_eq!(paid_back(&w), 0);
}

/// A repair is settled when the customer has it back.
#[test]
fn a_repair_has_a_deadline_too() {
    let mut w = World::stocked(&[("A", 50)]);
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 1)]);
    (data["lines"][0]["type"], data["lines"][0]["outcome"]) = (json!("defect"), json!("repair"));
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "C", 1, 0)]);
    w.wait(Span::days(31));
    assert_eq!(w.exceptions(), ["deadline_near", "deadline_passed", "units_in_quarantine"]);
    w.tell("return.refurbished", name("return", "RMA-1"), &json!({"rma": "RMA-1", "id": "RMA-1-D1"}));
    w.settle();
    assert_eq!((w.exceptions(), w.status("return", "RMA-1").as_str()), (vec![], "completed"));
}
