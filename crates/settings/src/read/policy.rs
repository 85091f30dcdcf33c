//! `[policy]`: what the retailer decides, checked against the systems that are there.

use super::checkout::checkout;
use super::credits::credits;
use super::fulfilment::fulfilment;
use super::messages::messages;
use super::pools::pools;
use super::returns::returns;
use super::roster::Roster;
use super::spans::{periods, spans};
use super::words::yes;
use crate::policy::{CaptureRule, Policy, RefundFirst};
use formats::toml::{Fields, Node};

/// Reads `[policy]`; what is left out is the careful choice.
pub(super) fn policy<'a>(root: &mut Fields<'a>, roster: &Roster<'a>) -> Option<Policy> {
    let mut fields = root.section("policy")?;
    let partial_release = yes(&mut fields, "partial_release", true);
    let erp_first = yes(&mut fields, "erp_first", true);
    let capture = word(
        fields.get("capture"),
        &[
            ("when_complete", CaptureRule::WhenComplete),
            ("per_shipment", CaptureRule::PerShipment),
            ("at_first_shipment", CaptureRule::AtFirstShipment),
        ],
    );
    let checkout = fields.section("checkout").map(|fields| checkout(fields, roster));
    let refund_first = word(
        fields.get("refund_first"),
        &[
            ("first", RefundFirst::First),
            ("last", RefundFirst::Last),
            ("proportional", RefundFirst::Proportional),
        ],
    );
    let fulfilment = fields.section("fulfilment").map(|fields| fulfilment(fields, roster));
    let vendors = fulfilment.as_ref().map(|f| f.vendors.clone()).unwrap_or_default();
    let messages = messages(&mut fields);
    let stock = pools(&mut fields, roster, &vendors);
    let credits = fields.section("credits").map(|fields| credits(fields, roster));
    let returns = fields.section("returns").map(|fields| returns(fields, &stock, roster));
    let deadline = returns.as_ref().map(|returns| returns.withdrawal_refund_days);
    let spans = fields.section("spans").map(|fields| spans(fields, deadline));
    let periods = fields.section("periods").map(periods);
    fields.done();
    Some(Policy {
        pools: stock.pools,
        channels: stock.channels,
        default_pool: stock.default_pool,
        partial_release,
        erp_first,
        capture,
        checkout: checkout??,
        refund_first,
        fulfilment: fulfilment?,
        messages,
        credits: credits?,
        returns: returns?,
        spans: spans?,
        periods: periods?,
    })
}

/// One of several words, or the usual one.
pub(super) fn word<T: Copy + Default>(node: Option<Node<'_>>, words: &[(&'static str, T)]) -> T {
    node.and_then(|node| node.word(words)).unwrap_or_default()
}
