//! Signatures of the three kinds of webhook sender.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // A key of any length is good for HMAC (RFC 2104 section 2), so the error cannot occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().map_or('0', char::from);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// `X-Shopify-Hmac-Sha256`: base64 HMAC-SHA256 of the raw body under the app's client secret
/// (hookdeck/webhook-skills shopify-webhooks, 2026-02).
pub(crate) fn shopify(secret: &str, body: &[u8]) -> String {
    base64(&hmac(secret.as_bytes(), &[body]))
}

/// `Stripe-Signature`: `t=<unix>,v1=<hex HMAC-SHA256 of "{t}.{body}">`, the secret's text as the key
/// (hookdeck/webhook-skills stripe-webhooks, 2026-02).
pub(crate) fn stripe(secret: &str, unix: i64, body: &[u8]) -> String {
    let mac = hmac(secret.as_bytes(), &[unix.to_string().as_bytes(), b".", body]);
    format!("t={unix},v1={}", hex(&mac))
}

/// `webhook-signature` of Standard Webhooks 1.0.0: `v1,<base64 HMAC-SHA256 of "{id}.{timestamp}.{body}">`; the key
/// is what follows `whsec_`, base64 (standard-webhooks/standard-webhooks, 2026-08-17). A secret that is not
/// base64 is used as it is, which no right receiver will accept.
pub(crate) fn standard(secret: &str, id: &str, unix: i64, body: &[u8]) -> String {
    let text = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    let mac = hmac(&key, &[id.as_bytes(), b".", unix.to_string().as_bytes(), b".", body]);
    format!("v1,{}", base64(&mac))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expected values were made with `openssl dgst -sha256 -hmac`, not with this code.

    #[test]
    fn shopify_signature_is_that_of_openssl() {
        assert_eq!(shopify("hush", b"\"my secret message\""), "hMTq0K2x7oyOjoBwGYeTj5oxfnaVYXzbanUG9aajpKI=");
    }

    #[test]
    fn stripe_signature_is_that_of_openssl() {
        assert_eq!(
            stripe("whsec_x", 1_700_000_000, b"{\"id\":1}"),
            "t=1700000000,v1=830effa15a2837a1255e71d7e6536f8d8dca8d76c9690f37bf648306d998dfb3"
        );
    }

    #[test]
    fn standard_signature_is_that_of_the_specification() {
        // The example of the reference libraries.
        let body = br#"{"test": 2432232314}"#;
        let made = standard(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            body,
        );
        assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
