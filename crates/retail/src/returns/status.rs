//! The three statuses of a return. They are read off its lines and documents, never set by hand.

words! {
    /// What the customer is told.
    CustomerStatus {
        Requested = "requested",
        Approved = "approved",
        Declined = "declined",
        AwaitingItem = "awaiting_item",
        InTransit = "in_transit",
        Received = "received",
        UnderReview = "under_review",
        RefundSent = "refund_sent",
        Exchanged = "exchanged",
        CreditIssued = "credit_issued",
        RejectedAndReturning = "rejected_and_returning",
        Completed = "completed",
        Cancelled = "cancelled",
        Expired = "expired",
    }
}

words! {
    /// Where the goods are.
    WarehouseStatus {
        NotExpected = "not_expected",
        Expected = "expected",
        InTransit = "in_transit",
        Lost = "lost",
        Received = "received",
        Inspecting = "inspecting",
        Graded = "graded",
        Quarantined = "quarantined",
        Refurbishing = "refurbishing",
        Restocked = "restocked",
        VendorReturned = "vendor_returned",
        Destroyed = "destroyed",
        SentBack = "sent_back",
    }
}

words! {
    /// Where the money is.
    FinanceStatus {
        None = "none",
        /// Waiting for a decision, such as an inspection or a second approval.
        Held = "held",
        CreditDue = "credit_due",
        Credited = "credited",
        Settling = "settling",
        /// A settlement was asked for and nobody knows yet what became of it.
        Unknown = "unknown",
        PartSettled = "part_settled",
        Settled = "settled",
        Failed = "failed",
        Reversed = "reversed",
    }
}

impl CustomerStatus {
    /// Whether nothing more is to come unless something is reversed.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Completed | Self::Cancelled | Self::Expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<T: ToString>(all: &[T]) -> String {
        all.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn statuses_are_shown_in_the_models_words() {
        assert_eq!(
            shown(CustomerStatus::ALL),
            "requested, approved, declined, awaiting item, in transit, received, under review, refund sent, exchanged, \
             credit issued, rejected and returning, completed, cancelled, expired"
        );
        assert_eq!(
            shown(WarehouseStatus::ALL),
            "not expected, expected, in transit, lost, received, inspecting, graded, quarantined, refurbishing, \
             restocked, vendor returned, destroyed, sent back"
        );
        assert_eq!(
            shown(FinanceStatus::ALL),
            "none, held, credit due, credited, settling, unknown, part settled, settled, failed, reversed"
        );
    }

    #[test]
    fn codes_read_back() {
        for status in CustomerStatus::ALL {
            assert_eq!(CustomerStatus::parse(status.code()), Some(*status));
        }
        assert_eq!(CustomerStatus::parse("refund sent"), None, "words are for people");
    }
}
