//! Signature vectors of others' test suites (the folder's PROVENANCE.md); where they are not at hand there is nothing
//! to try. Their payloads go through the shipped connectors in `crates/wiring/tests/recorded.rs`.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers stand outside #[test] functions

use link::Scheme;
use retail::time::Time;
use std::path::{Path, PathBuf};

fn shared() -> PathBuf {
    match std::env::var_os("CROSSDOCK_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    }
    .join("data")
}

#[test]
fn others_signature_vectors() {
    let Ok(text) = std::fs::read_to_string(shared().join("stripe/signatures/signature_vectors.json")) else {
        return;
    };
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let body =
            std::fs::read(shared().join("stripe/signatures").join(case["body_file"].as_str().unwrap()))
                .unwrap();
        let headers = [("Stripe-Signature".to_owned(), case["header"].as_str().unwrap().to_owned())];
        let now = Time(case["clock"].as_i64().unwrap() * 1_000);
        let tolerance = retail::time::Span::seconds(case["tolerance"].as_i64().unwrap());
        let verdict =
            Scheme::Stripe.verify(&headers, &body, case["secret"].as_str().unwrap(), tolerance, now);
        assert_eq!(verdict.is_ok(), case["valid"].as_bool().unwrap(), "{case}");
    }
}
