//! Settings change; what was promised when an order was placed does not.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name};
use retail::time::Span;
use serde_json::{Value, json};

/// An order placed and shipped under revision 1, with 30 days; revision 2 has 14.
fn world() -> (World, String) {
    let mut w = World::stocked(&[("A", 50)]);
    w.flows.policy.revision = 1;
    w.flows.policy.returns.window_days = 30;
    let id = w.complete("1", &[goods("1", "A", 4, 2_000)]);
    revise(&mut w, 2, 14);
    (w, id)
}

fn revise(w: &mut World, revision: u32, days: i64) {
    let policy = &mut w.flows.policy;
    policy.former.insert(policy.revision, policy.returns.clone());
    policy.revision = revision;
    policy.returns.window_days = days;
    policy.returns.least_days.clear();
}

fn ask(w: &mut World, rma: &str, order: &str) -> Value {
    w.tell("return.requested", name("return", rma), &returning(rma, w.now, &[("1", order, "1", "A", 1)]));
    w.settle();
    w.show("return", rma)
}

#[test]
fn a_shorter_window_does_not_hold_for_what_was_placed_before() {
    let (mut w, old) = world();
    let new = w.complete("2", &[goods("1", "A", 4, 2_000)]);
    w.wait(Span::days(20));
    let shown = ask(&mut w, "RMA-1", &old);
    assert_eq!((&shown["lines"][0]["approved"], &shown["window_from_revision"]), (&json!(1), &json!(1)));
    assert_eq!(shown["revision"], 2);
    let shown = ask(&mut w, "RMA-2", &new);
    assert_eq!(shown["lines"][0]["declined"], json!([{"quantity": 1, "reason": "window_closed"}]));
    assert_eq!((&shown["revision"], &shown["window_from_revision"]), (&json!(2), &Value::Null));
    assert_eq!(
        (&w.show("order", &old)["revision"], &w.show("order", &new)["revision"]),
        (&json!(1), &json!(2))
    );
    w.wait(Span::days(11));
    assert_eq!(ask(&mut w, "RMA-3", &old)["lines"][0]["declined"][0]["reason"], "window_closed");
}

#[test]
fn a_revision_that_nobody_knows_promises_nothing_by_guess() {
    let (mut w, old) = world();
    let known = std::mem::take(&mut w.flows.policy.former);
    w.tell(
        "return.requested",
        name("return", "RMA-1"),
        &returning("RMA-1", w.now, &[("1", &old, "1", "A", 1)]),
    );
    w.settle();
    assert_eq!(w.exceptions(), ["revision_unknown"]);
    assert_eq!(
        (&w.show("return", "RMA-1")["status"], w.args_of("expect_return").len()),
        (&json!("requested"), 0)
    );
    w.flows.policy.former = known;
    w.tell("return.retry_requested", name("return", "RMA-1"), &json!({"rma": "RMA-1"}));
    w.settle();
    assert!(w.exceptions().is_empty());
    assert_eq!(w.show("return", "RMA-1")["lines"][0]["approved"], 1);
}
