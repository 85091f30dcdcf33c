//! PaymentIntents: made, confirmed, captured, cancelled.

use crate::base::form::within;
use crate::base::http::Moment;
use crate::base::ledger::{Head, Kind};
use crate::stripe::errors::Fault;
use crate::stripe::keys::Outcome;
use crate::stripe::objects::{Intent, IntentStatus, Metadata, Snapshot};
use crate::stripe::{Form, Stripe, units};

/// Stripe allows 50 captures of one intent (stripe.com/docs/payments/multicapture).
const CAPTURES: u32 = 50;

pub(crate) fn value<'a>(form: &'a Form<'_>, name: &str) -> Option<&'a str> {
    form.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_ref())
}

/// A whole number above zero, or none where it is not given.
pub(crate) fn amount(form: &Form<'_>, name: &'static str) -> Result<Option<i64>, Fault> {
    let Some(text) = value(form, name) else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(number) if number > 0 => Ok(Some(number)),
        Ok(_) => {
            let message = "This value must be greater than or equal to 1.".to_owned();
            Err(Fault::invalid("parameter_invalid_integer", name, message))
        }
        Err(_) => Err(Fault::invalid("parameter_invalid_integer", name, format!("Invalid integer: {text}"))),
    }
}

pub(crate) fn metadata(form: &Form<'_>) -> Metadata {
    form.iter()
        .filter_map(|(name, v)| within(name, "metadata").map(|key| (key.into(), v.as_ref().into())))
        .collect()
}

/// Metadata that is sent is put over what is there; an empty value takes a key away
/// (docs.stripe.com/api/metadata).
fn merge(metadata: &mut Metadata, sent: Metadata) {
    for (key, value) in sent {
        metadata.retain(|(known, _)| *known != key);
        if !value.is_empty() {
            metadata.push((key, value));
        }
    }
}

impl Stripe {
    /// The number of an intent of this account.
    pub(crate) fn intent(&self, id: &str) -> Result<u32, Fault> {
        self.number("pi", id)
            .filter(|n| (*n as usize) < self.intents.len())
            .ok_or_else(|| Fault::missing("payment_intent", id))
    }

    pub(crate) fn snapshot(&self, number: u32) -> Option<Snapshot> {
        let intent = self.intents.get(number as usize)?;
        Some(Snapshot {
            number,
            status: intent.status,
            received: intent.received,
            capturable: intent.capturable(),
        })
    }

    pub(crate) fn show_snapshot(&self, snapshot: &Snapshot) -> Vec<u8> {
        let intent = self.intents.get(snapshot.number as usize);
        let shown = intent.map(|intent| self.intent_as(intent, snapshot));
        serde_json::to_vec(&shown).unwrap_or_default()
    }

    pub(crate) fn show_intent(&self, number: u32) -> Vec<u8> {
        self.snapshot(number).map(|s| self.show_snapshot(&s)).unwrap_or_default()
    }

    fn unexpected(&self, number: u32, message: String) -> Fault {
        Fault::state(message, self.show_intent(number))
    }

    fn outcome(&self, number: u32) -> Result<Outcome, Fault> {
        self.snapshot(number).map(Outcome::Intent).ok_or_else(Fault::internal)
    }

    fn book(&mut self, at: Moment, number: u32, kind: Kind, amount: i64) {
        let Some(intent) = self.intents.get(number as usize) else { return };
        let (order, currency) = (intent.order().to_owned(), intent.currency.to_ascii_uppercase());
        let amount = units::iso(&currency, amount);
        let id = self.id("pi", number);
        let reference = if order.is_empty() { &id } else { &order };
        let head = Head {
            reference,
            order: &order,
            id: &id,
            currency: &currency,
            amount: Some(amount),
            at: at.business,
            ..Head::default()
        };
        self.desk.ledger.document(&head).whole(kind, None);
    }

    /// Puts an authorised payment there as a checkout would have: an intent with manual capture that was
    /// confirmed. `amount` in minor units. Its id is the answer.
    pub(crate) fn authorise(&mut self, at: Moment, order: &str, amount: i64, currency: &str) -> String {
        let number = self.add(Intent {
            created: at.now,
            amount: units::stripe(currency, amount),
            received: 0,
            refunded: 0,
            captures: 0,
            status: IntentStatus::RequiresCapture,
            manual: true,
            currency: currency.to_ascii_lowercase().into(),
            method: Some("pm_card_visa".into()),
            metadata: vec![("order".into(), order.into())],
            refunds: Vec::new(),
            ended: None,
        });
        let booked = self.intents.get(number as usize).map_or(0, |intent| intent.amount);
        self.book(at, number, Kind::Authorised, booked);
        self.id("pi", number)
    }

    fn add(&mut self, intent: Intent) -> u32 {
        let number = u32::try_from(self.intents.len()).unwrap_or(u32::MAX);
        self.intents.push(intent);
        number
    }

