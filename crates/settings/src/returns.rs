//! What a retailer decides about returns beyond what may come back and until when.

use retail::returns::{Disposition, Regime, ReturnType};
use retail::time::Span;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Further choices about returns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ReturnRules {
    /// Whether the ERP is asked for the sale of a line whose order nobody names.
    pub find_sale: bool,
    /// How long goods that belong to no order wait before a person must match them.
    pub match_after: Span,
    /// Whether the hub buys labels for what comes back, where a carrier plays its role.
    pub labels: bool,
    /// How long after the carrier handed a parcel over its receipt is awaited.
    pub receipt_after: Span,
    /// Minor units of the entity's currency up to which a line's goods are not wanted back, by category; `*` is every
    /// category that is not listed.
    pub keep_below: BTreeMap<String, i64>,
    /// Until when a withdrawal's money is withheld.
    pub withhold: Withhold,
    /// When units of a lost parcel are credited.
    pub refund_lost: RefundLost,
    /// Fees that are kept of credits; the first that fits a line is asked.
    pub fees: Vec<FeeRule>,
    /// Where refurbished units go that are not a customer's repair. Final.
    pub refurbished: Disposition,
    /// Days after notice within which a return is to be settled, by regime; none where there is no such time.
    /// Withdrawals have their own.
    pub deadlines: BTreeMap<Regime, i64>,
    /// Who is told how returns stand that were asked for at a source. Every source of the estate is here.
    pub tell: BTreeMap<String, Tell>,
}

/// Until when the money of a withdrawal is withheld.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Withhold {
    /// Until the goods have come.
    #[default]
    Goods,
    /// Until the carrier has them.
    Dispatch,
    /// Not at all.
    Not,
}

/// When units of a lost parcel are credited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundLost {
    /// When they travelled on a label that the hub bought.
    #[default]
    Ours,
    Always,
    Never,
}

/// Who is told how a return stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// The returns platform of the source.
    Returns,
    /// The storefront itself.
    Storefront,
    /// Nobody can be told.
    Nobody,
}

/// What a fee is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// Putting goods back on sale.
    Restocking,
    /// The way back.
    ReturnShipping,
}

/// A fee: an amount, or a share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FeeRule {
    pub kind: FeeKind,
    /// Minor units of the entity's currency: for each unit, or once for the way back. 0 where it is a share.
    pub amount: i64,
    /// Hundredths of a percent of what is credited. 0 where it is an amount.
    pub basis_points: i64,
    /// The grounds that pay it. At least one, and none that the law frees.
    pub types: BTreeSet<ReturnType>,
    /// The categories that pay it; all where there are none.
    pub categories: BTreeSet<String>,
    /// Reasons that pay none, in lower case.
    pub free_reasons: BTreeSet<String>,
}
