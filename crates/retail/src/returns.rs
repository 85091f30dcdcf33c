//! Returns: what a customer wants to give back, what came, what was found, and what is owed for it.

mod goods;
mod status;

pub use goods::{
    Disposition, DispositionMove, Grade, Inspection, InspectionLine, Interim, NotAMove, Receipt, ReceiptLine,
};
pub use status::{CustomerStatus, FinanceStatus, WarehouseStatus};

use crate::ids::{LineId, OrderId, ParcelId, ReturnLineId, Rma, Sku, TenantId};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

words! {
    /// On what ground units come back.
    ReturnType {
        /// Statutory right to withdraw from a distance sale.
        Withdrawal = "withdrawal",
        /// The retailer's own, wider promise.
        Commercial = "commercial",
        /// Not as it should be when it was handed over.
        Defect = "defect",
        /// The maker's or the retailer's warranty.
        Warranty = "warranty",
        /// Called back for safety.
        Recall = "recall",
        /// The customer did not take the parcel.
        Refused = "refused",
    }
}

words! {
    /// The rules that a return runs under, which decide its deadline.
    Regime {
        Withdrawal = "withdrawal",
        Commercial = "commercial",
        /// Lack of conformity with the contract.
        Conformity = "conformity",
        Refused = "refused",
        Recall = "recall",
    }
}

impl ReturnType {
    /// The rules that apply to a return on this ground.
    #[must_use]
    pub const fn regime(self) -> Regime {
        match self {
            Self::Withdrawal => Regime::Withdrawal,
            Self::Commercial => Regime::Commercial,
            Self::Defect | Self::Warranty => Regime::Conformity,
            Self::Recall => Regime::Recall,
            Self::Refused => Regime::Refused,
        }
    }
}

words! {
    /// Why units come back, in the retailer's own words. Partners' codes translate to these, see [`crate::codes`].
    ReturnReason {
        ChangedMind = "changed_mind",
        WrongSize = "wrong_size",
        WrongColour = "wrong_colour",
        Style = "style",
        NotAsDescribed = "not_as_described",
        Defective = "defective",
        /// Worn out sooner than it should be.
        Worn = "worn",
        Workmanship = "workmanship",
        Damaged = "damaged",
        /// Whole when it left, broken when it came.
        DamagedInTransit = "damaged_in_transit",
        Packaging = "packaging",
        Label = "label",
        WrongItem = "wrong_item",
        /// More than was ordered or is needed.
        Excess = "excess",
        OrderedByMistake = "ordered_by_mistake",
        Late = "late",
        Price = "price",
        ShortDated = "short_dated",
        /// Past its date.
        Expired = "expired",
        Spoiled = "spoiled",
        Discontinued = "discontinued",
        OutdatedPack = "outdated_pack",
        EndOfSeason = "end_of_season",
        StockAgreement = "stock_agreement",
        Recalled = "recalled",
        Refused = "refused",
        Other = "other",
    }
}

words! {
    /// What the customer gets for a line.
    #[derive(Default)]
    LineOutcome {
        #[default]
        Refund = "refund",
        StoreCredit = "store_credit",
        Exchange = "exchange",
        Repair = "repair",
        None = "none",
    }
}

words! {
    /// How a return came to be.
    #[derive(Default)]
    ReturnStart {
        /// Asked for on the returns platform or in the shop.
        #[default]
        Request = "request",
        /// A parcel that was refused or could not be delivered.
        RefusedParcel = "refused_parcel",
        /// Goods arrived that nobody had announced; the hub numbers the return.
        UnannouncedReceipt = "unannounced",
        /// Handed over at a store's counter.
        StoreCounter = "store",
        /// Money went back before the hub knew of any return.
        RefundedElsewhere = "refunded_elsewhere",
    }
}

impl LineOutcome {
    /// Whether it is the usual one.
    #[must_use]
    pub fn is_refund(&self) -> bool {
        *self == Self::Refund
    }

    /// Whether the line's units are given value back for, in whatever form.
    #[must_use]
    pub const fn gives_value(self) -> bool {
        matches!(self, Self::Refund | Self::StoreCredit | Self::Exchange)
    }
}

impl ReturnStart {
    /// Whether it is the usual one.
    #[must_use]
    pub fn is_request(&self) -> bool {
        *self == Self::Request
    }
}

/// The statutory clock of a return.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Clock {
    pub regime: Regime,
    /// When the customer gave notice.
    pub notice: Time,
    /// When the money must be back by law.
    pub deadline: Time,
}

