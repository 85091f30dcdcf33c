//! Texts as PostgreSQL can hold them: it holds every character but NUL, which a vendor's id may contain.

use std::borrow::Cow;

/// Stands before what NUL and this character itself are written as. It is of the private use area, where no
/// vendor's id is expected.
const ESCAPE: char = '\u{F8F0}';

/// A text as it is stored.
pub(super) fn put(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\0' => out.extend([ESCAPE, '0']),
            ESCAPE => out.extend([ESCAPE, '1']),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// What [`put`] stored.
pub(super) fn get(stored: String) -> String {
    if !stored.contains(ESCAPE) {
        return stored;
    }
    let mut out = String::with_capacity(stored.len());
    let mut chars = stored.chars();
    while let Some(c) = chars.next() {
        match c {
            ESCAPE => out.push(if chars.next() == Some('0') { '\0' } else { ESCAPE }),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_and_none_holds_nul() {
        for text in ["", "shop-1", "a\0b", "\0", "\u{F8F0}", "\u{F8F0}0", "\u{F8F0}1\0\0", "K\u{e4}se 1Z"] {
            let stored = put(text).into_owned();
            assert!(!stored.contains('\0'));
            assert_eq!(get(stored), text);
        }
        assert!(matches!(put("plain"), Cow::Borrowed(_)));
        assert_ne!(put("\0"), put("\u{F8F0}0"), "no two texts become one");
    }
}
