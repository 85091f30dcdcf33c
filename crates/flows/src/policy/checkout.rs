//! What a retailer decides about a placed order before its goods leave, and about the money for it.

use retail::time::Span;
use serde::{Deserialize, Serialize};

/// Checks, authorisations and invoices. The default asks nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckoutPolicy {
    /// Whether the customer may be sold to.
    pub customer: CheckRule,
    /// Whether the discounts stand.
    pub promotions: CheckRule,
    /// Whether the tax is right.
    pub tax: CheckRule,
    /// Whether each tender can still be captured.
    pub payment: CheckRule,
    /// Whether it may be a fraud.
    pub fraud: CheckRule,
    /// By how many minor units the quoted tax of an order may differ from what it was charged.
    pub tax_tolerance: i64,
    /// What is done about an authorisation that is about to expire, or has.
    pub on_expiry: OnExpiry,
    /// How long before it expires.
    pub renew_before: Span,
    /// What follows a part that was captured of a tender which allows one capture.
    pub single_capture: SingleCapture,
    /// How many invoices an order has.
    pub invoice: InvoiceRule,
}

impl Default for CheckoutPolicy {
    fn default() -> Self {
        Self {
            customer: CheckRule::default(),
            promotions: CheckRule::default(),
            tax: CheckRule::default(),
            payment: CheckRule::default(),
            fraud: CheckRule::default(),
            tax_tolerance: 0,
            on_expiry: OnExpiry::default(),
            renew_before: Span::days(1),
            single_capture: SingleCapture::default(),
            invoice: InvoiceRule::default(),
        }
    }
}

/// One check of an order before anything of it is released.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckRule {
    /// Whether it is made, where a system plays the role.
    pub ask: bool,
    /// How long the release waits for the verdict.
    pub wait: Span,
    /// What follows when there is none by then.
    pub when_down: WhenDown,
    /// What follows a verdict against the order.
    pub when_refused: WhenRefused,
}

impl Default for CheckRule {
    fn default() -> Self {
        Self {
            ask: false,
            wait: Span::hours(4),
            when_down: WhenDown::default(),
            when_refused: WhenRefused::default(),
        }
    }
}

/// What follows when a check does not come to a verdict in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenDown {
    /// The order is held until the verdict comes or a person lifts the hold.
    #[default]
    Hold,
    /// The order goes on; a verdict that comes later is recorded, and one against it holds what has not left.
    GoOn,
}

/// What follows a verdict against the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenRefused {
    /// The order is held for a person.
    #[default]
    Hold,
    /// What has not left is cancelled.
    Cancel,
}

/// What is done about an authorisation that is about to expire while the order still needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// The order is held until it is authorised again.
    #[default]
    Hold,
    /// Its executor is asked to authorise it again; refused, the order is held.
    Reauthorise,
}

/// What follows when goods leave in parts, money is taken with each, and a tender allows one capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SingleCapture {
    /// It is captured once, when nothing more can come.
    #[default]
    Wait,
    /// It is captured with the first part, and what is left is authorised anew.
    Reauthorise,
}

/// How many invoices an order has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceRule {
    /// One with each shipment.
    #[default]
    PerShipment,
    /// One over all shipments, once every line is shipped or cancelled. Revenue is booked with each shipment all
    /// the same, since that is what passes control.
    WhenComplete,
}