    pub(crate) fn create_intent(&mut self, at: Moment, form: &Form<'_>) -> Result<Outcome, Fault> {
        let required = |name: &'static str| {
            Fault::invalid("parameter_missing", name, format!("Missing required param: {name}."))
        };
        let amount = amount(form, "amount")?.ok_or_else(|| required("amount"))?;
        let currency = value(form, "currency").ok_or_else(|| required("currency"))?.to_ascii_lowercase();
        let method: Option<Box<str>> = value(form, "payment_method").map(Into::into);
        let confirm = value(form, "confirm") == Some("true");
        let waits = if method.is_some() {
            IntentStatus::RequiresConfirmation
        } else {
            IntentStatus::RequiresPaymentMethod
        };
        let number = self.add(Intent {
            created: at.now,
            amount,
            received: 0,
            refunded: 0,
            captures: 0,
            status: waits,
            manual: value(form, "capture_method") == Some("manual"),
            currency: currency.into(),
            method,
            metadata: metadata(form),
            refunds: Vec::new(),
            ended: None,
        });
        if confirm { self.charge(at, number) } else { self.outcome(number) }
    }

    pub(crate) fn confirm(&mut self, at: Moment, id: &str, form: &Form<'_>) -> Result<Outcome, Fault> {
        let number = self.intent(id)?;
        if let Some(method) = value(form, "payment_method")
            && let Some(intent) = self.intents.get_mut(number as usize)
        {
            intent.method = Some(method.into());
        }
        self.charge(at, number)
    }

    /// Charges or authorises an intent that is waiting for that. The test method `pm_card_chargeDeclined` is
    /// declined (docs.stripe.com/testing).
    fn charge(&mut self, at: Moment, number: u32) -> Result<Outcome, Fault> {
        let intent = self.intents.get_mut(number as usize).ok_or_else(Fault::internal)?;
        if !matches!(intent.status, IntentStatus::RequiresConfirmation | IntentStatus::RequiresPaymentMethod)
        {
            let status = intent.status.as_str();
            let message =
                format!("You cannot confirm this PaymentIntent because it has a status of {status}.");
            return Err(self.unexpected(number, message));
        }
        match intent.method.as_deref() {
            None => {
                let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
                return Err(self.unexpected(number, message.to_owned()));
            }
            Some("pm_card_chargeDeclined") => {
                intent.status = IntentStatus::RequiresPaymentMethod;
                intent.method = None;
                return Err(Fault::declined());
            }
            Some(_) => {}
        }
        let (manual, amount) = (intent.manual, intent.amount);
        intent.status = if manual { IntentStatus::RequiresCapture } else { IntentStatus::Succeeded };
        if !manual {
            intent.received = amount;
        }
        self.book(at, number, Kind::Authorised, amount);
        if !manual {
            self.book(at, number, Kind::Captured, amount);
            self.tell_captured(at, number);
        }
        self.outcome(number)
    }

    /// Takes the money, or a part. Once is all, unless `final_capture=false`: what is left can then be taken later,
    /// and is let go with the final capture.
    pub(crate) fn capture(&mut self, at: Moment, id: &str, form: &Form<'_>) -> Result<Outcome, Fault> {
        let number = self.intent(id)?;
        let asked = amount(form, "amount_to_capture")?;
        let last = value(form, "final_capture") != Some("false");
        if !last && !self.config.multicapture {
            let message = "This account cannot capture a PaymentIntent several times.".to_owned();
            return Err(Fault::invalid("parameter_unknown", "final_capture", message));
        }
        let intent = self.intents.get_mut(number as usize).ok_or_else(Fault::internal)?;
        if intent.status != IntentStatus::RequiresCapture {
            let message = format!(
                "This PaymentIntent could not be captured because it has a status of {}. \
                 Only a PaymentIntent with one of the following statuses may be captured: requires_capture.",
                intent.status.as_str()
            );
            return Err(self.unexpected(number, message));
        }
        let left = intent.capturable();
        let amount = asked.unwrap_or(left);
        if amount > left {
            let message = format!(
                "The amount to capture ({amount}) is greater than the capturable amount of the PaymentIntent ({left})."
            );
            return Err(Fault::invalid("amount_too_large", "amount_to_capture", message));
        }
        if intent.captures >= CAPTURES {
            return Err(self.unexpected(number, format!("A PaymentIntent can be captured {CAPTURES} times.")));
        }
        intent.received += amount;
        intent.captures += 1;
        merge(&mut intent.metadata, metadata(form));
        if last || amount == left {
            intent.status = IntentStatus::Succeeded;
        }
        self.book(at, number, Kind::Captured, amount);
        self.tell_captured(at, number);
        self.outcome(number)
    }

    /// Lets the authorisation go. An intent of which a part was captured ends as succeeded with that part.
    pub(crate) fn cancel(&mut self, at: Moment, id: &str, form: &Form<'_>) -> Result<Outcome, Fault> {
        let number = self.intent(id)?;
        let reason = value(form, "cancellation_reason").unwrap_or_default();
        if !matches!(reason, "" | "duplicate" | "fraudulent" | "requested_by_customer" | "abandoned") {
            let message = format!("Invalid cancellation_reason: {reason}");
            return Err(Fault::invalid("parameter_invalid_enum", "cancellation_reason", message));
        }
        let intent = self.intents.get_mut(number as usize).ok_or_else(Fault::internal)?;
        if matches!(intent.status, IntentStatus::Succeeded | IntentStatus::Canceled) {
            let message = format!(
                "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one \
                 of the following statuses may be canceled: requires_payment_method, requires_capture, \
                 requires_confirmation, requires_action, processing.",
                intent.status.as_str()
            );
            return Err(self.unexpected(number, message));
        }
        let left = intent.capturable();
        intent.ended = Some((at.now, reason.into()));
        intent.status = if intent.received > 0 { IntentStatus::Succeeded } else { IntentStatus::Canceled };
        self.book(at, number, Kind::Voided, left);
        self.tell_cancelled(at, number);
        self.outcome(number)
    }
}
