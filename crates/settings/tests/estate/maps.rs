//! Value maps: partners' words in canonical codes.

use crate::common::{and, wrong};

/// A connection that uses the map `shop`, from line 32 on.
const USED: &str =
    "\n[[connection]]\nname = \"s2\"\nconnector = \"shopify\"\nmaps = { return_reason = \"shop\" }\n";

#[test]
fn codes_of_standards_are_read_as_ours() {
    let text = and(&format!(
        "{USED}[maps.shop]\nkind = \"return_reason\"\n\
         values = {{ tight = \"wrong_size\", \"x12:PF\" = \"x12:PF\", \"*\" = \"other\" }}\n\
         [maps.bins]\nkind = \"disposition\"\nvalues = {{ \"9\" = \"gs1:destroying/destroyed\", D = \"x12:DI\" }}\n\
         [maps.dc]\nkind = \"place\"\nvalues = {{ DC1 = \"north\" }}\n"
    ));
    let estate = settings::read("e", &text).unwrap();
    let shop = &estate.maps["shop"].values;
    assert_eq!(
        (shop["tight"].as_str(), shop["PF"].as_str(), shop["*"].as_str()),
        ("wrong_size", "wrong_size", "other")
    );
    assert_eq!(
        (estate.maps["bins"].values["9"].as_str(), estate.maps["bins"].values["D"].as_str()),
        ("destroy", "destroy")
    );
    assert_eq!(estate.maps["dc"].values["DC1"], "north");
    assert_eq!(estate.connection("s2").unwrap().maps["return_reason"], "shop");
}

#[test]
fn every_code_that_is_none_is_told_with_the_nearest_right_one() {
    let text =
        and("[maps.a]\nkind = \"return_reason\"\n[maps.a.values]\nt = \"wrong_sise\"\nu = \"x12:ZZ\"\n\
                    \"x12:PF\" = \"other\"\nPF = \"wrong_size\"\n\"x12:QQ\" = \"other\"\n\
                    [maps.b]\nkind = \"reason\"\nvalues = {}\n\
                    [maps.c]\nkind = \"place\"\nvalues = { N = \"nort\" }\n[maps.d]\n");
    let told = wrong(&text);
    let parts = [
        "35:5: maps.a.values.t: \"wrong_sise\" is not a return reason; try: wrong_size",
        "36:5: maps.a.values.u: \"x12:ZZ\" is not a return reason; try: x12:BC (expired), x12:CO",
        "38:1: maps.a.values.PF: \"x12:PF\" says the same already; try: each value once",
        "39:1: maps.a.values.\"x12:QQ\": \"x12:QQ\" is no code of a return reason; try: x12:BC (expired)",
        "41:8: maps.b.kind: ",
        "45:16: maps.c.values.N: no connection plays wms at \"nort\"; try: north",
        "46:1: maps.d.kind: missing; try: kind = \"return_reason\"",
        "46:1: maps.d.values: missing; try: values = ",
    ];
    for part in parts {
        assert!(told.iter().any(|fault| fault.starts_with(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), parts.len(), "{told:#?}");
}

#[test]
fn a_connection_names_maps_that_are_there() {
    let named = "\n[[connection]]\nname = \"s2\"\nconnector = \"shopify\"\nmaps = { return_reason = \"shp\" }\n\
                 conf = { maps = {} }\n";
    assert_eq!(
        wrong(&and(named)),
        [
            "36:26: connection[5].maps.return_reason: there is no value map \"shp\"; try: [maps.shp] with kind and values",
            "37:17: connection[5].conf.maps: value maps stand beside the settings; try: maps = { return_reason = \"NAME\" }",
        ]
    );
    let told = wrong(&and(&format!("{named}[maps.shop]\nkind = \"category\"\nvalues = {{}}\n")));
    assert!(told[0].ends_with("there is no value map \"shp\"; try: shop"), "{told:?}");
}
