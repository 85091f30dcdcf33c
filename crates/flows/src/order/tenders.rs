//! Tenders after checkout: added, authorised again, expired. What is authorised anew is a tender of its own, so that
//! every capture and refund keeps to the payment it was made on (M1, M6).

use super::capture;
use super::checks;
use super::doc::Tender;
use super::events::{AuthorisationExpired, Authorised};
use super::gates::Authorisation;
use super::holding::{self, PAYMENT_DUE};
use super::naming;
use super::payments;
use super::state::TenderSums;
use super::turn::Turn;
use crate::messages::is_virtual;
use crate::out::{Res, To};
use crate::pending::Pending;
use crate::policy::OnExpiry;
use crate::read::field;
use hub::process::Fault;
use retail::envelope::{Class, Json};
use retail::time::Time;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reauthorise<'a> {
    payment: &'a str,
    order: &'a str,
    amount: i64,
    currency: &'a str,
}

/// What an executor says of a payment that it authorised again.
#[derive(Debug, Default, Deserialize)]
struct Renewed {
    #[serde(default)]
    payment: String,
    #[serde(default)]
    expires_at: Option<Time>,
}

fn at(i: usize) -> u16 {
    u16::try_from(i).unwrap_or(u16::MAX)
}

fn own<'b>(t: &'b Turn<'_>, i: usize) -> Option<&'b Authorisation> {
    t.body.authorisations.get(&at(i))
}

fn change<'b>(t: &'b mut Turn<'_>, i: usize) -> &'b mut Authorisation {
    t.body.authorisations.entry(at(i)).or_default()
}

/// What a tender is authorised for by now, minor units.
pub(super) fn authorised(t: &Turn<'_>, i: usize) -> i64 {
    t.body.authorised(&t.doc, i)
}

/// What was asked of a tender, or taken on it.
fn taken(t: &Turn<'_>, i: usize) -> i64 {
    t.body.tenders.get(i).map_or(0, |x| x.capture_asked.max(x.captured))
}

/// What may still be captured on a tender, minor units.
pub(super) fn open(t: &Turn<'_>, i: usize) -> i64 {
    // One that allows one capture has nothing left after it.
    let once = t.doc.tenders.get(i).is_some_and(|x| !x.several)
        && t.body.tenders.get(i).is_some_and(|x| x.capture_asked > 0 && !x.captures.is_empty());
    let shut = once || own(t, i).is_some_and(|a| a.closed || a.lapsed) || renewing(t, i);
    if shut { 0 } else { (authorised(t, i) - taken(t, i)).max(0) }
}

/// Whether its executor has been asked to authorise it anew, and has not answered.
fn renewing(t: &Turn<'_>, i: usize) -> bool {
    let Some(tender) = t.doc.tenders.get(i) else { return false };
    own(t, i).is_some_and(|a| {
        !a.asked.is_empty() && t.body.pending.contains_key(&key(&tender.payment, a.asked.len()))
    })
}

fn key(payment: &str, generation: usize) -> String {
    format!("reauthorise:{}", id(payment, generation))
}

fn id(payment: &str, generation: usize) -> String {
    if generation < 2 { payment.to_owned() } else { format!("{payment}~{generation}") }
}

/// What the customer will have to pay for all that is not cancelled.
pub(super) fn wanted(t: &Turn<'_>) -> i64 {
    let lines = (0_u16..).zip(t.doc.lines.iter().zip(&t.body.lines));
    lines.map(|(i, (d, l))| t.doc.share(i, 0, d.quantity - l.cancelled).0).sum()
}

/// What of it is neither taken nor asked for.
fn missing(t: &Turn<'_>) -> i64 {
    wanted(t) - (0..t.doc.tenders.len()).map(|i| taken(t, i)).sum::<i64>()
}

/// What is not cancelled, and neither taken nor asked for, nor covered by what may still be captured: minor units,
/// none or less where all is covered.
pub(super) fn short(t: &Turn<'_>) -> i64 {
    missing(t) - (0..t.doc.tenders.len()).map(|i| open(t, i)).sum::<i64>()
}

