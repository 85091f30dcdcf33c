//! What a pool keeps back and for whom.

use crate::common::{and, wrong};
use retail::returns::Grade;

#[test]
fn what_is_kept_back_is_read() {
    let text = and(
        "[policy.pools.main]\nplaces = [\"north\", \"south\"]\nsafety = 1\nsafety_at = { south = 5 }\n\
         safety_skus = { A = 2 }\nsafety_categories = { toys = 3 }\nsellable = [\"new\", \"opened\"]\n\
         consigned = [\"acme\"]\nrestocked_as = { B = \"opened\" }\nkept = { web = 4 }\nshares = { web = 30 }\n\
         hold_most = \"15m\"\ntransit = \"3d\"\ncompare = [\"web\"]\npublish_tries = 1\n",
    );
    let estate = settings::read("e", &text).unwrap();
    let pool = &estate.policy.pools["main"];
    assert_eq!((pool.safety_at("north"), pool.safety_at("south")), (1, 5));
    let rules = &pool.rules;
    assert_eq!((rules.safety_skus["A"], rules.safety_categories["toys"]), (2, 3));
    assert_eq!((rules.sellable.len(), rules.consigned.contains("acme")), (2, true));
    assert_eq!(rules.restocked_as[&Grade::B], "opened");
    assert_eq!((rules.kept["web"], rules.shares["web"]), (4, 30));
    assert_eq!((rules.hold_most.0, rules.transit.0), (900_000, 259_200_000));
    assert_eq!((rules.compare.len(), rules.publish_tries), (1, 1));
}

#[test]
fn what_cannot_be_is_told_with_what_can() {
    let text = and(
        "[policy.pools.main]\nplaces = [\"north\", \"south\"]\nsafety_at = { soth = 5 }\nsellable = []\n\
         restocked_as = { D = \"opened\" }\nkept = { shp = 4 }\nshares = { shop = 130 }\nhold_most = \"0s\"\n\
         compare = [\"shp\"]\n",
    );
    let told = wrong(&text);
    for part in [
        "policy.pools.main.safety_at.soth: the pool has no place \"soth\"; try: south",
        "policy.pools.main.sellable: a pool without a sellable condition can promise nothing; try: sellable = [\"new\"]",
        "policy.pools.main.restocked_as.D",
        "policy.pools.main.kept.shp: no connection plays storefront at \"shp\"",
        "policy.pools.main.shares.shop: a whole number from 0 to 100 is needed, not 130",
        "policy.pools.main.hold_most: a span longer than nothing is needed",
        "policy.pools.main.compare[0]: no connection plays storefront at \"shp\"",
    ] {
        assert!(told.iter().any(|fault| fault.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), 7, "{told:#?}");
}
