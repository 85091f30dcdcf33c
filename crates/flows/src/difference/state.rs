//! What is kept of a difference.

use crate::out::Res;
use crate::stored::{self, Stored};
use retail::listing::ListKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The version of the stored shape.
pub const VERSION: u8 = 1;

/// A difference, found or gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    #[serde(rename = "v")]
    pub version: u8,
    #[serde(rename = "s")]
    pub standing: Standing,
    /// What list it is of; absent while it was never found.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<ListKind>,
    /// Codes of exceptions that it has raised and that are not over.
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<String>,
}

/// Whether it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// It was never found, or both sides agree again.
    #[serde(rename = "g")]
    Gone,
    #[serde(rename = "f")]
    Found,
}

impl Standing {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Found => "found",
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self { version: VERSION, standing: Standing::Gone, kind: None, raised: Vec::new() }
    }
}

impl Stored for State {
    const WHAT: &'static str = "the difference";
    const VERSION: u8 = VERSION;

    fn version(&self) -> u8 {
        self.version
    }
}

impl State {
    pub(crate) fn decode(bytes: &[u8]) -> Res<Self> {
        stored::decode(bytes)
    }

    pub(crate) fn encode(&self) -> Res<Vec<u8>> {
        stored::encode(self)
    }
}

/// A difference as people see it.
#[must_use]
pub fn show(id: &str, state: &State) -> Value {
    json!({"difference": id, "status": state.standing.code(), "kind": state.kind, "exceptions": state.raised})
}