/// Whether the tenders cover what is not cancelled.
fn covered(t: &Turn<'_>) -> bool {
    short(t) <= 0
}

/// Whether the order may still need what is left on a tender.
fn needed(t: &Turn<'_>, i: usize) -> bool {
    !t.body.completed && open(t, i) > 0 && missing(t) > 0
}

/// Notes until when a tender is authorised.
pub(super) fn expires(t: &mut Turn<'_>, i: usize, until: Time) {
    let known = t.doc.tenders.get(i).and_then(|x| x.expires_at);
    if known != Some(until) || own(t, i).is_some() {
        change(t, i).expires = Some(until.0);
    }
}

/// Notes that nothing can be captured on a tender.
pub(super) fn lapse(t: &mut Turn<'_>, i: usize) {
    change(t, i).lapsed = true;
}

fn hold_of(i: usize) -> String {
    format!("authorisation.{}", i + 1)
}

/// The order is held while its tenders do not cover it, and goes on once they do.
pub(super) fn cover(t: &mut Turn<'_>) -> Res {
    if covered(t) {
        return holding::lift(t, PAYMENT_DUE, holding::HUB);
    }
    let why =
        format!("{} of it is not covered by any tender, in minor units of {}", short(t), t.doc.currency);
    holding::place(t, PAYMENT_DUE, &why, holding::HUB)
}

/// What was due is covered meanwhile, because lines were cancelled.
pub(super) fn settle(t: &mut Turn<'_>) -> Res {
    if t.body.stops.contains_key(PAYMENT_DUE) && covered(t) {
        holding::lift(t, PAYMENT_DUE, holding::HUB)?;
    }
    Ok(())
}

/// A tender that came after checkout. Answers its position.
pub(super) fn add(t: &mut Turn<'_>, tender: Tender) -> usize {
    if !is_virtual(&tender.executor) {
        t.out.named(&t.name.tenant, "payment", &tender.payment);
    }
    let mut doc = (*t.doc).clone();
    doc.tenders.push(tender.clone());
    t.doc = Arc::new(doc);
    t.body.more_tenders.push(tender);
    t.body.tenders.push(TenderSums::default());
    t.doc.tenders.len() - 1
}

/// A tender was added, or authorised again.
pub(super) fn authorised_again(t: &mut Turn<'_>, event: Authorised) -> Res {
    naming::same_order(t, &event.order)?;
    payments::same_currency(t, &event.payment, event.currency)?;
    if event.executor.is_empty() || is_virtual(&event.executor) {
        let why = format!("payment {:?} names no executor that could capture it", event.payment);
        return Err(Fault::new("no_executor", why));
    }
    if let Some(i) = t.doc.tenders.iter().position(|x| x.payment == event.payment) {
        let placed = t.doc.tenders.get(i).map_or(0, |x| x.authorised);
        let a = change(t, i);
        a.amount = (event.amount != placed).then_some(event.amount);
        a.expires = event.expires_at.map(|e| e.0).or(Some(i64::MAX));
        (a.lapsed, a.warned) = (false, false);
        renewed_in_place(t, i)?;
    } else {
        let Authorised { payment, amount, executor, kind, several, expires_at, .. } = event;
        let id = format!("t{}", t.doc.tenders.len() + 1);
        add(t, Tender { id, kind, executor, payment, authorised: amount, several, captured: 0, expires_at });
    }
    relieve(t)?;
    t.out.clear("capture_short");
    let fact = serde_json::json!({"amount": event.amount});
    t.out.fact("payment.authorised", &fact)
}

fn renewed_in_place(t: &mut Turn<'_>, i: usize) -> Res {
    holding::lift(t, &hold_of(i), holding::HUB)?;
    holding::lift(t, &checks::of_payment(i), holding::HUB)
}

/// Lifts what is held for money once the tenders that stand cover the order.
fn relieve(t: &mut Turn<'_>) -> Res {
    if !covered(t) {
        return Ok(());
    }
    holding::lift(t, PAYMENT_DUE, holding::HUB)?;
    for i in 0..t.doc.tenders.len() {
        if own(t, i).is_some_and(|a| a.lapsed) {
            renewed_in_place(t, i)?;
        }
    }
    Ok(())
}

