//! The difference's door.

use super::events::{Found, Gone};
use super::state::{Standing, State};
use super::table;
use crate::exceptions::COMPARE;
use crate::out::{Out, Res};
use crate::read::read;
use crate::transition;
use hub::process::{Decision, Fault, Stimulus};
use retail::envelope::Name;
use retail::listing::ListKind;

const EVENTS: [&str; 2] = ["difference.found", "difference.gone"];

pub(crate) fn decide<R>(name: &Name, state: Option<&State>, stimulus: &Stimulus) -> Res<Decision<State, R>> {
    let mut next = state.cloned().unwrap_or_default();
    let before = next.standing;
    let mut out = Out::default();
    match stimulus {
        Stimulus::Event(e) if e.kind == "difference.found" => {
            found(name, &mut next, &mut out, &read(&e.kind, &e.data)?)?
        }
        Stimulus::Event(e) if e.kind == "difference.gone" => {
            gone(name, &mut next, &mut out, &read(&e.kind, &e.data)?)?
        }
        Stimulus::Event(e) => {
            let why = format!("a difference does not understand {}; it knows {}", e.kind, EVENTS.join(", "));
            return Err(Fault::new("unknown_event", why));
        }
        Stimulus::Mail { kind, .. } => {
            return Err(Fault::new("unknown_message", format!("nobody tells a difference of {kind}")));
        }
        // It orders nothing and waits for nothing.
        Stimulus::Outcome { .. } | Stimulus::Timer => {}
    }
    transition::check(&mut out, table::TABLE, before.code(), stimulus, next.standing.code())?;
    out.note(&mut next.raised);
    let open = next.standing == Standing::Found;
    Ok(out.done(next, open, None))
}

/// The same again changes nothing: it is shown already.
fn found(name: &Name, state: &mut State, out: &mut Out, told: &Found) -> Res {
    named(name, &told.difference)?;
    if state.standing == Standing::Found {
        return Ok(());
    }
    state.standing = Standing::Found;
    state.kind = Some(told.kind);
    raise(out, told);
    out.fact("difference.found", told)
}

fn gone(name: &Name, state: &mut State, out: &mut Out, told: &Gone) -> Res {
    named(name, &told.difference)?;
    if state.standing == Standing::Gone {
        return Ok(());
    }
    state.standing = Standing::Gone;
    if let Some(kind) = state.kind {
        out.clear(code(kind));
    }
    out.fact("difference.gone", &serde_json::json!({"difference": told.difference}))
}

fn named(name: &Name, told: &str) -> Res {
    if told == name.value {
        return Ok(());
    }
    Err(Fault::new(
        "difference_differs",
        format!("it says {told:?} and came under the name of {:?}", name.value),
    ))
}

const fn code(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Orders => "books_differ_orders",
        ListKind::Deliveries => "books_differ_deliveries",
        ListKind::Shipments => "books_differ_shipments",
        ListKind::Invoices => "books_differ_invoices",
        ListKind::ReturnReceipts => "books_differ_return_receipts",
        ListKind::CreditMemos => "books_differ_credit_memos",
        ListKind::Captures => "books_differ_captures",
        ListKind::Refunds => "books_differ_refunds",
        ListKind::Returns => "books_differ_returns",
        ListKind::Labels => "books_differ_labels",
        ListKind::Stock => "books_differ_stock",
    }
}

/// Whose it is to look at: money, goods, or how systems work together. No customer waits for any of it.
const fn owner(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Invoices | ListKind::CreditMemos | ListKind::Captures | ListKind::Refunds => "finance",
        ListKind::Stock | ListKind::ReturnReceipts => "warehouse",
        ListKind::Orders
        | ListKind::Deliveries
        | ListKind::Shipments
        | ListKind::Returns
        | ListKind::Labels => "operations",
    }
}

fn raise(out: &mut Out, told: &Found) {
    let of = told.order.as_ref().or(told.rma.as_ref()).filter(|of| **of != told.what);
    let of = of.map_or_else(String::new, |of| format!(" of {of}"));
    let cause = format!(
        "{}: {}{of} at {}: the hub says {}, the system {}; next: {}",
        told.cause, told.what, told.system, told.hub, told.there, told.next_step
    );
    out.raise(code(told.kind), owner(told.kind), cause, COMPARE);
}
