//! Signatures as the senders make them, written from their documentation and not from the hub's code.

use super::http::Headers;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::time::{SystemTime, UNIX_EPOCH};

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn headers(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Unix seconds now, and so many later.
pub fn seconds(later: i64) -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap() + later
}

/// Standard Webhooks: the key is what stands behind `whsec_` in base64; `id.timestamp.body` is signed.
pub fn standard(secret: &str, id: &str, at: i64, body: &[u8]) -> Headers {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let sum = mac(&key, &[format!("{id}.{at}.").as_bytes(), body].concat());
    let signature = format!("v1,{}", STANDARD.encode(sum));
    headers(&[("webhook-id", id), ("webhook-timestamp", &at.to_string()), ("webhook-signature", &signature)])
}

/// Shopify: base64 over the raw body.
pub fn shopify(secret: &str, topic: &str, body: &[u8]) -> Headers {
    let sum = STANDARD.encode(mac(secret.as_bytes(), body));
    headers(&[("x-shopify-topic", topic), ("x-shopify-hmac-sha256", &sum)])
}

/// Stripe: hexadecimal over `timestamp.body`.
pub fn stripe(secret: &str, at: i64, body: &[u8]) -> Headers {
    let sum = mac(secret.as_bytes(), &[format!("{at}.").as_bytes(), body].concat());
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    headers(&[("stripe-signature", &format!("t={at},v1={sum}"))])
}

#[test]
fn the_signature_is_that_of_the_standard_s_own_example() {
    // standard-webhooks/standard-webhooks, spec/standard-webhooks.md and the reference libraries' tests.
    let signed = standard(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        br#"{"test": 2432232314}"#,
    );
    assert_eq!(signed[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
