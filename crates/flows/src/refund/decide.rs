//! The refund's door.

use super::events::{Memo, Paid};
use super::state::{Phase, State};
use super::{pay, reports, table};
use crate::early::Early;
use crate::messages::{Failed, Open, Settled};
use crate::out::{Out, Res};
use crate::pending::{self, Heard, Pending};
use crate::policy::Policy;
use crate::read::read;
use crate::tell::{self, About};
use crate::transition;
use books::Posting;
use hub::process::{Decision, Fault, Stimulus};
use retail::envelope::{Event, Json, NOT_SENT, Name, Outcome};
use retail::time::Time;
use std::sync::Arc;

const EVENTS: [&str; 4] = ["refund.succeeded", "refund.failed", "refund.pending", "refund.retry_requested"];

/// One turn of a refund while it is being decided.
pub(super) struct Turn<'a> {
    pub policy: &'a Policy,
    pub name: &'a Name,
    pub now: Time,
    pub occurred: Time,
    pub doc: Arc<Open>,
    pub body: super::state::Body,
    pub out: Out,
}

impl<'a> Turn<'a> {
    pub fn posting(&self) -> Posting<'a> {
        Posting {
            entity: &self.policy.entity,
            reference: &self.name.value,
            occurred: self.occurred,
            recorded: self.now,
            periods: &self.policy.periods,
        }
    }
}

pub(crate) fn decide<R>(
    policy: &Policy,
    name: &Name,
    state: Option<&State>,
    stimulus: &Stimulus,
    now: Time,
) -> Res<Decision<State, R>> {
    let mut next = state.cloned().unwrap_or_else(|| State::awaited(now.0));
    let before = next.body.phase.code();
    if let Some(doc) = next.doc.take() {
        let out = Out::routed(&doc.routes);
        let mut t = Turn { policy, name, now, occurred: now, doc, body: next.body, out };
        known(&mut t, stimulus)?;
        return finish(t, before, stimulus);
    }
    match stimulus {
        Stimulus::Mail { kind, data, .. } if kind == "refund.open" => {
            let doc: Open = read(kind, data)?;
            if doc.credit != name.value {
                let why = format!("it says {:?} and came under the name of {:?}", doc.credit, name.value);
                return Err(Fault::new("credit_differs", why));
            }
            let early = std::mem::take(&mut next.body.early);
            let out = Out::routed(&doc.routes);
            let mut t = Turn { policy, name, now, occurred: now, doc: Arc::new(doc), body: next.body, out };
            pay::open(&mut t)?;
            for one in early {
                reports::event(&mut t, &one.event(name))?;
            }
            finish(t, before, stimulus)
        }
        Stimulus::Event(e) if EVENTS.contains(&e.kind.as_str()) => Ok(wait(next, e)),
        Stimulus::Event(e) => Err(unknown_event(&e.kind)),
        Stimulus::Mail { kind, .. } => {
            Err(Fault::new("refund_unknown", format!("{kind} concerns {name}, which was never opened")))
        }
        Stimulus::Outcome { key, .. } => Err(Fault::new(
            "refund_unknown",
            format!("an outcome of {key} for {name}, which was never opened"),
        )),
        Stimulus::Timer => Ok(Out::default().done(next, true, None)),
    }
}

/// Keeps a report until the refund is opened.
fn wait<R>(mut next: State, e: &Event) -> Decision<State, R> {
    let early = Early::of(e);
    if !next.body.early.contains(&early) {
        next.body.early.push(early);
    }
    Out::default().done(next, true, None)
}

pub(super) fn unknown_event(kind: &str) -> Fault {
    Fault::new(
        "unknown_event",
        format!("a refund does not understand {kind}; it knows {}", EVENTS.join(", ")),
    )
}

fn finish<R>(mut t: Turn<'_>, before: &str, stimulus: &Stimulus) -> Res<Decision<State, R>> {
    let open = t.body.phase != Phase::Succeeded || !t.body.pending.is_empty();
    let due = t.body.due.map(Time);
    let mut out = t.out;
    transition::check(&mut out, table::TABLE, before, stimulus, t.body.phase.code())?;
    let about = About {
        order: Some(&t.doc.order),
        rma: t.doc.rma.as_deref(),
        customer: None,
        currency: Some(t.doc.currency.code()),
    };
    tell::tell(&mut out, t.policy, t.name, about, &mut t.body.raised, &mut t.body.told)?;
    Ok(out.done(State { doc: Some(t.doc), body: t.body }, open, due))
}

