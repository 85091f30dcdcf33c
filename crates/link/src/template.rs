//! Texts with holes: `{conf.x}`, `{secret.x}`, or a jq expression that begins with a dot (`{.args.id}`).
//! `{{` and `}}` are the braces themselves.

use crate::jq::{Failed, Program, plain};
use crate::json;
use std::fmt;

/// A compiled text with holes.
#[derive(Debug, Default)]
pub(crate) struct Template {
    pub parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    /// The connection's address, without a slash at its end.
    Url,
    Conf(String),
    Secret(String),
    /// A plain member (`.args.id`, `.key`, `.object`): read without jq.
    Member(Vec<String>),
    Expression(Program),
}

/// A hole before it is compiled: its text without braces, and where it begins in the template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    Brace(char),
    Hole(&'t str, usize),
}

/// Splits a template. The error is the offset of a brace without its partner.
pub(crate) fn split(text: &str) -> Result<Vec<Piece<'_>>, usize> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut at, mut from) = (0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        if byte != b'{' && byte != b'}' {
            at += 1;
            continue;
        }
        if from < at {
            pieces.push(Piece::Text(&text[from..at]));
        }
        if bytes.get(at + 1) == Some(&byte) {
            pieces.push(Piece::Brace(char::from(byte)));
            at += 2;
        } else if byte == b'{' {
            let end = hole_end(bytes, at + 1).ok_or(at)?;
            pieces.push(Piece::Hole(&text[at + 1..end], at + 1));
            at = end + 1;
        } else {
            return Err(at);
        }
        from = at;
    }
    if from < text.len() {
        pieces.push(Piece::Text(&text[from..]));
    }
    Ok(pieces)
}

/// The closing brace of a hole; braces and quotes inside its expression are passed over.
fn hole_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    loop {
        match bytes.get(at)? {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted && depth == 0 => return Some(at),
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// `.args.order` as its steps, where it is no more than that.
pub(crate) fn plain_member(expression: &str) -> Option<Vec<String>> {
    let rest = expression.strip_prefix('.')?;
    let steps: Vec<String> = rest.split('.').map(str::to_owned).collect();
    let word = |s: &String| {
        !s.is_empty()
            && !s.starts_with(|c: char| c.is_ascii_digit())
            && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let known = match steps.first()?.as_str() {
        "args" => steps.len() > 1,
        "key" | "object" => steps.len() == 1,
        _ => false,
    };
    (known && steps.iter().all(word)).then_some(steps)
}

/// What fills the holes.
pub(crate) trait Fill {
    fn url(&self) -> &str;
    fn conf(&self, name: &str) -> Option<String>;
    fn secret(&self, name: &str) -> Option<String>;
    fn args(&self) -> &str;
    fn key(&self) -> &str;
    fn object(&self) -> &str;
    fn evaluate(&self, program: &Program) -> Result<jaq_json::Val, Failed>;
}

/// Why a template has no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Unfilled {
    /// A setting or secret that the connection lacks.
    Setting(String),
    /// A member of the command that is missing, empty, or not text.
    Member(String),
    Failed(Failed),
}

impl fmt::Display for Unfilled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting(name) => write!(f, "the connection has no {name}"),
            Self::Member(path) => write!(f, "{path} is missing, empty or not text"),
            Self::Failed(failed) => failed.fmt(f),
        }
    }
}

impl Template {
    /// The text with its holes filled; `escape` is applied to what fills a `conf` or jq hole.
    pub fn fill(&self, with: &impl Fill, escape: impl Fn(&str, &mut String)) -> Result<String, Unfilled> {
        let mut out = String::with_capacity(64);
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Url => out.push_str(with.url().trim_end_matches('/')),
                Part::Conf(name) => match with.conf(name) {
                    Some(value) => escape(&value, &mut out),
                    None => return Err(Unfilled::Setting(format!("conf.{name}"))),
                },
                Part::Secret(name) => match with.secret(name) {
                    Some(value) => out.push_str(&value),
                    None => return Err(Unfilled::Setting(format!("secret.{name}"))),
                },
                Part::Member(steps) => {
                    let value = match steps[0].as_str() {
                        "key" => Some(with.key().to_owned()),
                        "object" => Some(with.object().to_owned()),
                        _ => json::find(with.args(), &steps[1..]).and_then(json::text_of),
                    };
                    let value = value.filter(|value| !value.is_empty());
                    escape(
                        &value.ok_or_else(|| Unfilled::Member(format!(".{}", steps.join("."))))?,
                        &mut out,
                    );
                }
                Part::Expression(program) => {
                    let value = with.evaluate(program).map_err(Unfilled::Failed)?;
                    let text = plain(&value).filter(|text| !text.is_empty());
                    let none = || Unfilled::Failed(program.failed("gave no text for the place it stands in"));
                    escape(&text.ok_or_else(none)?, &mut out);
                }
            }
        }
        Ok(out)
    }
}

/// Percent-encodes everything but the unreserved characters (RFC 3986).
pub(crate) fn percent(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_split_at_its_holes() {
        assert_eq!(
            split("/a/{.args.id}/{.x | {a: \"}\"} | .a}{{b}}"),
            Ok(vec![
                Piece::Text("/a/"),
                Piece::Hole(".args.id", 4),
                Piece::Text("/"),
                Piece::Hole(".x | {a: \"}\"} | .a", 15),
                Piece::Brace('{'),
                Piece::Text("b"),
                Piece::Brace('}'),
            ])
        );
        assert_eq!(split("/a/{.x"), Err(3));
        assert_eq!(split("/a}"), Err(2));
    }

    #[test]
    fn plain_members_need_no_jq() {
        assert_eq!(plain_member(".args.id"), Some(vec!["args".to_owned(), "id".to_owned()]));
        assert_eq!(plain_member(".key"), Some(vec!["key".to_owned()]));
        for other in [".args", ".found.id", ".args.lines[0]", ".args.a | .b", "args.id", ".key.x", ".args.1"]
        {
            assert_eq!(plain_member(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_reserved_is_encoded() {
        let mut out = String::new();
        percent("a/b c?é~-._", &mut out);
        assert_eq!(out, "a%2Fb%20c%3F%C3%A9~-._");
    }
}
