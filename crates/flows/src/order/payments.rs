//! What executors report about payments by themselves: captures, and refunds that nobody here asked for.

use super::capture;
use super::close;
use super::counts;
use super::events::{Captured, RefundedElsewhere};
use super::naming;
use super::turn::Turn;
use crate::out::Res;
use hub::process::Fault;
use retail::money::Currency;
use std::sync::Arc;

/// Refuses a payment in another currency than the order's.
pub(super) fn same_currency(t: &Turn<'_>, payment: &str, currency: Currency) -> Res {
    if currency == t.doc.currency {
        return Ok(());
    }
    let why = format!("payment {payment:?} is in {currency} and the order in {}", t.doc.currency);
    Err(Fault::new("currency_differs", why))
}

fn tender(t: &Turn<'_>, payment: &str, currency: Currency) -> Res<usize> {
    same_currency(t, payment, currency)?;
    position(t, payment)
}

/// The tender that a payment belongs to.
pub(super) fn position(t: &Turn<'_>, payment: &str) -> Res<usize> {
    t.doc.tenders.iter().position(|x| x.payment == payment).ok_or_else(|| {
        Fault::new("unknown_payment", format!("order {} was not paid by {payment:?}", t.name.value))
    })
}

/// An executor took money: ours, reported back, or taken over there. Where several captures are made, a report
/// that belongs to none of ours is only recorded, since it cannot be told from a repeat of one.
pub(super) fn captured(t: &mut Turn<'_>, event: &Captured) -> Res {
    naming::same_order(t, &event.order)?;
    let i = tender(t, &event.payment, event.currency)?;
    let Some(sums) = t.body.tenders.get(i).cloned() else { return Ok(()) };
    let several = t.doc.tenders.get(i).is_some_and(|x| x.several);
    let under_way = capture::under_way(t, i);
    let more = if several && under_way.is_none() && sums.captured > 0 {
        0
    } else if several && under_way.is_some() {
        event.amount.min(sums.capture_asked - sums.captured)
    } else {
        event.amount - sums.captured
    };
    capture::took(t, i, more)?;
    if let Some(sums) = t.body.tenders.get_mut(i) {
        let refused = !several && sums.captured >= sums.capture_asked;
        if refused {
            close::forget_refused_captures(t);
        }
    }
    if let Some(key) = under_way {
        close::settle_by_event(t, &key);
    }
    let (taken, sold) = (t.body.tenders.iter().map(|x| x.captured).sum::<i64>(), t.body.invoiced(&t.doc));
    if counts::settled(&t.doc, &t.body) && taken > sold {
        surplus(t, taken, sold);
    }
    Ok(())
}

/// More was taken than was sold: at checkout, with the first shipment, or by the executor itself.
pub(super) fn surplus(t: &mut Turn<'_>, taken: i64, sold: i64) {
    t.out.raise(
        "captured_without_sale",
        "finance",
        format!("{taken} was captured for order {}, which sold {sold}", t.name.value),
        "have the executor give the surplus back",
    );
}

/// Somebody gave money back over there. It counts against what may still be refunded (M6); when that is more than
/// was captured, it stops here and a person must look (M1).
pub(super) fn refunded_elsewhere(t: &mut Turn<'_>, event: RefundedElsewhere) -> Res {
    if !event.order.is_empty() {
        naming::same_order(t, &event.order)?;
    }
    let i = tender(t, &event.payment, event.currency)?;
    if t.body.elsewhere.contains_key(&event.refund) || event.amount == 0 {
        return Ok(());
    }
    let doc = Arc::clone(&t.doc);
    let (Some(tender), Some(sums)) = (doc.tenders.get(i), t.body.tenders.get_mut(i)) else { return Ok(()) };
    sums.elsewhere += event.amount;
    let (refundable, captured) = (sums.refundable(), sums.captured);
    t.out.post(t.posting().refunded_elsewhere(&tender.executor, doc.money(event.amount)))?;
    t.out.fact(
        "payment.refunded_elsewhere",
        &serde_json::json!({"payment": event.payment, "refund": event.refund, "amount": event.amount}),
    )?;
    if refundable < 0 {
        t.out.raise(
            "refunded_beyond_capture",
            "finance",
            format!(
                "refund {} at {} makes {} more given back on {} than the {captured} that were captured",
                event.refund, tender.executor, -refundable, event.payment
            ),
            "stop refunds of this payment and settle the surplus with the executor or the customer",
        );
    }
    t.body.elsewhere.insert(event.refund, (u16::try_from(i).unwrap_or(u16::MAX), event.amount));
    Ok(())
}
