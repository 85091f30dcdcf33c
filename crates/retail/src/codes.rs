//! Code lists that partners use, and what they mean in our words.

mod list;

pub use list::{CodeList, on_the_wire};

use crate::returns::{Disposition, ReturnReason};

words! {
    /// GS1 Core Business Vocabulary 2.0 dispositions fit for returns (gs1/EPCIS, Ontology/CBV.ttl, 2023-05-16).
    CbvDisposition {
        Returned = "returned",
        Damaged = "damaged",
        Destroyed = "destroyed",
        Disposed = "disposed",
        Expired = "expired",
        Recalled = "recalled",
        NonConformant = "non_conformant",
        NonSellableOther = "non_sellable_other",
        NeedsReplacement = "needs_replacement",
        MismatchClass = "mismatch_class",
        MismatchQuantity = "mismatch_quantity",
        SellableAccessible = "sellable_accessible",
        SellableNotAccessible = "sellable_not_accessible",
        Reserved = "reserved",
        InTransit = "in_transit",
        InProgress = "in_progress",
        Stolen = "stolen",
        Unknown = "unknown",
    }
}

words! {
    /// GS1 Core Business Vocabulary 2.0 business steps (same source as [`CbvDisposition`]).
    CbvStep {
        Receiving = "receiving",
        Inspecting = "inspecting",
        Accepting = "accepting",
        Holding = "holding",
        Repairing = "repairing",
        Stocking = "stocking",
        Shipping = "shipping",
        Destroying = "destroying",
        VoidShipping = "void_shipping",
    }
}

/// A disposition of ours in GS1's words. The business step is needed beside GS1's disposition: goods sent to the
/// vendor and goods sent to the customer are both shipped.
#[must_use]
pub const fn to_cbv(disposition: Disposition) -> (CbvStep, CbvDisposition) {
    match disposition {
        Disposition::Restock => (CbvStep::Stocking, CbvDisposition::SellableAccessible),
        Disposition::Destroy => (CbvStep::Destroying, CbvDisposition::Destroyed),
        Disposition::ReturnToCustomer => (CbvStep::Shipping, CbvDisposition::InTransit),
        Disposition::VendorReturn => (CbvStep::Shipping, CbvDisposition::Returned),
        Disposition::Quarantine => (CbvStep::Holding, CbvDisposition::NonSellableOther),
        Disposition::Refurbish => (CbvStep::Repairing, CbvDisposition::InProgress),
    }
}

/// What a step and disposition of GS1's mean for a returned unit; `None` where they say nothing about where it
/// goes (for example while it is being inspected).
#[must_use]
pub const fn from_cbv(step: CbvStep, disposition: CbvDisposition) -> Option<Disposition> {
    match (step, disposition) {
        (CbvStep::Stocking, CbvDisposition::SellableAccessible | CbvDisposition::SellableNotAccessible) => {
            Some(Disposition::Restock)
        }
        (CbvStep::Destroying, _) | (_, CbvDisposition::Destroyed | CbvDisposition::Disposed) => {
            Some(Disposition::Destroy)
        }
        (CbvStep::Shipping, CbvDisposition::InTransit) => Some(Disposition::ReturnToCustomer),
        (CbvStep::Shipping, CbvDisposition::Returned) => Some(Disposition::VendorReturn),
        (
            CbvStep::Holding,
            CbvDisposition::NonSellableOther | CbvDisposition::NonConformant | CbvDisposition::Recalled,
        ) => Some(Disposition::Quarantine),
        (CbvStep::Repairing, _) => Some(Disposition::Refurbish),
        _ => None,
    }
}

/// Declares a list of two-letter codes with the standard's meaning of each.
macro_rules! x12 {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal $meaning:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $(#[doc = $meaning] $variant),+ }

        impl $name {
            /// All codes, in the standard's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Reads a code; `None` for one that is not listed.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            /// The meaning, for people.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$variant => $meaning),+ })
            }
        }
    };
}

