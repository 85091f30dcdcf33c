//! Milestones: what a customer may be told of an order or a return.

words! {
    /// A moment of which a customer is told once for each fact that brings it about.
    Milestone {
        OrderConfirmed = "order_confirmed",
        /// It is looked into before it goes on. Not told unless the retailer wants it: screening is nobody's news.
        OrderHeld = "order_held",
        OrderShipped = "order_shipped",
        OutForDelivery = "out_for_delivery",
        OrderDelivered = "order_delivered",
        ReadyForPickup = "ready_for_pickup",
        OrderCancelled = "order_cancelled",
        /// What is not there has a date.
        BackorderPromised = "backorder_promised",
        ReturnApproved = "return_approved",
        ReturnDeclined = "return_declined",
        ReturnReceived = "return_received",
        /// Goods came back and were not accepted.
        ReturnRejected = "return_rejected",
        RefundSent = "refund_sent",
        StoreCreditIssued = "store_credit_issued",
        ExchangeShipped = "exchange_shipped",
        /// The customer owes something before it goes on.
        PaymentDue = "payment_due",
    }
}

impl Milestone {
    /// Those that customers are told of where a retailer says nothing else.
    pub fn usual() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|milestone| *milestone != Self::OrderHeld)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_of_a_hold_unless_the_retailer_wants_it() {
        assert_eq!(Milestone::usual().count(), Milestone::ALL.len() - 1);
        assert!(Milestone::usual().all(|milestone| milestone != Milestone::OrderHeld));
        assert_eq!(Milestone::parse("out_for_delivery"), Some(Milestone::OutForDelivery));
    }
}