/// Units of one return line, by how far they have come. Base units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnCounters {
    pub requested: i64,
    pub authorised: i64,
    pub received: i64,
    pub accepted: i64,
    pub rejected: i64,
    /// With a final disposition.
    pub disposed: i64,
    pub credited: i64,
}

impl ReturnCounters {
    /// Whether the counters can all be true at once. Received may exceed authorised: people send more.
    #[must_use]
    pub const fn coherent(&self) -> bool {
        self.requested >= 0
            && self.authorised >= 0
            && self.accepted >= 0
            && self.rejected >= 0
            && self.disposed >= 0
            && self.credited >= 0
            && self.authorised <= self.requested
            && self.accepted.saturating_add(self.rejected) <= self.received
            && self.disposed <= self.received
    }
}

/// One thing that comes back, for one reason. Two lines may cite the same order line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReturnLine {
    pub line: ReturnLineId,
    /// Unknown until the return is matched to an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<(OrderId, LineId)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel: Option<ParcelId>,
    pub sku: Sku,
    #[serde(rename = "type")]
    pub kind: ReturnType,
    pub reason: ReturnReason,
    pub outcome: LineOutcome,
    pub counters: ReturnCounters,
}

/// A return, unique per tenant and RMA.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Return {
    pub tenant: TenantId,
    pub rma: Rma,
    pub start: ReturnStart,
    pub requested_at: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    pub lines: Vec<ReturnLine>,
}

impl Return {
    /// The orders it concerns: none while it is unmatched, several when a parcel holds goods of several.
    #[must_use]
    pub fn orders(&self) -> Vec<&OrderId> {
        let mut orders: Vec<&OrderId> =
            self.lines.iter().filter_map(|l| l.order.as_ref().map(|(o, _)| o)).collect();
        orders.sort_unstable();
        orders.dedup();
        orders
    }
}

/// The three statuses side by side.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Statuses {
    pub customer: CustomerStatus,
    pub warehouse: WarehouseStatus,
    pub finance: FinanceStatus,
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customer: {}, warehouse: {}, finance: {}", self.customer, self.warehouse, self.finance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, order: Option<(&str, &str)>) -> ReturnLine {
        ReturnLine {
            line: id.into(),
            order: order.map(|(o, l)| (o.into(), l.into())),
            parcel: None,
            sku: "85123A".into(),
            kind: ReturnType::Withdrawal,
            reason: ReturnReason::ChangedMind,
            outcome: LineOutcome::Refund,
            counters: ReturnCounters::default(),
        }
    }

    #[test]
    fn a_return_concerns_none_one_or_several_orders() {
        let mut r = Return {
            tenant: "acme".into(),
            rma: "RMA-1".into(),
            start: ReturnStart::UnannouncedReceipt,
            requested_at: Time(0),
            clock: None,
            lines: vec![line("1", None)],
        };
        assert!(r.orders().is_empty());
        r.lines.extend([
            line("2", Some(("shop-2", "1"))),
            line("3", Some(("shop-1", "1"))),
            line("4", Some(("shop-2", "1"))),
        ]);
        assert_eq!(r.orders(), [&OrderId::from("shop-1"), &OrderId::from("shop-2")]);
    }

    #[test]
    fn counters_that_cannot_all_be_true_are_told() {
        let good = ReturnCounters {
            requested: 2,
            authorised: 2,
            received: 3,
            accepted: 1,
            rejected: 2,
            ..Default::default()
        };
        assert!(good.coherent());
        assert!(!ReturnCounters { accepted: 2, ..good }.coherent());
        assert!(!ReturnCounters { authorised: 3, ..good }.coherent());
        assert!(!ReturnCounters { disposed: 4, ..good }.coherent());
    }

    #[test]
    fn the_wire_speaks_codes_and_people_read_words() {
        assert_eq!(serde_json::to_string(&LineOutcome::StoreCredit).unwrap(), r#""store_credit""#);
        assert_eq!(
            serde_json::from_str::<LineOutcome>(r#""store_credit""#).unwrap(),
            LineOutcome::StoreCredit
        );
        assert_eq!(LineOutcome::StoreCredit.to_string(), "store credit");
        let error = serde_json::from_str::<LineOutcome>(r#""voucher""#).unwrap_err().to_string();
        assert!(error.contains("\"voucher\" is not one of refund, store_credit"), "{error}");
    }
}
