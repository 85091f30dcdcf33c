//! What customers and those who serve them are told: one message for each fact that is a milestone, one note for
//! each exception that touches a customer, and that it is over.
//!
//! Nothing waits for these commands: an order ends whether or not its messages were taken. Their ids are made from
//! the fact, and the case remembers which it has ordered, so that none is said twice. No fact holds anything of the
//! person, and neither does what is said here.

use crate::exceptions;
use crate::out::{Out, Res, To};
use crate::policy::Policy;
use hub::process::{Alarm, Fact};
use retail::envelope::{Class, Name, Outcome};
use retail::milestone::Milestone as M;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const NOTIFY: &str = "notify_customer";
const NOTE: &str = "note_case";

/// Exceptions that touch a customer although others mend them. Those of customer service all do.
const TOUCHING: [&str; 13] = [
    "capture_failed",
    "capture_short",
    "captured_without_sale",
    "order_overdue",
    "over_received",
    "overshipped",
    "refund_exceeds_capture",
    "refund_failed",
    "refund_pending_long",
    "refund_reversed",
    "refunded_twice",
    "release_refused",
    "unexpected_goods",
];

/// What has been told of a case.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Told {
    /// Messages, by what follows the case in their ids.
    #[serde(rename = "m", skip_serializing_if = "BTreeSet::is_empty")]
    messages: BTreeSet<String>,
    /// Exceptions by code: how often each was noted, and whether its last note is open.
    #[serde(rename = "n", skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, (u32, bool)>,
}

impl Told {
    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.notes.is_empty()
    }
}

/// Whom a case concerns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About<'a> {
    pub order: Option<&'a str>,
    pub rma: Option<&'a str>,
    /// The source's own number for the customer, which tells nothing of the person.
    pub customer: Option<&'a str>,
    /// The currency of the amounts in the case's facts, where it has one.
    pub currency: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Message<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    milestone: M,
    data: Map<String, Value>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Note<'a> {
    id: &'a str,
    about: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rma: Option<&'a str>,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<&'a str>,
    state: &'static str,
}

/// Ends a turn: notes which exceptions the case has raised, and tells whoever is to be told of it.
pub(crate) fn tell(
    out: &mut Out,
    policy: &Policy,
    name: &Name,
    about: About<'_>,
    raised: &mut Vec<String>,
    told: &mut Told,
) -> Res {
    let was = raised.clone();
    out.note(raised);
    if policy.asks.contains("notifications") {
        messages(out, policy, name, about, told)?;
    }
    if policy.asks.contains("service") {
        notes(out, name, about, &was, told)?;
    }
    Ok(())
}

/// What became of something that was told. Answers whether it was something told: nothing waits for that. The hub
/// shows what it cannot send; what was refused is shown here.
pub(crate) fn heard(out: &mut Out, op: &str, key: &str, outcome: &Outcome) -> bool {
    let refused = match op {
        NOTIFY => "message_refused",
        NOTE => "note_refused",
        _ => return false,
    };
    if let Outcome::Refused { code, message } = outcome {
        out.raise(refused, "integration", format!("{key} was refused: {message} ({code})"), exceptions::TELL);
    }
    true
}

/// A person has seen to what was refused. Answers whether anything was.
pub(crate) fn seen_to(out: &mut Out, raised: &[String]) -> bool {
    let codes = ["message_refused", "note_refused"];
    codes.into_iter().for_each(|code| out.clear(code));
    raised.iter().any(|raised| codes.contains(&raised.as_str()))
}

fn messages(out: &mut Out, policy: &Policy, name: &Name, about: About<'_>, told: &mut Told) -> Res {
    for (milestone, fact, mut data) in milestones(name, &out.facts) {
        let which = match fact.strip_prefix(name.value.as_str()).and_then(|rest| rest.strip_prefix('-')) {
            Some(own) => own,
            None => fact.as_str(),
        };
        let code = milestone.code();
        let tail = if which.is_empty() { code.to_owned() } else { format!("{code}-{which}") };
        if !policy.messages.contains(&milestone) || !told.messages.insert(tail.clone()) {
            continue;
        }
        if let Some(currency) = about.currency.filter(|_| data.contains_key("amount")) {
            data.entry("currency").or_insert_with(|| currency.into());
        }
        let id = format!("{}-{tail}", name.value);
        let object = format!("message/{id}");
        let About { order, rma, customer, .. } = about;
        let to = To { role: "notifications", at: "", object: &object, class: Class::Status };
        out.command(to, NOTIFY, &id, &Message { id: &id, order, rma, customer, milestone, data })?;
    }
    Ok(())
}

