//! The return's door: which stimulus goes to which verb, before and after the return is known.

use super::state::State;
use super::status::statuses;
use super::turn::Turn;
use super::{
    advance, authorise, credit, dispose, expire, inspect, matching, outcome, parcel, receive, request, start,
    table,
};
use crate::early::Early;
use crate::out::{Out, Res};
use crate::policy::Policy;
use crate::read::read;
use crate::tell::{self, About};
use crate::transition;
use hub::process::{Decision, Fault, Stimulus};
use retail::envelope::{Event, Json, Name};
use retail::returns::CustomerStatus;
use retail::time::Time;
use std::sync::Arc;

/// Events that a return understands.
const EVENTS: [&str; 10] = [
    "return.requested",
    "return.received",
    "return.inspected",
    "return.cancelled",
    "return.matched",
    "return.lost",
    "return.disposition_decided",
    "return.refurbished",
    "return.retry_requested",
    "parcel.tracked",
];

pub(crate) fn decide<R>(
    policy: &Policy,
    name: &Name,
    state: Option<&State>,
    stimulus: &Stimulus,
    now: Time,
) -> Res<Decision<State, R>> {
    let mut next = state.cloned().unwrap_or_else(|| State::awaited(now.0));
    if let Some(doc) = next.doc.take() {
        let before = state.map_or(CustomerStatus::Requested, |s| statuses(&policy.returns, s).customer);
        let known_by_now = next.body.revised.take().map_or_else(|| Arc::clone(&doc), |d| Arc::new(*d));
        let (first, doc) = (doc, known_by_now);
        let out = Out::routed(&next.body.routes);
        let mut t = Turn { policy, name, now, occurred: now, doc, first, body: next.body, out };
        known(&mut t, stimulus)?;
        advance::advance(&mut t)?;
        return finish(t, before.code(), stimulus);
    }
    match stimulus {
        Stimulus::Event(e) if e.kind == "return.requested" => {
            let said = (e.kind.as_str(), &e.data, false);
            finish(request::open(policy, name, next, said, (e.occurred, now))?, "none", stimulus)
        }
        Stimulus::Mail { kind, data, .. } if kind == "return.open" => {
            let said = (kind.as_str(), data, true);
            finish(request::open(policy, name, next, said, (now, now))?, "none", stimulus)
        }
        Stimulus::Event(e) if e.kind == "return.received" && receive::nameless(&e.data)? => {
            receive::named_by_itself(name, &e.data)?;
            next.body.early.push(Early::of(e));
            finish(start::unannounced(policy, name, next, now)?, "none", stimulus)
        }
        // Another return's parcel brought goods of this one.
        Stimulus::Mail { kind, data, .. } if kind == "return.received" || kind == "return.inspected" => {
            let early = Early { kind: kind.clone(), occurred: now, data: data.clone() };
            Ok(wait(policy, next, early))
        }
        Stimulus::Event(e) if EVENTS.contains(&e.kind.as_str()) => Ok(wait(policy, next, Early::of(e))),
        Stimulus::Event(e) => Err(unknown_event(&e.kind)),
        Stimulus::Timer => still_awaited(policy, name, next, stimulus, now),
        Stimulus::Mail { kind, .. } => {
            Err(Fault::new("return_unknown", format!("{kind} concerns {name}, which was never requested")))
        }
        Stimulus::Outcome { key, .. } => Err(Fault::new(
            "return_unknown",
            format!("an outcome of {key} for {name}, which was never requested"),
        )),
    }
}

fn unknown_event(kind: &str) -> Fault {
    Fault::new(
        "unknown_event",
        format!("a return does not understand {kind}; it knows {}", EVENTS.join(", ")),
    )
}

fn known(t: &mut Turn<'_>, stimulus: &Stimulus) -> Res {
    match stimulus {
        Stimulus::Event(e) => event(t, e),
        Stimulus::Outcome { op, key, outcome: o, .. } => outcome::heard(t, op, key, o),
        Stimulus::Mail { from, kind, data } => mail(t, from, kind, data),
        Stimulus::Timer => expire::timer(t),
    }
}

