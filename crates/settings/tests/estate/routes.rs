//! Which of several systems gets an order.

use crate::common::{and, wrong};

/// A second ERP, lines 32 to 37; rules begin at line 38.
const SECOND: &str = "\n[[connection]]\nname = \"two\"\nconnector = \"canonical\"\nurl = \"http://127.0.0.1:9001\"\n\
                      plays = [\"erp\", \"oms\"]\n";

fn rule(role: &str, when: &str, to: &str) -> String {
    format!("[[route]]\nrole = \"{role}\"\nwhen = {{ {when} }}\nto = \"{to}\"\n")
}

fn rules(rules: &[(&str, &str, &str)]) -> String {
    let text: String = rules.iter().map(|(role, when, to)| rule(role, when, to)).collect();
    and(&format!("{SECOND}{text}"))
}

#[test]
fn rules_are_read_with_shares_one_after_another() {
    let text = rules(&[
        ("erp", "brand = \"x\"", "two"),
        ("erp", "", "back"),
        ("oms", "share = \"12.5%\"", "two"),
        ("oms", "share = \"50%\"", "back"),
        ("oms", "", "two"),
    ]);
    let estate = settings::read("e", &text).unwrap();
    let bands: Vec<_> = estate.routes.iter().map(|r| (r.role.word(), r.band, r.to.as_str())).collect();
    assert_eq!(
        bands,
        [
            ("erp", None, "two"),
            ("erp", None, "back"),
            ("oms", Some((0, 1_250)), "two"),
            ("oms", Some((1_250, 6_250)), "back"),
            ("oms", None, "two"),
        ]
    );
    assert_eq!(estate.routes[0].brand.as_deref(), Some("x"));
}

#[test]
fn several_for_a_role_want_rules() {
    let told = wrong(&and(SECOND));
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with("37:10: connection[5].plays[0]: erp is played by \"back\" already"),
        "{told:#?}"
    );
    assert!(told[0].contains("[[route]]"), "{told:#?}");
}

#[test]
fn what_no_order_reaches_or_nobody_gets_is_told() {
    let text = rules(&[
        ("erp", "", "back"),
        ("erp", "brand = \"x\"", "two"),
        ("oms", "brand = \"x\"", "two"),
        ("oms", "region = \"eu\"", "back"),
    ]);
    assert_eq!(
        wrong(&text),
        [
            "42:1: route[1]: no order comes here: route[0] takes all of them; try: the rule for fewer orders first, or \
             without this one",
            "50:1: route[3]: an order of { brand = \"x\", region = \"eu\" } fits route[2] too; try: a rule before both with \
             when = { brand = \"x\", region = \"eu\" }",
            "50:1: route[3]: an order that fits no rule for oms goes to nobody; try: a last rule with role = \"oms\" and \
             to, without when",
        ]
    );
}

#[test]
fn a_rule_for_both_settles_what_overlaps() {
    let text = rules(&[
        ("erp", "", "back"),
        ("oms", "brand = \"x\", region = \"eu\"", "two"),
        ("oms", "brand = \"x\"", "two"),
        ("oms", "region = \"eu\"", "back"),
        ("oms", "", "back"),
    ]);
    assert_eq!(
        wrong(&text),
        ["37:10: connection[5].plays[0]: no rule sends erp here; try: a [[route]] with role = \"erp\" \
                               and to = \"two\""]
    );
}

#[test]
fn shares_come_to_a_hundred_at_the_most() {
    let oms = |more: &[(&str, &str, &str)]| {
        let mut all = vec![("erp", "share = \"60%\"", "back"), ("erp", "share = \"40%\"", "two")];
        all.extend(more);
        wrong(&rules(&all))
    };
    let both = [("oms", "share = \"70%\"", "two"), ("oms", "share = \"40%\"", "back")];
    assert_eq!(
        oms(&both),
        ["50:1: route[3]: with this the shares of {  } come to more than 100%; try: share = \"30%\" or less"]
    );
    let told = oms(&[
        ("oms", "share = \"0%\"", "two"),
        ("oms", "share = \"1.234%\"", "back"),
        ("oms", "share = \"30\"", "back"),
    ]);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(
        told[0].starts_with("48:18: route[2].when.share: \"0%\" is not a share; try: 30% or 12.5%"),
        "{told:#?}"
    );
    let told = oms(&[("oms", "share = \"30%\"", "two"), ("oms", "share = \"30%\"", "back")]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("an order that fits no rule for oms goes to nobody"), "{told:#?}");
}

#[test]
fn a_rule_names_what_is_there() {
    let told = wrong(&rules(&[
        ("erp", "brnad = \"x\"", "tow"),
        ("wms", "", "north"),
        ("oms", "channel = \"wbe\", brand = \" \"", "two"),
    ]));
    for part in [
        "40:10: route[0].when.brnad: there is no such field; try: brand",
        "41:6: route[0].to: no connection \"tow\" plays erp; try: back, two",
        "43:8: route[1].role: wms is chosen by the place, not by rules; try: plays = [\"wms:PLACE\"] in a connection",
        "48:20: route[2].when.channel: no connection plays storefront at \"wbe\"; try: plays",
        "48:35: route[2].when.brand: an empty text names nothing",
    ] {
        assert!(told.iter().any(|fault| fault.starts_with(part)), "{part}: {told:#?}");
    }
}
