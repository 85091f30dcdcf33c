//! The address changes: before anything is with a warehouse, while it works, and after it has shipped.

use crate::harness::samples::{goods, order};
use crate::harness::{World, event, name, rules};
use flows::Policy;
use flows::policy::Labels;
use retail::time::Span;
use serde_json::{Value, json};

fn placed(w: &mut World) -> String {
    let mut data = order("1", &[goods("1", "A", 2, 200)]);
    data["ship_to"] =
        json!({"name": "Ann Other", "country": "GB", "postcode": "N1 1AA", "address1": "1 Old Street"});
    w.tell("order.submitted", name("order", "shop-1"), &data);
    "shop-1".to_owned()
}

fn to(order: &str, id: &str, street: &str) -> Value {
    json!({
        "order": order, "id": id,
        "ship_to": {"name": "Ann Other", "country": "GB", "postcode": "N2 2BB", "address1": street},
    })
}

fn readdress(w: &mut World, order: &str, id: &str) {
    w.tell("order.address_changed", name("order", order), &to(order, id, "2 New Street"));
}

fn done(w: &mut World, on: &str) {
    w.settle();
    w.ship_all();
    assert_eq!(w.status("order", on), "completed");
    rules::at_rest(w);
    rules::finished(w, &[]);
}

#[test]
fn before_hand_over_it_is_just_taken() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    readdress(&mut w, &on, "a1");
    w.settle();
    let asked = w.args_of("create_fulfilment");
    assert_eq!(asked[0]["ship_to"]["address1"], "2 New Street");
    assert_eq!(w.args_of("create_sales_order")[0]["ship_to"], json!({"country": "GB", "postcode": "N2 2BB"}));
    assert!(w.args_of("amend_fulfilment").is_empty());
    done(&mut w, &on);
}

#[test]
fn nobody_but_who_ships_it_hears_of_the_person() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    readdress(&mut w, &on, "a1");
    done(&mut w, &on);
    for (_, c) in &w.commands {
        let told = c.args.get().contains("Ann Other");
        assert_eq!(told, ["create_fulfilment", "amend_fulfilment"].contains(&c.op.as_str()), "{}", c.key);
    }
    for (of, kind, data) in &w.facts {
        assert!(!data.to_string().contains("Street") && !data.to_string().contains("Ann"), "{of} {kind}");
    }
    assert!(!w.show("order", &on).to_string().contains("Ann Other"));
    assert!(!format!("{:?}", w.state(&name("order", &on))).contains("Ann Other"));
}

#[test]
fn a_warehouse_is_told_and_the_erp_too() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    readdress(&mut w, &on, "a1");
    w.settle();
    let told = w.args_of("amend_fulfilment");
    assert_eq!((told.len(), told[0]["id"].as_str()), (1, Some("shop-1-F1")));
    assert_eq!(told[0]["ship_to"]["address1"], "2 New Street");
    assert_eq!(w.args_of("amend_sales_order")[0]["ship_to"]["postcode"], "N2 2BB");
    done(&mut w, &on);
}

#[test]
fn a_warehouse_that_will_not_gets_it_back_and_is_asked_anew() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    w.systems.habits.refuse.insert("amend_fulfilment".into(), "printed".into());
    readdress(&mut w, &on, "a1");
    w.settle();
    let asked = w.args_of("create_fulfilment");
    assert_eq!(asked.len(), 2);
    assert_eq!(
        (asked[1]["id"].as_str(), asked[1]["ship_to"]["address1"].as_str()),
        (Some("shop-1-F2"), Some("2 New Street"))
    );
    assert_eq!(w.args_of("cancel_fulfilment").len(), 1);
    assert!(w.exceptions().is_empty());
    done(&mut w, &on);
}

#[test]
fn what_cannot_be_taken_back_is_a_conflict() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    for op in ["amend_fulfilment", "cancel_fulfilment"] {
        w.systems.habits.refuse.insert(op.into(), "already_shipped".into());
    }
    readdress(&mut w, &on, "a1");
    w.settle();
    assert!(w.exceptions().contains(&"change_conflicts"));
    done(&mut w, &on);
}

#[test]
fn after_shipping_it_is_a_conflict() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    w.ship_all();
    let commands = w.commands.len();
    readdress(&mut w, &on, "a1");
    w.settle();
    assert!(w.exceptions().contains(&"change_conflicts"));
    assert_eq!(w.commands.len(), commands);
}

#[test]
fn an_older_address_and_the_same_again_change_nothing() {
    let mut w = World::stocked(&[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    let before = w.now.plus(Span::seconds(-30));
    readdress(&mut w, &on, "a2");
    w.settle();
    let commands = w.commands.len();
    readdress(&mut w, &on, "a2");
    readdress(&mut w, &on, "a3");
    let older = event("order.address_changed", name("order", &on), before, &to(&on, "a1", "3 Older Street"));
    w.deliver(&name("order", &on), &older).unwrap();
    w.settle();
    assert_eq!(w.commands.len(), commands);
    assert_eq!(w.facts_of("order.address_changed").len(), 1);
    done(&mut w, &on);
}

#[test]
fn a_label_with_the_old_address_is_given_back() {
    let mut policy = Policy::simple("uk", &["north", "south"]);
    policy.fulfilment.labels = Labels::Hub;
    policy.asks.insert("carrier".into());
    let mut w = World::new(policy);
    w.supply("north", &[("A", 9)]);
    let on = placed(&mut w);
    w.settle();
    assert_eq!(w.args_of("buy_label")[0]["to"]["address1"], "1 Old Street");
    readdress(&mut w, &on, "a1");
    w.settle();
    let bought = w.args_of("buy_label");
    assert_eq!((bought.len(), bought[1]["to"]["address1"].as_str()), (2, Some("2 New Street")));
    assert_eq!(w.args_of("void_label").len(), 1);
    done(&mut w, &on);
    assert_eq!(w.systems.labels.len(), 1, "one label was used");
}
