//! Labels that the hub buys from a carrier before a place is asked to ship, where policy says so, and gives back
//! when nothing left with them.

use super::delivery::Address;
use super::naming::{fulfilment_at, fulfilment_id};
use super::readdress;
use super::recall;
use super::release;
use super::state::FulfilmentState as F;
use super::track;
use super::turn::{LineUnits, Turn};
use crate::out::{Res, To};
use crate::pending::Pending;
use crate::policy::Labels;
use crate::refusal;
use retail::envelope::{Class, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) use super::amended::Label;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Buy<'a> {
    id: &'a str,
    order: &'a str,
    fulfilment: &'a str,
    from: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a Address>,
    parcels: [Parcel<'a>; 1],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Parcel<'a> {
    id: &'a str,
    lines: Vec<LineUnits<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Void<'a> {
    id: &'a str,
    tracking: &'a str,
}

#[derive(Deserialize)]
struct Bought {
    tracking: String,
    #[serde(default)]
    label: String,
}

/// Whether the hub buys labels: policy says so, and there is a carrier to buy them from.
pub(super) fn is_hubs(t: &Turn<'_>) -> bool {
    t.policy.fulfilment.labels == Labels::Hub && t.policy.asks.contains("carrier")
}

/// Whether a label is to be bought before the place is asked.
pub(super) fn is_wanted(t: &Turn<'_>, f: usize) -> bool {
    let n = u16::try_from(f).unwrap_or(u16::MAX);
    is_hubs(t)
        && !t.body.labels.contains_key(&n)
        && release::method(t, f)
            .is_some_and(|m| matches!(m.word, "ship" | "ship_to_store" | "ship_from_store"))
}

/// Buys one.
pub(super) fn buy(t: &mut Turn<'_>, f: usize) -> Res {
    let Some(fulfilment) = t.body.fulfilments.get(f).cloned() else { return Ok(()) };
    let (id, doc, address) = (fulfilment_id(t, f), Arc::clone(&t.doc), readdress::address(t));
    let from = t.body.place_name(fulfilment.0).to_owned();
    let to = release::method(t, f).filter(|m| m.word != "ship_to_store").and(address.as_ref());
    let (order, object, parcel) = (t.order(), format!("label/{id}"), format!("{id}-1"));
    let parcels = [Parcel { id: &parcel, lines: release::contents(&doc, &fulfilment.3) }];
    let args = Buy { id: &id, order, fulfilment: &id, from: &from, to, parcels };
    let carrier = To { role: "carrier", at: "", object: &object, class: Class::Fulfilment };
    t.command(carrier, "buy_label", &id, &args)
}

/// A label is bought: the place is asked now. One that is not wanted any more is given back by [`forget`].
pub(super) fn bought(t: &mut Turn<'_>, key: &str, id: &str, result: &Json) -> Res {
    let f = fulfilment_at(t, id)?;
    let Ok(Bought { tracking, label }) = serde_json::from_str::<Bought>(result.get()) else {
        t.body.pending.insert(key.to_owned(), Pending::Refused);
        refusal::raise(&mut t.out, "buy_label", key, "no_tracking", "its answer names no tracking number");
        return Ok(());
    };
    t.out.named(&t.name.tenant, "tracking", &tracking);
    t.out.fact("parcel.labelled", &serde_json::json!({"fulfilment": id, "tracking": tracking}))?;
    let n = u16::try_from(f).unwrap_or(u16::MAX);
    t.body.labels.insert(n, Label(tracking, label, false));
    match t.body.fulfilments.get(f).map(|x| x.2) {
        Some(F::Recalled) => recall::fulfilment_ended(t, f),
        Some(F::Open) => release::ask_fulfilment(t, f),
        _ => Ok(()),
    }
}

/// The carrier sold none.
pub(super) fn refused(t: &mut Turn<'_>, key: &str, id: &str, why: (&str, &str)) -> Res {
    let f = fulfilment_at(t, id)?;
    if t.body.fulfilments.get(f).is_some_and(|x| x.2 == F::Recalled) {
        return recall::fulfilment_ended(t, f);
    }
    t.body.pending.insert(key.to_owned(), Pending::Refused);
    refusal::raise(&mut t.out, "buy_label", key, why.0, why.1);
    Ok(())
}

/// A fulfilment order is taken back while its label is still to come: the place knows nothing of it. Answers whether
/// that was so.
pub(super) fn recalled(t: &mut Turn<'_>, f: usize) -> Res<bool> {
    let key = format!("buy_label:{}", fulfilment_id(t, f));
    match t.body.pending.get(&key) {
        None => Ok(false),
        Some(Pending::Refused) => {
            t.body.pending.remove(&key);
            recall::fulfilment_ended(t, f)?;
            Ok(true)
        }
        Some(_) => {
            t.out.withdraw.push(key);
            Ok(true)
        }
    }
}

/// Gives back labels that nothing left with, and forgets those that something did.
pub(super) fn forget(t: &mut Turn<'_>) -> Res {
    let mut unused = Vec::new();
    t.body.labels.retain(|f, label| {
        let ended = t.body.fulfilments.get(usize::from(*f)).filter(|x| x.2 == F::Ended);
        if let Some(x) = ended {
            if x.4 {
                return false;
            }
            if !label.2 {
                label.2 = true;
                unused.push(*f);
            }
        }
        true
    });
    for f in unused {
        give_back(t, usize::from(f))?;
    }
    Ok(())
}

fn give_back(t: &mut Turn<'_>, f: usize) -> Res {
    let n = u16::try_from(f).unwrap_or(u16::MAX);
    let Some(Label(tracking, ..)) = t.body.labels.get(&n).cloned() else { return Ok(()) };
    let id = fulfilment_id(t, f);
    let object = format!("label/{id}");
    let carrier = To { role: "carrier", at: "", object: &object, class: Class::Fulfilment };
    t.command(carrier, "void_label", &id, &Void { id: &id, tracking: &tracking })
}

/// Asks again for what was refused.
pub(super) fn again(t: &mut Turn<'_>, op: &str, id: &str) -> Res {
    let f = fulfilment_at(t, id)?;
    if op == "buy_label" { buy(t, f) } else { give_back(t, f) }
}

/// The carrier has taken it back: no shipment will want its news.
pub(super) fn given_back(t: &mut Turn<'_>, id: &str) -> Res {
    let n = u16::try_from(fulfilment_at(t, id)?).unwrap_or(u16::MAX);
    if let Some(Label(tracking, ..)) = t.body.labels.remove(&n) {
        track::forget(t, &tracking)?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<Buy<'_>>("buy_label"), command::<Void<'_>>("void_label")]
}
