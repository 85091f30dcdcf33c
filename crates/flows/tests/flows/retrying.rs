//! What a system refused of an order is ordered again when a person says so, once and as it was.

use crate::harness::samples::goods;
use crate::harness::{World, name};
use serde_json::json;

fn ordered(w: &World, op: &str) -> Vec<String> {
    w.commands.iter().filter(|(_, c)| c.op == op).map(|(_, c)| c.args.get().to_owned()).collect()
}

fn retried(w: &mut World, op: &str, id: &str) {
    let before = ordered(w, op);
    assert_eq!(before.len(), 1, "{op}");
    let key = w.commands.iter().find(|(_, c)| c.op == op).unwrap().1.key.clone();
    w.refuse(&key, "down");
    w.settle();
    assert_eq!(ordered(w, op).len(), 1, "{op}: a refusal is not repeated by itself");
    w.tell("order.retry_requested", name("order", id), &json!({"order": id}));
    w.settle();
    let after = ordered(w, op);
    assert_eq!((after.len(), &after[0] == after.last().unwrap()), (2, true), "{op}: {after:?}");
}

fn silent(op: &str) -> World {
    let mut w = World::stocked(&[("A", 9)]);
    w.systems.habits.silent.insert(op.into());
    w
}

#[test]
fn what_is_told_of_a_shipment() {
    for op in ["report_shipment", "post_delivery", "post_invoice"] {
        let mut w = silent(op);
        let id = w.submit("1", &[goods("1", "A", 3, 300)]);
        w.settle();
        w.ship_all();
        retried(&mut w, op, &id);
    }
}
