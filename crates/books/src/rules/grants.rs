//! Who may give how much, and under which key it is asked: M1 of goodwill, M2, M3, M8.

use super::{Breach, Check};
use std::collections::BTreeSet;

/// Goodwill of one order. Minor units of the order's currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GoodwillFacts {
    pub order: String,
    /// Asked for and not declined, and granted.
    pub given: i64,
    pub limit: i64,
}

/// M1 for goodwill: it has a limit of its own, per order.
#[must_use]
pub fn m1_goodwill(facts: &GoodwillFacts) -> Vec<Breach> {
    let mut check = Check::new("M1", format!("order {} goodwill", facts.order));
    check.that(facts.given <= facts.limit, || {
        format!("{} of goodwill exceed the {} allowed", facts.given, facts.limit)
    });
    check.done()
}

/// One attempt at a refund.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyFacts {
    pub key: String,
    /// Counted from 1.
    pub generation: u32,
    /// Whether it is proven that this attempt moved no money, or that the money came back.
    pub failed: bool,
    /// Whether its outcome is not known.
    pub unknown: bool,
}

/// M2: each attempt has a key of its own, generations are dense, and a new one comes only after a proven failure.
#[must_use]
pub fn m2(refund: &str, attempts: &[KeyFacts]) -> Vec<Breach> {
    let mut check = Check::new("M2", format!("refund {refund}"));
    let mut seen = BTreeSet::new();
    for (n, a) in (1_u32..).zip(attempts) {
        check.that(seen.insert(&a.key), || format!("the key {} is used twice", a.key));
        check.that(a.generation == n, || format!("generation {} stands at place {n}", a.generation));
    }
    for pair in attempts.windows(2) {
        if let [first, next] = pair {
            check.that(first.failed, || {
                format!("{} was asked although {} is not proven to have failed", next.key, first.key)
            });
        }
    }
    check.done()
}

/// M3: while an outcome is unknown nothing else is asked.
#[must_use]
pub fn m3(refund: &str, attempts: &[KeyFacts]) -> Vec<Breach> {
    let mut check = Check::new("M3", format!("refund {refund}"));
    let after_unknown = attempts.iter().position(|a| a.unknown).is_some_and(|at| at + 1 < attempts.len());
    check.that(!after_unknown, || "asked again while an outcome was unknown".to_owned());
    check.done()
}

/// A credit that a person asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GrantFacts {
    pub credit: String,
    /// Minor units.
    pub amount: i64,
    /// Above this somebody else must approve; `None` where policy wants no approval.
    pub approve_above: Option<i64>,
    pub asked_by: String,
    pub approved_by: Option<String>,
    /// Whether it counts as granted.
    pub granted: bool,
}

/// M8: above a set amount the person who asks is not the one who approves.
#[must_use]
pub fn m8(facts: &GrantFacts) -> Vec<Breach> {
    let mut check = Check::new("M8", format!("credit {}", facts.credit));
    let needed = facts.approve_above.is_some_and(|limit| facts.amount > limit);
    let by = facts.approved_by.as_deref().unwrap_or_default();
    check.that(!(facts.granted && needed && by.is_empty()), || {
        format!("{} was granted and nobody approved it", facts.amount)
    });
    check.that(by.is_empty() || by != facts.asked_by, || format!("{by} approved what {by} had asked for"));
    check.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goodwill_stays_within_its_limit() {
        let facts = |given| GoodwillFacts { given, limit: 500, ..GoodwillFacts::default() };
        assert_eq!(m1_goodwill(&facts(500)), []);
        assert_eq!(m1_goodwill(&facts(501)).len(), 1);
    }

    fn attempt(key: &str, generation: u32, failed: bool, unknown: bool) -> KeyFacts {
        KeyFacts { key: key.into(), generation, failed, unknown }
    }

    #[test]
    fn a_new_key_comes_only_after_a_proven_failure() {
        let good = [attempt("k", 1, true, false), attempt("k~2", 2, false, false)];
        assert_eq!(m2("C1", &good), []);
        for bad in [
            [attempt("k", 1, false, false), attempt("k~2", 2, false, false)],
            [attempt("k", 1, true, false), attempt("k", 2, false, false)],
            [attempt("k", 1, true, false), attempt("k~3", 3, false, false)],
        ] {
            assert_eq!(m2("C1", &bad).len(), 1, "{bad:?}");
        }
        assert_eq!(m3("C1", &good), []);
        let blind = [attempt("k", 1, true, true), attempt("k~2", 2, false, false)];
        assert_eq!(m3("C1", &blind).len(), 1);
        assert_eq!(m3("C1", &blind[..1]), []);
    }

    #[test]
    fn who_asks_does_not_approve() {
        let facts = |amount, by: Option<&str>| GrantFacts {
            amount,
            approve_above: Some(1_000),
            asked_by: "ann".into(),
            approved_by: by.map(Into::into),
            granted: true,
            ..GrantFacts::default()
        };
        assert_eq!(m8(&facts(1_000, None)), []);
        assert_eq!(m8(&facts(1_001, None)).len(), 1);
        assert_eq!(m8(&facts(1_001, Some("ann"))).len(), 1);
        assert_eq!(m8(&facts(1_001, Some("bob"))), []);
    }
}
