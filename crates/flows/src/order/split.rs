//! How an amount is shared out: over tenders by the stated rule, over lines by what each has left.

use crate::policy::RefundFirst;

/// What each tender gives back of `need`, by the rule; none more than it has free. Where all of them together have
/// less than `need`, all of it.
pub(super) fn split(rule: RefundFirst, need: i64, free: &[i64]) -> Vec<i64> {
    match rule {
        RefundFirst::First => in_order(need, free, 0..free.len()),
        RefundFirst::Last => in_order(need, free, (0..free.len()).rev()),
        RefundFirst::Proportional => in_proportion(need, free),
    }
}

fn in_order(need: i64, free: &[i64], order: impl Iterator<Item = usize>) -> Vec<i64> {
    let (mut left, mut parts) = (need, vec![0; free.len()]);
    for i in order {
        if let (Some(part), Some(free)) = (parts.get_mut(i), free.get(i)) {
            *part = left.min((*free).max(0));
            left -= *part;
        }
    }
    parts
}

/// In proportion to what each has left; the largest remainders take the rounding, the earlier one of two that are
/// alike. Taking what is left as the measure, many partial amounts come to exactly what each had.
pub(super) fn in_proportion(need: i64, left: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = left.iter().map(|n| i128::from((*n).max(0))).collect();
    let total: i128 = weights.iter().sum();
    let need = i128::from(need.max(0)).min(total);
    if total == 0 {
        return vec![0; left.len()];
    }
    let mut parts: Vec<i128> = weights.iter().map(|w| need * w / total).collect();
    let mut by_remainder: Vec<usize> = (0..left.len()).collect();
    by_remainder.sort_by_key(|i| std::cmp::Reverse(weights.get(*i).map_or(0, |w| need * w % total)));
    // A remainder above zero means that the share was cut below what is left, so that one more fits.
    let over = need - parts.iter().sum::<i128>();
    for i in by_remainder.into_iter().take(usize::try_from(over).unwrap_or(0)) {
        if let Some(part) = parts.get_mut(i) {
            *part += 1;
        }
    }
    parts.into_iter().map(|n| i64::try_from(n).unwrap_or(i64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_shares_out_the_whole_and_nobody_gives_more_than_it_has() {
        for rule in [RefundFirst::First, RefundFirst::Last, RefundFirst::Proportional] {
            for (need, free) in [
                (10, vec![7, 3]),
                (1, vec![1, 1, 1]),
                (100, vec![33, 33, 34]),
                (5, vec![0, 9, 0]),
                (0, vec![4, 4]),
                (7, vec![3, 3, 3]),
                (1_000_000_007, vec![999_999_937, 1_000_000, 70]),
            ] {
                let parts = split(rule, need, &free);
                assert_eq!(parts.iter().sum::<i64>(), need, "{rule:?} {need} {free:?}");
                assert!(parts.iter().zip(&free).all(|(p, f)| (0..=*f).contains(p)), "{rule:?} {parts:?}");
            }
        }
    }

    #[test]
    fn the_rules_are_what_they_are_called() {
        assert_eq!(split(RefundFirst::First, 8, &[7, 3]), [7, 1]);
        assert_eq!(split(RefundFirst::Last, 8, &[7, 3]), [5, 3]);
        assert_eq!(split(RefundFirst::Proportional, 5, &[70, 30]), [4, 1]);
        assert_eq!(split(RefundFirst::Proportional, 5, &[-3, 30]), [0, 5]);
        assert_eq!(in_proportion(9, &[3, 3]), [3, 3], "no more than there is");
        assert_eq!(in_proportion(9, &[]), [0; 0]);
    }

    #[test]
    fn many_parts_in_proportion_come_to_exactly_what_each_had() {
        let mut free = vec![699, 301, 1];
        let mut given = vec![0; 3];
        for need in [1, 1, 1, 333, 7, 100, 58, 499, 1] {
            let parts = in_proportion(need, &free);
            for i in 0..3 {
                free[i] -= parts[i];
                given[i] += parts[i];
            }
        }
        assert_eq!(given, [699, 301, 1]);
    }
}
