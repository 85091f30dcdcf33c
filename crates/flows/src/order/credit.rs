//! What the order gives back, and how a line's value is reckoned once some of it has been given back already.

use super::doc::Doc;
use super::state::Body;
use retail::credit::CreditKind;
use serde::{Deserialize, Serialize};

/// A credit: for units of a return, or without one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The return; empty where there is none.
    #[serde(rename = "r", default, skip_serializing_if = "String::is_empty")]
    pub rma: String,
    /// The asker's number for the request. For an exchange order's refund that this order pays, the refund's id.
    #[serde(rename = "i")]
    pub request: String,
    /// Tax included, minor units.
    #[serde(rename = "a")]
    pub amount: i64,
    #[serde(rename = "x")]
    pub tax: i64,
    /// (return line, line, from unit, to unit). A line without a return line cites the order line only.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(String, u16, i64, i64)>,
    /// Amount and tax of each line; empty where each is its units' share of what was charged.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(i64, i64)>,
    /// What it came to, in parts that add up to it exactly (M5); empty while it is held.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<CreditPart>,
    #[serde(rename = "s")]
    pub state: CreditState,
    #[serde(rename = "k", default = "of_return", skip_serializing_if = "is_return")]
    pub kind: Kind,
    #[serde(rename = "w", default, skip_serializing_if = "Wish::is_plain")]
    pub wish: Wish,
    /// The person who asked for it, where one did, and the one who approved it.
    #[serde(rename = "b", default, skip_serializing_if = "String::is_empty")]
    pub asked_by: String,
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub approved_by: String,
    #[serde(rename = "n", default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Why it is owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(pub CreditKind);

impl Default for Kind {
    fn default() -> Self {
        of_return()
    }
}

const fn of_return() -> Kind {
    Kind(CreditKind::Return)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_return(kind: &Kind) -> bool {
    kind.0 == CreditKind::Return
}

/// How a credit is to be settled; what is not said here goes back by the tenders. Minor units.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wish {
    /// Kept as fees.
    #[serde(rename = "w", skip_serializing_if = "is_zero")]
    pub withheld: i64,
    /// Given as store credit.
    #[serde(rename = "s", skip_serializing_if = "is_zero")]
    pub issued: i64,
    /// Carried to an exchange order.
    #[serde(rename = "a", skip_serializing_if = "is_zero")]
    pub applied: i64,
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    /// The refund that somebody else made for it.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
    /// A person has said what becomes of what that refund did not cover: paid, or kept.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub pay_rest: Option<bool>,
    /// This order pays back what an exchange order owes: nothing of this order's own lines is given back.
    #[serde(rename = "o", skip_serializing_if = "std::ops::Not::not")]
    pub taken_over: bool,
    /// Refunds of it that were opened and are over: the next takes the number after them, and carries no memo.
    #[serde(rename = "f", skip_serializing_if = "is_none")]
    pub opened: u16,
    /// The storefront made it itself and need not be told.
    #[serde(rename = "q", skip_serializing_if = "std::ops::Not::not")]
    pub known_there: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_none(n: &u16) -> bool {
    *n == 0
}

impl Wish {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// (tender, amount, whether it is settled, how).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CreditPart(
    pub u16,
    pub i64,
    pub bool,
    #[serde(default, skip_serializing_if = "Way::is_tender")] pub Way,
);

/// How a part of a credit is settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Way {
    /// By the executor of the tender.
    #[default]
    #[serde(rename = "t")]
    Tender,
    /// As store credit.
    #[serde(rename = "s")]
    Issued,
    /// Carried to an exchange order.
    #[serde(rename = "a")]
    Applied,
    /// Kept as a fee.
    #[serde(rename = "w")]
    Withheld,
    /// Paid already by somebody else.
    #[serde(rename = "e")]
    Elsewhere,
    /// By a dispute that the customer won.
    #[serde(rename = "d")]
    Dispute,
}

impl Way {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_tender(&self) -> bool {
        *self == Self::Tender
    }

    /// Whether somebody has still to be told to give the money.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        matches!(self, Self::Tender | Self::Issued)
    }

    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tender => "refund",
            Self::Issued => "store_credit",
            Self::Applied => "exchange",
            Self::Withheld => "withheld",
            Self::Elsewhere => "elsewhere",
            Self::Dispute => "dispute",
        }
    }
}

