//! What an estate decides about returns: read, and what is said about what cannot be.

use crate::common::{and, with, wrong};
use retail::returns::{Disposition, Regime, ReturnType};
use settings::returns::{FeeKind, RefundLost, Tell, Withhold};

#[test]
fn every_choice_reads() {
    let text = and(
        "[policy.returns]\nfind_sale = true\nlabels = false\nwithhold = \"dispatch\"\nrefund_lost = \"always\"\n\
         refurbished = \"vendor_return\"\nkeep_below = { decor = 500, \"*\" = 0 }\n\
         tell = { web = \"storefront\" }\n\
         fees = [{ kind = \"restocking\", basis_points = 1500, types = [\"commercial\"], free_reasons = [\"LATE\"] },\n\
         { kind = \"return_shipping\", amount = 395, types = [\"commercial\", \"withdrawal\"] }]\n\
         [policy.returns.deadlines]\ncommercial = 20\nrecall = 0\n",
    );
    let policy = settings::read("e", &text).unwrap().policy.returns;
    let rules = policy.rules;
    assert!(rules.find_sale && !rules.labels);
    assert_eq!((rules.withhold, rules.refund_lost), (Withhold::Dispatch, RefundLost::Always));
    assert_eq!(rules.refurbished, Disposition::VendorReturn);
    assert_eq!(rules.keep_below["decor"], 500);
    assert_eq!(rules.tell["web"], Tell::Storefront);
    assert_eq!(rules.deadlines[&Regime::Commercial], 20);
    assert_eq!(rules.deadlines[&Regime::Conformity], 30);
    assert!(!rules.deadlines.contains_key(&Regime::Recall));
    let [restocking, shipping] = rules.fees.as_slice() else { panic!("{:?}", rules.fees) };
    assert_eq!(
        (restocking.kind, restocking.basis_points, restocking.amount),
        (FeeKind::Restocking, 1_500, 0)
    );
    assert!(restocking.free_reasons.contains("late") && !restocking.free_reasons.contains("defective"));
    assert!(shipping.types.contains(&ReturnType::Withdrawal) && shipping.free_reasons.contains("defective"));
}

/// A source's own returns platform hears of its returns; where there is none nobody does.
#[test]
fn who_is_told_follows_from_who_plays() {
    let tell = |text: &str| settings::read("e", text).unwrap().policy.returns.rules.tell["web"];
    assert_eq!(tell(&and("")), Tell::Nobody);
    let own = with("plays = [\"storefront:web\"]", "plays = [\"storefront:web\", \"returns:web\"]");
    assert_eq!(tell(&own), Tell::Returns);
}

#[test]
fn what_cannot_be_is_said_with_what_to_write() {
    let faults = wrong(&and(
        "[policy.returns]\ntell = { app = \"storefront\" }\nrefurbished = \"quarantine\"\n\
         fees = [{ kind = \"restocking\", basis_points = 10, types = [\"withdrawal\"] }, { kind = \"return_shipping\", types = [\"defect\"] }]\n",
    ));
    let said = faults.join("\n");
    assert_eq!(faults.len(), 5, "{said}");
    for part in [
        "no connection plays storefront at \"app\"",
        "policy.returns.refurbished",
        "on the ground of withdrawal by this fee; try: commercial",
        "a fee is an amount or a share",
        "on the ground of defect by this fee; try: commercial, withdrawal",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
