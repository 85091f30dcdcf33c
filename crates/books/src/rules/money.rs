//! The rules of money: M1, M4, M5, M6. Who may grant what stands in [`super::grants`].

use super::{Breach, Check};
use retail::money::Currency;
use std::collections::BTreeSet;

/// One refund of a tender. Those that failed or were cancelled are left out: money asked for counts as spent
/// until it is proven not to have gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundFacts {
    /// The refund's or its credit's id.
    pub refund: String,
    /// Who was told to pay it, or did.
    pub executor: String,
    pub currency: Currency,
    /// Minor units.
    pub amount: i64,
}

/// A tender, what was taken on it and what is spent of that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenderFacts {
    pub order: String,
    pub tender: String,
    /// The one system that may capture or refund it.
    pub executor: String,
    pub currency: Currency,
    /// Captured by us or reported by the executor, minor units.
    pub captured: i64,
    /// Open or lost disputes, minor units.
    pub disputed: i64,
    /// Requested, unknown, pending and succeeded ones.
    pub refunds: Vec<RefundFacts>,
}

impl TenderFacts {
    fn about(&self) -> String {
        format!("order {} tender {}", self.order, self.tender)
    }

    fn spent(&self) -> i128 {
        self.refunds.iter().map(|r| i128::from(r.amount)).sum()
    }
}

/// M1 for a tender: refunds and disputes together stay within what was captured, in one currency.
#[must_use]
pub fn m1_tender(facts: &TenderFacts) -> Vec<Breach> {
    let mut check = Check::new("M1", facts.about());
    for refund in &facts.refunds {
        check.that(refund.currency == facts.currency, || {
            format!("refund {} is in {}, the tender in {}", refund.refund, refund.currency, facts.currency)
        });
        check.that(refund.amount > 0, || {
            format!("refund {} is of {}, which is not positive", refund.refund, refund.amount)
        });
    }
    let (spent, disputed, captured) = (facts.spent(), i128::from(facts.disputed), i128::from(facts.captured));
    check.that(spent + disputed <= captured, || {
        format!(
            "refunds of {spent} + disputes of {disputed} exceed the {captured} captured ({})",
            facts.currency
        )
    });
    check.done()
}

/// M6: nothing is refunded of a tender without a capture, and only its executor pays.
#[must_use]
pub fn m6(facts: &TenderFacts) -> Vec<Breach> {
    let mut check = Check::new("M6", facts.about());
    check.that(facts.captured > 0 || facts.refunds.is_empty(), || {
        format!("{} refunded without a capture", facts.spent())
    });
    for refund in &facts.refunds {
        check.that(refund.executor == facts.executor, || {
            format!(
                "refund {} went to {}, but only {} may pay it",
                refund.refund, refund.executor, facts.executor
            )
        });
    }
    check.done()
}

/// An order line: units and value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineFacts {
    pub order: String,
    pub line: String,
    pub ordered: i64,
    pub cancelled: i64,
    pub shipped: i64,
    pub returned: i64,
    /// Units credited because of a return.
    pub credited: i64,
    /// What the line costs the customer, tax included, minor units.
    pub charged: i64,
    /// All value given back on it, whatever its form, goodwill excepted; minor units.
    pub given_back: i64,
    /// Discounts taken back because a promotion broke: the customer was charged that much more in the end.
    pub clawed_back: i64,
}

