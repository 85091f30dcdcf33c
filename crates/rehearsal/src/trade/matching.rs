//! Finding the sale behind a cancellation.
//!
//! A cancellation does not name the invoice that it cancels. The oldest earlier order of the same customer with
//! the same SKU is asked how much of it may still come back; what it cannot take goes to the next one. Units that
//! are sold and not shipped yet cannot come back today: that part is kept and tried again later. What no order
//! can take is left over, and the hub is to refuse it.
//!
//! Nothing here knows how much is returnable: the hub says so, for each order, when it is at rest. The matcher
//! only takes off what it has itself given out since.

use std::collections::BTreeMap;

/// What the hub says about a line of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderLine {
    pub line: String,
    pub sku: String,
    /// Units that may still come back.
    pub returnable: i64,
    /// Units ordered, not cancelled and not shipped yet.
    pub awaiting: i64,
}

/// Units of a cancellation line that still look for their sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    /// The cancellation's line in [`crate::trade::Trade::lines`].
    pub line: u32,
    pub units: i64,
    /// How many returns were made for its invoice before.
    pub round: u32,
}

/// Where the units of an ask go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// (order, its line, units), oldest order first.
    pub pieces: Vec<(u32, String, i64)>,
    /// To be tried again when more was shipped.
    pub deferred: i64,
    /// No order is left that could take them.
    pub left: i64,
}

/// What was given out since the hub was last asked.
#[derive(Debug, Default)]
pub struct Matcher {
    asked: BTreeMap<(u32, String), i64>,
    waiting: BTreeMap<(u32, String), i64>,
}

impl Matcher {
    /// Spreads units of a SKU over orders, oldest first. `views` is what the hub says about each; an order that
    /// the hub does not know takes nothing.
    pub fn find(
        &mut self,
        sku: &str,
        units: i64,
        orders: &[u32],
        views: &BTreeMap<u32, Vec<OrderLine>>,
    ) -> Found {
        let mut found = Found { left: units, ..Found::default() };
        for order in orders {
            let lines = views.get(order).map_or(&[][..], |lines| lines);
            for line in lines.iter().filter(|l| l.sku == sku) {
                let key = (*order, line.line.clone());
                let taken = claim(&mut self.asked, &key, line.returnable, found.left);
                if taken > 0 {
                    found.pieces.push((*order, line.line.clone(), taken));
                    found.left -= taken;
                }
                let kept = claim(&mut self.waiting, &key, line.awaiting, found.left);
                found.deferred += kept;
                found.left -= kept;
            }
            if found.left == 0 {
                break;
            }
        }
        found
    }
}

/// Takes up to `want` of what is there and not given out yet.
fn claim(given: &mut BTreeMap<(u32, String), i64>, key: &(u32, String), there: i64, want: i64) -> i64 {
    let before = given.get(key).copied().unwrap_or(0);
    let units = (there - before).min(want).max(0);
    if units > 0 {
        given.insert(key.clone(), before + units);
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: &str, sku: &str, returnable: i64, awaiting: i64) -> OrderLine {
        OrderLine { line: line.into(), sku: sku.into(), returnable, awaiting }
    }

    fn views() -> BTreeMap<u32, Vec<OrderLine>> {
        BTreeMap::from([
            (1, vec![line("11", "A", 3, 0), line("12", "B", 9, 0), line("13", "A", 1, 0)]),
            (2, vec![line("21", "A", 2, 4)]),
            (3, vec![line("31", "A", 5, 0)]),
        ])
    }

    #[test]
    fn the_oldest_order_is_asked_first_and_the_rest_goes_on() {
        let found = Matcher::default().find("A", 5, &[1, 2, 3], &views());
        assert_eq!(found.pieces, [(1, "11".into(), 3), (1, "13".into(), 1), (2, "21".into(), 1)]);
        assert_eq!((found.deferred, found.left), (0, 0));
    }

    #[test]
    fn what_is_not_shipped_is_kept_before_the_next_order_is_asked() {
        let found = Matcher::default().find("A", 11, &[1, 2, 3], &views());
        assert_eq!(
            found.pieces,
            [(1, "11".into(), 3), (1, "13".into(), 1), (2, "21".into(), 2), (3, "31".into(), 1)]
        );
        assert_eq!((found.deferred, found.left), (4, 0));
    }

    #[test]
    fn a_second_cancellation_finds_what_the_first_left() {
        let mut matcher = Matcher::default();
        matcher.find("A", 5, &[1, 2, 3], &views());
        let found = matcher.find("A", 20, &[1, 2, 3], &views());
        assert_eq!(found.pieces, [(2, "21".into(), 1), (3, "31".into(), 5)]);
        assert_eq!((found.deferred, found.left), (4, 10));
        let none = matcher.find("A", 1, &[1, 2, 3], &views());
        assert_eq!((none.pieces.len(), none.deferred, none.left), (0, 0, 1));
    }

    #[test]
    fn without_an_earlier_sale_everything_is_left_over() {
        let found = Matcher::default().find("A", 2, &[], &views());
        assert_eq!(found, Found { left: 2, ..Found::default() });
        let unknown = Matcher::default().find("A", 2, &[9], &views());
        assert_eq!(unknown.left, 2, "an order that the hub does not know takes nothing");
        let other = Matcher::default().find("C", 2, &[1], &views());
        assert_eq!(other.left, 2);
    }
}
