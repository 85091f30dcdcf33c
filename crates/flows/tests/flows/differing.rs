//! A difference between the books and a system is shown to a person once, for as long as it is found.

use crate::harness::{World, name};
use serde_json::{Value, json};

const ID: &str = "erp:invoices:S-1";

fn found(kind: &str, there: &str) -> Value {
    json!({"difference": ID, "system": "erp", "kind": kind, "what": "S-1", "order": "shop-1", "hub": "12.99 GBP",
        "there": there, "cause": "amount differs", "next_step": "compare both"})
}

fn tell(w: &mut World, kind: &str, data: &Value) {
    w.tell(kind, name("difference", ID), data);
    w.settle();
}

#[test]
fn a_difference_is_raised_once_and_closed_when_it_is_gone() {
    let mut w = World::stocked(&[]);
    tell(&mut w, "difference.found", &found("invoices", "13.99 GBP"));
    assert_eq!(w.status("difference", ID), "found");
    assert_eq!(w.show("difference", ID)["exceptions"], json!(["books_differ_invoices"]));
    let once = w.facts_of("difference.found").len();
    // What the system says now may be another thing; the exception stands and nothing is said twice.
    tell(&mut w, "difference.found", &found("invoices", "14.99 GBP"));
    assert_eq!(w.facts_of("difference.found").len(), once);

    tell(&mut w, "difference.gone", &json!({"difference": ID}));
    assert_eq!(w.status("difference", ID), "gone");
    assert_eq!(w.show("difference", ID)["exceptions"], json!([]));
    // Found again it is raised again.
    tell(&mut w, "difference.found", &found("invoices", "13.99 GBP"));
    assert_eq!(w.show("difference", ID)["exceptions"], json!(["books_differ_invoices"]));
}

#[test]
fn each_kind_of_list_has_its_exception() {
    let kinds = [
        "orders",
        "deliveries",
        "shipments",
        "invoices",
        "return_receipts",
        "credit_memos",
        "captures",
        "refunds",
        "returns",
        "labels",
        "stock",
    ];
    for kind in kinds {
        let mut w = World::stocked(&[]);
        tell(&mut w, "difference.found", &found(kind, "nothing"));
        assert_eq!(w.show("difference", ID)["exceptions"], json!([format!("books_differ_{kind}")]));
        tell(&mut w, "difference.gone", &json!({"difference": ID}));
        assert_eq!(w.show("difference", ID)["exceptions"], json!([]), "{kind}");
    }
}

#[test]
fn what_was_never_found_cannot_be_gone() {
    let mut w = World::stocked(&[]);
    tell(&mut w, "difference.gone", &json!({"difference": ID}));
    assert_eq!(w.status("difference", ID), "gone");
    assert!(w.facts_of("difference.gone").is_empty());
}
