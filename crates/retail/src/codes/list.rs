//! The code lists that value maps translate to, and how standards write each code.
//!
//! A standard's code stands with its standard: `x12:PF` (X12 element 1293 for reasons, 1292 for dispositions),
//! `gs1:stocking/sellable_accessible` (GS1 CBV business step and disposition).

use super::{CbvDisposition, CbvStep, X12Disposition, X12Reason, from_cbv, to_cbv};
use crate::order::LineKind;
use crate::returns::{Disposition, LineOutcome, ReturnReason, ReturnStart, ReturnType};
use crate::tender::TenderKind;

words! {
    /// A list that a partner's values are translated to.
    CodeList {
        ReturnReason = "return_reason",
        ReturnType = "return_type",
        ReturnStart = "return_start",
        Outcome = "outcome",
        Disposition = "disposition",
        Grade = "grade",
        LineKind = "line_kind",
        Tender = "tender",
        /// The places of an estate.
        Place = "place",
        /// The executors of an estate.
        Executor = "executor",
        /// The sources of an estate.
        Channel = "channel",
        /// The retailer's own words for what it sells.
        Category = "category",
    }
}

impl CodeList {
    /// Its codes; `None` where the retailer has its own.
    #[must_use]
    pub fn codes(self) -> Option<Vec<&'static str>> {
        Some(match self {
            Self::ReturnReason => ReturnReason::ALL.iter().map(|c| c.code()).collect(),
            Self::ReturnType => ReturnType::ALL.iter().map(|c| c.code()).collect(),
            Self::ReturnStart => ReturnStart::ALL.iter().map(|c| c.code()).collect(),
            Self::Outcome => LineOutcome::ALL.iter().map(|c| c.code()).collect(),
            Self::Disposition => Disposition::ALL.iter().map(|c| c.code()).collect(),
            Self::Grade => vec!["A", "B", "C", "X"],
            Self::LineKind => LineKind::ALL.iter().map(|c| c.code()).collect(),
            Self::Tender => TenderKind::ALL.iter().map(|c| c.code()).collect(),
            Self::Place | Self::Executor | Self::Channel | Self::Category => return None,
        })
    }

    /// Every code of a standard that has a meaning in this list, as it is written in a value map, with that
    /// meaning.
    #[must_use]
    pub fn standard(self) -> Vec<(String, &'static str)> {
        match self {
            Self::ReturnReason => {
                X12Reason::ALL.iter().map(|x| (format!("x12:{}", x.code()), x.reason().code())).collect()
            }
            Self::Disposition => {
                let x12 = X12Disposition::ALL
                    .iter()
                    .filter_map(|x| Some((format!("x12:{}", x.code()), x.disposition()?.code())));
                let steps = CbvStep::ALL.iter().flat_map(|step| {
                    CbvDisposition::ALL.iter().filter_map(move |to| {
                        let code = format!("gs1:{}/{}", step.code(), to.code());
                        Some((code, from_cbv(*step, *to)?.code()))
                    })
                });
                x12.chain(steps).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The code of the list that a text means: itself, or a standard's code. `None` where it means nothing here, or
    /// where the retailer has its own.
    #[must_use]
    pub fn read(self, text: &str) -> Option<&'static str> {
        let own = self.codes()?.into_iter().find(|code| *code == text);
        own.or_else(|| self.standard().into_iter().find(|(code, _)| code == text).map(|(_, means)| means))
    }

    /// How standards write a code of the list: the code to send, one for each standard that has a word for it.
    #[must_use]
    pub fn counterparts(self, code: &str) -> Vec<String> {
        match self {
            Self::ReturnReason => ReturnReason::parse(code)
                .and_then(X12Reason::of)
                .map(|x| format!("x12:{}", x.code()))
                .into_iter()
                .collect(),
            Self::Disposition => Disposition::parse(code).map_or_else(Vec::new, |ours| {
                let (step, to) = to_cbv(ours);
                let gs1 = format!("gs1:{}/{}", step.code(), to.code());
                X12Disposition::of(ours)
                    .map(|x| format!("x12:{}", x.code()))
                    .into_iter()
                    .chain([gs1])
                    .collect()
            }),
            _ => Vec::new(),
        }
    }
}

/// A standard's code without its standard, as partners send it: `PF` of `x12:PF`. `None` for a text without one.
#[must_use]
pub fn on_the_wire(text: &str) -> Option<&str> {
    text.strip_prefix("x12:").or_else(|| text.strip_prefix("gs1:"))
}

impl X12Disposition {
    /// In our words; `None` for what says how the request stands, or that the goods are kept.
    #[must_use]
    pub const fn disposition(self) -> Option<Disposition> {
        match self {
            Self::ConsumerToVendor => Some(Disposition::VendorReturn),
            Self::Dispose | Self::ThirdPartyDisposal => Some(Disposition::Destroy),
            Self::FactoryRepair => Some(Disposition::Refurbish),
            _ => None,
        }
    }

    /// The code for a disposition of ours; `None` where X12 has no word for it.
    #[must_use]
    pub const fn of(disposition: Disposition) -> Option<Self> {
        match disposition {
            Disposition::VendorReturn => Some(Self::ConsumerToVendor),
            Disposition::Destroy => Some(Self::Dispose),
            Disposition::Refurbish => Some(Self::FactoryRepair),
            Disposition::Restock | Disposition::ReturnToCustomer | Disposition::Quarantine => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counterpart_is_read_back_as_the_code_it_stands_for() {
        for list in CodeList::ALL {
            for code in list.codes().unwrap_or_default() {
                assert_eq!(list.read(code), Some(code));
                for other in list.counterparts(code) {
                    assert_eq!(list.read(&other), Some(code), "{other}");
                }
            }
        }
        assert_eq!(CodeList::ReturnReason.counterparts("wrong_size"), ["x12:PF"]);
        let destroy = CodeList::Disposition.counterparts("destroy");
        assert_eq!(destroy, ["x12:DI", "gs1:destroying/destroyed"]);
    }

    #[test]
    fn a_code_means_something_in_its_own_list_only() {
        assert_eq!(CodeList::ReturnReason.read("x12:PF"), Some("wrong_size"));
        assert_eq!(CodeList::ReturnReason.read("x12:ZZ"), None);
        assert_eq!(CodeList::Disposition.read("x12:PF"), None);
        assert_eq!(CodeList::Disposition.read("x12:RD"), None, "a denied request is not where goods go");
        assert_eq!(CodeList::Category.read("anything"), None);
        assert_eq!((on_the_wire("x12:PF"), on_the_wire("PF")), (Some("PF"), None));
    }
}
