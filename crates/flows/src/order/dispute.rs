//! Disputes of an order's payments: opened and closed, early, late, twice, out of order. While one is open or lost,
//! nothing is refunded on its payment, and its amount counts as given back (M1).

use super::credit::{CreditPart, CreditState, Way};
use super::crediting;
use super::events::{DisputeClosed, DisputeOpened};
use super::naming::{self, credit_id};
use super::payments;
use super::refunds;
use super::state::{Body, TenderSums};
use super::turn::Turn;
use crate::out::Res;
use hub::process::Fault;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A customer's dispute of a payment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispute {
    /// The tender, by position.
    #[serde(rename = "t")]
    pub tender: u16,
    /// Minor units; 0 where only its end was heard of.
    #[serde(rename = "a")]
    pub amount: i64,
    #[serde(rename = "s")]
    pub state: DisputeState,
    /// Credits that it has paid.
    #[serde(rename = "u", default, skip_serializing_if = "is_zero")]
    pub used: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// How far a dispute has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DisputeState {
    #[serde(rename = "o")]
    Open,
    #[serde(rename = "w")]
    Won,
    #[serde(rename = "l")]
    Lost,
}

impl DisputeState {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

impl Body {
    fn held_back(&self, tender: usize) -> impl Iterator<Item = &Dispute> {
        let of = move |d: &&Dispute| usize::from(d.tender) == tender && d.state != DisputeState::Won;
        self.disputes.values().filter(of)
    }

    /// What open and lost disputes take of a tender.
    #[must_use]
    pub fn disputed(&self, tender: usize) -> i64 {
        self.held_back(tender).map(|d| d.amount).sum()
    }

    /// What may be refunded on a tender now: nothing while it is disputed, or was and the dispute is lost.
    #[must_use]
    pub fn free(&self, tender: usize) -> i64 {
        if self.held_back(tender).next().is_some() {
            return 0;
        }
        self.tenders.get(tender).map_or(0, |x| x.refundable().max(0))
    }

