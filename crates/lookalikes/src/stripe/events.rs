//! Stripe's event envelope and which events go out.

use crate::base::http::{Call, Moment};
use crate::base::queue::Payload;
use crate::config::StripeEvents;
use crate::stripe::Stripe;
use crate::stripe::objects::RefundStatus;
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Event<'a, T> {
    id: &'a str,
    object: &'static str,
    api_version: &'static str,
    created: i64,
    data: Data<T>,
    livemode: bool,
    pending_webhooks: u32,
    request: Asked,
    r#type: &'a str,
}

#[derive(Serialize)]
struct Data<T> {
    object: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_attributes: Option<Previous>,
}

#[derive(Serialize)]
struct Previous {
    status: &'static str,
}

#[derive(Serialize)]
struct Asked {
    id: Option<&'static str>,
    idempotency_key: Option<&'static str>,
}

fn event<T: Serialize>(at: Moment, id: &str, kind: &str, object: T, before: Option<RefundStatus>) -> Bytes {
    let event = Event {
        id,
        object: "event",
        api_version: "2026-09-30",
        // By the provider's own clock: Stripe knows no business day.
        created: at.now.div_euclid(1000),
        data: Data { object, previous_attributes: before.map(|s| Previous { status: s.as_str() }) },
        livemode: false,
        pending_webhooks: 1,
        request: Asked { id: None, idempotency_key: None },
        r#type: kind,
    };
    Bytes::from(serde_json::to_vec(&event).unwrap_or_default())
}

impl Stripe {
    fn all(&self) -> bool {
        self.config.events == StripeEvents::All
    }

    fn tell_intent(&mut self, at: Moment, number: u32, kind: &'static str) {
        let id = self.desk.event_id("evt_");
        let Some(snapshot) = self.snapshot(number) else { return };
        let Some(intent) = self.intents.get(number as usize) else { return };
        let body = event(at, &id, kind, self.intent_as(intent, &snapshot), None);
        self.desk.notify(at, &id, kind, Payload::Ready(body));
    }

    fn tell_charge(&mut self, at: Moment, number: u32, kind: &'static str) {
        let id = self.desk.event_id("evt_");
        let Some(intent) = self.intents.get(number as usize) else { return };
        let metadata: serde_json::Map<_, _> =
            intent.metadata.iter().map(|(k, v)| (k.to_string(), json!(v))).collect();
        let charge = json!({
            "id": self.id("ch", number),
            "object": "charge",
            "amount": intent.amount,
            "amount_captured": intent.received,
            "amount_refunded": intent.refunded,
            "captured": intent.received > 0,
            "created": intent.created / 1000,
            "currency": intent.currency,
            "metadata": metadata,
            "paid": true,
            "payment_intent": self.id("pi", number),
            "refunded": intent.received > 0 && intent.refunded == intent.received,
            "status": "succeeded",
        });
        let body = event(at, &id, kind, charge, None);
        self.desk.notify(at, &id, kind, Payload::Ready(body));
    }

    fn tell_refund(&mut self, at: Moment, number: u32, kind: &'static str, before: Option<RefundStatus>) {
        let id = self.desk.event_id("evt_");
        let Some(shown) = self.shown_refund(number, None) else { return };
        let body = event(at, &id, kind, shown, before);
        self.desk.notify(at, &id, kind, Payload::Ready(body));
    }

    /// `GET /v1/events`: newest first, of the types asked for, next after `ending_before` where that is given
    /// (docs.stripe.com/api/events/list).
    pub(crate) fn list_events(&self, call: &Call<'_>) -> Vec<u8> {
        let kinds: Vec<&str> =
            call.query.iter().filter(|(n, _)| n.starts_with("types[")).map(|(_, v)| v.as_ref()).collect();
        let limit = usize::try_from(call.number("limit", 10).clamp(1, 100)).unwrap_or(10);
        let (page, more) = self.desk.feed.before(call.query("ending_before"), &kinds, limit);
        let mut body = br#"{"object":"list","url":"/v1/events","data":["#.to_vec();
        for (n, event) in page.iter().enumerate() {
            if n > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&event.body);
        }
        body.extend_from_slice(format!(r#"],"has_more":{more}}}"#).as_bytes());
        body
    }

    pub(crate) fn tell_captured(&mut self, at: Moment, number: u32) {
        if self.all() {
            self.tell_charge(at, number, "charge.captured");
            self.tell_intent(at, number, "payment_intent.succeeded");
        }
    }

    pub(crate) fn tell_cancelled(&mut self, at: Moment, number: u32) {
        if self.all() {
            self.tell_intent(at, number, "payment_intent.canceled");
        }
    }

    /// A refund that carries no key of the hub's was made by somebody else, so this is the only word of it.
    pub(crate) fn tell_refund_made(&mut self, at: Moment, number: u32) {
        let Some(refund) = self.refunds.get(number as usize) else { return };
        let (intent, elsewhere) = (refund.intent, refund.metadata.is_empty());
        if self.all() || elsewhere {
            self.tell_refund(at, number, "refund.created", None);
        }
        if self.all() {
            self.tell_charge(at, intent, "charge.refunded");
        }
    }

    pub(crate) fn tell_refund_settled(&mut self, at: Moment, number: u32, before: RefundStatus) {
        let failed = self.refunds.get(number as usize).is_some_and(|r| r.status == RefundStatus::Failed);
        if failed {
            self.tell_refund(at, number, "refund.failed", Some(before));
        }
        if !failed || self.all() {
            self.tell_refund(at, number, "refund.updated", Some(before));
        }
    }
}