/// An executor says that it would not capture a payment any more.
pub(super) fn expired(t: &mut Turn<'_>, event: &AuthorisationExpired) -> Res {
    naming::same_order(t, &event.order)?;
    let i = payments::position(t, &event.payment)?;
    if own(t, i).is_some_and(|a| a.closed || a.lapsed) || renewing(t, i) {
        return Ok(());
    }
    let wanted = needed(t, i);
    lapse(t, i);
    t.out.fact("payment.authorisation_expired", &serde_json::json!({"payment": event.payment}))?;
    if wanted { see_to(t, i, "its authorisation has expired") } else { Ok(()) }
}

/// When the next authorisation wants to be seen to: some time before it expires.
pub(super) fn due(t: &Turn<'_>) -> Option<Time> {
    // What a capture that is not through will leave is not known yet.
    let waits = |i: &usize| needed(t, *i) && own(t, *i).is_none_or(|a| !a.warned) && !capture::is_open(t, *i);
    (0..t.doc.tenders.len()).filter(waits).filter_map(|i| warn_at(t, i)).min()
}

fn warn_at(t: &Turn<'_>, i: usize) -> Option<Time> {
    let placed = t.doc.tenders.get(i).and_then(|x| x.expires_at);
    let until = own(t, i).and_then(|a| a.expires).map(Time).or(placed).filter(|u| u.0 < i64::MAX)?;
    Some(Time(until.0.saturating_sub(t.policy.checkout.renew_before.0)))
}

pub(super) fn timer(t: &mut Turn<'_>) -> Res {
    for i in 0..t.doc.tenders.len() {
        let warned = own(t, i).is_some_and(|a| a.warned);
        if !warned && needed(t, i) && !capture::is_open(t, i) && warn_at(t, i).is_some_and(|at| at <= t.now) {
            see_to(t, i, "its authorisation is about to expire")?;
        }
    }
    Ok(())
}

fn see_to(t: &mut Turn<'_>, i: usize, why: &str) -> Res {
    change(t, i).warned = true;
    match t.policy.checkout.on_expiry {
        OnExpiry::Reauthorise => {
            let left = (authorised(t, i) - taken(t, i)).min(missing(t));
            ask(t, i, left)
        }
        OnExpiry::Hold => stop(t, i, why),
    }
}

/// A check found it expired: it is authorised again where policy says so.
pub(super) fn renew_expired(t: &mut Turn<'_>, i: usize) -> Res {
    let left = (authorised(t, i) - taken(t, i)).min(missing(t));
    let again = t.policy.checkout.on_expiry == OnExpiry::Reauthorise && !t.body.completed && !renewing(t, i);
    if again { ask(t, i, left) } else { Ok(()) }
}

fn stop(t: &mut Turn<'_>, i: usize, why: &str) -> Res {
    let payment = t.doc.tenders.get(i).map_or("", |x| x.payment.as_str());
    let why = format!("payment {payment}: {why}");
    holding::place(t, &hold_of(i), &why, holding::HUB)
}

/// Asks the executor to authorise anew what is left of a tender. The generation of the key rises only after the last
/// one was refused, or a further renewal is due.
pub(super) fn ask(t: &mut Turn<'_>, i: usize, amount: i64) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(tender) = doc.tenders.get(i).filter(|x| amount > 0 && !is_virtual(&x.executor)) else {
        return Ok(());
    };
    let asked = &mut change(t, i).asked;
    asked.push(amount);
    let id = id(&tender.payment, asked.len());
    let (order, object) = (t.order(), format!("payment/{}", tender.payment));
    let args = Reauthorise { payment: &tender.payment, order, amount, currency: doc.currency.code() };
    let to = To { role: "payments", at: &tender.executor, object: &object, class: Class::Checkout };
    t.command(to, "reauthorise", &id, &args)
}

