//! A row of the journal, as far as it is needed here. `docs/journal.md` explains each member.

use retail::envelope::{Json, Name};
use retail::time::Time;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Turn {
    pub case: Name,
    pub cause: Json,
    pub input: Input,
    pub parked: Option<Json>,
    #[serde(default)]
    pub facts: Vec<Fact>,
    #[serde(default)]
    pub commands: Vec<Command>,
    #[serde(default)]
    pub entries: Vec<Entry>,
    pub open: bool,
}

impl Turn {
    /// The number of the command that it followed from: a cause `{"command": [number, row]}`.
    pub fn command(&self) -> Option<u64> {
        #[derive(Deserialize)]
        struct Caused {
            command: (u64, u64),
        }
        serde_json::from_str::<Caused>(self.cause.get()).ok().map(|caused| caused.command.0)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Input {
    Event {
        #[serde(rename = "type")]
        kind: String,
        occurred: Time,
        data: Json,
    },
    Outcome {
        outcome: String,
        result: Option<Json>,
    },
    Mail {},
    Timer {},
}

#[derive(Deserialize)]
pub(crate) struct Fact {
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Json,
}

#[derive(Deserialize)]
pub(crate) struct Command {
    pub id: u64,
    pub system: String,
    #[serde(default)]
    pub at: String,
    pub op: String,
    pub key: String,
    pub args: Json,
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    pub lines: Vec<(String, String, i64)>,
}

/// Any command's arguments, and most events' data: what one has not is absent.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Data {
    pub id: Option<String>,
    pub order: Option<String>,
    pub rma: Option<String>,
    pub reference: Option<String>,
    pub credit: Option<String>,
    pub payment: Option<String>,
    pub refund: Option<String>,
    pub shipment: Option<String>,
    pub fulfilment: Option<String>,
    pub place: Option<String>,
    pub source: Option<String>,
    pub currency: Option<String>,
    pub amount: Option<i64>,
    pub total: Option<i64>,
    pub tracking: Option<String>,
    pub placed_at: Option<Time>,
    pub shipped_at: Option<Time>,
    pub lines: Vec<Line>,
    pub add: Vec<Line>,
    pub parcels: Vec<Parcel>,
    pub tenders: Vec<Tender>,
    pub items: Vec<Item>,
}

#[derive(Deserialize)]
pub(crate) struct Line {
    #[serde(default)]
    pub line: String,
    pub sku: Option<String>,
    pub kind: Option<String>,
    #[serde(default)]
    pub quantity: Option<i64>,
}

impl Line {
    /// Whether its kind is goods; a line that does not say is.
    pub fn is_goods(&self) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind == "goods")
    }
}

#[derive(Deserialize)]
pub(crate) struct Parcel {
    pub tracking: Option<String>,
    #[serde(default)]
    pub lines: Vec<Line>,
}

#[derive(Deserialize)]
pub(crate) struct Tender {
    pub payment: String,
    pub executor: String,
    pub currency: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Item {
    pub sku: String,
    pub available: i64,
    #[serde(default)]
    pub places: Vec<PlaceFigures>,
}

#[derive(Deserialize)]
pub(crate) struct PlaceFigures {
    pub place: String,
    pub on_hand: i64,
}

/// What a system promised of a command that is done.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Promised {
    pub r#ref: Option<serde_json::Value>,
    pub tracking: Option<String>,
}

impl Promised {
    /// The system's own id, as text.
    pub fn own(&self) -> Option<String> {
        match &self.r#ref {
            Some(serde_json::Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(serde_json::Value::Number(number)) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Reads what is there; a shape that is not known is taken as empty, since the journal keeps every version's.
pub(crate) fn data(json: &Json) -> Data {
    serde_json::from_str(json.get()).unwrap_or_default()
}
