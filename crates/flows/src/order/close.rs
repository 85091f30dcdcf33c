//! The end of an order, what keeps it from ending, and what a person can do about that.

use super::capture;
use super::counts::{at_rest, settled};
use super::events::RetryRequested;
use super::naming;
use super::state::Erp;
use super::turn::Turn;
use super::{cancel, checks, collect, crediting, documents, invoicing, label, payments, promise};
use super::{recall, release, settled as credits, tenders};
use crate::out::Res;
use crate::pending::Pending;
use crate::tell;
use retail::time::Time;
use std::sync::Arc;

/// Ends the order once every unit is shipped or cancelled, every command is through and all is paid.
pub(super) fn complete(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let busy = !t.body.pending.is_empty() || t.body.unfunded;
    if t.body.completed || !t.body.answered || busy || !settled(&doc, &t.body) {
        return Ok(());
    }
    let sold = t.body.invoiced(&doc);
    let taken: i64 = t.body.tenders.iter().map(|x| x.captured).sum();
    if taken < sold {
        t.out.raise(
            "capture_short",
            "finance",
            format!("{taken} of {sold} was captured for order {} and nothing more can be", t.name.value),
            "settle the rest with the customer; the executor's report of the payment closes this",
        );
        return Ok(());
    }
    if taken > sold {
        payments::surplus(t, taken, sold);
    }
    t.body.completed = true;
    checks::forget(t);
    for code in ["order_overdue", "capture_short", "release_refused", "vendor_short"] {
        t.out.clear(code);
    }
    let kind =
        if t.body.lines.iter().any(|l| l.shipped > 0) { "order.completed" } else { "order.closed_unsold" };
    t.out.fact(kind, &serde_json::json!({"sold": sold}))
}

/// When the order wants to be woken.
pub(super) fn due(t: &Turn<'_>) -> Option<Time> {
    let deadline = (!t.body.overdue && !at_rest(&t.body)).then(|| overdue_at(t));
    let others = [checks::due(t), tenders::due(t), promise::due(t), collect::due(t)];
    [t.body.retry_at.map(Time), deadline].into_iter().chain(others).flatten().min()
}

fn overdue_at(t: &Turn<'_>) -> Time {
    Time(t.body.since).plus(t.policy.spans.order)
}

pub(super) fn timer(t: &mut Turn<'_>) -> Res {
    collect::timer(t);
    if t.body.retry_at.is_some_and(|at| at <= t.now.0) {
        t.body.retries += 1;
        release::retry(t);
    }
    checks::timer(t)?;
    tenders::timer(t)?;
    if !t.body.overdue && !at_rest(&t.body) && overdue_at(t) <= t.now {
        t.body.overdue = true;
        let waits = (0_u16..).take(t.doc.lines.len()).map(|l| t.body.waiting(&t.doc, l)).sum::<i64>();
        let commands: Vec<&str> = t.body.pending.keys().map(String::as_str).collect();
        let cause = format!(
            "order {} is not finished: {waits} units wait for stock, commands outstanding: [{}]",
            t.name.value,
            commands.join(", ")
        );
        t.out.raise(
            "order_overdue",
            "operations",
            cause,
            "find supply or cancel what waits; see its commands",
        );
    }
    Ok(())
}

/// A person says: offer again what was refused. Keys stay as they are, but for money, whose generation rises after
/// the proven failure.
pub(super) fn retry_requested(t: &mut Turn<'_>, event: &RetryRequested) -> Res {
    naming::same_order(t, &event.order)?;
    t.body.retries = 0;
    release::retry(t);
    for code in ["release_refused", "vendor_short", "command_fault"] {
        t.out.clear(code);
    }
    tell::seen_to(&mut t.out, &t.body.raised);
    checks::retry(t)?;
    tenders::retry(t)?;
    let refused: Vec<String> =
        t.body.pending.iter().filter(|(_, p)| **p == Pending::Refused).map(|(k, _)| k.clone()).collect();
    for key in refused {
        let (op, id) = key.split_once(':').unwrap_or((key.as_str(), ""));
        let shipment = t.body.shipments.iter().position(|s| s.id == id);
        let shipment = shipment.and_then(|i| u16::try_from(i + 1).ok());
        match (op, shipment) {
            ("create_sales_order", _) => {
                t.body.erp = Erp::Asked;
                documents::sales_order(t)?;
            }
            ("release_order", _) => release::ask(t, naming::release_at(t, id)?)?,
            ("create_fulfilment", _) => release::ask_fulfilment(t, naming::fulfilment_at(t, id)?)?,
            ("cancel_release", _) => recall::ask_release(t, naming::release_at(t, id)?)?,
            ("cancel_fulfilment", _) => recall::ask_fulfilment(t, naming::fulfilment_at(t, id)?)?,
            ("capture", _) => capture::retry(t, &key)?,
            ("void", _) => capture::retry_void(t, &key),
            ("post_delivery", Some(n)) => documents::delivery(t, n)?,
            ("post_invoice", _) => invoicing::post(t, id)?,
            ("commit_tax", _) => invoicing::tax(t, id)?,
            ("report_shipment", Some(n)) => documents::report(t, n)?,
            ("cancel_sales_order" | "report_cancellation", _) => cancel::tell_again(t, op, id)?,
            ("report_refund", _) => credits::report_again(t, id)?,
            ("refund_tax", _) => crediting::tax_again(t, id)?,
            ("amend_sales_order", _) => documents::amend_again(t, id)?,
            ("buy_label" | "void_label", _) => label::again(t, op, id)?,
            ("report_ready", _) => collect::report_again(t, id)?,
            _ => {}
        }
    }
    Ok(())
}

/// Forgets what a shipment's documents are made from once they are through.
pub(super) fn forget_documents(t: &mut Turn<'_>) {
    let pending = &t.body.pending;
    for s in t.body.shipments.iter_mut().filter(|s| !s.lines.is_empty() || !s.parcels.is_empty()) {
        let waits = ["post_delivery", "post_invoice", "report_shipment", "commit_tax"]
            .iter()
            .any(|op| pending.contains_key(&format!("{op}:{}", s.id)));
        if !waits {
            s.lines.clear();
            s.parcels.clear();
        }
    }
}

/// A command's verdict came by event. One that was accepted is over; another's own outcome is still to come.
pub(super) fn settle_by_event(t: &mut Turn<'_>, key: &str) {
    if t.body.pending.get(key) == Some(&Pending::Accepted) {
        t.body.pending.remove(key);
        t.out.settle.push(key.to_owned());
    }
}

/// The executor reports that the money is there after all.
pub(super) fn forget_refused_captures(t: &mut Turn<'_>) {
    t.body.pending.retain(|key, p| !(key.starts_with("capture:") && *p == Pending::Refused));
    t.out.clear("capture_failed");
}