/// M1 for a line: value given back stays within what was charged, and units within what there was.
#[must_use]
pub fn m1_line(facts: &LineFacts) -> Vec<Breach> {
    let mut check = Check::new("M1", format!("order {} line {}", facts.order, facts.line));
    let f = facts;
    let charged = i128::from(f.charged.max(0)) + i128::from(f.clawed_back);
    check.that(0 <= f.given_back && i128::from(f.given_back) <= charged, || {
        format!("{} given back of {charged} charged", f.given_back)
    });
    check.that(f.clawed_back >= 0, || format!("{} clawed back", f.clawed_back));
    let counters = [f.ordered, f.cancelled, f.shipped, f.returned, f.credited];
    check.that(counters.iter().all(|n| *n >= 0), || format!("a counter is negative: {counters:?}"));
    check.that(i128::from(f.cancelled) + i128::from(f.shipped) <= i128::from(f.ordered), || {
        format!("{} cancelled + {} shipped exceed {} ordered", f.cancelled, f.shipped, f.ordered)
    });
    check.that(f.returned <= f.shipped, || format!("{} returned of {} shipped", f.returned, f.shipped));
    check.that(f.credited <= f.returned, || format!("{} credited of {} returned", f.credited, f.returned));
    check.done()
}

/// A line of a return and the credits that cite it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReturnLineFacts {
    pub rma: String,
    pub line: String,
    /// Units that may be credited: received, less rejected.
    pub accepted: i64,
    /// (credit, units) for each credit line that cites this line.
    pub credits: Vec<(String, i64)>,
}

/// M4: a returned unit is credited once.
#[must_use]
pub fn m4(facts: &ReturnLineFacts) -> Vec<Breach> {
    let mut check = Check::new("M4", format!("return {} line {}", facts.rma, facts.line));
    let units: i128 = facts.credits.iter().map(|(_, n)| i128::from(*n)).sum();
    check.that(units <= i128::from(facts.accepted), || {
        format!("{units} units credited of {} accepted", facts.accepted)
    });
    let mut seen = BTreeSet::new();
    for (credit, units) in &facts.credits {
        check.that(*units > 0, || format!("credit {credit} cites {units} units"));
        check.that(seen.insert(credit), || format!("credit {credit} cites the line twice"));
    }
    check.done()
}

/// A credit, its lines and what became of it. Minor units of one currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CreditFacts {
    pub credit: String,
    pub amount: i64,
    /// Each line's value, tax included.
    pub lines: Vec<i64>,
    /// Refunds that were paid or are on their way.
    pub refunds: i64,
    pub stored_value: i64,
    /// Applied to an exchange or a receivable.
    pub applied: i64,
    pub fees_withheld: i64,
    /// Whether the credit counts as settled.
    pub settled: bool,
}

