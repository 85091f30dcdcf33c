//! What an order costs the hub while its journal grows: its processor time, read at every tenth of the trade.

use crate::live::gather::round;
use crate::live::lab::Lab;
use crate::live::report::{Growth, Tenth};

/// Parts that the trade is cut into.
const PARTS: u64 = 10;

/// How far the trade was when it was looked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Mark {
    orders: u64,
    lines: u64,
    cpu_ms: u64,
}

/// The marks of one run.
#[derive(Debug, Default)]
pub(crate) struct Cost {
    total: u64,
    marks: Vec<Mark>,
}

impl Cost {
    /// Begins at an empty journal, with the opening stock counted.
    pub(crate) async fn start(lab: &Lab, total: u64) -> Self {
        let mut cost = Self { total, marks: Vec::new() };
        cost.note(lab, 0, 0).await;
        cost
    }

    /// Notes the cost so far where another tenth of the orders has been placed.
    pub(crate) async fn placed(&mut self, lab: &Lab, orders: u64, lines: u64) {
        let next = self.marks.len() as u64;
        if next <= PARTS && orders * PARTS >= self.total * next {
            self.note(lab, orders, lines).await;
        }
    }

    async fn note(&mut self, lab: &Lab, orders: u64, lines: u64) {
        let cpu_ms = lab.processes.lock().await.hub_usage().cpu_ms;
        self.marks.push(Mark { orders, lines, cpu_ms });
    }

    /// The tenths, and what the last costs against the first.
    pub(crate) fn growth(&self) -> Growth {
        let tenths: Vec<Tenth> =
            self.marks.iter().zip(self.marks.iter().skip(1)).map(|(from, to)| tenth(*from, *to)).collect();
        let ratio = |of: fn(&Tenth) -> f64| match (tenths.first(), tenths.last()) {
            (Some(first), Some(last)) if of(first) > 0.0 => round(of(last) / of(first)),
            _ => 0.0,
        };
        Growth {
            end_to_start_per_order: ratio(|t| t.cpu_ms_per_order),
            end_to_start_per_line: ratio(|t| t.cpu_ms_per_line),
            tenths,
        }
    }
}

fn tenth(from: Mark, to: Mark) -> Tenth {
    let (orders, lines) = (to.orders - from.orders, to.lines - from.lines);
    // Less than before where the hub was killed and its last moments were not seen.
    let cpu = to.cpu_ms.saturating_sub(from.cpu_ms) as f64;
    Tenth {
        orders,
        lines,
        cpu_ms_per_order: round(cpu / orders.max(1) as f64),
        cpu_ms_per_line: round(cpu / lines.max(1) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tenth_is_compared_with_the_first() {
        let mark = |orders, lines, cpu_ms| Mark { orders, lines, cpu_ms };
        let marks = vec![mark(0, 0, 50), mark(10, 20, 150), mark(20, 60, 450)];
        let growth = Cost { total: 20, marks }.growth();
        assert_eq!(growth.tenths.len(), 2);
        assert_eq!((growth.tenths[0].cpu_ms_per_order, growth.tenths[1].cpu_ms_per_order), (10.0, 30.0));
        assert_eq!((growth.end_to_start_per_order, growth.end_to_start_per_line), (3.0, 1.5));
    }

    #[test]
    fn nothing_placed_is_nothing_to_compare() {
        assert_eq!(Cost::default().growth(), Growth::default());
    }
}