/// The milestones among the facts of a turn: which, the number of the thing that makes it another fact of its kind
/// (nothing where there is one for the whole case), and what is said of it.
fn milestones(name: &Name, facts: &[Fact]) -> Vec<(M, String, Map<String, Value>)> {
    let approved = facts.iter().any(|fact| fact.kind == "return.authorised");
    let read = |fact: &Fact| serde_json::from_str::<Map<String, Value>>(fact.data.get()).unwrap_or_default();
    let mut found = Vec::new();
    for fact in facts {
        let data = read(fact);
        let text = |member: &str| data.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |member: &str| data.get(member).and_then(Value::as_i64).unwrap_or_default();
        let (milestone, which) = match (name.kind.as_str(), fact.kind) {
            ("order", "order.placed") => (M::OrderConfirmed, String::new()),
            ("order", "order.held") if text("hold") == "payment_due" => (M::PaymentDue, text("hold")),
            ("order", "order.held") => (M::OrderHeld, text("hold")),
            ("order", "order.promised") => {
                (M::BackorderPromised, format!("{}-{}", text("line"), text("date")))
            }
            ("order", "order.ready_for_pickup") => (M::ReadyForPickup, text("fulfilment")),
            ("order", "parcel.tracked") => match text("status").as_str() {
                "out_for_delivery" => (M::OutForDelivery, text("tracking")),
                "available_for_pickup" => (M::ReadyForPickup, text("tracking")),
                _ => continue,
            },
            // What needs no shipping is provided without a place, and nobody waits for a parcel.
            ("order", "order.shipped") if !text("place").is_empty() => (shipped(name), text("shipment")),
            ("order", "order.delivered") => (M::OrderDelivered, text("shipment")),
            ("order", "order.cancelled") => (M::OrderCancelled, text("cancellation")),
            ("order", "credit.settled") if given_back(&data) > 0 => (M::RefundSent, text("credit")),
            ("refund", "refund.succeeded") if text("pay") == "store_credit" => {
                (M::StoreCreditIssued, String::new())
            }
            ("return", "return.authorised") => (M::ReturnApproved, String::new()),
            ("return", "return.line_refused") if !approved => (M::ReturnDeclined, String::new()),
            ("return", "return.goods_received") => (M::ReturnReceived, text("receipt")),
            ("return", "return.goods_inspected") if number("rejected") > 0 => {
                (M::ReturnRejected, text("inspection"))
            }
            _ => continue,
        };
        found.push((milestone, which, data));
    }
    found
}

/// What of a credit went back to tenders: all of it where nothing else is said.
fn given_back(credit: &Map<String, Value>) -> i64 {
    let told = credit.get("refunded").or_else(|| credit.get("amount"));
    told.and_then(Value::as_i64).unwrap_or_default()
}

/// An order that a return opened for an exchange is called `{rma}-E{n}`.
fn shipped(name: &Name) -> M {
    let number = name.value.rsplit_once("-E").map(|(_, n)| n);
    let exchange = number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if exchange { M::ExchangeShipped } else { M::OrderShipped }
}

fn touches(alarm: &Alarm) -> bool {
    alarm.owner == "customer_service" || TOUCHING.contains(&alarm.code)
}

/// `was`: the exceptions that were open before the turn.
fn notes(out: &mut Out, name: &Name, about: About<'_>, was: &[String], told: &mut Told) -> Res {
    for code in out.clear.clone() {
        if let Some((n, open)) = told.notes.get_mut(code).filter(|(_, open)| *open) {
            *open = false;
            let n = *n;
            note(out, name, about, code, n, None)?;
        }
    }
    let cleared = out.clear.clone();
    let fresh = |alarm: &&Alarm| !was.iter().any(|code| code == alarm.code) || cleared.contains(&alarm.code);
    let opened: Vec<Alarm> = out.raise.iter().filter(fresh).filter(|alarm| touches(alarm)).cloned().collect();
    for alarm in opened {
        let noted = told.notes.entry(alarm.code.to_owned()).or_default();
        *noted = (noted.0 + 1, true);
        let n = noted.0;
        note(out, name, about, alarm.code, n, Some(&alarm))?;
    }
    Ok(())
}

