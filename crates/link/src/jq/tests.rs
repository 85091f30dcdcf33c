use super::*;
use crate::json::{parse, write};
use bytes::Bytes;
use formats::toml::{Fault, Source};
use std::collections::BTreeMap;

fn compile(code: &str) -> Result<Program, Vec<Fault>> {
    let files = BTreeMap::from([
        ("tax.jq".to_owned(), "def half: . / 2;\ndef bad: nowhere;".to_owned()),
        ("own.jq".to_owned(), "def setting: $conf;".to_owned()),
    ]);
    let origin = Origin { source: Source { file: "x.jq", text: code }, start: 0, exact: true, path: "map" };
    Library::new(&files).compile(code, origin)
}

fn given() -> Given<'static> {
    let conf = parse(&Bytes::from_static(
        br#"{"source":"shop","maps":{"why":{"size":"wrong_size"},"any":{"*":"other"}}}"#,
    ))
    .unwrap();
    let conf = LazyCell::new(Box::new(|| conf) as Box<dyn FnOnce() -> Val>);
    Given { conf, key: Val::from("k1".to_owned()), now: Val::from("2026-01-01T00:00:00Z".to_owned()) }
}

fn run(code: &str, input: &str) -> Result<String, String> {
    let program = compile(code).map_err(|faults| faults[0].to_string())?;
    let input = parse(&Bytes::copy_from_slice(input.as_bytes())).unwrap();
    let value = program.first(&given(), input).map_err(|failed| failed.why)?;
    write(&value)
}

