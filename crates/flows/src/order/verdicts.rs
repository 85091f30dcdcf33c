//! What checks say, when they say it, and what follows.

use super::cancel;
use super::checks::{self, FRAUD, TAX};
use super::counts::settled;
use super::events::{Decision, Screened};
use super::gates::CheckState;
use super::holding;
use super::naming;
use super::tenders;
use super::turn::Turn;
use crate::out::Res;
use crate::policy::WhenRefused;
use retail::envelope::{Json, Outcome};
use retail::money::Currency;
use retail::time::Time;
use serde::Deserialize;
use std::sync::Arc;

/// What a check comes to.
enum Verdict {
    Good,
    /// A person must look, whatever policy says.
    Look(String),
    Bad(String),
}

/// Customers and promotions.
#[derive(Debug, Deserialize)]
struct Stood {
    state: String,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Quoted {
    tax: i64,
}

#[derive(Debug, Deserialize)]
struct Decided {
    decision: Decision,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Payment {
    state: String,
    amount: i64,
    currency: Currency,
    #[serde(default)]
    expires_at: Option<Time>,
}

/// Takes in the outcome of a check's command; `false` when the command was for something else.
pub(super) fn heard(t: &mut Turn<'_>, op: &str, id: &str, outcome: &Outcome) -> Res<bool> {
    let Some(code) = checks::code_of(t, op, id) else { return Ok(false) };
    let Some(check) = t.body.checks.get_mut(&code) else { return Ok(true) };
    match outcome {
        Outcome::Done { result } => {
            t.body.checks.remove(&code);
            let verdict = understand(t, &code, result)?;
            come(t, &code, verdict)?;
        }
        Outcome::Refused { code: why, .. } if why == "withdrawn" => {
            t.body.checks.remove(&code);
        }
        // Nothing was checked: no verdict against the order, and none for it either.
        Outcome::Refused { code: why, message } => {
            t.body.checks.remove(&code);
            come(t, &code, Verdict::Look(format!("the check was refused: {message} ({why})")))?;
        }
        Outcome::Fault { .. } => check.state = CheckState::Faulty,
        Outcome::Unknown { .. } => check.state = CheckState::Unknown,
        Outcome::Accepted { .. } => check.state = CheckState::Accepted,
        Outcome::Throttled { .. } | Outcome::Absent => {}
    }
    Ok(true)
}

/// The verdict of a screening came by event, asked for or not.
pub(super) fn screened(t: &mut Turn<'_>, event: &Screened) -> Res {
    naming::same_order(t, &event.order)?;
    if let Some(check) = t.body.checks.remove(FRAUD) {
        let key = format!("screen_order:{}", t.order());
        match check.state {
            CheckState::Accepted => t.out.settle.push(key),
            _ => t.out.withdraw.push(key),
        }
    }
    come(t, FRAUD, decision(event.decision, event.reason.as_deref()))
}

fn decision(said: Decision, reason: Option<&str>) -> Verdict {
    let reason = |usual: &str| reason.map_or_else(|| usual.to_owned(), |r| format!("{usual}: {r}"));
    match said {
        Decision::Approve => Verdict::Good,
        Decision::Review => Verdict::Look(reason("the screening wants it reviewed")),
        Decision::Decline => Verdict::Bad(reason("the screening declined it")),
    }
}

fn understand(t: &mut Turn<'_>, code: &str, result: &Json) -> Res<Verdict> {
    let unread = |e: serde_json::Error| Verdict::Look(format!("the check's answer is not understood: {e}"));
    if code == FRAUD {
        let said = serde_json::from_str::<Decided>(result.get());
        return Ok(said.map_or_else(unread, |x| decision(x.decision, x.reason.as_deref())));
    }
    if code == TAX {
        let said = serde_json::from_str::<Quoted>(result.get());
        let ours: i64 = t.doc.lines.iter().map(|l| l.tax).sum();
        return Ok(match said {
            Err(e) => unread(e),
            Ok(x) if x.tax.abs_diff(ours) <= t.policy.checkout.tax_tolerance.unsigned_abs() => Verdict::Good,
            Ok(x) => Verdict::Bad(format!(
                "it was charged {ours} of tax and {} is quoted, in minor units of {}",
                x.tax, t.doc.currency
            )),
        });
    }
    if let Some(i) = checks::tender_of(code) {
        return match serde_json::from_str::<Payment>(result.get()) {
            Ok(said) => payment(t, i, &said),
            Err(e) => Ok(unread(e)),
        };
    }
    Ok(match serde_json::from_str::<Stood>(result.get()) {
        Err(e) => unread(e),
        Ok(said) if said.state == "ok" => Verdict::Good,
        Ok(said) => Verdict::Bad(said.reason.map_or(said.state.clone(), |r| format!("{}: {r}", said.state))),
    })
}

/// An executor's word about a payment: whether it stands, for how much, until when, and what was taken already.
fn payment(t: &mut Turn<'_>, i: usize, said: &Payment) -> Res<Verdict> {
    let doc = Arc::clone(&t.doc);
    let Some(tender) = doc.tenders.get(i) else { return Ok(Verdict::Good) };
    if said.currency != doc.currency {
        let why =
            format!("payment {} is in {} and the order in {}", tender.payment, said.currency, doc.currency);
        return Ok(Verdict::Bad(why));
    }
    match said.state.as_str() {
        "authorised" | "captured" if said.amount < tenders::authorised(t, i) => Ok(Verdict::Bad(format!(
            "payment {} stands for {} and not for {}",
            tender.payment,
            said.amount,
            tenders::authorised(t, i)
        ))),
        "authorised" => {
            if let Some(expires) = said.expires_at {
                tenders::expires(t, i, expires);
            }
            Ok(Verdict::Good)
        }
        "captured" => {
            let taken = t.body.tenders.get(i).map_or(0, |x| x.captured);
            super::capture::took(t, i, said.amount - taken)?;
            Ok(Verdict::Good)
        }
        state => {
            tenders::lapse(t, i);
            // Held until it is authorised again, which its executor may do by itself.
            if state == "expired" && checks::rule(t, &checks::of_payment(i)).when_refused == WhenRefused::Hold
            {
                tenders::renew_expired(t, i)?;
            }
            Ok(Verdict::Bad(format!("payment {} is {state}", tender.payment)))
        }
    }
}

/// What follows a verdict, whenever it comes.
fn come(t: &mut Turn<'_>, code: &str, verdict: Verdict) -> Res {
    let (word, reason) = match &verdict {
        Verdict::Good => ("ok", None),
        Verdict::Look(why) => ("look", Some(why.as_str())),
        Verdict::Bad(why) => ("refused", Some(why.as_str())),
    };
    let over = t.body.answered && settled(&t.doc, &t.body);
    let then = match &verdict {
        Verdict::Good => "go_on",
        _ if over => "record",
        Verdict::Bad(_) if checks::rule(t, code).when_refused == WhenRefused::Cancel => "cancel",
        _ => "hold",
    };
    let fact = serde_json::json!({"check": code, "verdict": word, "reason": reason, "then": then});
    t.out.fact("order.checked", &fact)?;
    match (then, reason) {
        ("hold", Some(why)) => holding::place(t, code, why, holding::HUB),
        ("cancel", Some(_)) => cancel::rest(t, &format!("check-{code}"), &format!("{code}_refused")),
        ("record", Some(why)) if code == FRAUD && t.body.lines.iter().any(|l| l.shipped > 0) => {
            t.out.raise(
                "screened_after_shipment",
                "operations",
                format!("order {} has left, and then {why}", t.name.value),
                "stop the parcel at the carrier if that is possible, and prepare for a dispute",
            );
            Ok(())
        }
        ("go_on", _) => match t.body.stops.get(code) {
            // What a person asked for only a person lifts.
            Some(hold) if hold.by == holding::HUB => holding::lift(t, code, holding::HUB),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}
