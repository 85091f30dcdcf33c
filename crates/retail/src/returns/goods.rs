//! Returned goods at the dock: receipts, inspections, and where each unit goes.

use crate::ids::{InspectionId, PlaceId, ReceiptId, ReturnLineId, Rma, Sku};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

words! {
    /// Where a returned unit goes. Restock, destroy, return to customer and vendor return are final.
    Disposition {
        Restock = "restock",
        Destroy = "destroy",
        ReturnToCustomer = "return_to_customer",
        VendorReturn = "vendor_return",
        Quarantine = "quarantine",
        Refurbish = "refurbish",
    }
}

words! {
    /// A disposition that another one must follow.
    Interim {
        Quarantine = "quarantine",
        Refurbish = "refurbish",
    }
}

impl Disposition {
    /// The same as an interim one; `None` when it is final.
    #[must_use]
    pub const fn interim(self) -> Option<Interim> {
        match self {
            Self::Quarantine => Some(Interim::Quarantine),
            Self::Refurbish => Some(Interim::Refurbish),
            Self::Restock | Self::Destroy | Self::ReturnToCustomer | Self::VendorReturn => None,
        }
    }

    #[must_use]
    pub const fn is_final(self) -> bool {
        self.interim().is_none()
    }
}

impl From<Interim> for Disposition {
    fn from(interim: Interim) -> Self {
        match interim {
            Interim::Quarantine => Self::Quarantine,
            Interim::Refurbish => Self::Refurbish,
        }
    }
}

/// What an inspector found.
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Grade {
    /// As new.
    A,
    /// Opened.
    B,
    /// Damaged.
    C,
    /// Not ours, or unusable.
    X,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "as new",
            Self::B => "opened",
            Self::C => "damaged",
            Self::X => "unusable",
        })
    }
}

/// One arrival of returned goods. It may bring units of several returns, and units of none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub receipt: ReceiptId,
    pub place: PlaceId,
    pub received_at: Time,
    pub lines: Vec<ReceiptLine>,
}

/// Units of one SKU in a receipt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// The return line it answers; `None` for goods that nobody announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<(Rma, ReturnLineId)>,
    pub sku: Sku,
    /// Base units.
    pub quantity: i64,
}

/// One look at received units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inspection {
    pub inspection: InspectionId,
    pub rma: Rma,
    pub receipt: ReceiptId,
    pub lines: Vec<InspectionLine>,
}

/// What was found on a return line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InspectionLine {
    pub line: ReturnLineId,
    pub sku: Sku,
    pub grade: Grade,
    /// Units to be credited.
    pub accepted: i64,
    /// Units not to be credited.
    pub rejected: i64,
}

/// Why units could not be moved to another disposition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAMove {
    /// Nothing, or less, was to be moved.
    Quantity(i64),
    /// From a disposition to itself.
    Same(Interim),
}

impl fmt::Display for NotAMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(n) => write!(f, "{n} units cannot be moved; at least one must be"),
            Self::Same(interim) => write!(f, "the units are in {interim} already"),
        }
    }
}

impl std::error::Error for NotAMove {}

/// A change of disposition of some units of a return line. Units leave an interim disposition only, so that a
/// final one stays final; `from` is `None` for units that had none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DispositionMove {
    pub rma: Rma,
    pub line: ReturnLineId,
    pub sku: Sku,
    pub place: PlaceId,
    from: Option<Interim>,
    to: Disposition,
    quantity: i64,
}

impl DispositionMove {
    /// # Errors
    /// When nothing is moved, or nowhere.
    pub fn new(
        (rma, line, sku, place): (Rma, ReturnLineId, Sku, PlaceId),
        from: Option<Interim>,
        to: Disposition,
        quantity: i64,
    ) -> Result<Self, NotAMove> {
        if quantity <= 0 {
            return Err(NotAMove::Quantity(quantity));
        }
        match from {
            Some(interim) if to.interim() == from => Err(NotAMove::Same(interim)),
            _ => Ok(Self { rma, line, sku, place, from, to, quantity }),
        }
    }

    #[must_use]
    pub const fn from(&self) -> Option<Interim> {
        self.from
    }

    #[must_use]
    pub const fn to(&self) -> Disposition {
        self.to
    }

    /// Base units, at least one.
    #[must_use]
    pub const fn quantity(&self) -> i64 {
        self.quantity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what() -> (Rma, ReturnLineId, Sku, PlaceId) {
        ("RMA-1".into(), "1".into(), "85123A".into(), "north".into())
    }

    #[test]
    fn only_quarantine_and_refurbish_are_interim() {
        let interim: Vec<&str> =
            Disposition::ALL.iter().filter(|d| !d.is_final()).map(|d| d.code()).collect();
        assert_eq!(interim, ["quarantine", "refurbish"]);
        for i in Interim::ALL {
            assert_eq!(Disposition::from(*i).interim(), Some(*i));
            assert_eq!(Disposition::from(*i).code(), i.code());
        }
    }

    #[test]
    fn units_move_from_interim_to_final_but_not_nowhere() {
        let from = Some(Interim::Quarantine);
        assert!(DispositionMove::new(what(), from, Disposition::Restock, 1).is_ok());
        assert!(DispositionMove::new(what(), from, Disposition::Refurbish, 1).is_ok());
        assert!(DispositionMove::new(what(), None, Disposition::Quarantine, 1).is_ok());
        assert_eq!(
            DispositionMove::new(what(), from, Disposition::Quarantine, 1),
            Err(NotAMove::Same(Interim::Quarantine))
        );
        assert_eq!(DispositionMove::new(what(), None, Disposition::Restock, 0), Err(NotAMove::Quantity(0)));
    }
}
