//! What is kept of a refund.

use crate::early::Early;
use crate::messages::Open;
use crate::out::Res;
use crate::pending::Pending;
use crate::stored::{self, Stored};
use crate::tell::Told;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the stored shape.
pub const VERSION: u8 = 1;

/// A refund. Without a document it has not been opened yet and what came early waits in it.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// What is to be paid back, as the order asked.
    pub doc: Option<Arc<Open>>,
    pub body: Body,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Body {
    #[serde(rename = "v")]
    pub version: u8,
    #[serde(rename = "b")]
    pub since: i64,
    #[serde(rename = "s")]
    pub phase: Phase,
    /// Rises after a proven failure.
    #[serde(rename = "g", skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// The provider's number for the refund that counts.
    #[serde(rename = "r", skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The provider's numbers of refunds that failed: whatever is still said of them changes nothing.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<String>,
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<Early>,
    #[serde(rename = "p", skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Pending>,
    /// Codes of exceptions that it has raised and that are not known to be over.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<String>,
    /// The credit memo that was last reversed in the ERP, and why: before it is paid again, a new one is posted.
    #[serde(rename = "mr", skip_serializing_if = "Option::is_none")]
    pub reversed_memo: Option<(String, String)>,
    /// Until when the provider's verdict is awaited, milliseconds.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    #[serde(skip_serializing_if = "Told::is_empty")]
    pub told: Told,
}

impl Stored for Body {
    const WHAT: &'static str = "the refund's body";
    const VERSION: u8 = VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}

/// What was asked is kept as it came. Its first version has no member that says so; a second has `v`.
impl Stored for Open {
    const WHAT: &'static str = "the refund's document";
    const VERSION: u8 = 1;

    fn version(&self) -> u8 {
        1
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// How far a refund has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Phase {
    /// Something was heard of it before it was opened.
    #[default]
    #[serde(rename = "w")]
    Awaited,
    /// The credit memo is with the ERP.
    #[serde(rename = "m")]
    Memo,
    /// Asked of the executor.
    #[serde(rename = "a")]
    Asked,
    /// Nobody knows whether it was done; it is being looked up.
    #[serde(rename = "u")]
    Unknown,
    /// The executor has taken it and not settled it.
    #[serde(rename = "p")]
    Pending,
    #[serde(rename = "s")]
    Succeeded,
    #[serde(rename = "f")]
    Failed,
    /// It succeeded, and the money came back.
    #[serde(rename = "r")]
    Reversed,
}

impl Phase {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Awaited => "awaited",
            Self::Memo => "memo",
            Self::Asked => "asked",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Reversed => "reversed",
        }
    }
}

impl State {
    /// A refund of which nothing is known but its name.
    #[must_use]
    pub fn awaited(since: i64) -> Self {
        Self { doc: None, body: Body { version: VERSION, since, ..Body::default() } }
    }

    /// # Errors
    /// `bad_state` when the bytes do not read as a version known here, or the document is missing.
    pub fn decode(body: &[u8], doc: Option<&[u8]>) -> Res<Self> {
        let body: Body = stored::decode(body)?;
        let doc: Option<Open> = stored::decode_if(doc)?;
        if doc.is_none() && body.phase != Phase::Awaited {
            return Err(stored::torn(Open::WHAT, "it is missing"));
        }
        Ok(Self { doc: doc.map(Arc::new), body })
    }

    /// # Errors
    /// When it cannot be written, which is a bug.
    pub fn encode(&self) -> Res<Vec<u8>> {
        stored::encode(&self.body)
    }

    /// # Errors
    /// As [`State::encode`].
    pub fn encode_doc(&self) -> Res<Option<Vec<u8>>> {
        self.doc.as_deref().map(stored::encode).transpose()
    }
}

/// A refund as people and programs outside see it.
#[must_use]
pub fn show(id: &str, state: &State) -> serde_json::Value {
    let body = &state.body;
    let outstanding: Vec<_> =
        body.pending.iter().map(|(k, p)| serde_json::json!({"command": k, "state": p.word()})).collect();
    let Some(doc) = state.doc.as_deref() else {
        return serde_json::json!({"refund": id, "status": body.phase.code()});
    };
    serde_json::json!({
        "refund": id, "status": body.phase.code(), "order": doc.order, "rma": doc.rma, "executor": doc.executor,
        "payment": doc.payment, "tender": doc.tender, "amount": doc.amount, "currency": doc.currency,
        "generation": body.generation + 1, "pay": doc.pay, "reference": body.reference, "outstanding": outstanding,
    })
}
