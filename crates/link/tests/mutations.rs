//! Damaged messages: whatever is flipped, cut or doubled, nothing panics, and the strict reader agrees with
//! serde_json on what is JSON at all.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::json::{Malformed, same};
use link::{Connector, Endpoint, Folder, InboundRequest, Intake, Scheme};
use retail::time::Time;
use std::collections::BTreeMap;
use std::path::Path;

const NOW: Time = Time(1_767_607_200_000);
const SECRET: &str = "whsec_c2VjcmV0";

const ORDER: &str = r#"{"id":820982911946154508,"order_number":1,"currency":"GBP","created_at":"2026-01-05T10:00:00Z","taxes_included":true,
"total_price":"27.26","customer":{"id":1},"payment_gateway_names":["stripe"],"note_attributes":[{"name":"payment_intent","value":"pi_1"}],
"line_items":[{"id":1,"sku":"a","quantity":10,"price":"2.55","tax_lines":[{"price":3.99}],"discount_allocations":[{"amount":"1e1"}]}],
"shipping_lines":[{"title":"x\u00e9\ud83d\ude00","price":"-4.95"}]}"#;

const REFUND: &str = r#"{"id":"evt_1","created":1648319945,"type":"refund.updated","data":{"object":{"id":"re_1","amount":100,"currency":"usd",
"payment_intent":"pi_1","status":"succeeded","metadata":{"hub":"k","credit":"c-1","order":"o-1"}}}}"#;

const ALLOCATED: &str = r#"{"specversion":"1.0","id":"1","source":"/oms","type":"order.allocated","time":"2026-01-05T09:00:00Z",
"data":{"release":"R1","order":"shop-1","fulfilments":[{"place":"n","lines":[{"line":"1","sku":"A","quantity":1}]}],"short":[]}}"#;

/// A fixed sequence of numbers (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

fn damage(text: &str, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len());
        match numbers.below(6) {
            0 => bytes.truncate(at.max(1)),
            1 => bytes[at] = b"{}[]\",:0-9.eE+ \\nult\x00\xff"[numbers.below(22)],
            2 => {
                bytes.remove(at);
            }
            3 => bytes.insert(at, b"{}[]\",:019.e-\\"[numbers.below(14)]),
            4 => {
                let end = (at + numbers.below(40)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let end = (at + numbers.below(20)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'0');
        }
    }
    bytes
}

fn connector(name: &str) -> Connector {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors").join(name);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    Connector::compile(&Folder { files }, None).unwrap()
}

#[test]
fn the_reader_agrees_with_serde_json() {
    let mut numbers = Numbers(1);
    let (mut sound, mut broken, mut doubled) = (0, 0, 0);
    for n in 0..6_000 {
        let bytes = damage([ORDER, REFUND, ALLOCATED][n % 3], &mut numbers);
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let serde = serde_json::from_str::<serde_json::Value>(&text);
        match same(&text, &text) {
            Ok(_) => {
                sound += 1;
                // serde_json refuses numbers beyond a double; the digits are sound all the same.
                let beyond = serde.as_ref().is_err_and(|wrong| wrong.to_string().contains("out of range"));
                assert!(serde.is_ok() || beyond, "accepted what is not JSON: {text}");
            }
            // Told as soon as it is seen, whether or not the rest is sound; serde_json lets it pass.
            Err(Malformed::DuplicateKey { .. }) => doubled += 1,
            Err(wrong) => {
                broken += 1;
                assert!(serde.is_err(), "refused what is JSON ({wrong}): {text}");
            }
        }
    }
    assert!(
        sound > 300 && broken > 1_000 && doubled > 20,
        "{sound} sound, {broken} broken, {doubled} doubled"
    );
}

#[test]
fn a_damaged_message_is_taken_parked_or_refused_and_never_more() {
    let mut numbers = Numbers(2);
    let endpoint = Endpoint {
        url: String::new(),
        conf: serde_json::json!({"source": "shop", "pool": "gb"}).into(),
        secret: BTreeMap::from([("hook".to_owned(), SECRET.to_owned())]),
        ..Endpoint::default()
    };
    let mut tally: BTreeMap<&str, u32> = BTreeMap::new();
    for (name, scheme, text) in [
        ("shopify", Scheme::Shopify, ORDER),
        ("stripe", Scheme::Stripe, REFUND),
        ("canonical", Scheme::StandardWebhooks, ALLOCATED),
    ] {
        let connector = connector(name);
        for _ in 0..400 {
            let body = damage(text, &mut numbers);
            let mut headers = scheme.sign("m", &body, SECRET, NOW);
            headers.push(("X-Shopify-Topic".to_owned(), "orders/create".to_owned()));
            headers.push(("X-Shopify-Event-Id".to_owned(), "e1".to_owned()));
            let request = InboundRequest { path: "/", headers: &headers, body: &body };
            let what = match connector.intake(&request, &endpoint, NOW, "t") {
                Intake::Taken { key, events, .. } => {
                    assert!(!key.is_empty() && events.len() == 1);
                    let data: serde_json::Value = serde_json::from_str(events[0].data.get()).unwrap();
                    assert!(data.is_object());
                    "taken"
                }
                Intake::Parked { key, why, .. } => {
                    assert!(!key.is_empty() && !why.is_empty());
                    "parked"
                }
                Intake::Ignored { .. } => "ignored",
                Intake::Wakes { .. } => "wakes",
                Intake::Refused { status, why, .. } => panic!("{status} {why}"),
            };
            *tally.entry(what).or_default() += 1;
        }
    }
    assert!(tally["taken"] > 20 && tally["parked"] > 20, "{tally:?}");
    assert_eq!(tally.len(), 2, "none is left alone: {tally:?}");
}

#[test]
fn a_signature_does_not_outlive_one_flipped_bit() {
    for scheme in [Scheme::Shopify, Scheme::Stripe, Scheme::StandardWebhooks] {
        let headers = scheme.sign("m", REFUND.as_bytes(), SECRET, NOW);
        let mut numbers = Numbers(3);
        for _ in 0..200 {
            let mut body = REFUND.as_bytes().to_vec();
            let at = numbers.below(body.len());
            body[at] ^= 1 << numbers.below(8);
            assert!(scheme.verify(&headers, &body, SECRET, retail::time::Span::seconds(300), NOW).is_err());
        }
    }
}
