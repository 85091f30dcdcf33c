//! Refunds: made, listed, and what becomes of them later.

use crate::base::form::within;
use crate::base::http::{Call, Moment};
use crate::base::ledger::{Head, Kind};
use crate::base::luck::permille;
use crate::stripe::errors::Fault;
use crate::stripe::intents::{amount, metadata, value};
use crate::stripe::keys::Outcome;
use crate::stripe::objects::{Metadata, Refund, RefundStatus, ShownRefund, meta};
use crate::stripe::{Form, Stripe, units};
use serde::Serialize;

/// A refund's fate that is still to come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Later {
    Succeed(u32),
    Fail(u32),
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<ShownRefund<'a>>,
    has_more: bool,
    url: &'static str,
}

/// The hub's id of a refund: `metadata[credit]`, else `metadata[hub]`. Empty for a refund of somebody else's.
fn hub_key(metadata: &Metadata) -> &str {
    meta(metadata, "credit").or_else(|| meta(metadata, "hub")).unwrap_or_default()
}

impl Stripe {
    /// The number of a refund of this account.
    pub(crate) fn refund(&self, id: &str) -> Result<u32, Fault> {
        self.number("re", id)
            .filter(|n| (*n as usize) < self.refunds.len())
            .ok_or_else(|| Fault::missing("refund", id))
    }