/// How far a credit has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum CreditState {
    /// Asked for; a second person must approve it. It counts as given.
    #[serde(rename = "q")]
    Requested,
    /// Nothing is given.
    #[serde(rename = "d")]
    Declined,
    /// Granted; the money it comes out of is not captured yet, or is disputed.
    #[default]
    #[serde(rename = "h")]
    Held,
    /// Its refunds are asked for.
    #[serde(rename = "a")]
    Asked,
    #[serde(rename = "s")]
    Settled,
    /// A refund failed, and the money is still owed.
    #[serde(rename = "f")]
    Failed,
}

impl CreditState {
    /// The word that people see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Declined => "declined",
            Self::Held => "held",
            Self::Asked => "refunding",
            Self::Settled => "settled",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more is to come of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Settled | Self::Declined)
    }
}

impl Credit {
    /// Whether it is granted: neither declined nor waiting for approval.
    #[must_use]
    pub const fn is_granted(&self) -> bool {
        !matches!(self.state, CreditState::Requested | CreditState::Declined)
    }

    /// Whether it takes up what may be given: what was asked for does, until it is declined.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.state != CreditState::Declined
    }

    /// Whether its `n`th line stands for units that are given back by it, and not for a part of their price only.
    #[must_use]
    pub fn carries_units(&self, n: usize) -> bool {
        match self.kind.0 {
            CreditKind::LostParcel => true,
            CreditKind::Return => self.lines.get(n).is_some_and(|l| !l.0.is_empty()),
            _ => false,
        }
    }

    /// Amount and tax of its `n`th line.
    #[must_use]
    pub fn value(&self, doc: &Doc, n: usize) -> (i64, i64) {
        let share = || self.lines.get(n).map_or((0, 0), |l| doc.share(l.1, l.2, l.3));
        self.values.get(n).copied().unwrap_or_else(share)
    }

    /// The sum of its parts of one kind.
    #[must_use]
    pub fn part(&self, way: Way) -> i64 {
        self.parts.iter().filter(|p| p.3 == way).map(|p| p.1).sum()
    }

    /// What is to go back by the tenders, or by whoever has paid it already.
    #[must_use]
    pub const fn by_tender(&self) -> i64 {
        self.amount - self.wish.withheld - self.wish.issued - self.wish.applied
    }
}

/// A stretch of a line's units, whose value is spread over them evenly: (from unit, to unit, amount, tax).
type Stretch = (i64, i64, i64, i64);

impl Body {
    /// What has been given back of a line, asked for or granted; a discount that was taken back counts against it.
    #[must_use]
    pub fn given(&self, doc: &Doc, line: u16) -> (i64, i64) {
        let live = self.credits.iter().filter(|c| c.counts());
        live.flat_map(|c| (0..c.lines.len()).map(move |n| (c, n)))
            .filter(|(c, n)| c.lines.get(*n).is_some_and(|l| l.1 == line))
            .map(|(c, n)| c.value(doc, n))
            .fold((0, 0), |sum, v| (sum.0 + v.0, sum.1 + v.1))
    }

    /// What may still be given back of a line: what was charged for units that were shipped, less what was given.
    #[must_use]
    pub fn left_of(&self, doc: &Doc, line: u16) -> (i64, i64) {
        let shipped = self.lines.get(usize::from(line)).map_or(0, |l| l.shipped);
        let (charged, given) = (doc.share(line, 0, shipped), self.given(doc, line));
        (charged.0 - given.0, charged.1 - given.1)
    }

    /// What units `from..to` of a line are worth by now: their share of what was charged, less what was given back
    /// on them, plus discounts that were taken back. Consecutive ranges add up exactly.
    #[must_use]
    pub fn worth(&self, doc: &Doc, line: u16, from: i64, to: i64) -> (i64, i64) {
        let adjusted: Vec<_> = self
            .credits
            .iter()
            .filter(|c| c.counts())
            .flat_map(|c| (0..c.lines.len()).map(move |n| (c, n)))
            .filter(|(c, n)| !c.carries_units(*n) && c.lines.get(*n).is_some_and(|l| l.1 == line))
            .filter_map(|(c, n)| c.lines.get(n).map(|l| (l.2, l.3, c.value(doc, n))))
            .collect();
        if adjusted.is_empty() {
            return doc.share(line, from, to);
        }
        let of = doc.lines.get(usize::from(line)).map_or(0, |l| l.quantity);
        let whole = doc.share(line, 0, of);
        let mut stretches: Vec<Stretch> = vec![(0, of, whole.0, whole.1)];
        for (start, end, given) in adjusted {
            stretches = adjust(doc, &stretches, start, end, given);
        }
        within(doc, &stretches, from, to)
    }
}