/// The `n`th note of a code: opened with its alarm, closed without.
fn note(out: &mut Out, name: &Name, about: About<'_>, code: &str, n: u32, alarm: Option<&Alarm>) -> Res {
    let (id, case) = (format!("{}-{code}-{n}", name.value), format!("{}/{}", name.kind, name.value));
    let object = format!("note/{id}");
    let state = if alarm.is_some() { "opened" } else { "closed" };
    let args = Note {
        id: &id,
        about: &case,
        order: about.order,
        rma: about.rma,
        code,
        cause: alarm.map(|alarm| alarm.cause.as_str()),
        owner: alarm.map(|alarm| alarm.owner),
        next_step: alarm.map(|alarm| alarm.next_step.as_str()),
        state,
    };
    let to = To { role: "service", at: "", object: &object, class: Class::Status };
    out.command(to, NOTE, &format!("{id}-{state}"), &args).map(drop)
}

#[cfg(test)]
pub(crate) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Message<'_>>("notify_customer"), command::<Note<'_>>("note_case")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(kind: &str, value: &str, facts: &[(&'static str, Value)]) -> Vec<String> {
        let facts: Vec<Fact> = facts
            .iter()
            .map(|(kind, data)| Fact { kind, data: retail::envelope::json(data).unwrap() })
            .collect();
        let found = milestones(&Name::new("t", kind, value), &facts);
        found.into_iter().map(|(milestone, which, _)| format!("{} {which}", milestone.code())).collect()
    }

    #[test]
    fn each_fact_is_its_own_milestone() {
        let facts = [
            ("order.held", json!({"hold": "fraud"})),
            ("order.held", json!({"hold": "payment_due"})),
            ("order.promised", json!({"line": "2", "date": "2026-03-01"})),
            ("order.ready_for_pickup", json!({"fulfilment": "shop-1-F1"})),
            ("parcel.tracked", json!({"tracking": "LA1", "status": "out_for_delivery"})),
            ("parcel.tracked", json!({"tracking": "LA1", "status": "in_transit"})),
            ("parcel.tracked", json!({"tracking": "LA1", "status": "available_for_pickup"})),
            ("order.shipped", json!({"shipment": "V1", "place": null})),
            ("credit.settled", json!({"credit": "shop-1-C1", "amount": 5, "refunded": 0})),
            ("credit.settled", json!({"credit": "shop-1-C2", "amount": 5, "refunded": 3})),
        ];
        assert_eq!(
            told("order", "shop-1", &facts),
            [
                "order_held fraud",
                "payment_due payment_due",
                "backorder_promised 2-2026-03-01",
                "ready_for_pickup shop-1-F1",
                "out_for_delivery LA1",
                "ready_for_pickup LA1",
                "refund_sent shop-1-C2",
            ]
        );
        let issued = [("refund.succeeded", json!({"pay": "store_credit"})), ("refund.succeeded", json!({}))];
        assert_eq!(told("refund", "shop-1-C1", &issued), ["store_credit_issued "]);
    }

    #[test]
    fn an_exchange_is_told_as_one() {
        let shipped = [("order.shipped", json!({"shipment": "S1", "place": "north"}))];
        assert_eq!(told("order", "RMA-1-E1", &shipped), ["exchange_shipped S1"]);
        for order in ["shop-1", "RMA-1-E", "RMA-1-EX2", "web-Ever"] {
            assert_eq!(told("order", order, &shipped), ["order_shipped S1"], "{order}");
        }
    }

    #[test]
    fn a_return_is_declined_only_where_nothing_was_approved() {
        let refused = ("return.line_refused", json!({"line": "1"}));
        let authorised = ("return.authorised", json!({"quantity": 1}));
        let all = told("return", "RMA-1", &[refused.clone(), refused.clone()]);
        assert_eq!(all, ["return_declined ", "return_declined "], "one message: they share an id");
        assert_eq!(told("return", "RMA-1", &[refused, authorised]), ["return_approved "]);
    }
}
