//! Broken estates: the hub, the connections, and who plays what. Each says where, what, and what to write.

use crate::common::{SMALL, and, with, wrong};

#[test]
fn an_empty_file_has_no_connections_and_no_more_is_said() {
    let shown = "try: [[connection]] with name, connector, url and plays";
    assert_eq!(wrong(""), [format!("1:1: connection: missing; {shown}")]);
    assert_eq!(wrong("connection = []"), [format!("1:14: connection: there is no connection; {shown}")]);
    assert_eq!(wrong("connection = 5"), ["1:14: connection: a list is needed, not an integer"]);
    assert_eq!(
        wrong("[connection]\nname = \"x\"\n"),
        ["1:1: connection: connections are a list; try: [[connection]] with two brackets"]
    );
}

#[test]
fn what_is_not_toml_is_told_alone() {
    assert_eq!(wrong(&and("[hub\nlisten = 5\n")), ["32:5: not TOML: unclosed table, expected `]`"]);
}

#[test]
fn names_nobody_knows_are_refused_with_the_nearest() {
    assert_eq!(
        wrong(&format!("polcy = 5\n[connecton]\n{SMALL}")),
        [
            "1:1: polcy: there is no such field; try: policy",
            "2:2: connecton: there is no such field; try: connection",
        ]
    );
    assert_eq!(
        wrong(&with("connector = \"stripe\"", "conector = \"stripe\"")),
        [
            "25:1: connection[4].connector: missing; try: connector = \"canonical\"",
            "27:1: connection[4].conector: there is no such field; try: connector",
        ]
    );
}

#[test]
fn tenant_and_entity_are_ids() {
    assert_eq!(
        wrong(&format!("tenant = \"a:b\"\nentity = 5\n{SMALL}")),
        [
            "1:10: tenant: \"a:b\" is not an id; try: 1 to 80 of A-Z, a-z, 0-9, dot, underline and hyphen",
            "2:10: entity: text is needed, not an integer",
        ]
    );
}

#[test]
fn the_hub_is_on_this_machine_unless_it_is_public() {
    assert_eq!(
        wrong(&and(
            "[hub]\nlisten = \"0.0.0.0:7700\"\npartitions = 65\n[hub.limits]\nbatch = 0\ncache = 5\n"
        )),
        [
            "33:10: hub.listen: other machines may reach 0.0.0.0:7700; \
             try: 127.0.0.1:7700, or public = true where that is meant",
            "34:14: hub.partitions: a whole number from 1 to 64 is needed, not 65",
            "36:9: hub.limits.batch: a whole number from 1 on is needed",
            "37:1: hub.limits.cache: there is no such field; \
             try: batch, cache_cases, cache_rows, intake, outbox, unnamed",
        ]
    );
    for inside in ["127.0.0.1:0", "[::1]:7700", "127.9.9.9:1", "[::ffff:127.0.0.1]:7700"] {
        assert!(wrong(&and(&format!("[hub]\nlisten = \"{inside}\"\n"))).is_empty(), "{inside}");
    }
}

#[test]
fn a_public_hub_asks_for_a_token() {
    assert_eq!(
        wrong(&and("[hub]\nlisten = \"localhost:7700\"\npublic = true\n")),
        [
            "32:1: hub.api_token: missing, as other machines may reach the hub; \
             try: api_token = \"file:secrets/api_token\"",
            "33:10: hub.listen: \"localhost:7700\" is not an address and port; try: 127.0.0.1:7700",
        ]
    );
    let open = "[hub]\nlisten = \"0.0.0.0:7700\"\npublic = true\napi_token = \"env:TOKEN\"\n";
    assert!(wrong(&and(open)).is_empty());
}

#[test]
fn names_are_plain_and_unique() {
    assert_eq!(
        wrong(&with("name = \"back\"", "name = \"Back Office\"")),
        ["8:8: connection[1].name: \"Back Office\" is not a name; try: 1 to 64 of a-z, 0-9 and hyphen"]
    );
    assert_eq!(
        wrong(&with("name = \"back\"", "name = \"shop\"")),
        ["8:8: connection[1].name: connection[0] is called \"shop\" too; try: a name of its own"]
    );
}