/// The value of units `from..to` of stretches.
fn within(doc: &Doc, stretches: &[Stretch], from: i64, to: i64) -> (i64, i64) {
    stretches.iter().fold((0, 0), |sum, (start, end, amount, tax)| {
        let (a, b) = (from.clamp(*start, *end) - start, to.clamp(*start, *end) - start);
        let part = |minor| doc.money(minor).share(a, b.max(a), end - start).minor;
        (sum.0 + part(*amount), sum.1 + part(*tax))
    })
}

/// The stretches after `given` was taken out of units `start..end`.
fn adjust(doc: &Doc, stretches: &[Stretch], start: i64, end: i64, given: (i64, i64)) -> Vec<Stretch> {
    if end <= start {
        return stretches.to_vec();
    }
    let last = stretches.last().map_or(0, |s| s.1);
    let piece = |from: i64, to: i64| {
        let (amount, tax) = within(doc, stretches, from, to);
        (from, to, amount, tax)
    };
    let mut next: Vec<Stretch> = Vec::with_capacity(stretches.len() + 2);
    for s in stretches {
        if s.0 < start {
            next.push(piece(s.0, s.1.min(start)));
        }
    }
    let (amount, tax) = within(doc, stretches, start, end);
    next.push((start, end.min(last), amount - given.0, tax - given.1));
    for s in stretches {
        if s.1 > end {
            next.push(piece(s.0.max(end), s.1));
        }
    }
    next
}

#[cfg(test)]
mod tests {
    use super::super::dispute::{Dispute, DisputeState};
    use super::super::state::TenderSums;
    use super::*;

    type Pair = (i64, i64);

    /// Four units for 403 with 43 of tax, and two for 50 with 5.
    fn doc() -> Doc {
        serde_json::from_value(serde_json::json!({
            "v": 1, "s": "shop", "i": "1", "n": "1", "p": "2011-01-10T08:00:00Z", "c": "GBP", "l": [
                {"i": "1", "s": "A", "q": 4, "p": "1.00", "a": 403, "x": 43},
                {"i": "2", "s": "B", "q": 2, "p": "1.00", "a": 50, "x": 5},
            ],
        }))
        .unwrap()
    }

    fn credit(kind: CreditKind, lines: &[(u16, i64, i64)], values: &[(i64, i64)]) -> Credit {
        let lines = lines.iter().map(|(line, from, to)| (String::new(), *line, *from, *to)).collect();
        Credit { kind: Kind(kind), lines, values: values.to_vec(), ..Credit::default() }
    }

    fn body(credits: Vec<Credit>) -> Body {
        let mut body = Body { credits, lines: vec![Default::default(); 2], ..Body::default() };
        body.lines[0].shipped = 3;
        body
    }

    #[test]
    fn what_was_given_of_a_line_is_not_given_again() {
        let lost = credit(CreditKind::LostParcel, &[(0, 2, 3)], &[]);
        let declined = Credit { state: CreditState::Declined, ..lost.clone() };
        let asked = credit(CreditKind::PriceAdjustment, &[(0, 0, 2), (1, 0, 1)], &[(30, 3), (7, 1)]);
        let body = body(vec![Credit { state: CreditState::Requested, ..asked }, lost, declined]);
        assert_eq!(body.given(&doc(), 0), (131, 14), "asked for is as good as given, declined is not");
        assert_eq!(body.given(&doc(), 1), (7, 1));
        assert_eq!(body.left_of(&doc(), 0), (171, 18), "of what was shipped");
        assert_eq!(body.left_of(&doc(), 1), (-7, -1));
        let worth = |line, from, to| body.worth(&doc(), line, from, to);
        assert_eq!((worth(0, 0, 1), worth(0, 1, 2), worth(0, 2, 4)), ((85, 9), (86, 9), (202, 22)));
        assert_eq!((worth(0, 1, 3), worth(0, 0, 4), worth(1, 0, 2)), ((187, 20), (373, 40), (43, 4)));
        assert_eq!((worth(0, 3, 3), worth(0, 3, 2), worth(0, 4, 9)), ((0, 0), (0, 0), (0, 0)));
    }

