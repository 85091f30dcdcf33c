//! Card numbers in what comes in: masked before anything is kept. A vendor that is asked for none sends one in a
//! note all the same, and what was stored once is in every backup.
//!
//! What counts as one: 14 to 19 digits, alone or in groups parted by single blanks or hyphens, of a length and
//! beginning that a card scheme gives out (ISO/IEC 7812), with the right check digit (Luhn), and no letter or
//! digit beside it. One in ten numbers has the right check digit, so what names a thing is left alone: a value
//! whose member is called an id, a reference, a tracking or article number. The first six and last four digits
//! stay, which is what may be shown of a card (PCI DSS 4.0, 3.4.1).

use std::borrow::Cow;

/// The text with the middle digits of every card number as `*`. A JSON number that is masked becomes a text.
#[must_use]
pub fn mask_cards(text: &[u8]) -> Cow<'_, [u8]> {
    let mut places = Places { text, at: 0, member: &[], text_end: 0 };
    let mut out: Vec<u8> = Vec::new();
    let mut at = 0;
    for (from, to) in cards(text) {
        let (member, within_text) = places.of(from);
        if names_a_thing(member) {
            continue;
        }
        out.extend_from_slice(&text[at..from]);
        let quote = !within_text && is_value(text, from, to);
        out.extend(quote.then_some(b'"'));
        mask(&text[from..to], &mut out);
        out.extend(quote.then_some(b'"'));
        at = to;
    }
    if at == 0 {
        return Cow::Borrowed(text);
    }
    out.extend_from_slice(&text[at..]);
    Cow::Owned(out)
}

/// All but the first six and the last four digits become `*`.
fn mask(card: &[u8], out: &mut Vec<u8>) {
    let digits = card.iter().filter(|b| b.is_ascii_digit()).count();
    let mut nth = 0;
    for byte in card {
        let digit = byte.is_ascii_digit();
        nth += usize::from(digit);
        out.push(if digit && nth > 6 && nth + 4 <= digits { b'*' } else { *byte });
    }
}

/// The same for a header: its name is what the member is for a body.
#[must_use]
pub fn mask_header(name: &str, value: String) -> String {
    if names_a_thing(name.as_bytes()) {
        return value;
    }
    match mask_cards(value.as_bytes()) {
        Cow::Borrowed(_) => value,
        Cow::Owned(masked) => String::from_utf8_lossy(&masked).into_owned(),
    }
}

/// Where card numbers stand: from, to.
fn cards(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let to = run(text, at);
        let joined = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let beside = (at > 0 && joined(text.get(at - 1))) || joined(text.get(to));
        if !beside && is_card(&text[at..to]) && !is_decimal(text, at, to) {
            found.push((at, to));
        }
        at = to;
    }
    found
}

/// The end of a run of digits with single blanks or hyphens between them.
fn run(text: &[u8], from: usize) -> usize {
    let mut to = from;
    loop {
        while text.get(to).is_some_and(u8::is_ascii_digit) {
            to += 1;
        }
        let parted =
            matches!(text.get(to), Some(b' ' | b'-')) && text.get(to + 1).is_some_and(u8::is_ascii_digit);
        if !parted {
            return to;
        }
        to += 1;
    }
}

/// Whether the digits are part of a number with a fraction or an exponent.
fn is_decimal(text: &[u8], from: usize, to: usize) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    (text.get(to) == Some(&b'.') && digit(to + 1)) || (from > 1 && text[from - 1] == b'.' && digit(from - 2))
}

fn is_card(run: &[u8]) -> bool {
    let mut digits = [0_u8; 19];
    let mut n = 0;
    for b in run.iter().filter(|b| b.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(n) else { return false };
        *slot = b - b'0';
        n += 1;
    }
    n >= 14 && issued(&digits, n) && luhn(&digits[..n])
}

/// Whether a scheme gives out numbers of this beginning and length.
fn issued(digits: &[u8; 19], n: usize) -> bool {
    let head = |k: usize| digits[..k].iter().fold(0_u32, |sum, d| sum * 10 + u32::from(*d));
    match n {
        14 => matches!(head(2), 36 | 38 | 39) || matches!(head(3), 300..=305),
        15 => matches!(head(2), 34 | 37),
        16 => {
            matches!(head(1), 4)
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(3), 644..=649)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
        }
        17 | 18 => head(2) == 62,
        _ => matches!(head(2), 62) || head(1) == 4,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, d)| {
            let d = u32::from(*d) * (1 + u32::from(n % 2 == 1));
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Where in a JSON text one is: asked from front to back, it runs over the text once.
struct Places<'a> {
    text: &'a [u8],
    at: usize,
    member: &'a [u8],
    /// Up to where the string reaches that was last run over.
    text_end: usize,
}

impl<'a> Places<'a> {
    /// The name of the member whose value the byte at `to` is in, and whether it stands within a string.
    fn of(&mut self, to: usize) -> (&'a [u8], bool) {
        while self.at < to {
            if self.text[self.at] != b'"' {
                self.at += 1;
                continue;
            }
            let from = self.at + 1;
            let mut end = from;
            while self.text.get(end).is_some_and(|b| *b != b'"') {
                end += if self.text[end] == b'\\' { 2 } else { 1 };
            }
            self.text_end = end;
            self.at = end + 1;
            let after =
                self.text.get(self.at..).unwrap_or_default().iter().find(|b| !b.is_ascii_whitespace());
            if after == Some(&b':') {
                self.member = &self.text[from..end];
            }
        }
        (self.member, to < self.text_end)
    }
}

