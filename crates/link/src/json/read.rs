//! The strict JSON reader (RFC 8259). jaq's own reader takes a superset (comments, NaN, byte strings,
//! repeated keys), which a payload from outside must not get away with.

use super::DEPTH;
use bytes::Bytes;
use jaq_json::{Map, Num, Rc, Val};
use std::fmt;

/// Why a text is not acceptable JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Malformed {
    /// Not UTF-8 from this byte on.
    NotUtf8 { offset: usize },
    /// Not JSON at this byte.
    Syntax { offset: usize, expected: &'static str },
    /// An object has this key twice; readers disagree on which counts, so neither does.
    DuplicateKey { key: String, offset: usize },
    /// Nested deeper than [`DEPTH`].
    TooDeep { offset: usize },
}

impl Malformed {
    /// The stable code of this fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } => "not_utf8",
            Self::Syntax { .. } => "not_json",
            Self::DuplicateKey { .. } => "duplicate_json_key",
            Self::TooDeep { .. } => "nested_too_deep",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { offset } => write!(f, "the body is not UTF-8 at byte {offset}"),
            Self::Syntax { offset, expected } => {
                write!(f, "the body is not JSON: expected {expected} at byte {offset}")
            }
            Self::DuplicateKey { key, offset } => {
                write!(f, "the key {key:?} stands twice in one object, again at byte {offset}")
            }
            Self::TooDeep { offset } => {
                write!(f, "the body is nested deeper than {DEPTH} levels at byte {offset}")
            }
        }
    }
}

impl std::error::Error for Malformed {}

/// Reads one JSON value. Texts share the payload's memory where they need no unescaping.
pub(crate) fn parse(bytes: &Bytes) -> Result<Val, Malformed> {
    let mut reader = Reader::new(bytes)?;
    reader.whole(|r| r.build(bytes, 0))
}

/// Checks a text as [`parse`] would, without building anything.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Malformed> {
    Reader::new(bytes)?.whole(|r| r.skip(0))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A string token: where its inside begins and ends, and whether it holds escapes.