    #[test]
    fn a_price_is_adjusted_in_the_middle_over_an_edge_and_past_the_end() {
        let adjusted = |all: &[(Pair, Pair)]| {
            let of = |((from, to), value): &(Pair, Pair)| {
                credit(CreditKind::PriceAdjustment, &[(0, *from, *to)], &[*value])
            };
            let body = body(all.iter().map(of).collect());
            (0..4).map(|n| body.worth(&doc(), 0, n, n + 1)).collect::<Vec<_>>()
        };
        let middle = ((1, 3), (50, 5));
        assert_eq!(adjusted(&[middle]), [(100, 10), (76, 8), (76, 9), (101, 11)]);
        assert_eq!(adjusted(&[middle, ((2, 4), (10, 1))]), [(100, 10), (76, 8), (83, 9), (84, 10)]);
        assert_eq!(adjusted(&[middle, ((0, 2), (10, 1))]), [(83, 8), (83, 9), (76, 9), (101, 11)]);
        assert_eq!(adjusted(&[((3, 6), (1, 0))]), [(100, 10), (101, 11), (101, 11), (100, 11)]);
        assert_eq!(adjusted(&[((2, 2), (9, 9))]), adjusted(&[]), "of no units");
    }

    #[test]
    fn a_credit_is_what_it_comes_to_by_each_way() {
        let ways = [Way::Tender, Way::Issued, Way::Applied, Way::Withheld, Way::Elsewhere, Way::Dispute];
        let parts = (1..).zip(ways).map(|(n, way)| CreditPart(0, n, false, way)).collect();
        let wish = Wish { withheld: 1, issued: 20, applied: 300, ..Wish::default() };
        let credit = Credit { amount: 5_000, parts, wish, ..Credit::default() };
        assert_eq!(ways.map(|way| credit.part(way)), [1, 2, 3, 4, 5, 6]);
        assert_eq!(ways.map(Way::moves_money), [true, true, false, false, false, false]);
        assert_eq!(credit.by_tender(), 4_679);
        for (state, granted, over, counts) in [
            (CreditState::Requested, false, false, true),
            (CreditState::Declined, false, true, false),
            (CreditState::Held, true, false, true),
            (CreditState::Asked, true, false, true),
            (CreditState::Settled, true, true, true),
            (CreditState::Failed, true, false, true),
        ] {
            let credit = Credit { state, ..Credit::default() };
            assert_eq!((credit.is_granted(), state.is_over(), credit.counts()), (granted, over, counts));
        }
    }

    #[test]
    fn units_go_with_a_return_line_and_a_lost_parcel_only() {
        let lines = vec![("1".to_owned(), 0, 0, 1), (String::new(), 0, 1, 2)];
        for (kind, carries) in [
            (CreditKind::Return, [true, false, false]),
            (CreditKind::LostParcel, [true, true, true]),
            (CreditKind::PriceAdjustment, [false, false, false]),
            (CreditKind::Goodwill, [false, false, false]),
        ] {
            let credit = Credit { kind: Kind(kind), lines: lines.clone(), ..Credit::default() };
            assert_eq!([0, 1, 2].map(|n| credit.carries_units(n)), carries, "{kind:?}");
        }
    }

    #[test]
    fn nothing_is_free_of_a_tender_that_is_disputed_or_lost() {
        let sums = |captured, refund_asked, elsewhere| TenderSums {
            captured,
            refund_asked,
            elsewhere,
            ..TenderSums::default()
        };
        let mut body = Body { tenders: vec![sums(1_000, 200, 30), sums(500, 600, 0)], ..Body::default() };
        assert_eq!(body.tenders[0].refundable(), 770);
        assert_eq!((body.free(0), body.free(1), body.free(2)), (770, 0, 0));
        for (state, free, disputed) in
            [(DisputeState::Open, 0, 9), (DisputeState::Lost, 0, 9), (DisputeState::Won, 770, 0)]
        {
            let dispute = Dispute { tender: 0, amount: 9, state, used: 0 };
            body.disputes = [("d".to_owned(), dispute.clone())].into();
            assert_eq!((body.free(0), body.disputed(0), body.disputed(1)), (free, disputed, 0));
            assert_eq!(body.in_dispute(), state == DisputeState::Open);
            body.disputes = [("d".to_owned(), Dispute { tender: 1, ..dispute })].into();
            assert_eq!(body.free(0), 770, "another tender's dispute");
        }
    }
}
