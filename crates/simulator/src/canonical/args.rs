//! The arguments of commands, as far as vendors look at them.

use retail::envelope::{Command, Outcome};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

pub type Text<'a> = Cow<'a, str>;

/// One line of any document; what a document does not have is absent.
#[derive(Clone, Deserialize, Serialize)]
pub struct Line<'a> {
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub line: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub sku: Text<'a>,
    pub quantity: i64,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub disposition: Text<'a>,
    #[serde(borrow, default, skip_serializing)]
    pub place: Text<'a>,
}

/// Any document. Members that it does not have are absent; those it must have are checked by operation.
#[derive(Deserialize)]
pub struct Document<'a> {
    #[serde(borrow, default)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub order: Text<'a>,
    #[serde(borrow, default)]
    pub rma: Text<'a>,
    #[serde(borrow, default)]
    pub place: Text<'a>,
    #[serde(borrow, default)]
    pub reference: Text<'a>,
    #[serde(borrow, default)]
    pub receipt: Text<'a>,
    #[serde(borrow, default)]
    pub source_id: Text<'a>,
    #[serde(borrow, default)]
    pub status: Text<'a>,
    #[serde(borrow, default)]
    pub kind: Text<'a>,
    #[serde(borrow, default)]
    pub currency: Text<'a>,
    pub total: Option<i64>,
    pub amount: Option<i64>,
    #[serde(borrow, default)]
    pub refunded: Option<Money<'a>>,
    #[serde(borrow, default)]
    pub lines: Vec<Line<'a>>,
    #[serde(borrow, default)]
    pub parcels: Vec<Parcel<'a>>,
    #[serde(borrow, default)]
    pub add: Vec<Line<'a>>,
    #[serde(borrow, default)]
    pub change: Vec<Line<'a>>,
}

#[derive(Deserialize)]
pub struct Money<'a> {
    pub amount: i64,
    #[serde(borrow)]
    pub currency: Text<'a>,
}

#[derive(Deserialize)]
pub struct Parcel<'a> {
    #[serde(borrow)]
    pub lines: Vec<Line<'a>>,
}

/// What a payment is asked.
#[derive(Deserialize)]
pub struct Payment<'a> {
    #[serde(borrow)]
    pub payment: Text<'a>,
    #[serde(borrow, default)]
    pub credit: Text<'a>,
    #[serde(default)]
    pub amount: i64,
    #[serde(default)]
    pub several: bool,
}

#[derive(Deserialize)]
pub struct Stock<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub seq: i64,
    #[serde(borrow)]
    pub items: Vec<Available<'a>>,
}

#[derive(Deserialize)]
pub struct Available<'a> {
    #[serde(borrow)]
    pub sku: Text<'a>,
    pub available: i64,
}

/// How many units lines are about.
pub fn units(lines: &[Line<'_>]) -> i64 {
    lines.iter().map(|line| line.quantity).sum()
}

/// A vendor that does not do what it is asked, and says why.
pub fn refused(code: &str, message: impl Into<String>) -> Outcome {
    Outcome::Refused { code: code.to_owned(), message: message.into() }
}

/// Reads a command's arguments.
///
/// # Errors
/// The refusal of a vendor that cannot read them.
pub fn read<'a, T: Deserialize<'a>>(command: &'a Command) -> Result<T, Outcome> {
    serde_json::from_str(command.args.get()).map_err(|error| refused("missing_member", error.to_string()))
}

/// A document with lines, all of them of some units.
///
/// # Errors
/// The refusal of a vendor that is told of nothing, or of less than nothing.
pub fn positive<'l, 'a>(lines: &'l [Line<'a>]) -> Result<&'l [Line<'a>], Outcome> {
    match lines.iter().find(|line| line.quantity <= 0) {
        None if lines.is_empty() => Err(refused("missing_member", "there are no lines")),
        None => Ok(lines),
        Some(bad) => Err(refused(
            "bad_quantity",
            format!("line {}: quantity {} is not positive", bad.line, bad.quantity),
        )),
    }
}