    pub(crate) fn shown_refund(&self, number: u32, status: Option<RefundStatus>) -> Option<ShownRefund<'_>> {
        let refund = self.refunds.get(number as usize)?;
        let intent = self.intents.get(refund.intent as usize)?;
        Some(self.refund_as(number, refund, intent, status.unwrap_or(refund.status)))
    }

    pub(crate) fn show_refund(&self, number: u32) -> Vec<u8> {
        serde_json::to_vec(&self.shown_refund(number, None)).unwrap_or_default()
    }

    pub(crate) fn show_refund_as(&self, number: u32, status: RefundStatus) -> Vec<u8> {
        serde_json::to_vec(&self.shown_refund(number, Some(status))).unwrap_or_default()
    }

    fn book_refund(&mut self, at: Moment, number: u32, kind: Kind) {
        let Some(refund) = self.refunds.get(number as usize) else { return };
        let Some(intent) = self.intents.get(refund.intent as usize) else { return };
        let id = self.id("re", number);
        let key = hub_key(&refund.metadata);
        let order = meta(&refund.metadata, "order").unwrap_or_else(|| intent.order()).to_owned();
        let reference = if key.is_empty() { id.clone() } else { key.to_owned() };
        let currency = intent.currency.to_ascii_uppercase();
        let amount = units::iso(&currency, refund.amount);
        let head = Head {
            reference: &reference,
            order: &order,
            id: &id,
            currency: &currency,
            amount: Some(amount),
            at: at.business,
            ..Head::default()
        };
        self.desk.ledger.document(&head).whole(kind, None);
    }

    pub(crate) fn create_refund(&mut self, at: Moment, form: &Form<'_>) -> Result<Outcome, Fault> {
        if let Some((odd, _)) = form.iter().find(|(name, _)| {
            !matches!(name.as_ref(), "payment_intent" | "charge" | "amount" | "reason")
                && within(name, "metadata").is_none()
        }) {
            let message = format!("Received unknown parameter: {odd}");
            return Err(Fault::invalid("parameter_unknown", "body", message));
        }
        let intent = match (value(form, "payment_intent"), value(form, "charge")) {
            (Some(id), _) => self.intent(id)?,
            (None, Some(id)) => self
                .number("ch", id)
                .filter(|n| (*n as usize) < self.intents.len())
                .ok_or_else(|| Fault::missing("charge", id))?,
            (None, None) => {
                let message = "One of the following params should be provided for this request: payment_intent or charge.".to_owned();
                return Err(Fault::invalid("parameter_missing", "payment_intent", message));
            }
        };
        let reason = value(form, "reason");
        if let Some(odd) = reason
            && !matches!(odd, "duplicate" | "fraudulent" | "requested_by_customer")
        {
            let message = format!(
                "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer, not {odd}"
            );
            return Err(Fault::invalid("parameter_invalid_enum", "reason", message));
        }
        let amount = amount(form, "amount")?;
        let number = self.give_back(at, intent, amount, reason, metadata(form))?;
        let status = self.refunds.get(number as usize).map_or(RefundStatus::Pending, |r| r.status);
        Ok(Outcome::Refund(number, status))
    }

    /// Gives money back: what is asked, or all that is left. Several refunds may not come to more than was
    /// captured (stripe.com/docs/refunds). Stripe's documentation lists the codes `charge_already_refunded` and
    /// `amount_too_large`; for an amount beyond what is left, some accounts are seen to get the message without a code
    /// (woocommerce/woocommerce-gateway-stripe#1315).
    pub(crate) fn give_back(
        &mut self,
        at: Moment,
        number: u32,
        asked: Option<i64>,
        reason: Option<&str>,
        metadata: Metadata,
    ) -> Result<u32, Fault> {
        let charge = self.id("ch", number);
        let intent = self.intents.get_mut(number as usize).ok_or_else(Fault::internal)?;
        if intent.received == 0 {
            let message = "This PaymentIntent does not have a successful charge to refund.".to_owned();
            return Err(Fault::state(message, self.show_intent(number)));
        }
        let left = intent.received - intent.refunded;
        if left <= 0 {
            let message = format!("Charge {charge} has already been refunded.");
            return Err(Fault::refund("charge_already_refunded", message));
        }
        let amount = asked.unwrap_or(left);
        if amount > left {
            let message =
                format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
            return Err(Fault::refund("amount_too_large", message));
        }
        let new = u32::try_from(self.refunds.len()).map_err(|_| Fault::internal())?;
        intent.refunded += amount;
        intent.refunds.push(new);
        // By its key and not by chance in passing, so that a rerun in another order fails the same refunds.
        let key = if hub_key(&metadata).is_empty() { new.to_string() } else { hub_key(&metadata).to_owned() };
        let pending = permille(self.desk.seed, &["refund pending", &key]) < self.config.pending_rate;
        let fails = permille(self.desk.seed, &["refund fails", &key]) < self.config.fail_rate;
        self.refunds.push(Refund {
            intent: number,
            amount,
            created: at.now,
            status: if pending { RefundStatus::Pending } else { RefundStatus::Succeeded },
            reason: reason.map(Into::into),
            metadata,
        });
        if fails {
            self.later.put(at.now, self.config.fail_ms, Later::Fail(new));
        } else if pending {
            self.later.put(at.now, self.config.pending_ms, Later::Succeed(new));
        }
        self.book_refund(at, new, Kind::Refunded);
        self.tell_refund_made(at, new);
        Ok(new)
    }

    /// A pending refund comes through, or one that looked well fails and the money is back in the account.
    pub(crate) fn settle_refund(&mut self, at: Moment, deed: Later) {
        let (number, status) = match deed {
            Later::Succeed(number) => (number, RefundStatus::Succeeded),
            Later::Fail(number) => (number, RefundStatus::Failed),
        };
        let Some(refund) = self.refunds.get_mut(number as usize) else { return };
        let before = refund.status;
        refund.status = status;
        let (amount, intent) = (refund.amount, refund.intent);
        if status == RefundStatus::Failed {
            if let Some(intent) = self.intents.get_mut(intent as usize) {
                intent.refunded -= amount;
            }
            self.book_refund(at, number, Kind::RefundFailed);
        }
        self.tell_refund_settled(at, number, before);
    }

    /// Newest first, 10 or up to 100 a page. A refund younger than the look-up lag is not listed yet.
    pub(crate) fn list_refunds(&self, at: Moment, call: &Call<'_>) -> Result<Vec<u8>, Fault> {
        let limit = usize::try_from(call.number("limit", 10)).unwrap_or(10);
        if !(1..=100).contains(&limit) {
            let message = "This value must be between 1 and 100.".to_owned();
            return Err(Fault::invalid("parameter_invalid_integer", "limit", message));
        }
        let lag = i64::try_from(self.desk.habits.lookup_lag_ms).unwrap_or(i64::MAX);
        let before = match call.query("starting_after") {
            Some(id) => self.refund(id)?,
            None => u32::MAX,
        };
        let visible = |number: &u32| {
            let created = self.refunds.get(*number as usize).map_or(i64::MAX, |r| r.created);
            *number < before && at.now.saturating_sub(created) >= lag
        };
        let mut numbers: Vec<u32> = match (call.query("payment_intent"), call.query("charge")) {
            (Some(id), _) => self
                .refunds_of(self.intent(id)?)
                .iter()
                .rev()
                .copied()
                .filter(visible)
                .take(limit + 1)
                .collect(),
            (None, Some(id)) => {
                let number = self.number("ch", id).ok_or_else(|| Fault::missing("charge", id))?;
                self.refunds_of(number).iter().rev().copied().filter(visible).take(limit + 1).collect()
            }
            (None, None) => {
                let all = u32::try_from(self.refunds.len()).unwrap_or(u32::MAX);
                (0..all).rev().filter(visible).take(limit + 1).collect()
            }
        };
        let has_more = numbers.len() > limit;
        numbers.truncate(limit);
        let data = numbers.into_iter().filter_map(|n| self.shown_refund(n, None)).collect();
        let list = List { object: "list", data, has_more, url: "/v1/refunds" };
        serde_json::to_vec(&list).map_err(|_| Fault::internal())
    }

    fn refunds_of(&self, intent: u32) -> &[u32] {
        self.intents.get(intent as usize).map_or(&[], |i| &i.refunds)
    }
}
