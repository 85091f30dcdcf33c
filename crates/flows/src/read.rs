//! Reading what others wrote. Members that nobody here knows are ignored, since a vendor's events grow; a
//! member that is missing, negative where it may not be or too large is refused with its name.

use crate::out::Res;
use hub::process::Fault;
use retail::envelope::Json;
use serde::Deserialize;

/// The most units that one line of anything may have. Products with amounts stay far within 128 bits, sums of
/// ten thousand lines within 64.
pub(crate) const MAX_QUANTITY: i64 = 1_000_000_000;
/// The largest amount of one line, in minor units.
pub(crate) const MAX_AMOUNT: i64 = 100_000_000_000_000;
/// The most lines that one order or return may have.
pub(crate) const MAX_LINES: usize = 10_000;

/// Reads an event's or message's data.
pub(crate) fn read<'a, T: Deserialize<'a>>(kind: &str, data: &'a Json) -> Res<T> {
    serde_json::from_str(data.get()).map_err(|e| Fault::new("bad_data", format!("{kind}: {e}")))
}

/// Readers of single members, each saying its own name when it refuses.
pub(crate) mod field {
    use super::{MAX_AMOUNT, MAX_QUANTITY};
    use serde::{Deserialize, Deserializer, de};

    fn whole<'de, D: Deserializer<'de>>(d: D, name: &str, least: i64, most: i64) -> Result<i64, D::Error> {
        let n = i64::deserialize(d).map_err(|e| de::Error::custom(format!("`{name}`: {e}")))?;
        if (least..=most).contains(&n) {
            Ok(n)
        } else {
            Err(de::Error::custom(format!("`{name}` is {n}; it must be from {least} to {most}")))
        }
    }

    /// Whether a text may be an id.
    pub fn is_id(text: &str) -> bool {
        let fits = (1..=80).contains(&text.len());
        fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b))
    }

    fn text<'de, D: Deserializer<'de>>(d: D, name: &str) -> Result<String, D::Error> {
        let text = String::deserialize(d).map_err(|e| de::Error::custom(format!("`{name}`: {e}")))?;
        if is_id(&text) {
            Ok(text)
        } else {
            Err(de::Error::custom(format!("`{name}` is {text:?}; an id is 1 to 80 of A-Z a-z 0-9 . _ : -")))
        }
    }

    macro_rules! members {
        (numbers { $($name:ident from $least:expr, to $most:expr;)+ } texts { $($id:ident)+ }) => {
            $(pub fn $name<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
                whole(d, stringify!($name), $least, $most)
            })+
            $(pub fn $id<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
                text(d, stringify!($id))
            })+
        };
    }

    members! {
        numbers {
        quantity from 1, to MAX_QUANTITY;
        accepted from 0, to MAX_QUANTITY;
        rejected from 0, to MAX_QUANTITY;
        amount from 0, to MAX_AMOUNT;
        discount from 0, to MAX_AMOUNT;
        tax from 0, to MAX_AMOUNT;
        total from 0, to MAX_AMOUNT;
        authorised from 0, to MAX_AMOUNT;
        captured from 0, to MAX_AMOUNT;
        share from 0, to MAX_AMOUNT;
        wanted from 0, to MAX_QUANTITY;
        }
        texts {
        order source source_id line rma receipt inspection shipment fulfilment release payment refund credit
            place id hold executor
        }
    }

    /// Who did something: a name as people write it.
    pub fn by<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
        let by = String::deserialize(d).map_err(|e| de::Error::custom(format!("`by`: {e}")))?;
        if (1..=80).contains(&by.len()) && !by.chars().any(char::is_control) && by.trim() == by {
            Ok(by)
        } else {
            Err(de::Error::custom(format!("`by` is {by:?}; a name is 1 to 80 printable characters")))
        }
    }

    /// An amount that may be left out.
    pub fn amount_if<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
        let Some(n) = Option::<i64>::deserialize(d)? else { return Ok(None) };
        if (0..=MAX_AMOUNT).contains(&n) {
            Ok(Some(n))
        } else {
            Err(de::Error::custom(format!("`amount` is {n}; it must be from 0 to {MAX_AMOUNT}")))
        }
    }

    /// A stock code: anything printable, since retailers have codes such as `BANK CHARGES`.
    pub fn sku<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
        let sku = String::deserialize(d).map_err(|e| de::Error::custom(format!("`sku`: {e}")))?;
        if (1..=80).contains(&sku.len()) && !sku.chars().any(char::is_control) && sku.trim() == sku {
            Ok(sku)
        } else {
            Err(de::Error::custom(format!("`sku` is {sku:?}; a stock code is 1 to 80 printable characters")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use retail::envelope::Json;

    #[derive(Debug, Deserialize)]
    struct Line {
        #[serde(deserialize_with = "field::line")]
        line: String,
        #[serde(deserialize_with = "field::sku")]
        sku: String,
        #[serde(deserialize_with = "field::quantity")]
        quantity: i64,
    }

    fn line(json: &str) -> Res<Line> {
        let raw: Json = serde_json::from_str(json).unwrap();
        read("test", &raw)
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good = line(r#"{"line":"1","sku":"BANK CHARGES","quantity":2,"new_in_v7":true}"#).unwrap();
        assert_eq!((good.line.as_str(), good.sku.as_str(), good.quantity), ("1", "BANK CHARGES", 2));
        for (bad, member) in [
            (r#"{"line":"1","sku":"a"}"#, "quantity"),
            (r#"{"line":"1","sku":"a","quantity":0}"#, "quantity"),
            (r#"{"line":"1","sku":"a","quantity":-1}"#, "quantity"),
            (r#"{"line":"1","sku":"a","quantity":1.5}"#, "quantity"),
            (r#"{"line":"1","sku":"a","quantity":1e308}"#, "quantity"),
            (r#"{"line":"1","sku":"a","quantity":99999999999999999999}"#, "quantity"),
            (r#"{"line":"1","sku":"","quantity":1}"#, "sku"),
            (r#"{"line":"a b","sku":"a","quantity":1}"#, "line"),
            (r#"{"line":"1","line":"2","sku":"a","quantity":1}"#, "line"),
        ] {
            let fault = line(bad).unwrap_err();
            assert_eq!(fault.code, "bad_data", "{bad}");
            assert!(fault.why.contains(member), "{bad}: {}", fault.why);
        }
    }
}
