//! The parcel that brings goods back: the label that the hub buys, where it is, and what when it is lost.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, rules};
use flows::returns::rules::RefundLost;
use retail::time::Span;
use serde_json::json;

fn asked(carrier: bool) -> World {
    let mut w = World::stocked(&[("A", 50)]);
    if carrier {
        w.flows.policy.asks.insert("carrier".into());
    }
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    w
}

fn tracked(w: &mut World, status: &str) {
    let data = json!({"tracking": "RT-RMA-1", "status": status, "at": w.now});
    w.tell("parcel.tracked", name("return", "RMA-1"), &data);
    w.settle();
}

#[test]
fn a_label_is_bought_where_a_carrier_is_there() {
    let w = asked(true);
    let bought = &w.args_of("buy_return_label")[0];
    assert_eq!(
        *bought,
        json!({"id": "RMA-1", "order": "shop-1", "to": "north", "lines": [{"line": "1", "sku": "A", "quantity": 2}]})
    );
    let told = w.args_of("update_return");
    assert_eq!(told[0]["label"], json!(null), "approved at once, whatever the carrier does");
    assert_eq!(told[1]["status"], "approved");
    assert_eq!(told[1]["label"], json!({"tracking": "RT-RMA-1", "label": "https://labels.example/1"}));
    assert_eq!(w.show("return", "RMA-1")["parcel"]["tracking"], "RT-RMA-1");
    assert!(asked(false).args_of("buy_return_label").is_empty());
    let mut own = World::stocked(&[("A", 50)]);
    own.flows.policy.asks.insert("carrier".into());
    own.flows.policy.returns.rules.labels = false;
    let id = own.complete("1", &[goods("1", "A", 4, 400)]);
    own.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    own.settle();
    assert!(own.args_of("buy_return_label").is_empty(), "policy says no");
}

#[test]
fn a_refused_label_is_shown_and_bought_again() {
    let mut w = World::stocked(&[("A", 50)]);
    w.flows.policy.asks.insert("carrier".into());
    w.systems.habits.refuse.insert("buy_return_label".into(), "no_service".into());
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    w.request("RMA-1", &[("1", &id, "1", "A", 2)]);
    w.settle();
    assert_eq!(
        (w.exceptions(), w.status("return", "RMA-1").as_str()),
        (vec!["return_label_refused"], "awaiting_item")
    );
    w.systems.habits.refuse.clear();
    w.tell("return.retry_requested", name("return", "RMA-1"), &json!({"rma": "RMA-1"}));
    w.settle();
    assert_eq!((w.exceptions().len(), w.args_of("buy_return_label").len()), (0, 2));
}

#[test]
fn on_its_way_and_handed_over() {
    let mut w = asked(true);
    let statuses = |w: &World| {
        let s = w.show("return", "RMA-1");
        [&s["status"], &s["warehouse"]].map(|x| x.as_str().unwrap().to_owned())
    };
    tracked(&mut w, "label_created");
    assert_eq!(statuses(&w), ["awaiting_item", "expected"]);
    tracked(&mut w, "in_transit");
    tracked(&mut w, "in_transit");
    assert_eq!(statuses(&w), ["in_transit", "in_transit"]);
    tracked(&mut w, "delivered");
    w.wait(Span::days(3));
    assert_eq!(w.exceptions(), ["return_not_received"]);
    w.receive("RMA-1", "rc1", &[("1", "A", 2)]);
    assert_eq!(w.exceptions(), [] as [&str; 0]);
    tracked(&mut w, "lost");
    assert_eq!(w.facts_of("return.lost").len(), 0, "what came is not lost");
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 2, 0)]);
    w.settle();
    assert_eq!(w.status("return", "RMA-1"), "completed");
    let stray = json!({"tracking": "other", "status": "lost", "at": w.now});
    assert_eq!(w.refused("parcel.tracked", name("return", "RMA-1"), &stray).code, "unknown_tracking");
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// Lost on a label that the hub bought: the risk is the retailer's, unless policy or a person says otherwise.
#[test]
fn a_lost_parcel_is_credited_by_policy_or_by_a_persons_word() {
    for (carrier, policy, said, credited) in [
        (true, RefundLost::Ours, None, true),
        (false, RefundLost::Ours, None, false),
        (false, RefundLost::Always, None, true),
        (true, RefundLost::Never, None, false),
        (true, RefundLost::Never, Some(true), true),
        (true, RefundLost::Ours, Some(false), false),
    ] {
        let mut w = asked(carrier);
        w.flows.policy.returns.rules.refund_lost = policy;
        let mut data = json!({"rma": "RMA-1", "by": "kim"});
        if let Some(said) = said {
            data["refund"] = json!(said);
        }
        w.tell("return.lost", name("return", "RMA-1"), &data);
        if credited && carrier {
            assert_eq!(w.show("return", "RMA-1")["warehouse"], "lost");
        }
        w.tell("return.lost", name("return", "RMA-1"), &data);
        w.settle();
        let paid: i64 = w.systems.refunded.values().map(|r| r.1).sum();
        let (status, open) = if credited { ("completed", vec![]) } else { ("expired", vec!["return_lost"]) };
        assert_eq!(
            (w.status("return", "RMA-1").as_str(), w.exceptions()),
            (status, open),
            "{policy:?} {said:?}"
        );
        assert_eq!(paid, if credited { 200 } else { 0 });
        assert_eq!(w.line("order", "shop-1", "1", "returnable"), if credited { 2 } else { 4 });
        assert_eq!(w.show("return", "RMA-1")["warehouse"], "lost");
        rules::at_rest(&w);
    }
}

#[test]
fn the_carrier_says_that_it_is_lost_after_a_part_has_come() {
    let mut w = asked(true);
    w.receive("RMA-1", "rc1", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc1", "in1", &[("1", "A", "A", 1, 0)]);
    w.settle();
    tracked(&mut w, "lost");
    assert_eq!(w.facts_of("return.credited_ahead")[0], json!({"line": "1", "quantity": 1, "why": "lost"}));
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 200);
    assert_eq!(w.status("return", "RMA-1"), "completed");
    // It turns up after all: nothing more is paid, and the unit is dealt with.
    w.receive("RMA-1", "rc2", &[("1", "A", 1)]);
    w.inspect("RMA-1", "rc2", "in2", &[("1", "A", "A", 1, 0)]);
    w.settle();
    assert_eq!(w.systems.refunded.values().map(|r| r.1).sum::<i64>(), 200);
    assert_eq!(w.total(&books::Account::Place("north".into()), "A"), 48);
    rules::at_rest(&w);
    rules::finished(&w, &[]);
}

/// A customer who sends a parcel with a number of its own is followed by it.
#[test]
fn the_customers_own_parcel_is_followed() {
    let mut w = World::stocked(&[("A", 50)]);
    w.flows.policy.asks.insert("carrier".into());
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let mut data = returning("RMA-1", w.now, &[("1", &id, "1", "A", 2)]);
    data["tracking"] = json!("RT-RMA-1");
    w.tell("return.requested", name("return", "RMA-1"), &data);
    w.settle();
    assert!(w.args_of("buy_return_label").is_empty());
    tracked(&mut w, "in_transit");
    assert_eq!(w.status("return", "RMA-1"), "in_transit");
}