#[test]
fn amounts_become_minor_units_by_their_digits() {
    assert_eq!(run("[.[] | minor(\"GBP\")]", r#"["12.5","0.07",3,-1.20]"#).unwrap(), "[1250,7,300,-120]");
    assert_eq!(run("minor(\"JPY\")", "\"1200\"").unwrap(), "1200");
    assert_eq!(run("minor(\"KWD\")", "\"1.234\"").unwrap(), "1234");
    assert!(run("minor(\"GBP\")", "\"1.234\"").unwrap_err().contains("at most 2 decimals"));
    assert!(run("minor(\"gbp\")", "\"1\"").unwrap_err().contains("three capital letters"));
    assert!(run("minor(\"GBP\")", "1e308").is_err());
}

#[test]
fn a_line_is_rounded_once() {
    assert_eq!(run("times(5; \"GBP\")", "\"0.001\"").unwrap(), "1");
    assert_eq!(run("times(1000; \"GBP\")", "\"0.001\"").unwrap(), "100");
    assert_eq!(run("times(.q; \"GBP\")?", r#"{"q":"x"}"#).unwrap(), "null");
}

#[test]
fn errors_name_the_member() {
    assert_eq!(run("need(.a.b)", r#"{"a":{}}"#).unwrap_err(), ".a.b is missing");
    assert_eq!(
        run("id(.sku)", r#"{"sku":"a b"}"#).unwrap_err(),
        ".sku: \"a b\" is not an id (1 to 80 of A-Z a-z 0-9 . _ : -)"
    );
    let lines = r#"{"lines":[{"price":"1.00"},{"price":"1.005"}]}"#;
    assert_eq!(
        run("each(.lines; minor(.price; \"GBP\"))", lines).unwrap_err(),
        ".lines[1].price: \"1.005\" is not an amount of GBP with at most 2 decimals"
    );
    assert_eq!(run("each(.lines; .)", "{}").unwrap(), "[]");
    assert_eq!(run("each(.lines; .)", r#"{"lines":{}}"#).unwrap_err(), ".lines is not a list");
}

#[test]
fn lists_of_names_and_values_are_read_whatever_else_is_in_them() {
    let list = r#"{"p":[null,5,{"name":2},{"name":"a","value":1},{"name":"a","value":2}]}"#;
    assert_eq!(
        run("[entry(.p; \"a\"), entry(.p; \"b\"), entry(.q; \"a\"), entry({}; \"a\")]", list).unwrap(),
        "[1,null,null,null]"
    );
}

#[test]
fn sums_are_of_whole_numbers() {
    assert_eq!(run("[sum(.l; .), sum(.none; .)]", r#"{"l":[1,2,-5]}"#).unwrap(), "[-2,0]");
    assert_eq!(
        run("sum(.l; .)", r#"{"l":[1,0.5]}"#).unwrap_err(),
        ".l: only whole numbers can be added up here"
    );
    assert_eq!(run("sum(.l; need(.a))", r#"{"l":[{}]}"#).unwrap_err(), ".l[0].a is missing");
}

#[test]
fn decimals_pass_as_written_and_floats_do_not_leave() {
    assert_eq!(
        run("{a: .a, b: .b}", r#"{"a":1.10,"b":820982911946154508}"#).unwrap(),
        r#"{"a":1.10,"b":820982911946154508}"#
    );
    assert!(
        run("{amount: (.a * 100)}", r#"{"a":1.10}"#)
            .unwrap_err()
            .contains(".amount: a floating-point number")
    );
}

#[test]
fn an_error_does_not_quote_a_customer() {
    let input = r#"{"customer":{"email":"john@example.com"}}"#;
    assert_eq!(run(".customer - 1", input).unwrap_err(), "cannot calculate {…} - 1");
    assert_eq!(run("[.customer] | .a", input).unwrap_err(), "cannot index [{…}] with \"a\"");
}

#[test]
fn the_variables_are_given() {
    assert_eq!(run("[$conf.source, $key, $now]", "null").unwrap(), r#"["shop","k1","2026-01-01T00:00:00Z"]"#);
}

#[test]
fn clock_and_environment_are_not_there() {
    for code in ["now", "env.HOME", "$ENV.HOME", "input", "debug", "halt", "stderr", "localtime"] {
        assert!(compile(code).is_err(), "{code}");
    }
    assert!(compile("now").unwrap_err()[0].to_string().contains("try: $now"));
}

#[test]
fn files_of_the_folder_can_be_included() {
    assert_eq!(
        run("include \"tax\"; 1", "null").unwrap_err(),
        "tax.jq:2:10: map: jq: there is no filter nowhere"
    );
    assert!(run("include \"gone\"; 1", "null").unwrap_err().contains("there is no file gone.jq"));
}

#[test]
fn compile_errors_are_placed() {
    assert_eq!(
        compile(".a |\n  foo(1)").unwrap_err()[0].to_string(),
        "x.jq:2:3: map: jq: there is no filter foo/1"
    );
    assert_eq!(
        compile(".a | (").unwrap_err()[0].to_string(),
        "x.jq:1:7: map: jq: expected closing parenthesis, found the end"
    );
    assert_eq!(
        compile("if . then 1").unwrap_err()[0].to_string(),
        "x.jq:1:12: map: jq: expected else or end, found the end"
    );
}

#[test]
fn minor_units_are_written_with_their_decimals() {
    let amounts = r#"{"a":1299,"b":-5,"c":"x"}"#;
    assert_eq!(
        run(
            "[(.a | major(\"GBP\")), (.b | major(\"GBP\")), (.a | major(\"JPY\")), (.a | major(\"KWD\"))]",
            amounts
        )
        .unwrap(),
        r#"["12.99","-0.05","1299","1.299"]"#
    );
    assert!(run(".c | major(\"GBP\")", amounts).unwrap_err().contains("not an amount in minor units"));
}

#[test]
fn a_value_is_translated_or_named_with_its_map() {
    let input = r#"{"a":[{"r":"size"},{"r":"SIZE"},{"r":"moth"}]}"#;
    assert_eq!(run("mapped(\"why\"; .a[0].r), mapped(\"any\"; .a[2].r)", input).unwrap(), "\"wrong_size\"");
    assert_eq!(run("mapped(\"why\"; .a[1].r)", input).unwrap(), "\"wrong_size\"");
    assert_eq!(run("mapped(\"any\"; .a[2].r)", input).unwrap(), "\"other\"");
    assert_eq!(
        run("each(.a; mapped(\"why\"; .r))", input).unwrap_err(),
        ".a[2].r: the value map why has nothing for \"moth\""
    );
    assert_eq!(run("mapped(\"nope\"; .a[0].r)", input).unwrap_err(), ".a[0].r: there is no value map nope");
    assert_eq!(run("mapped(\"why\"; .b)", input).unwrap_err(), ".b is missing");
    assert_eq!(run("mapped(\"why\"; .a)", input).unwrap_err(), ".a: the value map why takes text");
}

#[test]
fn pitfall_33_a_program_that_breaks_off_has_failed() {
    assert_eq!(unbroken(|| 1), Some(1));
    assert_eq!(unbroken(|| -> u8 { panic!("the test's own") }), None);
}

#[test]
fn a_path_is_followed_as_jq_goes_along_it() {
    for text in
        [r#"{"a":{"b":{"c":1}}}"#, r#"{"a":{"b":[1]}}"#, r#"{"a":{"b":null}}"#, r#"{"a":7}"#, "null", "[]"]
    {
        let input = || parse(&Bytes::copy_from_slice(text.as_bytes())).unwrap();
        for path in [".a", ".a.b", " .a.b.c ", ".x.y"] {
            let (followed, run) = (compile(path).unwrap(), compile(&format!("{path} | .")).unwrap());
            assert!(followed.path().is_some() && run.path().is_none(), "{path}");
            assert_eq!(followed.first(&given(), input()), run.first(&given(), input()), "{path} of {text}");
        }
    }
    for other in [".", ".a[0]", ".a?", ".\"a\"", "..", ".a | .b", ".a.b // 1", ".a\n.b #"] {
        assert!(compile(other).is_ok_and(|program| program.path().is_none()), "{other}");
    }
}

#[test]
fn settings_are_made_for_programs_that_may_ask_for_them() {
    let asked = |code: &str| {
        let mut given = given();
        given.conf = LazyCell::new(Box::new(|| Val::from("made".to_owned())));
        let gave = compile(code).unwrap().first(&given, Val::Null).unwrap();
        plain(&gave).unwrap_or_default()
    };
    assert_eq!(asked("$conf"), "made");
    assert_eq!(asked("include \"own\"; setting"), "made");
    assert_eq!(asked("1 | tostring"), "1");
}