    /// Whether the executor has still to say how some dispute ends.
    #[must_use]
    pub fn in_dispute(&self) -> bool {
        self.disputes.values().any(|d| d.state == DisputeState::Open)
    }
}

/// A customer disputes a payment.
pub(super) fn opened(t: &mut Turn<'_>, event: DisputeOpened) -> Res {
    if !event.order.is_empty() {
        naming::same_order(t, &event.order)?;
    }
    if event.amount == 0 {
        return Err(Fault::new("bad_data", "dispute.opened: `amount` is 0; a dispute is about money"));
    }
    let i = payments::tender(t, &event.payment, event.currency)?;
    let tender = u16::try_from(i).unwrap_or(u16::MAX);
    match t.body.disputes.get(&event.dispute) {
        // What was closed before it was heard of is opened and closed now.
        Some(known) if known.tender == tender && known.amount == 0 => {
            let end = known.state;
            hold_back(t, &event.dispute, tender, event.amount)?;
            return end_it(t, &event.dispute, end, None);
        }
        Some(known) if known.tender == tender && event.amount >= known.amount => return Ok(()),
        Some(known) => {
            let why = format!(
                "dispute {:?} is about {} of another tender or amount than the {} it was opened with",
                event.dispute, event.amount, known.amount
            );
            return Err(Fault::new("dispute_differs", why));
        }
        None => {}
    }
    hold_back(t, &event.dispute, tender, event.amount)?;
    shown(t, &event);
    Ok(())
}

/// Books a dispute as open.
fn hold_back(t: &mut Turn<'_>, id: &str, tender: u16, amount: i64) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(paid) = doc.tenders.get(usize::from(tender)) else { return Ok(()) };
    t.out.post(t.posting().dispute_opened(&paid.executor, doc.money(amount)))?;
    let state = DisputeState::Open;
    t.body.disputes.insert(id.to_owned(), Dispute { tender, amount, state, used: 0 });
    let fact = serde_json::json!({"dispute": id, "payment": paid.payment, "amount": amount});
    t.out.fact("dispute.opened", &fact)
}

/// Shows an open dispute to a person, and what about it is odd.
fn shown(t: &mut Turn<'_>, event: &DisputeOpened) {
    let (doc, i) = (Arc::clone(&t.doc), t.doc.tenders.iter().position(|x| x.payment == event.payment));
    let Some((i, tender)) = i.and_then(|i| doc.tenders.get(i).map(|x| (i, x))) else { return };
    t.out.raise(
        "dispute_opened",
        "finance",
        format!(
            "{} of payment {} is disputed ({}) at {}",
            event.amount,
            event.payment,
            event.reason.as_deref().unwrap_or("no reason given"),
            tender.executor
        ),
        "answer it at the executor with what was shipped, delivered and refunded; its end closes this",
    );
    let under_way = t.body.credits.iter().filter(|c| c.state == CreditState::Asked);
    let waits = under_way.flat_map(|c| &c.parts).any(|p| usize::from(p.0) == i && !p.2 && p.3 == Way::Tender);
    if waits {
        t.out.raise(
            "refund_and_dispute",
            "finance",
            format!("a refund of payment {} was under way when it was disputed", event.payment),
            "tell the executor of the refund, so that the customer is not given the money twice",
        );
    }
    let Some(sums) = t.body.tenders.get(i) else { return };
    let beyond = t.body.disputed(i) + sums.refund_asked + sums.elsewhere - sums.captured;
    if beyond > 0 {
        t.out.raise(
            "disputed_beyond_capture",
            "finance",
            format!("refunds and disputes of payment {} are {beyond} more than was captured", event.payment),
            "answer the dispute with the refunds that were made, or claim the surplus back",
        );
    }
}

/// The executor says how a dispute ended.
pub(super) fn closed(t: &mut Turn<'_>, event: &DisputeClosed) -> Res {
    if !event.order.is_empty() {
        naming::same_order(t, &event.order)?;
    }
    let end = match event.outcome.as_str() {
        "won" => DisputeState::Won,
        "lost" => DisputeState::Lost,
        other => {
            let why = format!("dispute.closed: `outcome` is {other:?}; it is won or lost");
            return Err(Fault::new("bad_data", why));
        }
    };
    let i = payments::tender(t, &event.payment, event.currency.unwrap_or(t.doc.currency))?;
    let tender = u16::try_from(i).unwrap_or(u16::MAX);
    match t.body.disputes.get(&event.dispute) {
        Some(known) if known.tender != tender => {
            let why = format!("dispute {:?} is about another payment", event.dispute);
            Err(Fault::new("dispute_differs", why))
        }
        Some(known) if known.amount > 0 => {
            if event.amount.is_some_and(|a| a > known.amount) {
                let why = format!(
                    "dispute {:?} was opened with {} and closed with more",
                    event.dispute, known.amount
                );
                return Err(Fault::new("dispute_differs", why));
            }
            end_it(t, &event.dispute, end, event.amount)
        }
        // What is not opened yet ends as was said last.
        _ => match event.amount.filter(|a| *a > 0) {
            Some(amount) => {
                hold_back(t, &event.dispute, tender, amount)?;
                end_it(t, &event.dispute, end, None)
            }
            None => {
                // How much it was about is said by its opening, which is still to come.
                let dispute = Dispute { tender, amount: 0, state: end, used: 0 };
                t.body.disputes.insert(event.dispute.clone(), dispute);
                Ok(())
            }
        },
    }
}

/// Ends a dispute that is booked; of one that was lost in part, the rest was won.
fn end_it(t: &mut Turn<'_>, id: &str, end: DisputeState, lost: Option<i64>) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(dispute) = t.body.disputes.get(id).cloned() else { return Ok(()) };
    let Some(paid) = doc.tenders.get(usize::from(dispute.tender)) else { return Ok(()) };
    let (executor, money) = (paid.executor.as_str(), doc.money(dispute.amount));
    let won_back = match (dispute.state, end) {
        (DisputeState::Won, DisputeState::Won) | (DisputeState::Lost, DisputeState::Lost) => return Ok(()),
        (DisputeState::Open, DisputeState::Won) => {
            t.out.post(t.posting().dispute_won(executor, money))?;
            0
        }
        (DisputeState::Open, _) => {
            let amount = lost.unwrap_or(dispute.amount);
            let rest = dispute.amount - amount;
            t.out.post(t.posting().dispute_won(executor, doc.money(rest)))?;
            t.out.post(t.posting().dispute_lost(executor, doc.money(amount)))?;
            rest
        }
        (DisputeState::Won, _) => {
            t.out.post(t.posting().dispute_opened(executor, money))?;
            t.out.post(t.posting().dispute_lost(executor, money))?;
            0
        }
        (DisputeState::Lost, _) => {
            reopen_credits(t, id)?;
            t.out.post(t.posting().dispute_reopened(executor, money))?;
            t.out.post(t.posting().dispute_won(executor, money))?;
            0
        }
    };
    let amount = dispute.amount - won_back;
    let used = if end == DisputeState::Won { 0 } else { dispute.used };
    let next = Dispute { amount, state: end, used, ..dispute };
    t.body.disputes.insert(id.to_owned(), next);
    if !t.body.in_dispute() {
        t.out.clear("dispute_opened");
        t.out.clear("refund_and_dispute");
    }
    let covered = |(i, sums): (usize, &TenderSums)| {
        t.body.disputed(i) + sums.refund_asked + sums.elsewhere <= sums.captured
    };
    if t.body.tenders.iter().enumerate().all(covered) {
        t.out.clear("disputed_beyond_capture");
    }
    let lost = if end == DisputeState::Lost { amount } else { 0 };
    t.out.fact("dispute.closed", &serde_json::json!({"dispute": id, "outcome": end.word(), "lost": lost}))
}

/// A dispute that had paid credits was won after all: they are owed again.
fn reopen_credits(t: &mut Turn<'_>, dispute: &str) -> Res {
    let doc = Arc::clone(&t.doc);
    for c in 0..t.body.credits.len() {
        let Some(credit) = t.body.credits.get_mut(c) else { continue };
        let (paid, opened) = (credit.part(Way::Dispute), credit.parts.len());
        if paid == 0 || credit.wish.paid_by.as_deref() != Some(dispute) {
            continue;
        }
        credit.state = CreditState::Held;
        credit.parts.clear();
        credit.wish.paid_by = None;
        credit.wish.opened += u16::try_from(opened).unwrap_or(u16::MAX);
        let (withheld, id) = (credit.wish.withheld, credit_id(t, c));
        t.out.post(t.posting().credit_unsettled_by_dispute(doc.money(paid)))?;
        t.out.post(t.posting().fee_returned(doc.money(withheld)))?;
        let fact = serde_json::json!({"credit": id, "dispute": dispute, "amount": -paid});
        t.out.fact("credit.settled_by_dispute", &fact)?;
        refunds::tell(t, c, "credit.failed", Some("dispute_won_after_all".to_owned()))?;
    }
    Ok(())
}

/// A person says that a lost dispute has paid a credit that waits.
pub(super) fn settles(t: &mut Turn<'_>, said: &super::events::SettledByDispute) -> Res {
    naming::same_order(t, &said.order)?;
    crediting::named(&said.by)?;
    let doc = Arc::clone(&t.doc);
    let c = crediting::find(t, &said.credit)?;
    let (Some(credit), Some(dispute)) =
        (t.body.credits.get(c).cloned(), t.body.disputes.get(&said.dispute).cloned())
    else {
        let why = format!("order {} has no dispute {:?}", t.name.value, said.dispute);
        return Err(Fault::new("unknown_dispute", why));
    };
    if credit.part(Way::Dispute) > 0 {
        return Ok(());
    }
    let need = credit.by_tender();
    let plain = credit.wish.issued == 0 && credit.wish.applied == 0 && credit.wish.paid_by.is_none();
    if credit.state != CreditState::Held || need <= 0 || !plain {
        let why = format!("credit {} is {} and waits for no refund", said.credit, credit.state.word());
        return Err(Fault::new("credit_not_held", why));
    }
    if dispute.state != DisputeState::Lost || dispute.amount - dispute.used < need {
        let why = format!(
            "dispute {} is {} and has {} left, less than the {need} of the credit",
            said.dispute,
            dispute.state.word(),
            dispute.amount - dispute.used
        );
        return Err(Fault::new("dispute_too_small", why));
    }
    if let Some(x) = t.body.disputes.get_mut(&said.dispute) {
        x.used += need;
    }
    if let Some(x) = t.body.credits.get_mut(c) {
        x.wish.paid_by = Some(said.dispute.clone());
        x.approved_by.clone_from(&said.by);
    }
    t.out.post(t.posting().credit_settled_by_dispute(doc.money(need)))?;
    let fact = serde_json::json!({"credit": credit_id(t, c), "dispute": said.dispute, "amount": need, "by": said.by});
    t.out.fact("credit.settled_by_dispute", &fact)?;
    refunds::release(t, c, vec![CreditPart(dispute.tender, need, true, Way::Dispute)], 0)
}
