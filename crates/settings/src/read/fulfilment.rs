//! `[policy.fulfilment]`: labels, vendors that ship for themselves, and what waits to be collected.

use super::policy::word;
use super::roster::Roster;
use super::words::{span, texts};
use crate::policy::{Fulfilment, Labels, Uncollected};
use crate::role::Role;
use formats::toml::Fields;
use retail::time::Span;

/// Reads `[policy.fulfilment]`.
pub(super) fn fulfilment(mut fields: Fields<'_>, roster: &Roster<'_>) -> Fulfilment {
    let node = fields.get("labels");
    let hub = node.as_ref().filter(|node| node.text().is_some_and(|text| text.value == "hub"));
    if let Some(node) = hub.filter(|_| !roster.plays(Role::Carrier, "")) {
        node.fault(
            "no connection plays carrier, of whom labels could be bought",
            "plays = [\"carrier\"] in a connection",
        );
    }
    let labels = word(node, &[("warehouse", Labels::Warehouse), ("hub", Labels::Hub)]);
    let vendors = fields.get("vendors").map(|node| texts(&node)).unwrap_or_default();
    vendors.iter().for_each(|(vendor, node)| roster.expect(Role::Wms, vendor, node));
    let fulfilment = Fulfilment {
        labels,
        vendors: vendors.into_iter().map(|(vendor, _)| vendor).collect(),
        collect_within: fields.get("collect_within").and_then(|node| span(&node)).unwrap_or(Span::days(7)),
        uncollected: word(
            fields.get("uncollected"),
            &[("cancel", Uncollected::Cancel), ("ask", Uncollected::Ask)],
        ),
    };
    fields.done();
    fulfilment
}
