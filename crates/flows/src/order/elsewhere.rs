//! Refunds that somebody else made: by hand at the provider, at a till, by a marketplace, by an agent in the
//! storefront. They count, once; where they say what for, they are a credit; and no refund of ours follows them.

use super::credit::{Credit, CreditState, Kind, Way, Wish};
use super::events::RefundedElsewhere;
use super::naming::{self, credit_id};
use super::turn::Turn;
use super::{crediting, payments};
use crate::out::Res;
use retail::credit::CreditKind;
use std::sync::Arc;

/// Somebody gave money back over there. It counts against what may still be refunded (M6); when that is more than
/// was captured, it stops here and a person must look (M1).
pub(super) fn refunded(t: &mut Turn<'_>, event: RefundedElsewhere) -> Res {
    if !event.order.is_empty() {
        naming::same_order(t, &event.order)?;
    }
    let i = payments::tender(t, &event.payment, event.currency)?;
    if t.body.elsewhere.contains_key(&event.refund) || event.amount == 0 {
        return Ok(());
    }
    let doc = Arc::clone(&t.doc);
    let (Some(tender), Some(sums)) = (doc.tenders.get(i), t.body.tenders.get_mut(i)) else { return Ok(()) };
    sums.elsewhere += event.amount;
    let (spare, captured) = (sums.refundable(), sums.captured);
    let refundable = spare - t.body.disputed(i);
    t.out.post(t.posting().refunded_elsewhere(&tender.executor, doc.money(event.amount)))?;
    t.out.fact(
        "payment.refunded_elsewhere",
        &serde_json::json!({
            "payment": event.payment, "refund": event.refund, "amount": event.amount, "initiator": event.initiator,
        }),
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
    t.body.elsewhere.insert(event.refund.clone(), (u16::try_from(i).unwrap_or(u16::MAX), event.amount));
    credited(t, &event)
}

/// What it was made for becomes a credit, unless a return has said that it is paid by this refund.
fn credited(t: &mut Turn<'_>, event: &RefundedElsewhere) -> Res {
    let claimed = |c: &Credit| c.wish.paid_by.as_deref() == Some(event.refund.as_str());
    let known = t.body.credits.iter().any(|c| c.state != CreditState::Declined && claimed(c));
    let kind = event.kind.unwrap_or(CreditKind::PriceAdjustment);
    if known || (event.lines.is_empty() && event.kind.is_none()) {
        return Ok(());
    }
    let mut credit = Credit {
        request: event.refund.clone(),
        kind: Kind(kind),
        wish: Wish {
            paid_by: Some(event.refund.clone()),
            known_there: event.initiator.as_deref() == Some("storefront"),
            ..Wish::default()
        },
        asked_by: event.initiator.clone().unwrap_or_default(),
        ..Credit::default()
    };
    let said: i64 = event.lines.iter().map(|l| l.amount).sum();
    let meant = if event.lines.is_empty() { event.amount } else { said };
    match kind {
        CreditKind::Cancellation => {
            credit.amount = event.amount.min(crediting::surplus(t) + event.amount).max(0)
        }
        CreditKind::Goodwill => credit.amount = event.amount,
        _ if said <= event.amount => of_lines(t, &mut credit, event)?,
        // Its lines cannot be right: the money counts, and nothing is credited for it.
        _ => {}
    }
    if credit.amount < meant {
        t.out.raise(
            "elsewhere_beyond_line",
            "finance",
            format!(
                "refund {} of {} is said to be for {meant}, of which {} may still be given back",
                event.refund, event.amount, credit.amount
            ),
            "find out what the refund was for and claim the surplus back, or write it off",
        );
    }
    if credit.amount == 0 { Ok(()) } else { crediting::granted(t, credit) }
}

/// The lines that a refund names, each up to what it may still give back.
fn of_lines(t: &Turn<'_>, credit: &mut Credit, event: &RefundedElsewhere) -> Res {
    for l in &event.lines {
        let Some(line) = t.doc.line(&l.line) else { continue };
        let before = credit.lines.iter().zip(&credit.values).filter(|(x, _)| x.1 == line);
        let already: i64 = before.map(|(_, v)| v.0).sum();
        let (stretch, most) = crediting::adjustable(t, line, l.quantity)?;
        let amount = l.amount.min(most.0 - already);
        if amount > 0 {
            let tax = crediting::tax_in(amount, most);
            credit.lines.push((String::new(), line, stretch.0, stretch.1));
            credit.values.push((amount, tax));
            credit.amount += amount;
            credit.tax += tax;
        }
    }
    Ok(())
}

/// What of a credit is paid by a refund that somebody else made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cover {
    pub tender: u16,
    /// Minor units that it paid.
    pub paid: i64,
    /// What it did not pay and a person has said is kept.
    pub kept: i64,
}

/// Matches a credit with the refund that is said to have paid it, in whichever order they came. `Err`: it waits, and
/// this exception says for what.
pub(super) fn cover(t: &mut Turn<'_>, c: usize) -> Result<Cover, &'static str> {
    let id = credit_id(t, c);
    let Some((credit, refund)) =
        t.body.credits.get(c).and_then(|x| x.wish.paid_by.as_ref().map(|p| (x, p.clone())))
    else {
        return Ok(Cover::default());
    };
    let (need, pay_rest) = (credit.by_tender(), credit.wish.pay_rest);
    let Some((tender, amount)) = t.body.elsewhere.get(&refund).copied() else {
        t.out.raise(
            "refund_report_awaited",
            "finance",
            format!(
                "credit {id} of {need} is said to be paid by refund {refund}, which no executor has reported"
            ),
            "find the refund at the executor of the payment; its report closes this",
        );
        return Err("refund_report_awaited");
    };
    let others = t.body.credits.iter().enumerate().filter(|(i, _)| *i != c);
    let used: i64 = others
        .filter(|(_, x)| x.wish.paid_by.as_ref() == Some(&refund))
        .map(|(_, x)| x.part(Way::Elsewhere))
        .sum();
    let paid = need.min(amount - used).max(0);
    match pay_rest {
        _ if paid == need => Ok(Cover { tender, paid, kept: 0 }),
        Some(true) => Ok(Cover { tender, paid, kept: 0 }),
        Some(false) => Ok(Cover { tender, paid, kept: need - paid }),
        None => {
            t.out.raise(
                "paid_elsewhere_differs",
                "finance",
                format!("credit {id} comes to {need} and refund {refund} paid {paid} of it"),
                "approve the credit to pay the rest, or decline it to keep the rest",
            );
            Err("paid_elsewhere_differs")
        }
    }
}