#[test]
fn a_role_is_known_and_played_once() {
    assert_eq!(
        wrong(&with("\"wms:south\"", "\"tas\", \"wmz:x\", \"erp:uk\", \"wms\", \"wms:a b\"")),
        [
            "23:10: connection[3].plays[0]: there is no role \"tas\"; try: tax",
            "23:17: connection[3].plays[1]: there is no role \"wmz\"; try: wms",
            "23:26: connection[3].plays[2]: erp is played for all, not at one place; try: erp",
            "23:36: connection[3].plays[3]: a wms plays at a place; try: wms:NORTH",
            "23:43: connection[3].plays[4]: \"a b\" is not the id of a place; try: wms:NAME",
        ]
    );
    assert_eq!(
        wrong(&with("\"wms:south\"", "\"wms:north\", \"oms\"")),
        [
            "23:10: connection[3].plays[0]: wms:north is played by \"north\" already; \
             try: one connection for each role and place; [[route]] rules choose among several for a role",
            "23:23: connection[3].plays[1]: oms is played by \"back\" already; \
             try: one connection for each role and place; [[route]] rules choose among several for a role",
        ]
    );
}

#[test]
fn every_role_is_played() {
    assert_eq!(
        wrong(&with("\"erp\", \"oms\", \"returns\"", "\"oms\"")),
        [
            "1:1: connection: no connection plays erp; try: plays = [\"erp\"] in a connection",
            "1:1: connection: no connection plays returns; try: plays = [\"returns\"] in a connection",
        ]
    );
    assert_eq!(
        wrong(&with("\"payments:stripe\"", "")),
        ["1:1: connection: no connection plays payments; \
             try: plays = [\"payments:EXECUTOR\"] in a connection"]
    );
    assert_eq!(
        wrong(&with("\"storefront:web\"", "").replace("conf = { source = \"web\" }\n", "")),
        ["1:1: connection: no connection plays storefront; \
             try: plays = [\"storefront:SOURCE\"] in a connection"]
    );
}

#[test]
fn one_that_plays_for_all_serves_every_source() {
    let text = with("\"storefront:web\"", "\"storefront\"") + "[policy.channels]\napp = \"main\"\n";
    let estate = settings::read("e", &text).unwrap();
    assert_eq!(estate.plays(settings::Role::Storefront, "app").unwrap().name, "shop");
    assert_eq!(estate.policy.pools["main"].publish_to, ["app", "web"]);
}

#[test]
fn addresses_are_http_and_hold_no_password() {
    let at = |url: &str| wrong(&with("https://api.stripe.com", url));
    assert_eq!(
        at("api.stripe.com"),
        ["28:7: connection[4].url: an address begins with http:// or https://; \
             try: https://erp.example.com/api"]
    );
    assert_eq!(
        at("https://me:hush@api.stripe.com"),
        ["28:7: connection[4].url: a name or password must not stand in an address (it is not shown); \
             try: secret = { password = \"env:NAME\" }, used by the connector's headers"]
    );
    assert_eq!(
        wrong(&with("url = \"https://south.example.com\"\n", "")),
        ["19:1: connection[3].url: missing, as the connection plays a role; \
             try: url = \"https://erp.example.com/api\""]
    );
}

#[test]
fn limits_are_counts_and_pauses_grow() {
    assert_eq!(
        wrong(&and("in_flight = 0\nrate = -5\nbackoff = \"1m\"\nbackoff_max = \"1s\"\nbreaker = \"5\"\n")),
        [
            "32:13: connection[4].in_flight: a whole number from 1 on is needed",
            "33:8: connection[4].rate: a whole number from 1 on is needed",
            "35:15: connection[4].backoff_max: the longest pause is shorter than the first; \
             try: backoff or more",
            "36:11: connection[4].breaker: a whole number is needed, not a string",
        ]
    );
}

#[test]
fn settings_that_name_the_estate_are_checked() {
    let conf = "\"wed\", pool = \"mian\", executor = \"adyen\", place = [\"nort\"], other = \"x\" }";
    assert_eq!(
        wrong(&with("\"web\" }", conf)),
        [
            "31:19: connection[4].conf.source: no connection plays storefront at \"wed\"; \
             try: web, or plays = [\"storefront:wed\"] in a connection",
            "31:33: connection[4].conf.pool: there is no pool \"mian\"; try: main",
            "31:52: connection[4].conf.executor: no connection plays payments at \"adyen\"; \
             try: plays = [\"payments:adyen\"] in a connection",
            "31:70: connection[4].conf.place[0]: no connection plays wms at \"nort\"; \
             try: north, or plays = [\"wms:nort\"] in a connection",
        ]
    );
    assert_eq!(
        wrong(&with("conf = { source", "conf = { fee = 1.50, source")),
        ["31:16: connection[4].conf.fee: a decimal would lose digits here; try: write it as text: \"1.50\""]
    );
}