x12! {
    /// X12 element 1292, returns disposition, `RDR-01` (stedi.com/edi/x12/element/1292).
    X12Disposition {
        ConsumerToVendor = "CR" "consumer return to vendor",
        Dispose = "DI" "dispose",
        KeepWithAllowance = "KA" "keep with an allowance",
        KeepAndRepair = "KR" "keep and repair",
        ManufacturerWarranty = "MW" "manufacturer warranty service",
        PartiallyAuthorised = "PA" "partially authorized",
        WithAuthorisation = "RA" "return with authorization number",
        Denied = "RD" "request denied",
        FactoryRepair = "RF" "return for factory repair",
        WithoutAuthorisation = "RN" "return without authorization number",
        AuthorisationPending = "RP" "return authorization pending",
        ThirdParty = "RT" "ship to third party",
        Charity = "SC" "ship to third party for charitable contribution",
        ThirdPartyDisposal = "SD" "ship to third party for disposal",
    }
}

x12! {
    /// X12 element 1293, reason of a return request, `RDR-02` (stedi.com X12 reference; the whole list of release
    /// 4010: kasoftware.com/schema/edi/x12/00401/segments/RDR). Excludes 1294 in the same segment.
    X12Reason {
        BeyondCodeDate = "BC" "beyond code date",
        OrderingError = "CO" "customer ordering error",
        Colour = "CV" "colour variance",
        Damaged = "DA" "damaged product",
        Discontinued = "DI" "discontinued product",
        DefectiveInStore = "DM" "defective, found in store",
        DefectivePackaging = "DP" "defective packaging",
        DefectiveAtConsumer = "DR" "defective, returned by consumer",
        DamagedInTransit = "DT" "damaged in transit",
        Excess = "EI" "excess inventory",
        EndOfSeason = "EO" "end of season",
        Wear = "EW" "excessive wear",
        Label = "LP" "label problem",
        MarkDown = "MD" "mark down",
        NotAsExpected = "NA" "not as expected",
        OutdatedPackaging = "OP" "outdated packaging",
        Price = "PE" "price error",
        Fit = "PF" "poor fit",
        ProductRecall = "PR" "product recall",
        Spoiled = "PS" "product spoiled",
        Workmanship = "PW" "poor workmanship",
        Recall = "RE" "recall",
        ShortDated = "SD" "short-dated product",
        Sample = "SM" "sample",
        Late = "SP" "shipped past cancel date",
        StockAgreement = "SR" "stock reduction agreement",
        Style = "ST" "style problem",
        Termination = "TE" "termination",
        WrongGoods = "WG" "wrong goods or not ordered",
    }
}

x12! {
    /// X12 element 1294, response to a return request, `RDR-03` (same sources as [`X12Reason`]).
    X12Response {
        Wear = "EW" "excessive wear and tear",
        Freight = "FR" "freight or retailer damage, after shipment",
        NotDefective = "IN" "item not defective",
        AsOrdered = "IO" "item as ordered",
        MoreInformation = "MI" "more information requested",
        NoSale = "NR" "no record of original sale",
        OutOfSeason = "OS" "out of season or discontinued",
        Pricing = "PC" "pricing or cost difference",
        Picture = "PR" "picture requested",
        Quantity = "QD" "quantity difference",
        Repair = "RR" "repair or refurbish",
        TimeLimit = "RT" "time limit exceeded or beyond warranty",
        Sample = "SR" "sample requested",
        Unidentifiable = "UI" "unidentifiable item",
    }
}

impl X12Reason {
    /// In our words. Several codes may mean one reason; four that only trading partners use are `Other`.
    #[must_use]
    pub const fn reason(self) -> ReturnReason {
        match self {
            Self::BeyondCodeDate => ReturnReason::Expired,
            Self::OrderingError => ReturnReason::OrderedByMistake,
            Self::Colour => ReturnReason::WrongColour,
            Self::Damaged => ReturnReason::Damaged,
            Self::Discontinued => ReturnReason::Discontinued,
            Self::DefectiveInStore | Self::DefectiveAtConsumer => ReturnReason::Defective,
            Self::DefectivePackaging => ReturnReason::Packaging,
            Self::DamagedInTransit => ReturnReason::DamagedInTransit,
            Self::Excess => ReturnReason::Excess,
            Self::EndOfSeason => ReturnReason::EndOfSeason,
            Self::Wear => ReturnReason::Worn,
            Self::Label => ReturnReason::Label,
            Self::NotAsExpected => ReturnReason::NotAsDescribed,
            Self::OutdatedPackaging => ReturnReason::OutdatedPack,
            Self::Price => ReturnReason::Price,
            Self::Fit => ReturnReason::WrongSize,
            Self::ProductRecall | Self::Recall => ReturnReason::Recalled,
            Self::Spoiled => ReturnReason::Spoiled,
            Self::Workmanship => ReturnReason::Workmanship,
            Self::ShortDated => ReturnReason::ShortDated,
            Self::Late => ReturnReason::Late,
            Self::StockAgreement => ReturnReason::StockAgreement,
            Self::Style => ReturnReason::Style,
            Self::WrongGoods => ReturnReason::WrongItem,
            Self::MarkDown | Self::Sample | Self::Termination => ReturnReason::Other,
        }
    }

