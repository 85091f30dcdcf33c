//! One value with its field's path, and the shapes it may be read as.

use super::fault::nearest;
use super::fields::Fields;
use super::reading::Reading;
use ::toml::Spanned;
use ::toml::de::DeValue;
use ::toml::value::Datetime;
use std::ops::RangeInclusive;

/// One value with its field's path. Each reader below answers `None` after saying what is wrong.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    reading: &'a Reading<'a>,
    /// Where it stands: `connection[2].url`.
    pub path: String,
    value: &'a Spanned<DeValue<'a>>,
}

/// A text, and where it begins.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// The text, without quotes and escapes.
    pub value: &'a str,
    /// Where it stands.
    pub path: String,
    /// Byte offset of its first character, or of its quotes where it is not `exact`.
    pub start: usize,
    /// True where it stands there letter by letter, without escapes: then an offset in `value` is one from
    /// `start` too.
    pub exact: bool,
}

impl<'a> Node<'a> {
    pub(super) fn new(reading: &'a Reading<'a>, path: String, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { reading, path, value }
    }

    /// What the value is part of.
    #[must_use]
    pub fn reading(&self) -> &'a Reading<'a> {
        self.reading
    }

    /// Byte offset of the value.
    #[must_use]
    pub fn start(&self) -> usize {
        self.value.span().start
    }

    /// Something is wrong with the value.
    pub fn fault(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.reading.fault(self.start(), &self.path, message, hint);
    }

    /// The value is of another kind; the value itself is not shown, since it may be a secret.
    fn wrong(&self, wanted: &str) {
        self.fault(format!("{wanted} is needed, not {}", article(self.value.get_ref().type_str())), "");
    }

    /// Whether it is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// Whether it is text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Text.
    #[must_use]
    pub fn text(&self) -> Option<Text<'a>> {
        let Some(value) = self.value.get_ref().as_str() else {
            self.wrong("text");
            return None;
        };
        let span = self.value.span();
        let raw = self.reading.source.text.get(span.clone()).unwrap_or_default();
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let newline = match raw.get(quotes..) {
            Some(rest) if quotes == 3 && rest.starts_with("\r\n") => 2,
            Some(rest) if quotes == 3 && rest.starts_with('\n') => 1,
            _ => 0,
        };
        let inside = raw.get(quotes + newline..).unwrap_or_default();
        let exact = inside.starts_with(value);
        Some(Text {
            value,
            path: self.path.clone(),
            start: if exact { span.start + raw.len() - inside.len() } else { span.start },
            exact,
        })
    }

    /// True or false; false where it is neither.
    #[must_use]
    pub fn yes(&self) -> bool {
        let value = self.value.get_ref().as_bool();
        if value.is_none() {
            self.wrong("true or false");
        }
        value == Some(true)
    }

    /// A whole number from 1 on.
    #[must_use]
    pub fn count(&self) -> Option<u32> {
        let number = self.value.get_ref().as_integer().map(|n| u32::from_str_radix(n.as_str(), n.radix()));
        match number {
            Some(Ok(n)) if n > 0 => Some(n),
            Some(_) => {
                self.fault("a whole number from 1 on is needed", "");
                None
            }
            None => {
                self.wrong("a whole number");
                None
            }
        }
    }

    /// A whole number within bounds.
    #[must_use]
    pub fn whole(&self, bounds: RangeInclusive<i64>) -> Option<i64> {
        let Some(number) = self.value.get_ref().as_integer() else {
            self.wrong("a whole number");
            return None;
        };
        match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(n) if bounds.contains(&n) => Some(n),
            _ => {
                let (least, most) = (bounds.start(), bounds.end());
                self.fault(format!("a whole number from {least} to {most} is needed, not {number}"), "");
                None
            }
        }
    }

    /// The fields of a table.
    #[must_use]
    pub fn fields(&self) -> Option<Fields<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            self.wrong("a table");
            return None;
        };
        Some(Fields::new(self.reading, self.path.clone(), self.start(), Some(table)))
    }

    /// The values of a list; none where it is no list.
    #[must_use]
    pub fn items(&self) -> Vec<Self> {
        let Some(items) = self.value.get_ref().as_array() else {
            self.wrong("a list");
            return Vec::new();
        };
        let node = |(n, value)| Self::new(self.reading, format!("{}[{n}]", self.path), value);
        items.iter().enumerate().map(node).collect()
    }

    /// A span of time such as `500ms`, `60s`, `5m`, `24h`, `30d`, in milliseconds.
    #[must_use]
    pub fn span_ms(&self) -> Option<i64> {
        let text = self.text()?;
        let parsed = parse_span_ms(text.value);
        if parsed.is_none() {
            self.fault(format!("{:?} is not a span of time", text.value), "500ms, 60s, 5m, 24h or 30d");
        }
        parsed
    }

    /// One of several words.
    #[must_use]
    pub fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, meant)| *meant);
        if found.is_none() {
            let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            let near = nearest(text.value, words.iter().map(|(word, _)| *word)).map_or(all, str::to_owned);
            self.fault(format!("{:?} is not known here", text.value), near);
        }
        found
    }

    /// A day, written without quotes: `2010-12-31`. Year, month from 1, day from 1; it exists.
    #[must_use]
    pub fn day(&self) -> Option<(u16, u8, u8)> {
        match self.value.get_ref().as_datetime() {
            Some(Datetime { date: Some(date), time: None, offset: None }) => {
                Some((date.year, date.month, date.day))
            }
            _ => {
                self.fault("a day is needed", "2010-12-31, without quotes");
                None
            }
        }
    }

    /// An instant with its zone, written without quotes: `2011-01-10T00:00:00Z`. The answer is RFC 3339 text.
    #[must_use]
    pub fn instant(&self) -> Option<String> {
        match self.value.get_ref().as_datetime() {
            Some(at @ Datetime { date: Some(_), time: Some(_), offset: Some(_) }) => Some(at.to_string()),
            _ => {
                self.fault("a time with its zone is needed", "2011-01-10T00:00:00Z, without quotes");
                None
            }
        }
    }

    /// The same value as JSON. Times become text. Decimals are refused, since a binary fraction does not keep
    /// their digits: they are to be written as text.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        use serde_json::Value;
        match self.value.get_ref() {
            DeValue::String(text) => Some(Value::String(text.clone().into_owned())),
            DeValue::Boolean(yes) => Some(Value::Bool(*yes)),
            DeValue::Datetime(at) => Some(Value::String(at.to_string())),
            DeValue::Integer(_) => self.whole(i64::MIN..=i64::MAX).map(Value::from),
            DeValue::Float(number) => {
                self.fault(
                    "a decimal would lose digits here",
                    format!("write it as text: \"{}\"", number.as_str()),
                );
                None
            }
            DeValue::Array(_) => {
                let items: Vec<Option<Value>> = self.items().iter().map(Self::json).collect();
                items.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
            }
            DeValue::Table(_) => {
                let entries: Vec<_> = self.fields()?.entries();
                let read: Vec<_> = entries.iter().map(|(name, node)| (name.value, node.json())).collect();
                read.into_iter()
                    .map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect::<Option<serde_json::Map<_, _>>>()
                    .map(Value::Object)
            }
        }
    }
}

/// A span of time such as `500ms`, `60s`, `5m`, `24h`, `30d`, in milliseconds; `None` for anything else.
#[must_use]
pub fn parse_span_ms(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text[..digits].parse().ok()?;
    let unit = match &text[digits..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    count.checked_mul(unit)
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests;
