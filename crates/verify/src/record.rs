//! The journal row's body as `docs/journal.md` describes it, read anew here and not with the hub's types.
//! Members that this release does not know are passed over.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A text of the row, borrowed unless it holds an escape. (`Cow` alone is borrowed only as a direct member.)
#[derive(Clone, Debug, Default)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            /// A member that is there and says nothing.
            fn visit_unit<E: de::Error>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        d.deserialize_any(Visitor)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Row<'a> {
    pub v: u32,
    #[serde(borrow)]
    pub case: Name<'a>,
    pub cause: Cause,
    #[serde(borrow)]
    pub input: Input<'a>,
    #[serde(borrow, default)]
    pub parked: Option<Parked<'a>>,
    #[serde(borrow, default)]
    pub facts: Vec<Fact<'a>>,
    #[serde(borrow, default)]
    pub commands: Vec<Command<'a>>,
    #[serde(borrow, default)]
    pub entries: Vec<Entry<'a>>,
    #[serde(borrow, default)]
    pub messages: Vec<Message<'a>>,
    #[serde(borrow, default)]
    pub raised: Vec<Raised<'a>>,
    #[serde(borrow, default)]
    pub cleared: Vec<Text<'a>>,
    pub open: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Name<'a> {
    #[serde(borrow)]
    pub tenant: Text<'a>,
    #[serde(borrow)]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub value: Text<'a>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    /// Position of the received message.
    Received(u64),
    /// Number of the command, and the row that ordered it.
    Command(u64, u64),
    /// Sending partition, position of the mail, and the row that sent it.
    Mail(u16, u64, u64),
    Timer,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Input<'a> {
    #[serde(borrow)]
    Event(Event<'a>),
    #[serde(borrow)]
    Outcome(Outcome<'a>),
    #[serde(borrow)]
    Mail(Mail<'a>),
    Timer {},
}

#[derive(Debug, Deserialize)]
pub(crate) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub data: &'a RawValue,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Outcome<'a> {
    #[serde(borrow)]
    pub op: Text<'a>,
    #[serde(borrow)]
    pub key: Text<'a>,
    #[serde(borrow)]
    pub outcome: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Mail<'a> {
    #[serde(borrow)]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub data: &'a RawValue,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Parked<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Raised<'a> {
    #[serde(borrow)]
    pub code: Text<'a>,
    #[serde(borrow, default)]
    pub owner: Text<'a>,
}

/// What a turn established.
#[derive(Debug, Deserialize)]
pub(crate) struct Fact<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub data: &'a RawValue,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Command<'a> {
    pub id: u64,
    #[serde(borrow, default)]
    pub role: Text<'a>,
    /// Which of several; empty where one plays the role for all.
    #[serde(borrow, default)]
    pub at: Text<'a>,
    #[serde(borrow)]
    pub op: Text<'a>,
    #[serde(borrow)]
    pub key: Text<'a>,
    #[serde(borrow)]
    pub args: &'a RawValue,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entry<'a> {
    #[serde(borrow)]
    pub entity: Text<'a>,
    #[serde(borrow, default)]
    pub memo: Text<'a>,
    #[serde(borrow, default)]
    pub reference: Text<'a>,
    #[serde(borrow)]
    pub lines: Vec<(Text<'a>, Text<'a>, i64)>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Message<'a> {
    #[serde(borrow)]
    pub to: Name<'a>,
    pub part: u16,
    pub pos: u64,
    #[serde(borrow)]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub data: &'a RawValue,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Rows as every version of the hub wrote them (`crates/hub/tests/toy/kept.rs`).
    #[test]
    fn rows_of_every_version_read() {
        let mut read = 0;
        for entry in
            std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../hub/tests/golden")).unwrap()
        {
            for line in std::fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
                let Some(body) = line.strip_prefix("journal ") else { continue };
                let row: Row<'_> = serde_json::from_str(body).unwrap_or_else(|e| panic!("{body}: {e}"));
                assert!(row.v >= 1 && !row.case.value.is_empty());
                read += 1;
            }
        }
        assert!(read > 5);
    }
}
