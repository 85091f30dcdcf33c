//! The order's door: which stimulus goes to which verb, before and after the order is known.

use super::counts::{at_rest, status};
use super::events::Captured;
use super::state::State;
use super::turn::Turn;
use super::{advance, cancel, change, close, collect, crediting, dispute, elsewhere, exchange, grant};
use super::{holding, onward, outcome, payments, pool, promise, readdress, release, settled, ship, submit};
use super::{table, tenders, track, verdicts, withdrawn};
use crate::early::Early;
use crate::messages::{Check, Checked};
use crate::out::{Out, Res};
use crate::policy::{Policy, Routes};
use crate::read::read;
use crate::tell::{self, About};
use crate::transition;
use hub::process::{Decision, Fault, Stimulus};
use retail::envelope::{Event, Json, Name};
use retail::time::Time;
use std::sync::Arc;

/// Events that an order understands.
const EVENTS: [&str; 25] = [
    "order.submitted",
    "order.hold_requested",
    "order.hold_lifted",
    "order.screened",
    "payment.authorised",
    "payment.authorisation_expired",
    "order.allocated",
    "order.cancel_requested",
    "order.retry_requested",
    "order.lines_changed",
    "order.address_changed",
    "fulfilment.ready",
    "fulfilment.picked_up",
    "parcel.tracked",
    "shipment.confirmed",
    "shipment.delivered",
    "fulfilment.short",
    "payment.captured",
    "payment.refunded_elsewhere",
    "credit.requested",
    "credit.approved",
    "credit.declined",
    "credit.settled_by_dispute",
    "dispute.opened",
    "dispute.closed",
];

pub(crate) fn decide<R>(
    policy: &Policy,
    name: &Name,
    state: Option<&State>,
    stimulus: &Stimulus,
    now: Time,
) -> Res<Decision<State, R>> {
    if let Some((state, doc)) = state.and_then(|s| s.doc.as_ref().map(|d| (s, d))) {
        let mut t = Turn {
            policy,
            name,
            now,
            occurred: now,
            doc: Arc::clone(doc),
            body: state.body.clone(),
            out: Out::routed(&doc.routes),
        };
        known(&mut t, stimulus)?;
        advance::advance(&mut t)?;
        return finish(t, status(state).code(), stimulus);
    }
    match stimulus {
        Stimulus::Event(e) if e.kind == "order.submitted" => {
            finish(submit::submit(policy, name, state, e, now)?, "awaited", stimulus)
        }
        Stimulus::Event(e) => wait(policy, state, e, now),
        Stimulus::Mail { from, kind, data } if kind == "return.check" => {
            unknown(policy, name, state, from, data, now)
        }
        Stimulus::Mail { kind, data, .. } if kind == "exchange.open" => {
            finish(exchange::open(policy, name, state, read(kind, data)?, now)?, "awaited", stimulus)
        }
        Stimulus::Timer => Ok(still_awaited(policy, name, state, now)),
        Stimulus::Mail { kind, .. } => {
            Err(Fault::new("order_unknown", format!("{kind} concerns {name}, which was never submitted")))
        }
        Stimulus::Outcome { key, .. } => Err(Fault::new(
            "order_unknown",
            format!("an outcome of {key} for {name}, which was never submitted"),
        )),
    }
}

fn known(t: &mut Turn<'_>, stimulus: &Stimulus) -> Res {
    match stimulus {
        Stimulus::Event(e) => event(t, e),
        Stimulus::Outcome { op, key, outcome: o, .. } => outcome::heard(t, op, key, o),
        Stimulus::Mail { from, kind, data } => mail(t, from, kind, data),
        Stimulus::Timer => close::timer(t),
    }
}

/// Takes in an event of a known order.
pub(super) fn event(t: &mut Turn<'_>, e: &Event) -> Res {
    t.occurred = e.occurred;
    let kind = e.kind.as_str();
    match kind {
        "order.submitted" => submit::again(t, e),
        "order.allocated" => release::allocated(t, &read(kind, &e.data)?),
        "order.cancel_requested" => cancel::requested(t, read(kind, &e.data)?),
        "order.retry_requested" => close::retry_requested(t, &read(kind, &e.data)?),
        "order.hold_requested" => holding::requested(t, &read(kind, &e.data)?),
        "order.hold_lifted" => holding::lifted(t, &read(kind, &e.data)?),
        "order.screened" => verdicts::screened(t, &read(kind, &e.data)?),
        "payment.authorised" => tenders::authorised_again(t, read(kind, &e.data)?),
        "payment.authorisation_expired" => tenders::expired(t, &read(kind, &e.data)?),
        "order.lines_changed" => change::changed(t, read(kind, &e.data)?),
        "order.address_changed" => readdress::changed(t, read(kind, &e.data)?),
        "fulfilment.ready" => collect::ready(t, &read(kind, &e.data)?),
        "fulfilment.picked_up" => collect::picked_up(t, read(kind, &e.data)?),
        "parcel.tracked" => track::tracked(t, &read(kind, &e.data)?),
        "shipment.confirmed" => ship::confirmed(t, read(kind, &e.data)?),
        "shipment.delivered" => ship::delivered(t, &read(kind, &e.data)?),
        "fulfilment.short" => release::short(t, &read(kind, &e.data)?),
        "payment.captured" => payments::captured(t, &read::<Captured>(kind, &e.data)?),
        "payment.refunded_elsewhere" => elsewhere::refunded(t, read(kind, &e.data)?),
        "credit.requested" => crediting::requested(t, read(kind, &e.data)?),
        "credit.approved" => crediting::decided(t, &read(kind, &e.data)?, true),
        "credit.declined" => crediting::decided(t, &read(kind, &e.data)?, false),
        "credit.settled_by_dispute" => dispute::settles(t, &read(kind, &e.data)?),
        "dispute.opened" => dispute::opened(t, read(kind, &e.data)?),
        "dispute.closed" => dispute::closed(t, &read(kind, &e.data)?),
        _ => Err(unknown_event(kind)),
    }
}

