use crate::toml::{Node, parse_span_ms, read};

/// Reads the field `x` of a text, and what was said about it.
fn x<T>(text: &str, as_what: impl for<'r> FnOnce(&Node<'r>) -> T) -> (Option<T>, Vec<String>) {
    let mut value = None;
    let read = read("a", text, |mut fields| {
        value = fields.need("x", "").map(|node| as_what(&node));
        Some(())
    });
    (value, read.err().unwrap_or_default().iter().map(ToString::to_string).collect())
}

fn fault<T>(text: &str, as_what: impl for<'r> FnOnce(&Node<'r>) -> T) -> String {
    let (_, told) = x(text, as_what);
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].clone()
}

#[test]
fn spans_have_a_unit_and_do_not_wrap() {
    let spans = ["500ms", "60s", "5m", "24h", "30d", "0s"].map(parse_span_ms);
    assert_eq!(spans, [500, 60_000, 300_000, 86_400_000, 2_592_000_000, 0].map(Some));
    for bad in ["", "5", "s", "-1s", "1.5h", "1 h", "9223372036854775807d", "5m30s"] {
        assert_eq!(parse_span_ms(bad), None, "{bad}");
    }
    assert_eq!(
        fault("x = \"soon\"", |n| n.span_ms()),
        "a:1:5: x: \"soon\" is not a span of time; try: 500ms, 60s, 5m, 24h or 30d"
    );
}

#[test]
fn a_text_knows_where_its_first_letter_stands() {
    let start = |text: &str| x(text, |node| node.text().map(|t| (t.start, t.exact)).unwrap()).0.unwrap();
    assert_eq!(start("x = \"abc\""), (5, true));
    assert_eq!(start("x = 'abc'"), (5, true));
    assert_eq!(start("x = \"a\\tc\""), (4, false));
    assert_eq!(start("x = '''\nabc'''"), (8, true));
    assert_eq!(start("x = '''\r\nabc'''"), (9, true));
    assert_eq!(start("x = '''\n\nabc'''"), (8, true), "only the first line break is not part of the text");
    assert_eq!(start("x = ''"), (5, true));
}

#[test]
fn a_value_of_another_kind_is_told_and_not_shown() {
    assert_eq!(fault("x = 1", |n| n.text().is_some()), "a:1:5: x: text is needed, not an integer");
    assert_eq!(fault("x = \"hush\"", |n| n.yes()), "a:1:5: x: true or false is needed, not a string");
    assert_eq!(fault("x = \"hush\"", |n| n.count()), "a:1:5: x: a whole number is needed, not a string");
    assert_eq!(fault("x = \"hush\"", |n| n.whole(1..=2)), "a:1:5: x: a whole number is needed, not a string");
    assert_eq!(fault("x = \"hush\"", |n| n.items().len()), "a:1:5: x: a list is needed, not a string");
    assert_eq!(fault("x = \"hush\"", |n| n.fields().is_some()), "a:1:5: x: a table is needed, not a string");
}

#[test]
fn numbers_keep_their_bounds() {
    assert_eq!(x("x = 0x40", |n| n.whole(1..=64)).0, Some(Some(64)));
    assert_eq!(x("x = 1_000", |n| n.count()).0, Some(Some(1_000)));
    assert_eq!(
        fault("x = 65", |n| n.whole(1..=64)),
        "a:1:5: x: a whole number from 1 to 64 is needed, not 65"
    );
    assert_eq!(
        fault("x = 99999999999999999999", |n| n.whole(1..=64)),
        "a:1:5: x: a whole number from 1 to 64 is needed, not 99999999999999999999"
    );
    assert_eq!(fault("x = 0", |n| n.count()), "a:1:5: x: a whole number from 1 on is needed");
    assert_eq!(fault("x = -1", |n| n.count()), "a:1:5: x: a whole number from 1 on is needed");
}

#[test]
fn a_word_offers_the_nearest_or_all() {
    let words = [("shipped", 1), ("placed", 2)];
    assert_eq!(x("x = \"placed\"", |n| n.word(&words)).0, Some(Some(2)));
    assert_eq!(
        fault("x = \"shiped\"", |n| n.word(&words)),
        "a:1:5: x: \"shiped\" is not known here; try: shipped"
    );
    assert_eq!(
        fault("x = \"noon\"", |n| n.word(&words)),
        "a:1:5: x: \"noon\" is not known here; try: shipped, placed"
    );
}

#[test]
fn days_and_instants_are_written_without_quotes() {
    assert_eq!(x("x = 2010-12-31", |n| n.day()).0, Some(Some((2010, 12, 31))));
    assert_eq!(
        x("x = 2011-01-10 01:00:00+01:00", |n| n.instant()).0,
        Some(Some("2011-01-10T01:00:00+01:00".into()))
    );
    assert_eq!(
        fault("x = \"2010-12-31\"", |n| n.day()),
        "a:1:5: x: a day is needed; try: 2010-12-31, without quotes"
    );
    assert_eq!(
        fault("x = 2011-01-10T00:00:00", |n| n.instant()),
        "a:1:5: x: a time with its zone is needed; try: 2011-01-10T00:00:00Z, without quotes"
    );
    let (_, told) = x("x = 2011-02-29", |n| n.day());
    assert!(told[0].starts_with("a:1:5: not TOML: "), "{told:?}");
}

#[test]
fn json_keeps_everything_but_decimals() {
    let (value, _) = x("x = { a = [1, \"b\", true], at = 2010-12-31, c = {} }", |n| n.json());
    assert_eq!(value.unwrap().unwrap().to_string(), r#"{"a":[1,"b",true],"at":"2010-12-31","c":{}}"#);
    let (value, told) = x("x = { a = [0.50], b = 99999999999999999999 }", |n| n.json());
    assert_eq!(value, Some(None));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], "a:1:12: x.a[0]: a decimal would lose digits here; try: write it as text: \"0.50\"");
}