fn tender_of(t: &Turn<'_>, id: &str) -> Option<usize> {
    t.doc.tenders.iter().position(|x| {
        id.strip_prefix(x.payment.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
    })
}

/// It is authorised again: in its place, or as a new payment that takes its place.
pub(super) fn renewed(t: &mut Turn<'_>, id: &str, result: &Json) -> Res {
    let Some(i) = tender_of(t, id) else { return Ok(()) };
    let said: Renewed = serde_json::from_str(result.get()).unwrap_or_default();
    let Some(old) = t.doc.tenders.get(i).cloned() else { return Ok(()) };
    if !said.payment.is_empty() && !field::is_id(&said.payment) {
        return not_renewed(
            t,
            id,
            &format!("it answers with {:?}, which is no payment's number", said.payment),
        );
    }
    let amount = own(t, i).and_then(|a| a.asked.last().copied()).unwrap_or_default();
    let new = if said.payment.is_empty() { old.payment.clone() } else { said.payment };
    t.out.fact(
        "payment.reauthorised",
        &serde_json::json!({"payment": old.payment, "by": new, "amount": amount}),
    )?;
    if new == old.payment {
        let whole = taken(t, i) + amount;
        let a = change(t, i);
        a.amount = (whole != old.authorised).then_some(whole);
        a.expires = said.expires_at.map(|e| e.0).or(Some(i64::MAX));
        (a.lapsed, a.warned) = (false, false);
    } else {
        change(t, i).closed = true;
        if !t.doc.tenders.iter().any(|x| x.payment == new) {
            let id = format!("{}~", old.id);
            let expires_at = said.expires_at;
            add(t, Tender { id, payment: new, authorised: amount, captured: 0, expires_at, ..old });
        }
    }
    renewed_in_place(t, i)?;
    relieve(t)
}

/// The executor would not: the order waits for a person, or for another payment.
pub(super) fn not_renewed(t: &mut Turn<'_>, id: &str, why: &str) -> Res {
    let Some(i) = tender_of(t, id) else { return Ok(()) };
    lapse(t, i);
    stop(t, i, &format!("its executor would not authorise it again: {why}"))
}

/// A person wants those asked for again that were refused, under a new generation; those that could not be sent under
/// the same.
pub(super) fn retry(t: &mut Turn<'_>) -> Res {
    for i in 0..t.doc.tenders.len() {
        let Some((payment, a)) = t.doc.tenders.get(i).map(|x| x.payment.clone()).zip(own(t, i).cloned())
        else {
            continue;
        };
        let last = key(&payment, a.asked.len());
        let faulty = t.body.pending.get(&last) == Some(&Pending::Refused);
        let refused = a.lapsed && !a.closed && !a.asked.is_empty() && !t.body.pending.contains_key(&last);
        let left = (authorised(t, i) - taken(t, i)).min(missing(t));
        if faulty || (refused && left > 0) {
            if faulty {
                t.body.pending.remove(&last);
                change(t, i).asked.pop();
            }
            ask(t, i, if faulty { a.asked.last().copied().unwrap_or(left) } else { left })?;
        }
    }
    Ok(())
}

/// A capture was refused on a tender that another has taken the place of, or that has lapsed: what it was to take is
/// authorised anew.
pub(super) fn not_captured(t: &mut Turn<'_>, i: usize, amount: i64) -> Res {
    let gone = own(t, i).is_some_and(|a| a.closed || a.lapsed) && !renewing(t, i);
    let left = amount.min(short(t));
    if gone { ask(t, i, left) } else { Ok(()) }
}

/// A tender that allows one capture was captured in part: what is left of it is authorised anew.
pub(super) fn captured_in_part(t: &mut Turn<'_>, i: usize) -> Res {
    if missing(t) <= 0 || !capture::by_renewal(t, i) || renewing(t, i) {
        return Ok(());
    }
    let elsewhere: i64 = (0..t.doc.tenders.len()).filter(|n| *n != i).map(|n| open(t, n)).sum();
    let left = (authorised(t, i) - taken(t, i)).min(missing(t) - elsewhere);
    lapse(t, i);
    ask(t, i, left)
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Reauthorise<'_>>("reauthorise")]
}