/// M5: the lines add up to the credit, and its settlements to no more; to exactly that once it is settled.
#[must_use]
pub fn m5(facts: &CreditFacts) -> Vec<Breach> {
    let mut check = Check::new("M5", format!("credit {}", facts.credit));
    let lines: i128 = facts.lines.iter().map(|n| i128::from(*n)).sum();
    let amount = i128::from(facts.amount);
    check.that(lines == amount, || format!("its lines add up to {lines}, not to {amount}"));
    let parts = [facts.refunds, facts.stored_value, facts.applied, facts.fees_withheld];
    check.that(parts.iter().all(|n| *n >= 0), || format!("a settlement is negative: {parts:?}"));
    let out: i128 = parts.iter().map(|n| i128::from(*n)).sum();
    check.that(out <= amount, || format!("settlements of {out} exceed it ({amount})"));
    check.that(!facts.settled || out == amount, || format!("called settled with {out} of {amount}"));
    check.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(breaches: &[Breach]) -> Vec<&str> {
        breaches.iter().map(|b| b.rule).collect()
    }

    fn tender(captured: i64, refunds: &[(&str, i64)]) -> TenderFacts {
        let refund = |(executor, amount): &(&str, i64)| RefundFacts {
            refund: "shop-1-C1".into(),
            executor: (*executor).into(),
            currency: Currency::GBP,
            amount: *amount,
        };
        TenderFacts {
            order: "shop-1".into(),
            tender: "t1".into(),
            executor: "stripe".into(),
            currency: Currency::GBP,
            captured,
            disputed: 0,
            refunds: refunds.iter().map(refund).collect(),
        }
    }

    #[test]
    fn two_refunds_of_60_against_100_break_m1() {
        assert_eq!(rules(&m1_tender(&tender(100, &[("stripe", 60), ("stripe", 60)]))), ["M1"]);
        assert_eq!(m1_tender(&tender(120, &[("stripe", 60), ("stripe", 60)])), []);
    }

    #[test]
    fn a_dispute_counts_as_spent_and_currencies_do_not_mix() {
        let mut facts = tender(100, &[("stripe", 60)]);
        facts.disputed = 41;
        assert_eq!(rules(&m1_tender(&facts)), ["M1"]);
        facts.disputed = 40;
        assert_eq!(m1_tender(&facts), []);
        facts.refunds[0].currency = Currency::EUR;
        assert_eq!(rules(&m1_tender(&facts)), ["M1"]);
    }

    #[test]
    fn a_refund_of_nothing_or_less_breaks_m1() {
        assert_eq!(rules(&m1_tender(&tender(100, &[("stripe", 0), ("stripe", -5)]))), ["M1", "M1"]);
    }

    #[test]
    fn only_the_executor_refunds_and_only_what_was_captured() {
        assert_eq!(m6(&tender(100, &[("stripe", 60)])), []);
        assert_eq!(rules(&m6(&tender(0, &[("stripe", 60)]))), ["M6"]);
        assert_eq!(rules(&m6(&tender(100, &[("shop", 60)]))), ["M6"]);
    }

    #[test]
    fn a_line_gives_back_at_most_what_it_charged() {
        let good = LineFacts {
            ordered: 6,
            cancelled: 1,
            shipped: 5,
            returned: 2,
            credited: 2,
            charged: 1_530,
            given_back: 1_530,
            ..LineFacts::default()
        };
        assert_eq!(m1_line(&good), []);
        for bad in [
            LineFacts { given_back: 1_531, ..good.clone() },
            LineFacts { cancelled: 2, ..good.clone() },
            LineFacts { returned: 6, ..good.clone() },
            LineFacts { credited: 3, ..good.clone() },
            LineFacts { cancelled: -1, ..good.clone() },
            LineFacts { clawed_back: -1, ..good.clone() },
            LineFacts { clawed_back: 9, given_back: 1_540, ..good.clone() },
        ] {
            assert_eq!(rules(&m1_line(&bad)).first(), Some(&"M1"), "{bad:?}");
        }
        assert_eq!(m1_line(&LineFacts { clawed_back: 9, given_back: 1_539, ..good }), []);
    }

    #[test]
    fn a_unit_is_credited_once() {
        let mut facts = ReturnLineFacts {
            accepted: 3,
            credits: vec![("shop-1-C1".into(), 1), ("shop-1-C2".into(), 2)],
            ..ReturnLineFacts::default()
        };
        assert_eq!(m4(&facts), []);
        facts.accepted = 2;
        assert_eq!(rules(&m4(&facts)), ["M4"]);
        facts.accepted = 3;
        facts.credits[1].0 = "shop-1-C1".into();
        assert_eq!(rules(&m4(&facts)), ["M4"]);
        facts.credits[1] = ("shop-1-C2".into(), 0);
        assert_eq!(rules(&m4(&facts)), ["M4"], "a credit of no units cites the line for nothing");
    }

    #[test]
    fn a_credit_is_the_sum_of_its_lines_and_of_its_settlements() {
        let mut facts = CreditFacts {
            amount: 100,
            lines: vec![33, 33, 34],
            refunds: 90,
            fees_withheld: 10,
            settled: true,
            ..CreditFacts::default()
        };
        assert_eq!(m5(&facts), []);
        facts.lines[2] = 33;
        assert_eq!(rules(&m5(&facts)), ["M5"]);
        facts.lines[2] = 34;
        facts.refunds = 89;
        assert_eq!(rules(&m5(&facts)), ["M5"]);
        facts.settled = false;
        assert_eq!(m5(&facts), []);
        facts.refunds = 91;
        assert_eq!(rules(&m5(&facts)), ["M5"]);
    }
}
