//! Failure cases from the field that want a whole hub; `docs/pitfalls.md` lists all of them.

use super::common::events::{event, order, signed, submitted};
use super::common::folder::Folder;
use super::common::hub::{Hub, counts};
use super::common::sign::shopify;
use super::common::vendor::Vendor;
use super::common::{on, until};
use super::signatures::SHOPIFY_ORDER;
use serde_json::json;

#[test]
fn pitfall_19_the_same_order_five_times_at_once_is_one_sales_order() {
    let erp = Vendor::start(200);
    let folder = Folder::with_back_office(&erp.url);
    let hub = Hub::start(&folder);
    // Twice under one message's id, and three times under others.
    let ids = ["m-1", "m-1", "again-1", "again-2", "again-3"];
    std::thread::scope(|scope| {
        let posts = ids.map(|id| {
            let hub = &hub;
            scope.spawn(move || hub.shop(&event(id, "order.submitted", &order("1"))).status)
        });
        for post in posts {
            assert_eq!(post.join().unwrap(), 200);
        }
    });
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    let written = |id: &str| {
        let path = format!("PUT /sales-orders/{id}");
        erp.asked().iter().filter(|(what, _)| *what == path).count()
    };
    until("the next order is written", || written("shop-2") == 1);
    assert_eq!(written("shop-1"), 1);
    assert_eq!(hub.placed(2).len(), 2);
    assert_eq!(hub.exceptions(0), []);
}

/// A connector names what makes a message of its system one of a kind; Shopify's id of a delivery is not enough.
#[test]
fn pitfall_23_two_orders_under_one_delivery_id_are_both_taken_in() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let other = SHOPIFY_ORDER.replace("820982911946154508", "820982911946154509");
    assert_ne!(other, SHOPIFY_ORDER);
    for body in [SHOPIFY_ORDER, &other, SHOPIFY_ORDER] {
        let mut headers = shopify("shpss_new_secret", "orders/create", body.as_bytes());
        headers.push(("x-shopify-webhook-id".to_owned(), "same-second-same-id".to_owned()));
        assert_eq!(hub.post("web", &headers, body.as_bytes()).status, 200);
    }
    assert_eq!(hub.placed(2), ["web-820982911946154508", "web-820982911946154509"]);
    assert_eq!(hub.exceptions(0), []);
}

#[test]
fn pitfall_35_a_repeat_is_known_after_a_restart() {
    let folder = Folder::new();
    let mut hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    assert_eq!(hub.placed(1), ["shop-1"]);
    for _ in 0..3 {
        hub.kill();
        hub = Hub::start(&folder);
        assert_eq!(hub.shop(&submitted("1")).status, 200);
    }
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    assert_eq!(hub.placed(2), ["shop-1", "shop-2"]);
    assert_eq!(hub.exceptions(0), []);
    drop(hub);
    let verified = folder.verified(&[]);
    assert_eq!(verified.code, 0, "{verified:?}");
    assert_eq!(counts(&folder).parked, 0);
}

#[test]
fn pitfall_39_a_trial_shows_what_would_change_and_changes_nothing() {
    let erp = Vendor::start(200);
    let folder = Folder::with_back_office(&erp.url);
    let hub = Hub::start_with(&folder, &["--trial".as_ref()]);
    let would = |more: &[&str]| on(&folder.data(), &[&["commands", "--json"], more].concat()).json();
    let supply = json!({"receipt": "r1", "place": "north", "lines": [{"sku": "85123A", "quantity": 9}]});
    let supply = event("e-1", "stock.received", &supply);
    assert_eq!(hub.post("north", &signed(&supply), supply.as_bytes()).status, 200);
    for n in ["1", "2"] {
        assert_eq!(hub.shop(&submitted(n)).status, 200);
    }
    until("both are decided", || would(&[])["by_role"]["erp"]["create_sales_order"] == 2);
    let shown = would(&["--role", "erp"]);
    let first = &shown["commands"][0];
    assert_eq!((&first["role"], &first["state"]), (&"erp".into(), &"to_send".into()));
    assert_eq!((&first["args"]["id"], &first["args"]["total"]), (&"shop-1".into(), &1530.into()));
    let text = on(&folder.data(), &["commands"]);
    assert!(text.code == 0 && text.out.contains("create_sales_order"), "{text:?}");
    assert_eq!(erp.asked(), [], "nothing was sent");
    drop(hub);
    // The same folder, in earnest: what the trial has decided is done, once.
    let _hub = Hub::start(&folder);
    until("both are written", || erp.asked().len() >= 2);
    let count = |id: &str| erp.asked().iter().filter(|(what, _)| what.ends_with(id)).count();
    assert_eq!((count("/shop-1"), count("/shop-2")), (1, 1), "{:?}", erp.asked());
}
