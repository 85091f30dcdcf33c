//! Messages come in only with a signature over their very bytes, made lately with a secret of the connection.

use super::common::events::{order, submitted};
use super::common::folder::{Folder, HOOK, SHOPIFY, STRIPE};
use super::common::http::Headers;
use super::common::hub::{Hub, counts};
use super::common::sign::{seconds, shopify, standard, stripe};

/// Signs a body at a moment with a secret.
type Sign = fn(&str, i64, &[u8]) -> Headers;

/// An order as Shopify sends it: ids beyond a double, a price as text.
pub const SHOPIFY_ORDER: &str = r##"{"id":820982911946154508,"order_number":1234,"name":"#1234","currency":"GBP",
"created_at":"2026-01-05T09:59:58-05:00","taxes_included":true,"total_price":"25.50","customer":{"id":1},
"payment_gateway_names":["stripe"],"note_attributes":[{"name":"payment_intent","value":"pi_123"}],
"line_items":[{"id":1,"sku":"85123A","title":"HEART","quantity":10,"price":"2.55","requires_shipping":true,
"gift_card":false,"properties":[],"tax_lines":[],"discount_allocations":[]}],"shipping_lines":[]}"##;

fn by_standard(secret: &str, at: i64, body: &[u8]) -> Headers {
    standard(secret, "msg_1", at, body)
}

fn by_shopify(secret: &str, _at: i64, body: &[u8]) -> Headers {
    let mut headers = shopify(secret, "orders/create", body);
    headers.push(("x-shopify-event-id".to_owned(), "event-1".to_owned()));
    headers
}

/// A connection, how it signs, its secrets, one that is not its own, a message.
fn schemes() -> [(&'static str, Sign, Vec<&'static str>, &'static str, String); 3] {
    let other = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA==";
    let money =
        r#"{"id":"evt_1","object":"event","type":"customer.created","created":1,"data":{"object":{}}}"#;
    [
        ("shop", by_standard, vec![HOOK], other, submitted("1")),
        ("web", by_shopify, SHOPIFY.split(' ').collect(), "shpss_other", SHOPIFY_ORDER.to_owned()),
        ("stripe", stripe, vec![STRIPE], "whsec_other", money.to_owned()),
    ]
}

#[test]
fn without_a_right_signature_nothing_is_taken_and_nothing_is_stored() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let before = hub.get("/v1/progress").json()["pos"].clone();
    for (connection, sign, secrets, other, body) in schemes() {
        let body = body.as_bytes();
        let refused = |headers: &Headers, body: &[u8], what: &str| {
            let answer = hub.post(connection, headers, body);
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "bad_signature"),
                "{connection}: {what}"
            );
        };
        let good = sign(secrets[0], seconds(0), body);
        refused(&Vec::new(), body, "no signature");
        refused(&sign(other, seconds(0), body), body, "another secret");
        refused(&sign("whsec_", seconds(0), body), body, "the empty secret");
        for at in [0, body.len() / 2, body.len() - 1] {
            let mut flipped = body.to_vec();
            flipped[at] ^= 1;
            refused(&good, &flipped, "one bit of the body");
        }
        refused(&good, &[body, b" "].concat(), "a blank behind the body");
        refused(&good, b"", "no body");
        for (n, (name, value)) in good
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| name.contains("signature") || name.contains("hmac"))
        {
            let mut changed = good.clone();
            // The last character may hold unused bits; the tenth from the end never does.
            let at = value.len() - 10;
            let letter = if value.as_bytes()[at] == b'0' { "1" } else { "0" };
            changed[n].1.replace_range(at..=at, letter);
            refused(&changed, body, &format!("{name} changed in one character"));
            let mut cut = good.clone();
            cut[n].1.truncate(value.len() - 4);
            refused(&cut, body, &format!("{name} cut short"));
        }
    }
    // Shopify signs no time.
    for (connection, sign, secrets, _, body) in schemes().into_iter().filter(|scheme| scheme.0 != "web") {
        for off in [-301, 310, -1_000_000_000] {
            let headers = sign(secrets[0], seconds(off), body.as_bytes());
            let answer = hub.post(connection, &headers, body.as_bytes());
            assert_eq!(answer.status, 401, "{connection}, {off} s off");
        }
    }
    let stale = by_standard(HOOK, i64::MAX, b"{}");
    assert_eq!(hub.post("shop", &stale, b"{}").status, 401, "a time beyond all times");
    assert_eq!(hub.get("/v1/progress").json()["pos"], before);
    let counts = counts(&folder);
    assert_eq!((counts.received, counts.journal, counts.cases), (0, 0, 0));
    assert_eq!(hub.exceptions(0), []);
}

#[test]
fn a_right_signature_is_taken_by_every_scheme_and_with_either_secret_while_one_is_replaced() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    for (connection, sign, secrets, _, body) in schemes() {
        for secret in secrets {
            for off in [0, -200, 299] {
                let headers = sign(secret, seconds(off), body.as_bytes());
                let answer = hub.post(connection, &headers, body.as_bytes());
                assert_eq!(answer.status, 200, "{connection}, {off} s off: {}", answer.body);
            }
        }
    }
    assert_eq!(hub.shop(&submitted("last")).status, 200);
    let mut placed = hub.placed(3);
    placed.sort();
    let once = ["shop-1", "shop-last", "web-820982911946154508"];
    assert_eq!(placed, once, "each once, however often it was sent");
    assert_eq!(hub.exceptions(0), []);
}

#[test]
fn one_connection_s_secret_opens_no_other() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let body = order("1").to_string();
    assert_eq!(
        hub.post("stripe", &by_standard(HOOK, seconds(0), body.as_bytes()), body.as_bytes()).status,
        401
    );
    assert_eq!(hub.post("web", &by_standard(HOOK, seconds(0), body.as_bytes()), body.as_bytes()).status, 401);
    assert_eq!(
        hub.post("shop", &by_shopify(SHOPIFY, seconds(0), body.as_bytes()), body.as_bytes()).status,
        401
    );
    assert_eq!(counts(&folder).received, 0);
}
