//! Finds one member of a JSON text by a pointer (RFC 6901) without building the text: the way a message
//! in the hub's own shape passes through unparsed.

/// Splits a JSON pointer (`/data/order`) into its pieces; `None` when it is not one.
pub(crate) fn pieces(pointer: &str) -> Option<Vec<String>> {
    let rest = pointer.strip_prefix('/')?;
    Some(rest.split('/').map(|piece| piece.replace("~1", "/").replace("~0", "~")).collect())
}

/// The raw text of the member at `path`, objects only. The text must have passed `check`.
pub(crate) fn find<'t>(text: &'t str, path: &[String]) -> Option<&'t str> {
    let mut rest = text;
    for name in path {
        rest = member(rest, name)?;
    }
    Some(rest)
}

/// The text of a JSON string, or of a number as it is written.
pub(crate) fn text_of(raw: &str) -> Option<String> {
    match raw.as_bytes().first()? {
        b'"' if !raw.contains('\\') => Some(raw[1..raw.len() - 1].to_owned()),
        b'"' => serde_json::from_str(raw).ok(),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

fn member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut found = None;
    walk(text, |key, value| {
        let fits = if key.contains('\\') {
            text_of(key).as_deref() == Some(name)
        } else {
            &key[1..key.len() - 1] == name
        };
        if fits {
            found = Some(value);
        }
        !fits
    });
    found
}

/// The members of an object, raw: each key with its quotes, each value as it stands. One pass, so that
/// several members are not searched for from the start each.
pub(crate) fn members(text: &str) -> Vec<(&str, &str)> {
    let mut all = Vec::with_capacity(8);
    walk(text, |key, value| {
        all.push((key, value));
        true
    });
    all
}

/// Goes over the members of an object while `go_on` says so.
fn walk<'t>(text: &'t str, mut go_on: impl FnMut(&'t str, &'t str) -> bool) -> Option<()> {
    let bytes = text.as_bytes();
    let mut at = space(bytes, 0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    at = space(bytes, at + 1);
    while bytes.get(at) == Some(&b'"') {
        let key_end = at + skip(&bytes[at..])?;
        let from = space(bytes, space(bytes, key_end) + 1);
        let to = from + skip(&bytes[from..])?;
        if !go_on(&text[at..key_end], &text[from..to]) {
            return Some(());
        }
        at = space(bytes, to);
        if bytes.get(at) != Some(&b',') {
            return Some(());
        }
        at = space(bytes, at + 1);
    }
    Some(())
}

fn space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The length of the value at the start of `bytes`.
fn skip(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' => {
                at += 1;
                continue;
            }
            _ => {
                while bytes.get(at).is_some_and(|c| !b" \n\r\t,:]}".contains(c)) {
                    at += 1;
                }
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'t>(text: &'t str, pointer: &str) -> Option<&'t str> {
        find(text, &pieces(pointer).unwrap())
    }

    #[test]
    fn members_are_found_as_they_stand() {
        let text = r#" { "id" : "e1", "n": -1.50 , "data" :{"a":[1,{"b":"}"}], "order": "shop-1" , "q\"": {} } , "z":true}"#;
        assert_eq!(at(text, "/id"), Some("\"e1\""));
        assert_eq!(at(text, "/n"), Some("-1.50"));
        assert_eq!(at(text, "/data/order"), Some("\"shop-1\""));
        assert_eq!(at(text, "/data/a"), Some(r#"[1,{"b":"}"}]"#));
        assert_eq!(at(text, "/data/q\""), Some("{}"));
        assert_eq!(at(text, "/z"), Some("true"));
        assert_eq!(at(text, "/data/missing"), None);
        assert_eq!(at(text, "/id/x"), None);
        assert_eq!(at("[]", "/x"), None);
    }

    #[test]
    fn texts_are_unescaped_and_numbers_stay() {
        assert_eq!(text_of("\"a\\u0062\"").as_deref(), Some("ab"));
        assert_eq!(text_of("\"plain\"").as_deref(), Some("plain"));
        assert_eq!(text_of("820982911946154508").as_deref(), Some("820982911946154508"));
        assert_eq!(text_of("null"), None);
    }
}
