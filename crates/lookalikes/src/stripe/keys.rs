//! Idempotency keys: the first answer is kept for a while and given again (docs.stripe.com/api/idempotent_requests,
//! 2026-09 version: up to 255 characters; kept at least 24 h, then the key makes a new request; other parameters
//! under one key are refused; the first status and body are kept even if it is a 500; what is refused in validation
//! is not kept).

use crate::base::http::Call;
use crate::base::luck::hash;
use crate::stripe::Form;
use crate::stripe::errors::Fault;
use crate::stripe::objects::{RefundStatus, Snapshot};
use std::collections::BTreeMap;

/// What a POST came to, small enough to be kept for every key: an object as it was at that moment, or a fault.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Intent(Snapshot),
    Refund(u32, RefundStatus),
    Fault(Fault),
}

/// A key as it was shown, with a number for path and parameters.
#[derive(Debug)]
pub(crate) struct Key {
    name: Box<str>,
    parameters: u64,
}

impl Key {
    pub(crate) fn new(name: &str, call: &Call<'_>, form: &Form<'_>) -> Self {
        let mut pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_ref(), v.as_ref())).collect();
        pairs.sort_unstable();
        let path = call.joined();
        let mut parts = vec![path.as_str()];
        parts.extend(pairs.iter().flat_map(|(n, v)| [*n, *v]));
        Self { name: name.into(), parameters: hash(0, &parts) }
    }
}

#[derive(Debug)]
struct Kept {
    since: i64,
    parameters: u64,
    outcome: Outcome,
}

/// All keys in use.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    kept: BTreeMap<Box<str>, Kept>,
}

impl Keys {
    /// What came of the first request under this key; a fault where that had other parameters; none where the key
    /// is new or forgotten.
    pub(crate) fn find(&mut self, key: &Key, now: i64, keeps_ms: i64) -> Option<Result<Outcome, Fault>> {
        if key.name.len() > 255 {
            let message = "The idempotency key is longer than 255 characters.".to_owned();
            return Some(Err(Fault::invalid("idempotency_key_too_long", "Idempotency-Key", message)));
        }
        let kept = self.kept.get(&key.name)?;
        if now.saturating_sub(kept.since) >= keeps_ms {
            self.kept.remove(&key.name);
            return None;
        }
        if kept.parameters == key.parameters {
            Some(Ok(kept.outcome.clone()))
        } else {
            Some(Err(Fault::other_parameters(&key.name)))
        }
    }

    pub(crate) fn keep(&mut self, key: Key, now: i64, outcome: Outcome) {
        if let Outcome::Fault(fault) = &outcome
            && !fault.kept()
        {
            return;
        }
        self.kept.insert(key.name, Kept { since: now, parameters: key.parameters, outcome });
    }
}
