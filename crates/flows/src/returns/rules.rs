//! What a retailer decides about returns beyond what may come back and until when.

use crate::messages::{Fee, FeeKind};
use retail::returns::{Disposition, Regime, ReturnType};
use retail::time::Span;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Further choices; each default is the careful one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnRules {
    /// Whether the ERP is asked for the sale of a line whose order nobody names.
    pub find_sale: bool,
    /// How long goods that belong to no order wait before a person must match them.
    pub match_after: Span,
    /// Whether the hub buys labels for what comes back, where a carrier plays its role.
    pub labels: bool,
    /// How long after the carrier handed a parcel over its receipt is awaited.
    pub receipt_after: Span,
    /// Up to what was paid for a line its goods are not wanted back, by category, in minor units of the entity's
    /// currency; `*` is every category that is not listed.
    pub keep_below: BTreeMap<String, i64>,
    /// Until when a withdrawal's money is withheld.
    pub withhold: Withhold,
    /// When units of a lost parcel are credited.
    pub refund_lost: RefundLost,
    /// Fees that are kept of credits. The first that fits a line is asked.
    pub fees: Vec<FeeRule>,
    /// Where refurbished units go that are not a customer's repair.
    pub refurbished: Disposition,
    /// Days after notice within which the law, or the retailer's promise, wants a return settled; withdrawals
    /// have their own.
    pub deadlines: BTreeMap<Regime, i64>,
    /// Who is told of returns that were asked for at a channel. One that is not listed has a returns platform.
    pub told: BTreeMap<String, Told>,
}

impl Default for ReturnRules {
    fn default() -> Self {
        Self {
            find_sale: false,
            match_after: Span::days(3),
            labels: true,
            receipt_after: Span::days(3),
            keep_below: BTreeMap::new(),
            withhold: Withhold::Goods,
            refund_lost: RefundLost::Ours,
            fees: Vec::new(),
            refurbished: Disposition::Restock,
            deadlines: BTreeMap::from([
                (Regime::Conformity, 30),
                (Regime::Refused, 14),
                (Regime::Recall, 30),
            ]),
            told: BTreeMap::new(),
        }
    }
}

/// Until when the money of a withdrawal is withheld. The law allows no more than until the goods have come or are
/// shown to be on their way (Directive 2011/83/EU art. 13(3)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withhold {
    /// Until the goods have come.
    #[default]
    Goods,
    /// Until the carrier has them.
    Dispatch,
    /// Not at all: it is credited at approval.
    Not,
}

/// When units of a lost parcel are credited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundLost {
    /// When they travelled on a label that the hub bought: the risk is the retailer's.
    #[default]
    Ours,
    Always,
    Never,
}

/// Who is told how a return stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The returns platform of the channel.
    Returns,
    /// The storefront itself.
    Storefront,
    /// Nobody can be told.
    Nobody,
}

/// A fee.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRule {
    pub kind: FeeKind,
    /// Minor units: of restocking for each unit, of the way back once for the return. In the entity's currency; an
    /// order in another one is asked no such fee.
    pub amount: i64,
    /// Hundredths of a percent of what is credited; used where there is no amount.
    pub basis_points: i64,
    /// The grounds of return that pay it.
    pub types: BTreeSet<ReturnType>,
    /// The categories that pay it; all where there are none.
    pub categories: BTreeSet<String>,
    /// Reasons that pay none, whatever the ground.
    pub free_reasons: BTreeSet<String>,
}

impl FeeRule {
    /// Whether a line pays it.
    #[must_use]
    pub fn fits(&self, kind: ReturnType, reason: &str, category: &str) -> bool {
        self.types.contains(&kind)
            && (self.categories.is_empty() || self.categories.contains(category))
            && !self.free_reasons.contains(&reason.to_ascii_lowercase())
    }

    /// The fee for so many units, if anything is to be kept.
    #[must_use]
    pub fn of(&self, units: i64) -> Option<Fee> {
        let units = if self.kind == FeeKind::Restocking { units } else { 1 };
        let (amount, basis_points) = if self.amount > 0 {
            (self.amount.checked_mul(units), None)
        } else {
            (None, Some(self.basis_points).filter(|n| *n > 0))
        };
        (amount.is_some() || basis_points.is_some()).then_some(Fee { kind: self.kind, amount, basis_points })
    }
}

impl ReturnRules {
    /// Whether a line's goods are not worth their way back.
    #[must_use]
    pub fn keeps(&self, category: &str, paid: i64) -> bool {
        let limit = self.keep_below.get(category).or_else(|| self.keep_below.get("*"));
        limit.is_some_and(|limit| paid <= *limit)
    }
}
