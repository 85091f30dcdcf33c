//! Why two books differ, in words of people who work with them, and what to do that cannot make it worse.

use retail::listing::ListKind;
use serde::{Serialize, Serializer};
use std::fmt;

/// The likely cause of a difference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// The system told of it, or moved money by it, and lists it no more.
    MissingThere,
    /// The system said that it wrote it, and lists it no more.
    DeletedThere,
    /// It is listed as cancelled, void or failed, and nobody told the hub.
    EndedThere,
    /// It carries no mark of the hub's: somebody made it in the system.
    NotOurs,
    /// It came to be in the system, which should have told the hub and did not.
    NeverTold,
    /// The same thing stands there more than once.
    Twice,
    AmountDiffers,
    CurrencyDiffers,
    QuantityDiffers,
    TrackingDiffers,
    PlaceDiffers,
    StockDiffers,
}

impl Cause {
    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::MissingThere => "missing there",
            Self::DeletedThere => "deleted there",
            Self::EndedThere => "cancelled there",
            Self::NotOurs => "not ours: made by hand in the system",
            Self::NeverTold => "the hub was never told",
            Self::Twice => "twice",
            Self::AmountDiffers => "amount differs",
            Self::CurrencyDiffers => "currency differs",
            Self::QuantityDiffers => "quantity differs",
            Self::TrackingDiffers => "tracking number differs",
            Self::PlaceDiffers => "place differs",
            Self::StockDiffers => "stock differs",
        }
    }

    /// What to do next; none of it moves money or goods before somebody has looked.
    #[must_use]
    pub const fn next_step(self, kind: ListKind) -> &'static str {
        use ListKind::{Captures, CreditMemos, Labels, Orders, Refunds, Returns, Stock};
        match (self, kind) {
            (Self::MissingThere, Captures) => {
                "look the payment up at the provider; if it was never captured, capture it there and have it reported"
            }
            (Self::MissingThere | Self::DeletedThere | Self::EndedThere, Refunds) => {
                "look the refund up at the provider; if the customer has no money, request a retry of the refund"
            }
            (Self::MissingThere | Self::DeletedThere, Returns) => {
                "ask on the returns platform who removed it; the hub's return goes on as it is"
            }
            (Self::MissingThere | Self::DeletedThere, _) => {
                "find out who removed it and put it back over there by hand, under the same reference"
            }
            (Self::EndedThere, _) => {
                "find out who cancelled it, and cancel it through the hub too or put it back there"
            }
            (Self::NotOurs, Refunds) => {
                "find out who paid it and for what; have the provider's report of it taken in, so that it is credited"
            }
            (Self::NotOurs, Captures) => "find out whose payment it is; give it back if it is for no sale",
            (Self::NotOurs, CreditMemos) => {
                "find out whether money went with it; reverse it there, or grant the credit through the hub"
            }
            (Self::NotOurs, Orders) => {
                "find out who entered it; cancel it there, or leave it to whoever works it by hand"
            }
            (Self::NotOurs, _) => "find out who made it and why; undo it there if nothing stands behind it",
            (Self::NeverTold, _) => {
                "have the system send it again; if it lists what it sends, see whether the connection asks for that list"
            }
            (Self::Twice, Captures | Refunds) => {
                "have the provider give the second one back after comparing both"
            }
            (Self::Twice, CreditMemos) => {
                "reverse the second one there, after making sure that no money went with it"
            }
            (Self::Twice, Labels) => "void the one that is on no parcel",
            (Self::Twice, _) => "compare both and cancel the one that the hub does not name",
            (Self::AmountDiffers | Self::CurrencyDiffers, _) => {
                "compare it line by line with the hub's and correct it in the system that is wrong"
            }
            (Self::QuantityDiffers, _) => {
                "find out who changed it; correct it there, or have the change made through the storefront"
            }
            (Self::TrackingDiffers, _) => "find out which parcel left and correct the number there",
            (Self::PlaceDiffers, _) => "find out where the goods were moved and correct the place there",
            (Self::StockDiffers, Stock) => {
                "count the SKU at the place and report the count; what moved meanwhile settles by itself"
            }
            (Self::StockDiffers, _) => "compare the movements of the SKU on both sides",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}