struct Token {
    from: usize,
    to: usize,
    escaped: bool,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        match std::str::from_utf8(bytes) {
            Ok(_) => Ok(Self { bytes, at: 0 }),
            Err(wrong) => Err(Malformed::NotUtf8 { offset: wrong.valid_up_to() }),
        }
    }

    fn whole<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        self.space();
        let value = read(self)?;
        self.space();
        if self.at < self.bytes.len() { Err(self.expected("the end")) } else { Ok(value) }
    }

    fn expected(&self, expected: &'static str) -> Malformed {
        Malformed::Syntax { offset: self.at, expected }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Malformed> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.expected("a value"))
        }
    }

    /// Runs over an object or array; `item` reads one member.
    fn members(
        &mut self,
        close: u8,
        depth: usize,
        mut item: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        if depth >= DEPTH {
            return Err(Malformed::TooDeep { offset: self.at });
        }
        self.at += 1;
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(c) if c == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.expected(if close == b'}' { "`,` or `}`" } else { "`,` or `]`" })),
            }
        }
    }

    fn key(&mut self) -> Result<Token, Malformed> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in quotes"));
        }
        let key = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        self.space();
        Ok(key)
    }

    fn string(&mut self) -> Result<Token, Malformed> {
        let from = self.at + 1;
        let mut escaped = false;
        self.at = from;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let to = self.at;
                    self.at += 1;
                    return Ok(Token { from, to, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..=0x1f) => return Err(self.expected("an escape for the control character")),
                Some(_) => self.at += 1,
                None => return Err(self.expected("a closing quote")),
            }
        }
    }

    /// Passes one escape, and its second half where it is a surrogate.
    fn escape(&mut self) -> Result<char, Malformed> {
        self.at += 1;
        let simple = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let second = self.hex()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return Err(self.expected("the second half of a surrogate pair"));
                    }
                    0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                return char::from_u32(code).ok_or_else(|| self.expected("a whole surrogate pair"));
            }
            _ => return Err(self.expected("an escape")),
        };
        self.at += 1;
        Ok(simple)
    }

    fn hex(&mut self) -> Result<u32, Malformed> {
        let digits = self.bytes.get(self.at..self.at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit));
        let code =
            digits.and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u32::from_str_radix(d, 16).ok());
        let code = code.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }

    /// The text of a token with its escapes resolved.
    fn unescaped(&self, token: &Token) -> Result<Vec<u8>, Malformed> {
        let mut inner = Self { bytes: self.bytes, at: token.from };
        let mut out = Vec::with_capacity(token.to - token.from);
        while inner.at < token.to {
            if self.bytes[inner.at] == b'\\' {
                let c = inner.escape()?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                out.push(self.bytes[inner.at]);
                inner.at += 1;
            }
        }
        Ok(out)
    }

    /// Passes a number; true where it is whole.
    fn number(&mut self) -> Result<(&'a str, bool), Malformed> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.expected("a digit")),
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[from..self.at]).map_err(|_| self.expected("a number"))?;
        Ok((text, whole))
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.expected("a digit"));
        }
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn text(&self, shared: &Bytes, token: &Token) -> Result<Val, Malformed> {
        Ok(if token.escaped {
            Val::utf8_str(self.unescaped(token)?)
        } else {
            Val::utf8_str(shared.slice(token.from..token.to))
        })
    }

    fn build(&mut self, shared: &Bytes, depth: usize) -> Result<Val, Malformed> {
        match self.peek() {
            Some(b'{') => {
                let mut map = Map::with_capacity_and_hasher(8, Default::default());
                self.members(b'}', depth, |r| {
                    let offset = r.at;
                    let token = r.key()?;
                    let key = r.text(shared, &token)?;
                    let value = r.build(shared, depth + 1)?;
                    if map.insert(key, value).is_some() {
                        return Err(r.duplicate(&token, offset));
                    }
                    Ok(())
                })?;
                Ok(Val::obj(map))
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.members(b']', depth, |r| {
                    items.push(r.build(shared, depth + 1)?);
                    Ok(())
                })?;
                Ok(Val::Arr(Rc::new(items)))
            }
            Some(b'"') => {
                let token = self.string()?;
                self.text(shared, &token)
            }
            Some(b't') => self.word("true").map(|()| Val::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Val::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Val::Null),
            Some(b'-' | b'0'..=b'9') => {
                let (text, whole) = self.number()?;
                let number = if whole { Num::from_str_radix(text, 10) } else { None };
                Ok(Val::Num(number.unwrap_or_else(|| Num::Dec(Rc::new(text.to_owned())))))
            }
            _ => Err(self.expected("a value")),
        }
    }

    fn skip(&mut self, depth: usize) -> Result<(), Malformed> {
        match self.peek() {
            Some(b'{') => {
                let mut seen: Vec<(usize, usize)> = Vec::new();
                let mut escaped: Vec<Vec<u8>> = Vec::new();
                self.members(b'}', depth, |r| {
                    let offset = r.at;
                    let token = r.key()?;
                    let again = if token.escaped || !escaped.is_empty() {
                        // Two spellings of one key are still one key.
                        let key = r.unescaped(&token)?;
                        let again =
                            escaped.contains(&key) || seen.iter().any(|s| r.bytes[s.0..s.1] == key[..]);
                        escaped.push(key);
                        again
                    } else {
                        let key = &r.bytes[token.from..token.to];
                        seen.iter().any(|s| r.bytes[s.0..s.1] == *key)
                    };
                    if again {
                        return Err(r.duplicate(&token, offset));
                    }
                    if !token.escaped {
                        seen.push((token.from, token.to));
                    }
                    r.skip(depth + 1)
                })
            }
            Some(b'[') => self.members(b']', depth, |r| r.skip(depth + 1)),
            Some(b'"') => self.string().map(drop),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ => Err(self.expected("a value")),
        }
    }

    fn duplicate(&self, token: &Token, offset: usize) -> Malformed {
        let key = String::from_utf8_lossy(&self.bytes[token.from..token.to]).into_owned();
        Malformed::DuplicateKey { key, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, Malformed> {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        assert_eq!(check(&bytes).err(), parse(&bytes).err(), "both readers agree on {text}");
        parse(&bytes).map(|v| v.to_string())
    }

    #[test]
    fn digits_survive() {
        for text in
            ["1.10", "123456789012345678901234567890", "1e400", "-0.0", "820982911946154508", "0.1000"]
        {
            assert_eq!(read(text).unwrap(), text);
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "+1",
            "1.",
            ".5",
            "NaN",
            "nul",
            "\"\\x\"",
            "\"\\ud800\"",
            "1 2",
            "{a:1}",
            "# x\n1",
            "\"\t\"",
            "[1 2]",
            "\"abc",
            "b\"x\"",
            "\"\\ud800\\u0041\"",
        ] {
            assert!(matches!(read(text), Err(Malformed::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn texts_are_unescaped() {
        assert_eq!(read(r#""a\u00e9\ud83d\ude00\n\/""#).unwrap(), "\"aé😀\\n/\"");
    }

    #[test]
    fn a_repeated_key_is_found_however_it_is_spelt() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"x":[{"a":1,"b":2,"a":3}]}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"\u0061":1,"a":2}"#,
        ] {
            let wrong = read(text).unwrap_err();
            assert_eq!(wrong.code(), "duplicate_json_key", "{text}");
        }
        assert!(read(r#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(DEPTH)).is_ok());
        assert!(matches!(read(&deep(DEPTH + 1)), Err(Malformed::TooDeep { .. })));
        assert!(matches!(read(&deep(100_000)), Err(Malformed::TooDeep { .. })));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named() {
        assert_eq!(check(b"\"\xff\""), Err(Malformed::NotUtf8 { offset: 1 }));
    }
}
