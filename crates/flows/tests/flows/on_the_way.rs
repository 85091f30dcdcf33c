//! What happens to orders in random histories on their way: they are changed, readdressed and tracked.

use crate::harness::samples::{changing, goods};
use crate::harness::{Rng, World, name};
use crate::histories::SKUS;
use retail::time::Span;
use serde_json::{Value, json};

/// Some lines are bundles, shipped by a vendor, not shipped at all, or collected.
pub fn vary(rng: &mut Rng, line: &mut Value) {
    if line["kind"] != "goods" {
        return;
    }
    let id = line["line"].as_str().unwrap().to_owned();
    match rng.below(12) {
        0 => {
            line["components"] = json!([
                {"line": format!("{id}a"), "sku": SKUS[rng.below(4)], "quantity": 1, "share": rng.within(0, 3)},
                {"line": format!("{id}b"), "sku": SKUS[rng.below(4)], "quantity": 2, "share": rng.within(0, 3)},
            ]);
        }
        1 => (line["supply"], line["vendor"], line["sku"]) = (json!("dropship"), json!("vendor"), json!("V")),
        2 => (line["supply"], line["sku"]) = (json!("digital"), json!("E")),
        3 => line["deliver"] = json!({"method": "ship_to_store", "place": "store"}),
        4 => {
            line["supply"] = json!("preorder");
            line["available_from"] = json!("2011-01-14T00:00:00Z");
        }
        _ => {}
    }
}

/// A line is added, or another quantity wanted; perhaps heard of late.
pub fn amend(w: &mut World, rng: &mut Rng, step: usize, orders: usize) {
    let on = format!("shop-{}", rng.within(1, i64::try_from(orders).unwrap()));
    let add = if rng.chance(50) {
        let mut line = goods(&format!("n{step}"), SKUS[rng.below(4)], rng.within(1, 3), rng.within(0, 900));
        vary(rng, &mut line);
        vec![line]
    } else {
        Vec::new()
    };
    let change = if rng.chance(70) { vec![("1", rng.within(0, 6))] } else { Vec::new() };
    let data = changing(&on, &format!("e{step}"), &add, &change);
    let at = w.now.plus(Span::minutes(rng.within(-20, 0)));
    let stimulus = crate::harness::event("order.lines_changed", name("order", &on), at, &data);
    w.coming.push((name("order", &on), stimulus));
}

pub fn readdress(w: &mut World, rng: &mut Rng, step: usize, orders: usize) {
    let on = format!("shop-{}", rng.within(1, i64::try_from(orders).unwrap()));
    let country = ["GB", "FR"][rng.below(2)];
    let data = json!({
        "order": on, "id": format!("a{step}"), "ship_to": {"country": country, "name": "Ann"},
    });
    let stimulus = crate::harness::event("order.address_changed", name("order", &on), w.now, &data);
    w.coming.push((name("order", &on), stimulus));
}

/// A carrier says something of a parcel.
pub fn track(w: &mut World, rng: &mut Rng) {
    let parcels: Vec<(retail::envelope::Name, String)> = w
        .cases
        .keys()
        .filter(|n| n.kind == "order")
        .filter_map(|n| match w.state(n) {
            Some(flows::State::Order(s)) => Some((n.clone(), s.body.tracks.first()?.tracking.clone())),
            _ => None,
        })
        .collect();
    if parcels.is_empty() {
        return;
    }
    let (on, tracking) = parcels[rng.below(parcels.len())].clone();
    let status = ["in_transit", "out_for_delivery", "delivered", "lost", "delivered"][rng.below(5)];
    let at = w.now.plus(Span::minutes(rng.within(-30, 0)));
    let data = json!({"tracking": tracking, "status": status, "at": at});
    let stimulus = crate::harness::event("parcel.tracked", on.clone(), w.now, &data);
    w.coming.push((on, stimulus));
}

/// What was sent to a store waits there for its customer.
pub fn await_customer(w: &mut World, rng: &mut Rng) {
    let sent = w.commands.iter().filter(|(_, c)| c.op == "create_fulfilment").filter_map(|(order, c)| {
        let args: Value = serde_json::from_str(c.args.get()).unwrap();
        let id = args["id"].as_str()?.to_owned();
        (args["method"] == "ship_to_store" && w.systems.left.contains(&id)).then(|| (order.clone(), id))
    });
    let sent: Vec<_> = sent.collect();
    if sent.is_empty() {
        return;
    }
    let (on, id) = sent[rng.below(sent.len())].clone();
    let ready = json!({"fulfilment": id, "order": on.value, "place": "store", "ready_at": w.now});
    let stimulus = crate::harness::event("fulfilment.ready", on.clone(), w.now, &ready);
    w.coming.push((on, stimulus));
}
