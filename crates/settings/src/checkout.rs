//! What is decided about a placed order before its goods leave, and about the money for it, as the estate has it.

use retail::time::Span;
use serde::Serialize;

/// Checks, authorisations and invoices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Checkout {
    /// Whether the customer may be sold to.
    pub customer: Check,
    /// Whether the discounts stand.
    pub promotions: Check,
    /// Whether the tax is right.
    pub tax: Check,
    /// Whether each tender can still be captured.
    pub payment: Check,
    /// Whether it may be a fraud.
    pub fraud: Check,
    /// Minor units by which the quoted tax of an order may differ from what it was charged.
    pub tax_tolerance: i64,
    /// What is done about an authorisation that is about to expire.
    pub on_expiry: OnExpiry,
    /// How long before.
    pub renew_before: Span,
    /// What follows a part that was captured of a tender which allows one capture.
    pub single_capture: SingleCapture,
    /// How many invoices an order has.
    pub invoice: InvoiceRule,
}

/// One check of an order before anything of it is released.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    /// Whether it is made.
    pub ask: bool,
    /// How long the release waits for the verdict.
    pub wait: Span,
    /// What follows when there is none by then.
    pub when_down: WhenDown,
    /// What follows a verdict against the order.
    pub when_refused: WhenRefused,
}

/// What follows when a check comes to no verdict in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenDown {
    /// The order is held.
    #[default]
    Hold,
    /// It goes on; a verdict that comes later is recorded, and one against it holds what has not left.
    GoOn,
}

/// What follows a verdict against the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenRefused {
    /// The order is held for a person.
    #[default]
    Hold,
    /// What has not left is cancelled.
    Cancel,
}

/// What is done about an authorisation that is about to expire while the order still needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExpiry {
    /// The order is held until it is authorised again.
    #[default]
    Hold,
    /// Its executor is asked to authorise it again; refused, the order is held.
    Reauthorise,
}

/// What follows when money is taken per shipment and a tender allows one capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SingleCapture {
    /// It is captured once, when nothing more can come.
    #[default]
    Wait,
    /// It is captured with the first part, and what is left is authorised anew.
    Reauthorise,
}

/// How many invoices an order has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceRule {
    /// One with each shipment.
    #[default]
    PerShipment,
    /// One over all shipments, once every line is shipped or cancelled.
    WhenComplete,
}
