//! Writes jq values as JSON. A floating-point number is refused wherever it stands: money must never
//! have passed through one, and nobody can tell from the digits whether it has.

use jaq_json::{Num, Val};
use std::fmt::Write as _;

/// Writes `value`; the error names the member that cannot be written.
pub(crate) fn write(value: &Val) -> Result<String, String> {
    let mut out = String::with_capacity(256);
    put(value, &mut out)
        .map_err(|wrong| format!(".{}: {}", wrong.path.trim_start_matches('.'), wrong.why))?;
    Ok(out)
}

struct Wrong {
    path: String,
    why: &'static str,
}

impl Wrong {
    fn new(why: &'static str) -> Self {
        Self { path: String::new(), why }
    }

    fn within(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

fn put(value: &Val, out: &mut String) -> Result<(), Wrong> {
    match value {
        Val::Null => out.push_str("null"),
        Val::Bool(true) => out.push_str("true"),
        Val::Bool(false) => out.push_str("false"),
        Val::Num(Num::Float(_)) => {
            return Err(Wrong::new(
                "a floating-point number; keep decimals as text or use minor, times or round",
            ));
        }
        Val::Num(number) => {
            if write!(out, "{number}").is_err() {
                return Err(Wrong::new("a number that cannot be written"));
            }
        }
        Val::TStr(text) => quote(text, out)?,
        Val::BStr(_) => return Err(Wrong::new("bytes that are not text")),
        Val::Arr(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                put(item, out).map_err(|w| w.within(&format!("[{n}]")))?;
            }
            out.push(']');
        }
        Val::Obj(members) => {
            out.push('{');
            for (n, (key, item)) in members.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                let Val::TStr(name) = key else { return Err(Wrong::new("a key that is not text")) };
                quote(name, out)?;
                out.push(':');
                put(item, out).map_err(|w| w.within(&format!(".{}", String::from_utf8_lossy(name))))?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn quote(bytes: &[u8], out: &mut String) -> Result<(), Wrong> {
    let text = std::str::from_utf8(bytes).map_err(|_| Wrong::new("text that is not UTF-8"))?;
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(escape);
        if escape.is_empty() && write!(out, "\\u{byte:04x}").is_err() {
            return Err(Wrong::new("text that cannot be written"));
        }
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use bytes::Bytes;

    #[test]
    fn what_was_read_is_written_again() {
        let text = r#"{"a":[1.10,-5,true,null,"q\"\\\n\u0001é"],"b":{}}"#;
        let value = parse(&Bytes::from_static(text.as_bytes())).unwrap();
        assert_eq!(write(&value).unwrap(), text);
    }

    #[test]
    fn a_float_is_refused_by_its_path() {
        let value = Val::from_iter([Val::Null, Val::from(0.1)]);
        let why = write(&value).unwrap_err();
        assert!(why.starts_with(".[1]: a floating-point number"), "{why}");
    }
}
