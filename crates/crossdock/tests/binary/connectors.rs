//! `connector list`, `test` and `map`.

use super::common::folder::copy;
use super::common::{root, run};

#[test]
fn all_connectors_are_listed_with_what_they_can_do() {
    let ran = run(&["connector", "list"]);
    assert_eq!(ran.code, 0);
    for said in
        ["canonical", "shopify", "stripe", "recorded", "documented", "payments", "order.submitted", "refund"]
    {
        assert!(ran.out.contains(said), "{said:?} is not in\n{}", ran.out);
    }
    let json = run(&["connector", "list", "--json"]).json();
    let names: Vec<&str> = json.as_array().unwrap().iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["canonical", "karrio", "medusa", "shopify", "stripe", "tryton"]);
    let stripe = &json[4]["operations"];
    let names: Vec<&str> = stripe.as_array().unwrap().iter().filter_map(|op| op["name"].as_str()).collect();
    assert!(["capture", "refund", "void"].iter().all(|op| names.contains(op)), "{names:?}");
}

#[test]
fn recorded_cases_pass_and_a_changed_mapping_shows_its_difference() {
    let ran = run(&["connector", "test"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains(", 0 failed") && !ran.out.contains("FAIL"), "{}", ran.out);
    let one = run(&["connector", "test", "shopify", "--json"]).json();
    assert!(one["failed"] == 0 && one["passed"].as_u64() > Some(5), "{one}");
    let cases = one["cases"].as_array().unwrap();
    assert!(cases.iter().all(|case| case["connector"] == "shopify" && case["passed"] == true));
    let unknown = run(&["connector", "test", "shopify", "shopyfi"]);
    assert!(unknown.code == 2 && unknown.err.contains("shopyfi"), "{unknown:?}");

    let copied = copy(&root().join("connectors"));
    let folder = copied.path().display().to_string();
    assert_eq!(
        run(&["connector", "test", "--connectors", &folder]).code,
        0,
        "a folder does as well as what ships"
    );
    let manifest = copied.path().join("shopify/connector.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("order.cancel_requested", "order.cancel_reqested", 1)).unwrap();
    let wrong = run(&["connector", "test", "--connectors", &folder]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.out.contains("FAIL shopify") && wrong.out.contains("order.cancel_reqested"),
        "{}",
        wrong.out
    );
    std::fs::write(&manifest, "name = 1\nnothing = true\n").unwrap();
    let broken = run(&["connector", "test", "--connectors", &folder]);
    assert!(
        broken.code == 1 && broken.out.contains("connectors/shopify/connector.toml:1:8:"),
        "{}",
        broken.out
    );
    assert!(broken.out.contains("ok   stripe"), "the others are tested all the same: {}", broken.out);
    assert_eq!(run(&["connector", "list", "--connectors", &folder]).code, 2);
}

#[test]
fn a_payload_is_mapped_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let payload = folder.path().join("order.json");
    let body = r##"{"id":42,"order_number":7,"name":"#7","currency":"GBP","created_at":"2026-01-05T09:59:58-05:00",
        "taxes_included":true,"total_price":"5.10","payment_gateway_names":[],"note_attributes":[],
        "line_items":[{"id":1,"sku":"a","title":"T","quantity":2,"price":"2.55","requires_shipping":true,
        "gift_card":false,"properties":[],"tax_lines":[],"discount_allocations":[]}],"shipping_lines":[]}"##;
    std::fs::write(&payload, body).unwrap();
    let file = payload.display().to_string();
    let map = |more: &[&str]| {
        run(&[&["connector", "map", "shopify", "order.submitted", "--payload", file.as_str()], more].concat())
    };
    let mapped = map(&["--conf", "source=web"]);
    assert_eq!(mapped.code, 0, "{mapped:?}");
    let event = mapped.json();
    assert_eq!(event["data"]["order"], "web-42");
    assert_eq!((&event["data"]["total"], &event["data"]["lines"][0]["sku"]), (&510.into(), &"A".into()));

    let unset = map(&[]);
    assert!(unset.code == 1 && unset.out.contains("source"), "{unset:?}");
    let odd = map(&["--conf", "source"]);
    assert!(odd.code == 2 && odd.err.contains("NAME=VALUE"), "{odd:?}");
    std::fs::write(&payload, body.replace("\"2.55\"", "\"2.5x\"")).unwrap();
    let wrong = map(&["--conf", "source=web", "--json"]);
    assert!(
        wrong.code == 1 && wrong.json()["error"].as_str().is_some_and(|why| why.contains("price")),
        "{wrong:?}"
    );
    std::fs::write(&payload, "{").unwrap();
    assert_eq!(map(&["--conf", "source=web"]).code, 1);
    let unknown = run(&["connector", "map", "shopify", "order.eaten", "--payload", &file]);
    assert!(
        unknown.code == 1 && unknown.out.contains("order.submitted"),
        "it names what there is: {unknown:?}"
    );
    let missing = run(&["connector", "map", "shopify", "order.submitted", "--payload", "/nowhere.json"]);
    assert!(missing.code == 2 && missing.err.contains("/nowhere.json"), "{missing:?}");
}