fn mail(t: &mut Turn<'_>, from: &Name, kind: &str, data: &Json) -> Res {
    match kind {
        "stock.reserved" => pool::reserved(t, &read(kind, data)?),
        "stock.supplied" => pool::supplied(t, &read(kind, data)?),
        "stock.promised" => promise::changed(t, &read(kind, data)?),
        "stock.withdrawn" => withdrawn::withdrawn(t, &read(kind, data)?),
        "return.check" => grant::check(t, &from.value, read(kind, data)?),
        "credit.request" => grant::request(t, read(kind, data)?),
        "return.release" => grant::release(t, &read(kind, data)?),
        "refund.settled" => settled::settled(t, &read(kind, data)?),
        "refund.failed" => settled::failed(t, &read(kind, data)?),
        "refund.onward" => onward::asked(t, read(kind, data)?),
        // The order is open already.
        "exchange.open" => Ok(()),
        "exchange.funded" => exchange::funded(t, read(kind, data)?),
        "exchange.unfunded" => exchange::unfunded(t),
        _ => Err(Fault::new("unknown_message", format!("an order does not understand {kind} from {from}"))),
    }
}

fn unknown_event(kind: &str) -> Fault {
    Fault::new(
        "unknown_event",
        format!("an order does not understand {kind}; it knows {}", EVENTS.join(", ")),
    )
}

/// Keeps an event until the order is submitted. What nobody could ever take in is refused at once.
fn wait<R>(policy: &Policy, state: Option<&State>, e: &Event, now: Time) -> Res<Decision<State, R>> {
    if !EVENTS.contains(&e.kind.as_str()) {
        return Err(unknown_event(&e.kind));
    }
    let mut next = state.cloned().unwrap_or_else(|| State::awaited(now.0));
    let early = Early::of(e);
    if !next.body.early.contains(&early) {
        next.body.early.push(early);
    }
    let due = awaited_until(policy, &next);
    Ok(Out::default().done(next, true, due))
}

fn awaited_until(policy: &Policy, state: &State) -> Option<Time> {
    (!state.body.early.is_empty() && !state.body.overdue)
        .then(|| Time(state.body.since).plus(policy.spans.early))
}

fn still_awaited<R>(policy: &Policy, name: &Name, state: Option<&State>, now: Time) -> Decision<State, R> {
    let mut next = state.cloned().unwrap_or_else(|| State::awaited(now.0));
    let mut out = Out::default();
    if awaited_until(policy, &next).is_some_and(|due| due <= now) {
        next.body.overdue = true;
        out.raise(
            "order_not_submitted",
            "integration",
            format!("{} event(s) came for {name}, which was never submitted", next.body.early.len()),
            "have the storefront send the order again; what waits is taken in after it",
        );
    }
    let (open, due) = (!next.body.early.is_empty(), awaited_until(policy, &next));
    out.note(&mut next.body.raised);
    out.done(next, open, due)
}

/// A return asks about an order that is not known here: a definite answer, so that its customer gets one too.
fn unknown<R>(
    policy: &Policy,
    name: &Name,
    state: Option<&State>,
    from: &Name,
    data: &Json,
    now: Time,
) -> Res<Decision<State, R>> {
    let ask: Check = read("return.check", data)?;
    let mut out = Out::default();
    let answer = Checked {
        rma: ask.rma,
        order: name.value.clone(),
        known: false,
        currency: None,
        source: String::new(),
        customer: None,
        routes: Routes::new(),
        revision: 0,
        lines: Vec::new(),
    };
    out.tell(&name.tenant, ("return", &from.value), "return.checked", &answer)?;
    let next = state.cloned().unwrap_or_else(|| State::awaited(now.0));
    let (open, due) = (!next.body.early.is_empty(), awaited_until(policy, &next));
    Ok(out.done(next, open, due))
}

fn finish<R>(t: Turn<'_>, before: &str, stimulus: &Stimulus) -> Res<Decision<State, R>> {
    let due = close::due(&t);
    let open = !at_rest(&t.body);
    let mut state = State { doc: Some(t.doc), body: t.body };
    let mut out = t.out;
    transition::check(&mut out, table::TABLE, before, stimulus, status(&state).code())?;
    tell_of(&mut out, t.policy, t.name, &mut state)?;
    Ok(out.done(state, open, due))
}

fn tell_of(out: &mut Out, policy: &Policy, name: &Name, state: &mut State) -> Res {
    let doc = state.doc.as_deref();
    let about = About {
        order: Some(&name.value),
        rma: None,
        customer: doc.and_then(|doc| doc.customer.as_deref()),
        currency: doc.map(|doc| doc.currency.code()),
    };
    tell::tell(out, policy, name, about, &mut state.body.raised, &mut state.body.told)
}