/// Whether a member of this name holds what names a thing.
fn names_a_thing(member: &[u8]) -> bool {
    let name = String::from_utf8_lossy(member).to_ascii_lowercase();
    const ENDS: [&str; 20] = [
        "id",
        "ids",
        "_key",
        "sku",
        "ean",
        "gtin",
        "upc",
        "ref",
        "reference",
        "order",
        "order_number",
        "line",
        "rma",
        "release",
        "shipment",
        "fulfilment",
        "fulfillment",
        "receipt",
        "payment",
        "refund",
    ];
    const WITHIN: [&str; 4] = ["tracking", "barcode", "signature", "hmac"];
    ENDS.iter().any(|end| name.ends_with(end)) || WITHIN.iter().any(|word| name.contains(word))
}

/// Whether the digits stand by themselves between JSON's punctuation.
fn is_value(text: &[u8], from: usize, to: usize) -> bool {
    let before = text[..from].iter().rev().find(|b| !b.is_ascii_whitespace());
    let after = text[to..].iter().find(|b| !b.is_ascii_whitespace());
    matches!(before, Some(b':' | b',' | b'[')) && matches!(after, Some(b',' | b'}' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        String::from_utf8(mask_cards(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn card_numbers_are_masked_wherever_they_stand() {
        // The schemes' published test numbers.
        for (from, to) in [
            ("4111111111111111", "411111******1111"),
            ("4111 1111 1111 1111", "4111 11** **** 1111"),
            ("4111-1111-1111-1111", "4111-11**-****-1111"),
            ("5555555555554444", "555555******4444"),
            ("2223003122003222", "222300******3222"),
            ("378282246310005", "378282*****0005"),
            ("3782 822463 10005", "3782 82**** *0005"),
            ("30569309025904", "305693****5904"),
            ("6011111111111117", "601111******1117"),
            ("3530111333300000", "353011******0000"),
            ("6205500000000000004", "620550*********0004"),
        ] {
            assert_eq!(masked(from), to);
            assert_eq!(masked(&format!("card {from}.")), format!("card {to}."));
            assert_eq!(
                masked(&format!(r#"{{"note":"pay with {from}, please"}}"#)),
                format!(r#"{{"note":"pay with {to}, please"}}"#)
            );
            assert_eq!(masked(&format!("<note>{from}</note>")), format!("<note>{to}</note>"));
        }
        assert_eq!(
            masked(r#"{"note":"4111111111111111 or 5555555555554444"}"#),
            r#"{"note":"411111******1111 or 555555******4444"}"#
        );
    }

    #[test]
    fn a_number_that_is_masked_stays_json() {
        assert_eq!(masked(r#"{"number": 4111111111111111}"#), r#"{"number": "411111******1111"}"#);
        assert_eq!(masked(r#"{"cards":[4111111111111111,1]}"#), r#"{"cards":["411111******1111",1]}"#);
        assert_eq!(masked(r#"{"a":"x\":4111111111111111,"}"#), r#"{"a":"x\":411111******1111,"}"#);
    }

    #[test]
    fn what_is_no_card_is_left_alone() {
        for text in [
            "4111111111111112",
            "41111111111111110",
            "1111111111111117",
            "x4111111111111111",
            "pi_4111111111111111",
            "4111111111111111x",
            "4111111111111111.5",
            "0.4111111111111111",
            "4111  1111 1111 1111",
            r#"{"id":4111111111111111}"#,
            r#"{"id": 4111111111111111, "line_item_id":"4111111111111111","event_id":"4111111111111111"}"#,
            r#"{"tracking_numbers":["4111111111111111"],"barcode":"4111111111111111","sku":"4111111111111111"}"#,
            r#"{"order":"shop-4111111111111111"}"#,
            "",
            "\u{fffd}4111",
        ] {
            assert_eq!(masked(text), text);
            assert!(matches!(mask_cards(text.as_bytes()), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_member_s_name_counts_for_its_own_value_only() {
        let text =
            r#"{"id":"4111111111111111","note":"4111111111111111","tracking":{"note":"4111111111111111"}}"#;
        let want =
            r#"{"id":"4111111111111111","note":"411111******1111","tracking":{"note":"411111******1111"}}"#;
        assert_eq!(masked(text), want);
    }

    /// Time grows with the length: this is a second's work where it does not.
    #[test]
    fn a_long_text_of_cards_is_run_over_once() {
        let many = "4111111111111111 x ".repeat(200_000);
        assert_eq!(masked(&many), "411111******1111 x ".repeat(200_000));
        let many = format!(r#"{{"note":"{many}"}}"#);
        assert_eq!(masked(&many).matches("411111******1111").count(), 200_000);
    }

    #[test]
    fn headers_are_masked_by_their_names() {
        let pan = || "4111111111111111".to_owned();
        assert_eq!(mask_header("x-note", pan()), "411111******1111");
        assert_eq!(mask_header("webhook-id", pan()), pan());
    }
}
