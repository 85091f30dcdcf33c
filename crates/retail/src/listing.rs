//! What a system says about itself when it is asked for a list, in one shape whatever the system. Two books that are
//! kept apart can only be held against each other where they say the same things in the same words.

use crate::time::Time;
use serde::Serialize;

words! {
    /// What a list is of.
    ListKind {
        /// Of a storefront: orders placed. Of an ERP: sales orders.
        Orders = "orders",
        /// Of an ERP.
        Deliveries = "deliveries",
        /// Fulfilments at a storefront, shipments of a warehouse.
        Shipments = "shipments",
        Invoices = "invoices",
        ReturnReceipts = "return_receipts",
        CreditMemos = "credit_memos",
        /// Payments that were captured; several captures of one payment may stand in one row.
        Captures = "captures",
        Refunds = "refunds",
        Returns = "returns",
        /// Those of the way out and of the way back.
        Labels = "labels",
        /// By SKU; with a place what is on hand there, without one what is shown as sellable.
        Stock = "stock",
    }
}

impl ListKind {
    /// Whether its rows are about money, and so must name an amount and its currency.
    #[must_use]
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Invoices | Self::CreditMemos | Self::Captures | Self::Refunds)
    }
}

/// One row of a list. What does not apply, or what the system does not know, is absent and is not compared.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Row {
    /// The system's own id of the thing.
    pub id: String,
    /// The hub's id of it: what it was written under, or the key of the command for captures and refunds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The hub's id of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rma: Option<String>,
    /// Minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Units of the whole row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// The system's own word, except for [`Row::ended`]'s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Absent where the system does not list them; then only `quantity` is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<RowLine>>,
}

/// One line of a row.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct RowLine {
    pub sku: String,
    pub quantity: i64,
    /// Minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Row {
    /// Whether the thing counts for nothing any more: it was cancelled, or it failed.
    #[must_use]
    pub fn ended(&self) -> bool {
        matches!(
            self.state.as_deref(),
            Some("cancelled" | "canceled" | "failed" | "void" | "voided" | "deleted" | "reversed")
        )
    }

    /// How many units it is about, where it says so.
    #[must_use]
    pub fn units(&self) -> Option<i64> {
        let sum = |lines: &Vec<RowLine>| lines.iter().map(|line| line.quantity).sum();
        self.lines.as_ref().map(sum).or(self.quantity)
    }
}
