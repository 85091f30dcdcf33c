//! Well-signed messages that make no sense: answered with 2xx, kept, and shown to a person who is told the field.

use super::common::events::{event, order, submitted};
use super::common::folder::Folder;
use super::common::hub::{Hub, counts};
use super::common::until;
use serde_json::{Value, json};

/// One change of an order, the code it is parked under, and what its cause names.
struct Wrong {
    at: &'static str,
    to: &'static str,
    code: &'static str,
    names: &'static str,
}

const fn wrong(at: &'static str, to: &'static str, code: &'static str, names: &'static str) -> Wrong {
    Wrong { at, to, code, names }
}

const WRONG: &[Wrong] = &[
    wrong("/total", "1531", "total_differs", "1531"),
    wrong("/lines/0/amount", "1529", "total_differs", "1529"),
    wrong("/lines/0/quantity", "0", "bad_data", "`quantity`"),
    wrong("/lines/0/quantity", "-6", "bad_data", "`quantity`"),
    wrong("/lines/0/quantity", "1.5", "bad_data", "`quantity`"),
    wrong("/lines/0/quantity", "1000000001", "bad_data", "`quantity`"),
    wrong("/lines/0/quantity", "99999999999999999999", "bad_data", "`quantity`"),
    wrong("/lines/0/quantity", "\"6\"", "bad_data", "`quantity`"),
    wrong("/lines/0/amount", "-1", "bad_data", "`amount`"),
    wrong("/lines/0/amount", "15.30", "bad_data", "`amount`"),
    wrong("/lines/0/amount", "1e300", "bad_data", "`amount`"),
    wrong("/lines/0/amount", "100000000000001", "bad_data", "`amount`"),
    wrong("/lines/0/amount", "9223372036854775808", "bad_data", "`amount`"),
    wrong("/lines/0/tax", "-1", "bad_data", "`tax`"),
    wrong("/lines/0/tax", "1531", "tax_differs", "1531"),
    wrong("/lines/0/discount", "-1", "bad_data", "`discount`"),
    wrong("/lines/0/unit_price", "\"-2.55\"", "bad_data", "`unit_price`"),
    wrong("/lines/0/kind", "\"furniture\"", "bad_data", "furniture"),
    wrong("/lines/0/sku", "\"\"", "bad_data", "`sku`"),
    wrong("/lines/0/line", "\"a b\"", "bad_data", "`line`"),
    wrong("/lines", "[]", "line_count", "0 lines"),
    wrong("/total", "-1530", "bad_data", "`total`"),
    wrong("/total", "9223372036854775808", "bad_data", "`total`"),
    wrong("/tenders/0/authorised", "-1530", "bad_data", "`authorised`"),
    wrong("/tenders/0/authorised", "1529", "tender_short", "1529"),
    wrong("/tenders/0/executor", "\"\"", "no_executor", "t1"),
    wrong("/currency", "\"pounds\"", "bad_data", "pounds"),
    wrong("/placed_at", "\"2026-03-01 08:26\"", "bad_data", "2026-03-01 08:26"),
    wrong("/source", "\"web\"", "order_differs", "web"),
];

#[test]
fn an_order_that_does_not_add_up_is_parked_and_its_field_named() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    for (n, wrong) in WRONG.iter().enumerate() {
        let id = n.to_string();
        let mut data = order(&id);
        // Numbers beyond 64 bits are put in as text, since a JSON value here would make them floats.
        *data.pointer_mut(wrong.at).unwrap() = json!("@");
        let body = event(&format!("m-{n}"), "order.submitted", &data).replace("\"@\"", wrong.to);
        let answer = hub.shop(&body);
        assert_eq!(answer.status, 200, "{} = {}: {}", wrong.at, wrong.to, answer.body);
        let open = hub.exceptions(n + 1);
        assert_eq!(open.len(), n + 1, "{} = {} raised nothing: {open:?}", wrong.at, wrong.to);
        let message = format!("m-{n}:");
        let found = open.iter().find(|(_, cause, _)| cause.contains(&message));
        let (code, cause, about) = found.unwrap_or_else(|| panic!("nothing names {message} {open:?}"));
        assert_eq!(code, wrong.code, "{} = {}: {cause}", wrong.at, wrong.to);
        assert!(cause.contains(wrong.names), "{} = {}: {cause}", wrong.at, wrong.to);
        assert!(about.starts_with("received/0/"), "{about}");
        assert_eq!(hub.get(&format!("/v1/orders/shop-{id}")).status, 404, "{} = {}", wrong.at, wrong.to);
    }
    assert_eq!(hub.placed(0), Vec::<String>::new());
    let counts = counts(&folder);
    assert_eq!((counts.received, counts.parked), (WRONG.len() as u64, WRONG.len() as u64));
    assert_eq!(hub.get("/v1/balances").json()["balances"], json!([]), "nothing was booked");
}

#[test]
fn what_is_no_event_at_all_is_parked_too() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let good = submitted("1");
    let twice = good.replacen("\"currency\":\"GBP\"", "\"currency\":\"GBP\",\"currency\":\"EUR\"", 1);
    let outside = good.replacen("\"specversion\"", "\"id\":\"m-0\",\"specversion\"", 1);
    let mut nameless: Value = serde_json::from_str(&good).unwrap();
    nameless["id"] = json!("");
    let mut old: Value = serde_json::from_str(&good).unwrap();
    old["specversion"] = json!("0.3");
    let mut placeless: Value = serde_json::from_str(&good).unwrap();
    placeless["data"].as_object_mut().unwrap().remove("order");
    let bodies = [
        (twice, "duplicate_json_key", "currency"),
        (outside, "duplicate_json_key", "id"),
        (good[..good.len() - 1].to_owned(), "not_json", "byte"),
        (format!("{good} // and more"), "not_json", "byte"),
        ("NaN".to_owned(), "not_json", "byte"),
        (nameless.to_string(), "no_dedupe_key", "/id"),
        (old.to_string(), "mapping_failed", "0.3"),
        (placeless.to_string(), "mapping_failed", "/data/order"),
    ];
    for (n, (body, code, names)) in bodies.iter().enumerate() {
        let answer = hub.shop(body);
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
        let open = hub.exceptions(n + 1);
        assert_eq!(open.len(), n + 1, "{body} raised nothing: {open:?}");
        assert!(open.iter().any(|(of, cause, _)| of == code && cause.contains(names)), "{body}: {open:?}");
    }
    assert_eq!(counts(&folder).parked, bodies.len() as u64);
    assert_eq!(hub.placed(0), Vec::<String>::new());
    assert_eq!(hub.shop(&good).status, 200);
    assert_eq!(hub.placed(1), ["shop-1"]);
}

#[test]
fn authorisations_beyond_all_sums_do_not_stop_the_hub() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let mut data = order("1");
    // Each may be the largest amount there is; together they are more than 64 bits hold.
    let tender = |n: usize| json!({"id": n.to_string(), "executor": "s", "payment": n.to_string(), "authorised": 100_000_000_000_000_i64});
    data["tenders"] = (0..95_000).map(tender).collect();
    let body = event("m-1", "order.submitted", &data);
    assert!(body.len() < 8 * 1024 * 1024, "{}", body.len());
    // It takes long to read; a sender that is told 503 sends again.
    until("it is taken", || hub.shop(&body).status == 200);
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    assert_eq!(hub.order("shop-2")["total"], 1_530);
}
