//! Heads of the journal as they are kept outside the store: one JSON object a line, so that one file holds as many
//! moments as were ever exported.

use crate::verifier::Head;
use serde::{Deserialize, Serialize};

/// A partition's head at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exported {
    pub part: u16,
    /// Position of the last journal row then.
    pub pos: u64,
    pub hash: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    /// When it was exported, RFC 3339; for people.
    at: std::borrow::Cow<'a, str>,
    part: u16,
    pos: u64,
    /// In hexadecimal.
    hash: std::borrow::Cow<'a, str>,
}

/// The lines that keep these heads, said to be exported at that moment. A partition without a row has nothing to keep.
#[must_use]
pub fn keep_heads(heads: &[Head], at: &str) -> String {
    let mut text = String::new();
    for head in heads.iter().filter(|head| head.pos > 0) {
        let hash: String = head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = Line { at: at.into(), part: head.part, pos: head.pos, hash: hash.into() };
        // Text and numbers are always written.
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// All heads that such lines keep.
///
/// # Errors
/// What is wrong, and in which line; also where there is no head at all.
pub fn kept_heads(text: &str) -> Result<Vec<Exported>, String> {
    let mut heads = Vec::new();
    for (n, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let read: Line<'_> = serde_json::from_str(line).map_err(|e| format!("line {n} is no head: {e}"))?;
        let hash =
            bytes(&read.hash).ok_or_else(|| format!("line {n}: the hash is not 64 hexadecimal digits"))?;
        heads.push(Exported { part: read.part, pos: read.pos, hash });
    }
    if heads.is_empty() { Err("it holds no head".to_owned()) } else { Ok(heads) }
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back_as_they_were_kept() {
        let head = Head { part: 3, pos: 17, hash: [0xAB; 32], ..Head::default() };
        let text = keep_heads(&[head, Head::default()], "2026-01-01T00:00:00Z");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert_eq!(kept_heads(&text), Ok(vec![Exported { part: 3, pos: 17, hash: [0xAB; 32] }]));
        assert_eq!(kept_heads(&format!("{text}\n{text}")).map(|heads| heads.len()), Ok(2));
    }

    #[test]
    fn what_keeps_no_head_is_told_with_its_line() {
        let text = keep_heads(&[Head { pos: 1, ..Head::default() }], "x");
        for (bad, why) in [
            (String::new(), "no head"),
            (format!("{text}nonsense"), "line 2"),
            (text.replace("00\"}", "0\"}"), "64"),
            (text.replace("00\"}", "+1\"}"), "64"),
        ] {
            let said = kept_heads(&bad).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