fn known(t: &mut Turn<'_>, stimulus: &Stimulus) -> Res {
    match stimulus {
        Stimulus::Event(e) => reports::event(t, e),
        Stimulus::Outcome { op, key, outcome, .. } => heard(t, op, key, outcome),
        // Asked again, it is under way already.
        Stimulus::Mail { kind, .. } if kind == "refund.open" => Ok(()),
        Stimulus::Mail { kind, data, .. } if kind == "refund.settled" => {
            let said: Settled = read(kind, data)?;
            reports::succeeded(t, &said.reference)
        }
        Stimulus::Mail { kind, data, .. } if kind == "refund.failed" => {
            let said: Failed = read(kind, data)?;
            reports::failed(t, "", &said.reason)
        }
        Stimulus::Mail { from, kind, .. } => {
            Err(Fault::new("unknown_message", format!("a refund does not understand {kind} from {from}")))
        }
        Stimulus::Timer => {
            if t.body.due.is_some_and(|due| due <= t.now.0) {
                t.body.due = None;
                t.out.raise(
                    "refund_pending_long",
                    "finance",
                    format!("{} has not settled refund {} yet", t.doc.executor, t.name.value),
                    "ask the provider what became of it; its report closes this",
                );
            }
            Ok(())
        }
    }
}

fn heard(t: &mut Turn<'_>, op: &str, key: &str, outcome: &Outcome) -> Res {
    if tell::heard(&mut t.out, op, key, outcome) {
        return Ok(());
    }
    if let Outcome::Fault { code, message } = outcome
        && code == NOT_SENT
        && pay::moves_money(op)
        && key == pay::key(t)
    {
        return never_asked(t, key, message);
    }
    let at = (op, key);
    match pending::heard(&mut t.body.pending, &mut t.out, "refund", at, outcome) {
        Heard::Done(result) => done(t, op, result),
        Heard::Refused { code, message } if pay::moves_money(op) => {
            // A provider that has reported the payment knows better than an answer that refuses it.
            let open = matches!(t.body.phase, Phase::Asked | Phase::Unknown | Phase::Pending);
            if open && key == pay::key(t) {
                reports::failed(t, "", &format!("{message} ({code})"))?;
            }
            Ok(())
        }
        Heard::Refused { code, message } => {
            pending::stays(&mut t.body.pending, &mut t.out, at, (code, message));
            Ok(())
        }
        Heard::Unknown => {
            if pay::moves_money(op) && t.body.phase == Phase::Asked {
                t.body.phase = Phase::Unknown;
            }
            Ok(())
        }
        Heard::Accepted(result) => {
            if pay::moves_money(op) {
                let paid: Paid = serde_json::from_str(result.get()).unwrap_or_default();
                reports::pending(t, &paid.reference);
            }
            Ok(())
        }
        Heard::Nothing => Ok(()),
    }
}

/// The executor was never reached. That is a refund which failed, not one which is under way; asked again, it is asked
/// under the same key, since nothing was ever sent under it.
fn never_asked(t: &mut Turn<'_>, key: &str, why: &str) -> Res {
    if t.body.pending.contains_key(key) {
        t.body.pending.insert(key.to_owned(), Pending::Refused);
    }
    if t.body.phase == Phase::Asked {
        reports::failed(t, "", &format!("{} was never asked: {why}", t.doc.executor))?;
    }
    Ok(())
}

fn done(t: &mut Turn<'_>, op: &str, result: &Json) -> Res {
    if op == "post_credit_memo" {
        let memo: Memo = serde_json::from_str(result.get()).unwrap_or_default();
        let ours = pay::memo_total(t);
        if memo.total.is_some_and(|x| x != ours) {
            t.out.raise(
                "erp_total_differs",
                "finance",
                format!("credit memo {} is {ours} here and {:?} in the ERP", t.name.value, memo.total),
                "correct the memo in the ERP; the refund goes on with what the order granted",
            );
        }
        return if t.body.phase == Phase::Memo { pay::ask(t) } else { Ok(()) };
    }
    if !pay::moves_money(op) {
        return Ok(());
    }
    let paid: Paid = serde_json::from_str(result.get())
        .map_err(|e| Fault::new("bad_data", format!("the result of refund {}: {e}", t.name.value)))?;
    if paid.amount.is_some_and(|a| a != t.doc.amount) {
        reports::amount_differs(t, paid.amount.unwrap_or_default());
        reports::pending(t, &paid.reference);
        return Ok(());
    }
    if paid.state == "pending" {
        reports::pending(t, &paid.reference);
        Ok(())
    } else {
        reports::succeeded(t, &paid.reference)
    }
}
