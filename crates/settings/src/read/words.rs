//! The shapes that several parts of an estate share.

use formats::toml::{Fields, Node, nearest};
use retail::money::Currency;
use retail::time::Span;

/// How an id is written.
pub(super) const ID: &str = "1 to 80 of A-Z, a-z, 0-9, dot, underline and hyphen";

/// An id as names of cases and accounts take it: `[A-Za-z0-9._-]`, 1 to 80.
pub(super) fn id(node: &Node<'_>) -> Option<String> {
    let text = node.text()?.value;
    let fits = is_id(text);
    if !fits {
        node.fault(format!("{text:?} is not an id"), ID);
    }
    fits.then(|| text.to_owned())
}

/// Whether a text is an id.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=80).contains(&text.len()) && text.chars().all(plain)
}

/// A name that also stands in addresses and paths: `[a-z0-9-]`, 1 to 64.
pub(super) fn name(node: &Node<'_>) -> Option<String> {
    let text = node.text()?.value;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=64).contains(&text.len()) && text.chars().all(plain);
    if !fits {
        node.fault(format!("{text:?} is not a name"), "1 to 64 of a-z, 0-9 and hyphen");
    }
    fits.then(|| text.to_owned())
}

/// A list of texts, each with its place; empty texts are refused.
pub(super) fn texts<'a>(node: &Node<'a>) -> Vec<(String, Node<'a>)> {
    let text = |item: Node<'a>| {
        let value = item.text()?.value;
        if value.trim().is_empty() {
            item.fault("an empty text names nothing", "");
            return None;
        }
        Some((value.to_owned(), item))
    };
    node.items().into_iter().filter_map(text).collect()
}

/// True or false, or what it is when left out.
pub(super) fn yes(fields: &mut Fields<'_>, name: &'static str, default: bool) -> bool {
    fields.get(name).map_or(default, |node| node.yes())
}

/// A count from 1 on, or what it is when left out.
pub(super) fn count(fields: &mut Fields<'_>, name: &'static str, default: u32) -> u32 {
    fields.get(name).and_then(|node| node.count()).unwrap_or(default)
}

/// Days from 1 on, at most a hundred years.
pub(super) fn days(node: &Node<'_>) -> Option<i64> {
    node.whole(1..=36_525)
}

/// A span longer than nothing.
pub(super) fn span(node: &Node<'_>) -> Option<Span> {
    let ms = node.span_ms()?;
    if ms == 0 {
        node.fault("a span longer than nothing is needed", "500ms, 60s, 5m, 24h or 30d");
    }
    (ms > 0).then_some(Span(ms))
}

/// What to write instead of an unknown name: the nearest known one, else all of them.
pub(super) fn instead<'n>(wrong: &str, known: impl IntoIterator<Item = &'n str> + Clone) -> String {
    match nearest(wrong, known.clone()) {
        Some(near) => near.to_owned(),
        None => known.into_iter().collect::<Vec<_>>().join(", "),
    }
}

/// An ISO 4217 code.
pub(super) fn currency(node: &Node<'_>) -> Option<Currency> {
    let text = node.text()?;
    let read = Currency::parse(text.value);
    if read.is_none() {
        node.fault(format!("{:?} is not an ISO 4217 code", text.value), "GBP");
    }
    read
}