    /// The code for a reason of ours that a consumer gave; `None` where X12 has no word for it.
    #[must_use]
    pub const fn of(reason: ReturnReason) -> Option<Self> {
        Some(match reason {
            ReturnReason::WrongSize => Self::Fit,
            ReturnReason::WrongColour => Self::Colour,
            ReturnReason::Style => Self::Style,
            ReturnReason::NotAsDescribed => Self::NotAsExpected,
            ReturnReason::Defective => Self::DefectiveAtConsumer,
            ReturnReason::Worn => Self::Wear,
            ReturnReason::Workmanship => Self::Workmanship,
            ReturnReason::Damaged => Self::Damaged,
            ReturnReason::DamagedInTransit => Self::DamagedInTransit,
            ReturnReason::Packaging => Self::DefectivePackaging,
            ReturnReason::Label => Self::Label,
            ReturnReason::WrongItem => Self::WrongGoods,
            ReturnReason::Excess => Self::Excess,
            ReturnReason::OrderedByMistake => Self::OrderingError,
            ReturnReason::Late => Self::Late,
            ReturnReason::Price => Self::Price,
            ReturnReason::ShortDated => Self::ShortDated,
            ReturnReason::Expired => Self::BeyondCodeDate,
            ReturnReason::Spoiled => Self::Spoiled,
            ReturnReason::Discontinued => Self::Discontinued,
            ReturnReason::OutdatedPack => Self::OutdatedPackaging,
            ReturnReason::EndOfSeason => Self::EndOfSeason,
            ReturnReason::StockAgreement => Self::StockAgreement,
            ReturnReason::Recalled => Self::Recall,
            ReturnReason::ChangedMind | ReturnReason::Refused | ReturnReason::Other => return None,
        })
    }
}

/// What `RDR-02` and `RDR-03` together say: the standard allows only one of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rdr {
    Reason(X12Reason),
    Response(X12Response),
}

impl Rdr {
    /// Reads the two elements, empty when absent. `None` when both or neither are given, or a code is unknown.
    #[must_use]
    pub fn read(rdr02: &str, rdr03: &str) -> Option<Self> {
        match (rdr02, rdr03) {
            (reason, "") => X12Reason::parse(reason).map(Self::Reason),
            ("", response) => X12Response::parse(response).map(Self::Response),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_reasons_survive_the_way_through_x12() {
        let mut without = Vec::new();
        for reason in ReturnReason::ALL {
            match X12Reason::of(*reason) {
                Some(code) => assert_eq!(X12Reason::parse(code.code()).map(X12Reason::reason), Some(*reason)),
                None => without.push(reason.code()),
            }
        }
        assert_eq!(without, ["changed_mind", "refused", "other"]);
    }

    #[test]
    fn our_dispositions_survive_the_way_through_gs1() {
        for disposition in Disposition::ALL {
            let (step, cbv) = to_cbv(*disposition);
            assert_eq!(from_cbv(step, cbv), Some(*disposition));
        }
        assert_eq!(from_cbv(CbvStep::Inspecting, CbvDisposition::Damaged), None);
    }

    #[test]
    fn codes_are_distinct_within_each_list() {
        for codes in [
            X12Disposition::ALL.iter().map(|c| c.code()).collect::<Vec<_>>(),
            X12Reason::ALL.iter().map(|c| c.code()).collect(),
            X12Response::ALL.iter().map(|c| c.code()).collect(),
        ] {
            let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
            assert_eq!(distinct.len(), codes.len(), "{codes:?}");
        }
    }

    #[test]
    fn only_one_of_reason_and_response() {
        assert_eq!(Rdr::read("DR", ""), Some(Rdr::Reason(X12Reason::DefectiveAtConsumer)));
        assert_eq!(Rdr::read("", "NR"), Some(Rdr::Response(X12Response::NoSale)));
        assert_eq!(Rdr::read("DR", "NR"), None);
        assert_eq!(Rdr::read("", ""), None);
        assert_eq!(Rdr::read("XX", ""), None);
    }
}
