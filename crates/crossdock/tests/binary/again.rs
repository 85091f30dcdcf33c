//! What a person has the running hub try again: commands, cases, messages.

use super::common::events::{event, order, submitted};
use super::common::folder::{Folder, copy};
use super::common::hub::Hub;
use super::common::sign::shopify;
use super::common::vendor::{Asked, Vendor};
use super::common::{on, root, run, until};
use serde_json::Value;
use std::ffi::OsStr;

/// `exceptions --retry WHAT` or `--replay WHAT`: the exit code, and the hub's status or the error.
fn again(folder: &Folder, how: &str, what: &str) -> (i32, Value) {
    let (data, estate) = (folder.data(), folder.estate());
    let arguments: [&OsStr; 8] = [
        "exceptions".as_ref(),
        "--json".as_ref(),
        "--data".as_ref(),
        data.as_ref(),
        how.as_ref(),
        what.as_ref(),
        "--estate".as_ref(),
        estate.as_ref(),
    ];
    let ran = run(&arguments);
    (ran.code, if ran.out.is_empty() { Value::from(ran.err) } else { ran.json()["status"].clone() })
}

/// How often the ERP was asked for the sales order of `shop-1`, each time under the same key.
fn sales_orders(erp: &Vendor) -> usize {
    let asked: Vec<Asked> =
        erp.asked().into_iter().filter(|(what, _)| what == "PUT /sales-orders/shop-1").collect();
    assert!(asked.iter().all(|one| !one.1.is_empty() && *one == asked[0]), "one key: {asked:?}");
    asked.len()
}

#[test]
fn a_command_that_does_not_wait_is_not_tried_again_and_any_of_two_tokens_opens() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("token"), "the-new-token the-old-token\n").unwrap();
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    let data = folder.data();
    assert_eq!(again(&folder, "--retry", "0/99"), (1, 404.into()));
    assert_eq!(again(&folder, "--retry", "9/1"), (1, 404.into()));
    assert_eq!(again(&folder, "--retry", "0/y"), (1, 422.into()));
    drop(hub);
    let (code, said) = again(&folder, "--retry", "0/99");
    assert!(code == 2 && said.as_str().is_some_and(|said| said.contains("http://127.0.0.1:")), "{said}");
    let alone = on(&data, &["exceptions", "--retry", "0/1"]);
    assert!(alone.code == 2 && alone.err.contains("data/estate.toml"), "{alone:?}");
}

/// An order whose sales order the ERP does not take; what the exceptions say.
fn refused() -> (Folder, Hub, Vendor, Value) {
    let erp = Vendor::start(422);
    let folder = Folder::with_back_office(&erp.url);
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    until("the ERP's 422 is shown", || on(&folder.data(), &["exceptions"]).code == 1);
    let shown = on(&folder.data(), &["exceptions", "--json"]).json()["exceptions"].clone();
    let said = shown.to_string();
    assert!(said.contains("create_sales_order:shop-1") && said.contains("was refused"), "{shown:#}");
    (folder, hub, erp, shown)
}

/// Tried again in vain, it is shown again; tried again once the ERP is repaired, it is over.
fn goes_through(folder: &Folder, erp: &Vendor, way: &str) {
    let data = folder.data();
    assert_eq!(again(folder, "--retry", way), (0, 202.into()));
    until("it was refused again", || sales_orders(erp) == 2);
    until("and is shown again", || on(&data, &["exceptions"]).code == 1);
    erp.say(200);
    assert_eq!(again(folder, "--retry", way), (0, 202.into()));
    until("it is over", || on(&data, &["exceptions"]).code == 0);
    assert_eq!(sales_orders(erp), 3);
}

#[test]
fn what_was_refused_of_a_case_is_tried_again_by_the_case_s_name() {
    let (folder, _hub, erp, _) = refused();
    goes_through(&folder, &erp, "order/shop-1");
    for nothing in ["order/", "order/shop-2", "order/shop-1/x", "pool/main", "pool/x", "nonsense/x", "order"]
    {
        let (code, said) = again(&folder, "--retry", nothing);
        assert!(code == 1 && (said == 404 || said == 422), "{nothing}: {said}");
    }
}

#[test]
fn pitfall_36_every_way_that_an_exception_names_leads_out() {
    let (_, _, _, shown) = refused();
    let steps = shown.as_array().unwrap().iter().filter_map(|row| row["next_step"].as_str());
    let ways: Vec<&str> =
        steps.filter_map(|step| step.split("--retry ").nth(1)?.split(['`', ' ']).next()).collect();
    assert!(!ways.is_empty(), "no next step names a command to type: {shown:#}");
    for way in ways {
        let (folder, _hub, erp, _) = refused();
        goes_through(&folder, &erp, way);
    }
}

#[test]
fn a_message_that_still_makes_no_sense_stays_parked_once() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let mut short = order("1");
    short["total"] = 1.into();
    assert_eq!(hub.shop(&event("m-1", "order.submitted", &short)).status, 200);
    hub.exceptions(1);
    for _ in 0..2 {
        assert_eq!(again(&folder, "--replay", "0/1"), (0, 202.into()));
        let open = hub.exceptions(1);
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!(open[0].0, "total_differs");
    }
    assert_eq!(again(&folder, "--replay", "0/2"), (1, 404.into()));
    assert_eq!(again(&folder, "--replay", "0/0"), (1, 404.into()));
    assert_eq!(again(&folder, "--replay", "7/1"), (1, 404.into()));
    assert_eq!(again(&folder, "--replay", "0/x"), (1, 422.into()));
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    assert_eq!(hub.placed(1), ["shop-2"]);
}

#[test]
fn a_repaired_mapping_takes_a_parked_message_in_once() {
    let folder = Folder::new();
    let connectors = copy(&root().join("connectors"));
    std::fs::write(connectors.path().join("shopify/order.jq"), "need(.body.nothing)").unwrap();
    let body = super::signatures::SHOPIFY_ORDER;
    let mut headers = shopify("shpss_new_secret", "orders/create", body.as_bytes());
    headers.push(("x-shopify-event-id".to_owned(), "event-1".to_owned()));

    let mut hub = Hub::start_with(&folder, &["--connectors".as_ref(), connectors.path().as_os_str()]);
    assert_eq!(hub.post("web", &headers, body.as_bytes()).status, 200);
    let open = hub.exceptions(1);
    assert!(open.len() == 1 && open[0].0 == "mapping_failed" && open[0].1.contains("nothing"), "{open:?}");
    assert_eq!(hub.placed(0), Vec::<String>::new());
    hub.kill();

    let hub = Hub::start(&folder);
    assert_eq!(hub.exceptions(1).len(), 1, "nobody has asked yet");
    assert_eq!(again(&folder, "--replay", "0/1"), (0, 202.into()));
    assert_eq!(hub.placed(1), ["web-820982911946154508"]);
    until("its exception is over", || hub.exceptions(0).is_empty());
    assert_eq!(again(&folder, "--replay", "0/1"), (1, 404.into()), "it is parked no more");
    assert_eq!(hub.post("web", &headers, body.as_bytes()).status, 200, "the sender's own repeat");
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    assert_eq!(hub.placed(2).len(), 2);
}
