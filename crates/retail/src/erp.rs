//! Documents in the ERP, and which of our lines each of theirs stands for: many to many, so that a daily
//! summary is as good as a document per order.

use crate::ids::LineId;
use crate::money::{Money, UnitPrice};
use serde::{Deserialize, Serialize};

words! {
    /// What a document records.
    DocumentKind {
        SalesOrder = "sales_order",
        SalesOrderCancellation = "sales_order_cancellation",
        Delivery = "delivery",
        Invoice = "invoice",
        ReturnOrder = "return_order",
        ReturnReceipt = "return_receipt",
        CreditMemo = "credit_memo",
    }
}

/// A document in the ERP.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErpDocument {
    pub kind: DocumentKind,
    /// Our id for it, under which the ERP was told to write it.
    pub id: String,
    /// The ERP's own number, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub links: Vec<ErpLink>,
}

/// One line of a document and the line of ours that it (partly) stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErpLink {
    /// The ERP's id of its line.
    pub erp_line: String,
    /// Our object, for example an order's or a credit's id.
    pub source: String,
    pub source_line: LineId,
    /// Base units of our line in the ERP's.
    pub quantity: i64,
    /// Value of our line in the ERP's.
    pub amount: Money,
    /// What the units cost when they were sold, so that a return restores the original cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_cost: Option<UnitPrice>,
}

impl ErpDocument {
    /// Base units of one of our lines in this document.
    #[must_use]
    pub fn quantity_of(&self, source: &str, line: &LineId) -> i64 {
        self.links.iter().filter(|l| l.source == source && l.source_line == *line).map(|l| l.quantity).sum()
    }

    /// What the units of one of our lines cost: the unit cost that the ERP wrote down first.
    #[must_use]
    pub fn cost_of(&self, source: &str, line: &LineId) -> Option<UnitPrice> {
        self.links.iter().filter(|l| l.source == source && l.source_line == *line).find_map(|l| l.unit_cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn a_daily_summary_still_knows_each_orders_share_and_cost() {
        let link = |source: &str, quantity, cost: Option<&str>| ErpLink {
            erp_line: "10".into(),
            source: source.into(),
            source_line: "1".into(),
            quantity,
            amount: Money::new(quantity * 255, Currency::GBP),
            unit_cost: cost.and_then(UnitPrice::parse),
        };
        let summary = ErpDocument {
            kind: DocumentKind::Invoice,
            id: "2010-12-01".into(),
            number: None,
            links: vec![link("shop-1", 6, None), link("shop-2", 2, None), link("shop-1", 1, Some("1.0725"))],
        };
        assert_eq!(summary.quantity_of("shop-1", &"1".into()), 7);
        assert_eq!(summary.cost_of("shop-1", &"1".into()), UnitPrice::parse("1.0725"));
        assert_eq!(summary.cost_of("shop-2", &"1".into()), None);
    }
}
