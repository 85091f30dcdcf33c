//! `[policy.checkout]`: checks before release, authorisations, invoices. What is asked must be played by somebody.

use super::policy::word;
use super::roster::Roster;
use super::words::{span, yes};
use crate::checkout::{Check, Checkout, InvoiceRule, OnExpiry, SingleCapture, WhenDown, WhenRefused};
use crate::role::Role;
use formats::toml::Fields;
use retail::time::Span;

/// Reads `[policy.checkout]`; what is left out asks nothing.
pub(super) fn checkout<'a>(mut fields: Fields<'a>, roster: &Roster<'a>) -> Option<Checkout> {
    let mut one = |name, role| fields.section(name).map(|fields| check(fields, role, roster));
    let checks = [
        one("customer", Role::Customers),
        one("promotions", Role::Promotions),
        one("tax", Role::Tax),
        one("payment", Role::Payments),
        one("fraud", Role::Fraud),
    ];
    let tolerance = fields.get("tax_tolerance").and_then(|node| node.whole(0..=1_000_000));
    let on_expiry =
        word(fields.get("on_expiry"), &[("hold", OnExpiry::Hold), ("reauthorise", OnExpiry::Reauthorise)]);
    let renew_before = fields.get("renew_before").and_then(|node| span(&node));
    let single_capture = word(
        fields.get("single_capture"),
        &[("wait", SingleCapture::Wait), ("reauthorise", SingleCapture::Reauthorise)],
    );
    let invoice = word(
        fields.get("invoice"),
        &[("per_shipment", InvoiceRule::PerShipment), ("when_complete", InvoiceRule::WhenComplete)],
    );
    fields.done();
    let [customer, promotions, tax, payment, fraud] = checks;
    Some(Checkout {
        customer: customer?,
        promotions: promotions?,
        tax: tax?,
        payment: payment?,
        fraud: fraud?,
        tax_tolerance: tolerance.unwrap_or(0),
        on_expiry,
        renew_before: renew_before.unwrap_or(Span::days(1)),
        single_capture,
        invoice,
    })
}

/// Reads one check. `role` is who makes it.
fn check<'a>(mut fields: Fields<'a>, role: Role, roster: &Roster<'a>) -> Check {
    let ask = yes(&mut fields, "ask", false);
    let wait = fields.get("wait").and_then(|node| span(&node)).unwrap_or(Span::hours(4));
    let when_down = word(fields.get("when_down"), &[("hold", WhenDown::Hold), ("go_on", WhenDown::GoOn)]);
    let when_refused =
        word(fields.get("when_refused"), &[("hold", WhenRefused::Hold), ("cancel", WhenRefused::Cancel)]);
    if ask && roster.nobody_plays(role) {
        let hint = format!("plays = [\"{role}\"] in a connection, or ask = false");
        fields.fault_in("ask", format!("no connection plays {role}, so nobody can be asked"), hint);
    }
    fields.done();
    Check { ask, wait, when_down, when_refused }
}
