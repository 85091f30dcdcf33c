//! `[policy.fulfilment]`.

use crate::common::{SMALL, and, wrong};
use retail::time::Span;
use settings::{Labels, Uncollected};

const MORE: &str = r#"
[[connection]]
name = "sofas"
connector = "canonical"
url = "https://sofas.example.com"
plays = ["wms:sofas"]

[[connection]]
name = "carrier"
connector = "canonical"
url = "https://carrier.example.com"
plays = ["carrier"]

[policy.fulfilment]
labels = "hub"
vendors = ["sofas"]
collect_within = "10d"
uncollected = "ask"
"#;

#[test]
fn a_vendor_ships_and_no_pool_has_it() {
    let policy = settings::read("e", &and(MORE)).unwrap().policy;
    assert_eq!(policy.pools["main"].places, ["north", "south"]);
    let f = policy.fulfilment;
    assert_eq!((f.labels, f.uncollected, f.collect_within), (Labels::Hub, Uncollected::Ask, Span::days(10)));
    assert_eq!(f.vendors, ["sofas"]);
    let left_out = settings::read("e", SMALL).unwrap().policy.fulfilment;
    assert_eq!((left_out.labels, left_out.uncollected), (Labels::Warehouse, Uncollected::Cancel));
}

#[test]
fn who_is_named_must_be_there() {
    assert_eq!(
        wrong(&and(
            "[policy.fulfilment]\nlabels = \"hub\"\nvendors = [\"soffas\"]\nuncollected = \"keep\"\n"
        )),
        [
            "33:10: policy.fulfilment.labels: no connection plays carrier, of whom labels could be bought; \
             try: plays = [\"carrier\"] in a connection",
            "34:12: policy.fulfilment.vendors[0]: no connection plays wms at \"soffas\"; \
             try: plays = [\"wms:soffas\"] in a connection",
            "35:15: policy.fulfilment.uncollected: \"keep\" is not known here; try: cancel, ask",
        ]
    );
}

#[test]
fn a_vendors_stock_is_in_no_pool() {
    let text =
        "[policy.fulfilment]\nvendors = [\"south\"]\n[policy.pools.main]\nplaces = [\"north\", \"south\"]\n";
    assert_eq!(
        wrong(&and(text)),
        ["35:20: policy.pools.main.places[1]: \"south\" is a vendor, whose stock is not ours; \
          try: places of our own"]
    );
}
