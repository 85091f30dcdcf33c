//! Means of payment: who may take and give back the money, what was taken, and what was given back.

use crate::ids::{CreditId, PaymentRef, SystemId, TenderId};
use crate::money::{Currency, Money};
use crate::time::Time;
use serde::{Deserialize, Serialize};

words! {
    /// How a customer pays.
    TenderKind {
        Card = "card",
        GiftCard = "gift_card",
        StoreCredit = "store_credit",
        Loyalty = "loyalty",
        Invoice = "invoice",
        Cash = "cash",
        Other = "other",
    }
}

/// One means of payment within an order. Amounts are in [`Tender::currency`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tender {
    pub id: TenderId,
    pub kind: TenderKind,
    /// The one system that may capture or refund it.
    pub executor: SystemId,
    pub payment: PaymentRef,
    pub currency: Currency,
    pub authorisations: Vec<Authorisation>,
}

/// The executor's promise that an amount can be captured for a time. It is not money yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Authorisation {
    pub reference: String,
    /// Minor units.
    pub amount: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Time>,
    pub captures: Vec<Capture>,
}

/// Money taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Capture {
    pub reference: String,
    /// Minor units.
    pub amount: i64,
    pub captured_at: Time,
    #[serde(default)]
    pub refunds: Vec<Refund>,
    #[serde(default)]
    pub disputes: Vec<Dispute>,
    #[serde(default)]
    pub payouts: Vec<PayoutLine>,
}

words! {
    /// Where a refund stands.
    RefundState {
        /// Decided, perhaps sent.
        Requested = "requested",
        /// Sent, and nobody knows what became of it.
        Unknown = "unknown",
        /// The executor has it in work.
        Pending = "pending",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl RefundState {
    /// Whether its amount counts as given back: money asked for counts as spent.
    #[must_use]
    pub const fn is_spent(self) -> bool {
        !matches!(self, Self::Failed | Self::Cancelled)
    }

    /// Whether `next` may follow. Succeeded may still turn into failed: a late reversal reopens the credit.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Requested => !matches!(next, Self::Requested),
            Self::Unknown => !matches!(next, Self::Requested | Self::Unknown),
            Self::Pending => matches!(next, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Unknown),
            Self::Succeeded => matches!(next, Self::Failed),
            Self::Failed | Self::Cancelled => false,
        }
    }
}

/// Who started a refund. One that was not ours is recorded, never repeated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    Hub,
    /// A storefront, marketplace or till, or a person in the provider's own dashboard.
    Elsewhere(String),
}

/// The idempotency key of a refund: what it is for, and a generation that rises only after a proven failure.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RefundKey {
    pub credit: CreditId,
    /// From 1.
    pub generation: u32,
}

impl std::fmt::Display for RefundKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refund:{}", self.credit)?;
        if self.generation > 1 { write!(f, "~{}", self.generation) } else { Ok(()) }
    }
}

impl RefundKey {
    /// The key after a failure that is proven; only [`RefundState::Failed`] proves one.
    #[must_use]
    pub fn after(&self, state: RefundState) -> Option<Self> {
        (state == RefundState::Failed)
            .then(|| Self { credit: self.credit.clone(), generation: self.generation.saturating_add(1) })
    }
}

/// Money given back of a capture.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refund {
    pub key: RefundKey,
    pub initiator: Initiator,
    /// Minor units.
    pub amount: i64,
    pub state: RefundState,
    /// The executor's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The acquirer's number, with which a customer can find it at the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acquirer_reference: Option<String>,
}

words! {
    /// Where a dispute stands. Open and lost ones count as spent.
    DisputeState {
        Open = "open",
        Won = "won",
        Lost = "lost",
    }
}

/// A customer's claim through the bank.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dispute {
    pub reference: String,
    /// Minor units.
    pub amount: i64,
    pub state: DisputeState,
}

/// A capture's share of a payout by the executor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PayoutLine {
    pub payout: String,
    pub gross: Money,
    pub fee: Money,
}

impl Capture {
    /// What can still be refunded, minor units: never below zero.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        let refunds = self.refunds.iter().filter(|r| r.state.is_spent()).map(|r| r.amount);
        let disputes = self.disputes.iter().filter(|d| d.state != DisputeState::Won).map(|d| d.amount);
        refunds.chain(disputes).fold(self.amount, i64::saturating_sub).max(0)
    }
}

impl Tender {
    /// Captured so far, minor units.
    #[must_use]
    pub fn captured(&self) -> i64 {
        self.captures().map(|c| c.amount).sum()
    }

    /// What can still be refunded over all captures, minor units.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        self.captures().map(Capture::refundable).sum()
    }

    fn captures(&self) -> impl Iterator<Item = &Capture> {
        self.authorisations.iter().flat_map(|a| &a.captures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refund(amount: i64, state: RefundState) -> Refund {
        Refund {
            key: RefundKey { credit: "shop-1-C1".into(), generation: 1 },
            initiator: Initiator::Hub,
            amount,
            state,
            reference: None,
            acquirer_reference: None,
        }
    }

    #[test]
    fn money_asked_for_counts_as_spent() {
        let mut capture = Capture {
            reference: "ch_1".into(),
            amount: 100,
            captured_at: Time(0),
            refunds: vec![refund(30, RefundState::Unknown), refund(50, RefundState::Failed)],
            disputes: vec![Dispute { reference: "dp_1".into(), amount: 20, state: DisputeState::Open }],
            payouts: Vec::new(),
        };
        assert_eq!(capture.refundable(), 50);
        capture.disputes[0].state = DisputeState::Won;
        assert_eq!(capture.refundable(), 70);
        capture.refunds.push(refund(90, RefundState::Succeeded));
        assert_eq!(capture.refundable(), 0, "overspent elsewhere shows as nothing left, not as less");
    }

    #[test]
    fn an_authorisation_is_not_money() {
        let tender = Tender {
            id: "t1".into(),
            kind: TenderKind::Card,
            executor: "stripe".into(),
            payment: "pi_1".into(),
            currency: Currency::GBP,
            authorisations: vec![Authorisation {
                reference: "auth_1".into(),
                amount: 100,
                expires: None,
                captures: Vec::new(),
            }],
        };
        assert_eq!((tender.captured(), tender.refundable()), (0, 0));
    }

    #[test]
    fn only_a_proven_failure_raises_the_generation() {
        let first = RefundKey { credit: "shop-1-C1".into(), generation: 1 };
        assert_eq!(first.to_string(), "refund:shop-1-C1");
        for state in RefundState::ALL.iter().filter(|s| **s != RefundState::Failed) {
            assert_eq!(first.after(*state), None, "{state}");
        }
        assert_eq!(
            first.after(RefundState::Failed).map(|k| k.to_string()).as_deref(),
            Some("refund:shop-1-C1~2")
        );
    }

    #[test]
    fn a_success_may_turn_out_a_failure_but_a_failure_stays() {
        assert!(RefundState::Succeeded.may_become(RefundState::Failed));
        assert!(RefundState::Unknown.may_become(RefundState::Pending));
        for next in RefundState::ALL {
            assert!(!RefundState::Failed.may_become(*next));
            assert!(!next.may_become(RefundState::Requested), "{next}");
        }
    }
}
