//! PaymentIntents and refunds as the account keeps them and as the API shows them (shapes of Stripe's OpenAPI
//! fixtures).

use crate::stripe::Stripe;
use serde::{Serialize, Serializer};

pub(crate) type Metadata = Vec<(Box<str>, Box<str>)>;

/// The value of one metadata key.
pub(crate) fn meta<'a>(metadata: &'a Metadata, key: &str) -> Option<&'a str> {
    metadata.iter().find(|(k, _)| &**k == key).map(|(_, v)| &**v)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentStatus {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl IntentStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// A payment. Amounts in minor units, `created` in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub created: i64,
    pub amount: i64,
    pub received: i64,
    pub refunded: i64,
    pub captures: u32,
    pub status: IntentStatus,
    pub manual: bool,
    /// Lower case, as Stripe writes it.
    pub currency: Box<str>,
    pub method: Option<Box<str>>,
    pub metadata: Metadata,
    pub refunds: Vec<u32>,
    /// When and why it was cancelled, or what was left of it let go.
    pub ended: Option<(i64, Box<str>)>,
}

impl Intent {
    pub(crate) fn capturable(&self) -> i64 {
        if self.status == IntentStatus::RequiresCapture { self.amount - self.received } else { 0 }
    }

    /// The hub's order, where the payment knows one.
    pub(crate) fn order(&self) -> &str {
        meta(&self.metadata, "order").unwrap_or_default()
    }
}

/// An intent as it was when an answer was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot {
    pub number: u32,
    pub status: IntentStatus,
    pub received: i64,
    pub capturable: i64,
}

/// Refund statuses of docs.stripe.com (changelog 2025-04-30); `requires_action` and `canceled` do not occur here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

impl RefundStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub intent: u32,
    pub amount: i64,
    pub created: i64,
    pub status: RefundStatus,
    pub reason: Option<Box<str>>,
    pub metadata: Metadata,
}

struct Pairs<'a>(&'a Metadata);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(k, v)| (k, v)))
    }
}

#[derive(Serialize)]
pub(crate) struct ShownIntent<'a> {
    id: String,
    object: &'static str,
    amount: i64,
    amount_capturable: i64,
    amount_received: i64,
    application: Option<&'a str>,
    canceled_at: Option<i64>,
    cancellation_reason: Option<&'a str>,
    capture_method: &'static str,
    client_secret: String,
    confirmation_method: &'static str,
    created: i64,
    currency: &'a str,
    customer: Option<&'a str>,
    description: Option<&'a str>,
    last_payment_error: Option<&'a str>,
    latest_charge: Option<String>,
    livemode: bool,
    metadata: Pairs<'a>,
    next_action: Option<&'a str>,
    payment_method: Option<&'a str>,
    payment_method_types: [&'static str; 1],
    processing: Option<&'a str>,
    receipt_email: Option<&'a str>,
    status: IntentStatus,
}

#[derive(Serialize)]
pub(crate) struct ShownRefund<'a> {
    id: String,
    object: &'static str,
    amount: i64,
    balance_transaction: Option<String>,
    charge: String,
    created: i64,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<&'static str>,
    metadata: Pairs<'a>,
    payment_intent: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_reason: Option<&'static str>,
    reason: Option<&'a str>,
    receipt_number: Option<&'a str>,
    source_transfer_reversal: Option<&'a str>,
    status: RefundStatus,
    transfer_reversal: Option<&'a str>,
}

impl Stripe {
    /// An intent in the shape of the API, with what a snapshot says of its state.
    pub(crate) fn intent_as<'a>(&'a self, intent: &'a Intent, as_it_was: &Snapshot) -> ShownIntent<'a> {
        let id = self.id("pi", as_it_was.number);
        let ended = intent.ended.as_ref().filter(|_| as_it_was.status == IntentStatus::Canceled);
        let charged = matches!(as_it_was.status, IntentStatus::RequiresCapture | IntentStatus::Succeeded);
        ShownIntent {
            client_secret: format!("{id}_secret_lookalike"),
            id,
            object: "payment_intent",
            amount: intent.amount,
            amount_capturable: as_it_was.capturable,
            amount_received: as_it_was.received,
            application: None,
            canceled_at: ended.map(|(at, _)| at / 1000),
            cancellation_reason: ended.map(|(_, why)| &**why).filter(|why| !why.is_empty()),
            capture_method: if intent.manual { "manual" } else { "automatic" },
            confirmation_method: "automatic",
            created: intent.created / 1000,
            currency: &intent.currency,
            customer: None,
            description: None,
            last_payment_error: None,
            latest_charge: charged.then(|| self.id("ch", as_it_was.number)),
            livemode: false,
            metadata: Pairs(&intent.metadata),
            next_action: None,
            payment_method: intent.method.as_deref(),
            payment_method_types: ["card"],
            processing: None,
            receipt_email: None,
            status: as_it_was.status,
        }
    }

    /// A refund in the shape of the API, with a status that it has or had.
    pub(crate) fn refund_as<'a>(
        &'a self,
        number: u32,
        refund: &'a Refund,
        intent: &'a Intent,
        status: RefundStatus,
    ) -> ShownRefund<'a> {
        ShownRefund {
            id: self.id("re", number),
            object: "refund",
            amount: refund.amount,
            balance_transaction: (status != RefundStatus::Pending).then(|| self.id("txn", number)),
            charge: self.id("ch", refund.intent),
            created: refund.created / 1000,
            currency: &intent.currency,
            failure_reason: (status == RefundStatus::Failed).then_some("expired_or_canceled_card"),
            metadata: Pairs(&refund.metadata),
            payment_intent: self.id("pi", refund.intent),
            pending_reason: (status == RefundStatus::Pending).then_some("processing"),
            reason: refund.reason.as_deref(),
            receipt_number: None,
            source_transfer_reversal: None,
            status,
            transfer_reversal: None,
        }
    }
}
