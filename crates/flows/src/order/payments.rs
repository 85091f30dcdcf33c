//! What executors report about payments by themselves: captures that nobody here asked for.

use super::capture;
use super::close;
use super::counts;
use super::events::Captured;
use super::naming;
use super::turn::Turn;
use crate::out::Res;
use hub::process::Fault;
use retail::money::Currency;

/// Refuses a payment in another currency than the order's.
pub(super) fn same_currency(t: &Turn<'_>, payment: &str, currency: Currency) -> Res {
    if currency == t.doc.currency {
        return Ok(());
    }
    let why = format!("payment {payment:?} is in {currency} and the order in {}", t.doc.currency);
    Err(Fault::new("currency_differs", why))
}

/// The tender of a payment that somebody named, in the order's currency.
pub(super) fn tender(t: &Turn<'_>, payment: &str, currency: Currency) -> Res<usize> {
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
