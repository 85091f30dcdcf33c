//! Signature schemes of incoming messages. All compare in constant time over the raw bytes, and accept any
//! of several secrets while one is being replaced.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use retail::time::{Span, Time};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

/// A signature scheme.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scheme {
    /// `X-Shopify-Hmac-Sha256`: base64 HMAC-SHA256 of the raw body with the app's client secret. No time
    /// is signed. (hookdeck/webhook-skills shopify-webhooks, 2026-02; bold-commerce/go-shopify oauth_test.go)
    Shopify,
    /// `Stripe-Signature: t=<unix>,v1=<hex>[,v1=…]`: hex HMAC-SHA256 of `{t}.{raw body}`; `v0` is ignored.
    /// (hookdeck/webhook-skills stripe-webhooks, 2026-02; stripe-go `DefaultTolerance`)
    Stripe,
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature` = space-separated `v1,<base64>`; signed is
    /// `id.timestamp.body`; the secret is `whsec_` and base64.
    /// (standard-webhooks/standard-webhooks, 2026-08-17)
    StandardWebhooks,
    /// The secret itself, the same every time, in a header of this name. It says who sent, and nothing of what was
    /// sent or when: for systems that sign nothing.
    Token(Arc<str>),
}

/// A scheme, of the header that the manifest names.
pub(crate) type Named = fn(&str) -> Scheme;

/// Names of the schemes in a manifest.
pub(crate) const SCHEMES: [(&str, Named); 4] = [
    ("shopify", |_| Scheme::Shopify),
    ("stripe", |_| Scheme::Stripe),
    ("standard-webhooks", |_| Scheme::StandardWebhooks),
    (TOKEN, |header| Scheme::Token(header.into())),
];

/// The one scheme whose header a manifest names.
pub(crate) const TOKEN: &str = "token";

/// How far a signed time may be off, either way, where a manifest does not say.
pub(crate) const TOLERANCE: Span = Span::seconds(300);

/// Why a signature was not accepted. None of these tells a stranger how close it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsigned {
    /// A header of the scheme is missing or cannot be read.
    Missing,
    /// The signed time is too far from now.
    Stale,
    /// No signature fits any secret.
    Wrong,
    /// The connection has no usable secret.
    NoSecret,
}

impl Unsigned {
    /// What to tell the operator.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Missing => "the signature header is missing or cannot be read",
            Self::Stale => "the signed time is too far from now",
            Self::Wrong => "the signature fits none of the secrets",
            Self::NoSecret => "the connection has no secret that fits this scheme",
        }
    }
}

/// Looks a header up without regard to case; the first counts.
pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

impl Scheme {
    /// Verifies a message. `secrets` may hold several, separated by blanks.
    ///
    /// # Errors
    /// When the message is not signed with one of the secrets, at a time within `tolerance` of `now`.
    pub fn verify(
        &self,
        headers: &[(String, String)],
        body: &[u8],
        secrets: &str,
        tolerance: Span,
        now: Time,
    ) -> Result<(), Unsigned> {
        let keys: Vec<Vec<u8>> = secrets.split_whitespace().filter_map(|secret| self.key(secret)).collect();
        if keys.is_empty() {
            return Err(Unsigned::NoSecret);
        }
        let need = |name| header(headers, name).ok_or(Unsigned::Missing);
        let timely = |seconds: &str| -> Result<(), Unsigned> {
            let at: i64 = seconds.parse().map_err(|_| Unsigned::Missing)?;
            let off = now.since(Time(at.checked_mul(1_000).ok_or(Unsigned::Stale)?)).0;
            if off.unsigned_abs() > tolerance.0.unsigned_abs() { Err(Unsigned::Stale) } else { Ok(()) }
        };
        match self {
            Self::Shopify => {
                let given = STANDARD.decode(need("x-shopify-hmac-sha256")?).map_err(|_| Unsigned::Wrong)?;
                fits(&keys, &[body], &[given])
            }
            Self::Stripe => {
                let value = need("stripe-signature")?;
                let part = |name: &'static str| {
                    value.split(',').filter_map(move |p| p.trim().strip_prefix(name)?.strip_prefix('='))
                };
                let at = part("t").next().ok_or(Unsigned::Missing)?;
                timely(at)?;
                let given: Vec<Vec<u8>> = part("v1").filter_map(unhex).collect();
                fits(&keys, &[at.as_bytes(), b".", body], &given)
            }
            Self::StandardWebhooks => {
                let (id, at) = (need("webhook-id")?, need("webhook-timestamp")?);
                let value = need("webhook-signature")?;
                timely(at)?;
                let given: Vec<Vec<u8>> = value
                    .split_whitespace()
                    .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
                    .collect();
                fits(&keys, &[id.as_bytes(), b".", at.as_bytes(), b".", body], &given)
            }
            // Digests are compared, so that the time tells nothing of how much of it was right.
            Self::Token(name) => {
                let given = need(name)?.as_bytes();
                let one = |key: &Vec<u8>| fits(std::slice::from_ref(key), &[key], &[mac(key, &[given])]);
                keys.iter().map(one).find(Result::is_ok).unwrap_or(Err(Unsigned::Wrong))
            }
        }
    }

    /// The headers that sign `body`, as the vendor would: for recorded cases and trial messages.
    #[must_use]
    pub fn sign(&self, id: &str, body: &[u8], secret: &str, now: Time) -> Vec<(String, String)> {
        let key = secret.split_whitespace().next().and_then(|secret| self.key(secret)).unwrap_or_default();
        let at = now.0.div_euclid(1_000).to_string();
        let named =
            |pairs: &[(&str, String)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        match self {
            Self::Shopify => named(&[("x-shopify-hmac-sha256", STANDARD.encode(mac(&key, &[body])))]),
            Self::Stripe => {
                let sum = hex(&mac(&key, &[at.as_bytes(), b".", body]));
                named(&[("stripe-signature", format!("t={at},v1={sum}"))])
            }
            Self::StandardWebhooks => {
                let sum = STANDARD.encode(mac(&key, &[id.as_bytes(), b".", at.as_bytes(), b".", body]));
                named(&[
                    ("webhook-id", id.to_owned()),
                    ("webhook-timestamp", at),
                    ("webhook-signature", format!("v1,{sum}")),
                ])
            }
            Self::Token(name) => vec![(name.to_string(), String::from_utf8_lossy(&key).into_owned())],
        }
    }

    /// The bytes of a secret.
    fn key(&self, secret: &str) -> Option<Vec<u8>> {
        match self {
            Self::Shopify | Self::Stripe | Self::Token(_) => Some(secret.as_bytes().to_vec()),
            Self::StandardWebhooks => {
                let coded = secret.strip_prefix("whsec_").unwrap_or(secret);
                STANDARD.decode(coded).ok().filter(|key| !key.is_empty())
            }
        }
    }
}

/// True where any given signature fits any key.
fn fits(keys: &[Vec<u8>], message: &[&[u8]], given: &[Vec<u8>]) -> Result<(), Unsigned> {
    for key in keys {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Err(Unsigned::NoSecret) };
        for part in message {
            mac.update(part);
        }
        if given.iter().any(|one| mac.clone().verify_slice(one).is_ok()) {
            return Ok(());
        }
    }
    Err(Unsigned::Wrong)
}

fn mac(key: &[u8], message: &[&[u8]]) -> Vec<u8> {
    // HMAC takes a key of any length, so the error cannot come; an empty signature then fits nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for part in message {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// `sha256:` and the hex digest: the last resort for the key of a message that names none.
pub(crate) fn digest(body: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(body)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        if write!(out, "{byte:02x}").is_err() {
            out.clear();
        }
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests;
