//! Whoever a return was asked of hears how it stands, and nobody else: a platform does not know another's returns.

use crate::harness::samples::{goods, returning};
use crate::harness::{World, name, rules};
use flows::returns::rules::Told;
use serde_json::json;

fn asked_at(source: Option<&str>, told: &[(&str, Told)]) -> World {
    let mut w = World::stocked(&[("A", 50)]);
    w.flows.policy.returns.rules.told = told.iter().map(|(s, t)| ((*s).to_owned(), *t)).collect();
    let id = w.complete("1", &[goods("1", "A", 4, 400)]);
    let mut data = returning("web-R7", w.now, &[("1", &id, "1", "A", 2)]);
    if let Some(source) = source {
        data["source"] = json!(source);
    }
    w.systems.habits.sends_back = true;
    w.tell("return.requested", name("return", "web-R7"), &data);
    w.settle();
    w
}

fn told(w: &World) -> Vec<(String, String)> {
    let of = w.commands.iter().filter(|(_, c)| c.op == "update_return");
    let mut told: Vec<_> = of.map(|(_, c)| (c.role.clone(), c.at.clone())).collect();
    told.dedup();
    told
}

#[test]
fn updates_go_where_the_return_was_asked_for() {
    let all = [("web", Told::Storefront), ("outlet", Told::Returns), ("kiosk", Told::Nobody)];
    for (source, expected) in [
        (None, vec![("returns", "")]),
        (Some("web"), vec![("storefront", "web")]),
        (Some("outlet"), vec![("returns", "outlet")]),
        (Some("other"), vec![("returns", "other")]),
        (Some("kiosk"), vec![]),
    ] {
        let w = asked_at(source, &all);
        let expected: Vec<_> = expected.iter().map(|(r, a)| ((*r).to_owned(), (*a).to_owned())).collect();
        assert_eq!(told(&w), expected, "{source:?}");
        assert_eq!(w.status("return", "web-R7"), "completed", "{source:?}: nothing keeps it open");
        assert_eq!(w.show("return", "web-R7")["source"], json!(source));
        rules::at_rest(&w);
        rules::finished(&w, &[]);
    }
}

/// What a storefront is told is one object there: updates keep their order and their numbers.
#[test]
fn a_storefront_hears_every_step() {
    let w = asked_at(Some("web"), &[("web", Told::Storefront)]);
    let said: Vec<_> =
        w.args_of("update_return").iter().map(|u| (u["id"].clone(), u["status"].clone())).collect();
    let steps = ["approved", "received", "refunded", "completed"];
    let expected: Vec<_> = (1..).zip(steps).map(|(n, s)| (json!(format!("web-R7-U{n}")), json!(s))).collect();
    assert_eq!(said, expected);
}
