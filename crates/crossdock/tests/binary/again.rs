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

#[test]
fn a_parked_command_is_shown_with_its_next_step_and_done_once_it_is_tried_again() {
    let erp = Vendor::start(401);
    let folder = Folder::with_back_office(&erp.url);
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    let data = folder.data();
    until("the ERP's 401 is shown", || on(&data, &["exceptions"]).code == 1);
    let shown = on(&data, &["exceptions", "--code", "command_parked", "--json"]).json();
    let row = &shown["exceptions"][0];
    assert_eq!(row["code"], "command_parked:create_sales_order:shop-1", "{shown}");
    assert!(row["cause"].as_str().is_some_and(|cause| cause.contains("credentials")), "{row}");
    let next = row["next_step"].as_str().unwrap();
    let named = next.split("--retry ").nth(1).and_then(|rest| rest.split(['`', ' ']).next()).unwrap();

    assert_eq!(again(&folder, "--retry", named), (0, 202.into()));
    until("it was refused again", || erp.asked().len() == 2);
    until("and is shown again", || on(&data, &["exceptions", "--code", "command_parked"]).code == 1);
    erp.say(200);
    assert_eq!(again(&folder, "--retry", named), (0, 202.into()));
    until("it is done", || erp.asked().len() > 2);
    until("it is over", || on(&data, &["exceptions"]).code == 0);
    assert_eq!(sales_orders(&erp), 3);
    assert_eq!(again(&folder, "--retry", named), (1, 404.into()), "it waits no more");
}

#[test]
fn a_case_is_tried_again_by_its_name() {
    let erp = Vendor::start(401);
    let folder = Folder::with_back_office(&erp.url);
    let hub = Hub::start(&folder);
    let data = folder.data();
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    until("the ERP's 401 is shown", || on(&data, &["exceptions"]).code == 1);
    erp.say(200);
    assert_eq!(again(&folder, "--retry", "order/shop-1"), (0, 202.into()));
    until("it is over", || on(&data, &["exceptions"]).code == 0);
    assert_eq!(sales_orders(&erp), 2);
    for nothing in ["order/", "pool/main", "nonsense/x", "order"] {
        let (code, said) = again(&folder, "--retry", nothing);
        assert!(code == 1 && (said == 404 || said == 422), "{nothing}: {said}");
    }
}

#[test]
fn a_message_that_still_makes_no_sense_stays_parked_once() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let mut short = order("1");
    short["total"] = 1.into();
    assert_eq!(hub.shop(&event("m-1", "order.submitted", &short)).status, 200);
    for _ in 0..2 {
        assert_eq!(again(&folder, "--replay", "0/1"), (0, 202.into()));
        let open = hub.exceptions();
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!(open[0].0, "total_differs");
    }
    assert_eq!(again(&folder, "--replay", "0/2"), (1, 404.into()));
    assert_eq!(again(&folder, "--replay", "0/0"), (1, 404.into()));
    assert_eq!(again(&folder, "--replay", "7/1"), (1, 404.into()));
    assert_eq!(again(&folder, "--replay", "0/x"), (1, 422.into()));
    assert_eq!(hub.placed(), Vec::<String>::new());
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
    let open = hub.exceptions();
    assert!(open.len() == 1 && open[0].0 == "mapping_failed" && open[0].1.contains("nothing"), "{open:?}");
    assert_eq!(hub.placed(), Vec::<String>::new());
    hub.kill();

    let hub = Hub::start(&folder);
    assert_eq!(hub.exceptions().len(), 1, "nobody has asked yet");
    assert_eq!(again(&folder, "--replay", "0/1"), (0, 202.into()));
    assert_eq!(hub.placed(), ["web-820982911946154508"]);
    assert_eq!(hub.exceptions(), []);
    assert_eq!(again(&folder, "--replay", "0/1"), (1, 404.into()), "it is parked no more");
    assert_eq!(hub.post("web", &headers, body.as_bytes()).status, 200, "the sender's own repeat");
    assert_eq!(hub.placed().len(), 1);
}