/// Takes in an event of a known return.
pub(super) fn event(t: &mut Turn<'_>, e: &Event) -> Res {
    t.occurred = e.occurred;
    let kind = e.kind.as_str();
    match kind {
        // What arrives, or does not, is judged by what was approved, so it waits until that is known.
        "return.received" | "return.inspected" | "return.lost" | "parcel.tracked" if !t.body.decided => {
            let early = Early::of(e);
            if !t.body.early.contains(&early) {
                t.body.early.push(early);
            }
            Ok(())
        }
        "return.requested" => request::again(t, kind, &e.data),
        "return.received" => receive::received(t, &read(kind, &e.data)?),
        "return.inspected" => inspect::inspected(t, read(kind, &e.data)?),
        "return.cancelled" => expire::cancelled(t, &read(kind, &e.data)?),
        "return.matched" => matching::matched(t, &read(kind, &e.data)?),
        "return.lost" => parcel::lost(t, &read(kind, &e.data)?),
        "parcel.tracked" => parcel::tracked(t, &read(kind, &e.data)?),
        "return.disposition_decided" => dispose::decided(t, &read(kind, &e.data)?),
        "return.refurbished" => dispose::refurbished(t, &read(kind, &e.data)?),
        "return.retry_requested" => expire::retry_requested(t, &read(kind, &e.data)?),
        _ => Err(unknown_event(kind)),
    }
}

fn mail(t: &mut Turn<'_>, from: &Name, kind: &str, data: &Json) -> Res {
    match kind {
        "return.open" => request::again(t, kind, data),
        "return.received" | "return.inspected" => {
            let (kind, name) = (kind.to_owned(), t.name.clone());
            event(t, &Event { kind, name, occurred: t.now, data: data.clone() })
        }
        "return.checked" => authorise::checked(t, &read(kind, data)?),
        "credit.granted" => credit::granted(t, &read(kind, data)?),
        "credit.settled" => credit::settled(t, &read(kind, data)?),
        "credit.failed" => credit::failed(t, &read(kind, data)?),
        _ => Err(Fault::new("unknown_message", format!("a return does not understand {kind} from {from}"))),
    }
}

/// Keeps an event until the return is requested: goods may arrive before anybody announced them.
fn wait<R>(policy: &Policy, mut next: State, early: Early) -> Decision<State, R> {
    if !next.body.early.contains(&early) {
        next.body.early.push(early);
    }
    let due = awaited_until(policy, &next);
    Out::default().done(next, true, due)
}

fn awaited_until(policy: &Policy, state: &State) -> Option<Time> {
    state.body.warned.is_empty().then(|| Time(state.body.since).plus(policy.spans.early))
}

/// Goods that came are a return of their own once nobody has requested it in time; other news is shown to a person.
fn still_awaited<R>(
    policy: &Policy,
    name: &Name,
    mut next: State,
    stimulus: &Stimulus,
    now: Time,
) -> Res<Decision<State, R>> {
    if awaited_until(policy, &next).is_none_or(|due| due > now) {
        let due = awaited_until(policy, &next);
        return Ok(Out::default().done(next, true, due));
    }
    if start::brought(&next.body.early) {
        return finish(start::unannounced(policy, name, next, now)?, "none", stimulus);
    }
    let mut out = Out::default();
    next.body.warned.push(super::state::Warning::Early);
    out.raise(
        "return_not_requested",
        "operations",
        format!("news came for {name}, which was never requested"),
        "find out whose it is and have the return requested; what waits is taken in after it",
    );
    out.note(&mut next.body.raised);
    Ok(out.done(next, true, None))
}

fn finish<R>(t: Turn<'_>, before: &str, stimulus: &Stimulus) -> Res<Decision<State, R>> {
    let due = expire::due(&t);
    let open =
        !(t.body.completed && t.body.pending.is_empty() && t.body.all_settled() && t.body.goods_at_rest());
    let mut body = t.body;
    body.revised = (!Arc::ptr_eq(&t.doc, &t.first)).then(|| Box::new((*t.doc).clone()));
    let mut state = State { doc: Some(t.first), body };
    let after = statuses(&t.policy.returns, &state).customer;
    let mut out = t.out;
    transition::check(&mut out, table::TABLE, before, stimulus, after.code())?;
    tell_of(&mut out, t.policy, t.name, &mut state)?;
    Ok(out.done(state, open, due))
}

fn tell_of(out: &mut Out, policy: &Policy, name: &Name, state: &mut State) -> Res {
    let order = state.body.orders.first().map(|o| o.0.clone());
    let about = About {
        order: order.as_deref(),
        rma: Some(&name.value),
        customer: state.doc.as_deref().and_then(|doc| doc.customer.as_deref()),
        currency: None,
    };
    tell::tell(out, policy, name, about, &mut state.body.raised, &mut state.body.told)
}
