//! Every line of a trade file accounted for: taken, or set aside under a named reason; and the money of both
//! sides tied to the file.
//!
//! A **line** is taken when the hub took any of its units, else it stands under one reason. Where only a part of
//! a line's money stands under a reason, as when the price differs, the line is counted there as a *part*. So
//! lines taken + lines set aside = lines of the file, and for each side (sales, cancellations, adjustments)
//! money taken + money set aside = money of the file, exactly.

use crate::trade::year::{Class, Invoice, Line, Trade};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// The reason of units that the hub has neither credited nor refused (yet).
const NOT_SETTLED: &str = "not_settled";
/// Money off by less than one minor unit, since a line rounds once.
const ROUNDING: &str = "rounding";
/// The cancellation says another price than was paid; the refund is what was paid.
const PRICE_DIFFERS: &str = "price_differs";
/// The hub's total of an order is not the sum of its lines.
const TOTAL_DIFFERS: &str = "total_differs";

/// Units of a cancellation line that were asked of the hub under one line of a return.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    pub rma: String,
    pub return_line: String,
    pub units: i64,
}

/// What the hub made of a line of a return.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Units that were credited.
    pub credited: i64,
    /// What was given back for them, minor units.
    pub amount: i64,
    /// Units refused, by reason.
    pub refused: BTreeMap<String, i64>,
}

/// What stands under one reason.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SetAside {
    /// Lines of which nothing was taken.
    pub lines: u64,
    /// Lines of which only a part of the money stands here.
    pub parts: u64,
    /// In the file's currency, signed as in the file.
    #[serde(serialize_with = "text", deserialize_with = "from_text")]
    pub amount: Decimal,
}

/// One side's equation: `file = taken + Σ set aside + difference`, where the difference has to be zero.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tie {
    #[serde(serialize_with = "text", deserialize_with = "from_text")]
    pub file: Decimal,
    #[serde(serialize_with = "text", deserialize_with = "from_text")]
    pub taken: Decimal,
    pub set_aside: BTreeMap<String, SetAside>,
    #[serde(serialize_with = "text", deserialize_with = "from_text")]
    pub difference: Decimal,
}

/// All equations.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Ties {
    /// Whether every equation holds.
    pub ties: bool,
    pub lines_total: u64,
    pub lines_taken: u64,
    pub lines_set_aside: u64,
    pub sales: Tie,
    pub cancellations: Tie,
    pub adjustments: Tie,
}

fn text<S: Serializer>(value: &Decimal, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&value.normalize())
}

fn from_text<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(d)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("{text:?} is not a decimal amount")))
}

/// The bookkeeping of a trade file.
#[derive(Clone, Debug, Default)]
pub struct Account {
    ties: Ties,
}

impl Tie {
    fn put(&mut self, reason: &str, lines: u64, parts: u64, amount: Decimal) {
        let entry = self.set_aside.entry(reason.to_owned()).or_default();
        entry.lines += lines;
        entry.parts += parts;
        entry.amount += amount;
    }

    fn close(&mut self) {
        let aside: Decimal = self.set_aside.values().map(|s| s.amount).sum();
        self.difference = self.file - self.taken - aside;
    }
}

impl Account {
    /// Accounts for a whole file. `orders` says for the invoices that were sent as orders what they came to
    /// (minor units) or why the hub has not taken them; `returns` what was asked for the cancellation lines (by
    /// their place in [`Trade::lines`]) and what the hub made of it.
    #[must_use]
    pub fn of(
        trade: &Trade,
        orders: &BTreeMap<u32, Result<i64, String>>,
        returns: &BTreeMap<u32, Vec<(Piece, Verdict)>>,
    ) -> Self {
        let mut account = Self::default();
        for (number, invoice) in (0_u32..).zip(&trade.invoices) {
            match invoice.class {
                Class::Sale => account.sale(trade, invoice, orders.get(&number)),
                Class::Cancellation => account.cancellation(trade, invoice, returns),
                Class::Adjustment => account.adjustment(trade, invoice),
            }
        }
        account.close();
        account
    }

    /// The equations.
    #[must_use]
    pub fn ties(&self) -> &Ties {
        &self.ties
    }

    /// What was set aside on all sides, by reason.
    #[must_use]
    pub fn by_reason(&self) -> BTreeMap<String, SetAside> {
        let mut all: BTreeMap<String, SetAside> = BTreeMap::new();
        for side in [&self.ties.sales, &self.ties.cancellations, &self.ties.adjustments] {
            for (reason, aside) in &side.set_aside {
                let entry = all.entry(reason.clone()).or_default();
                entry.lines += aside.lines;
                entry.parts += aside.parts;
                entry.amount += aside.amount;
            }
        }
        all
    }

    fn sale(&mut self, trade: &Trade, invoice: &Invoice, order: Option<&Result<i64, String>>) {
        let side = &mut self.ties.sales;
        let mut sum = 0_i64;
        for line in trade.lines_of(invoice) {
            let amount = line.amount();
            side.file += amount;
            self.ties.lines_total += 1;
            let aside = Trade::set_aside(Class::Sale, line);
            let minor = match (aside, order, trade.minor(line)) {
                (Some(reason), _, _) => Err(reason),
                (None, Some(Ok(_)), Some(minor)) => Ok(minor),
                (None, Some(Ok(_)), None) => Err("amount_too_large"),
                (None, Some(Err(reason)), _) => Err(reason.as_str()),
                (None, None, _) => Err(NOT_SETTLED),
            };
            match minor {
                Err(reason) => side.put(reason, 1, 0, amount),
                Ok(minor) => {
                    self.ties.lines_taken += 1;
                    sum += minor;
                    let off = amount - major(trade, minor);
                    if !off.is_zero() {
                        side.put(ROUNDING, 0, 1, off);
                    }
                }
            }
        }
        if let Some(Ok(total)) = order {
            side.taken += major(trade, *total);
            if *total != sum {
                side.put(TOTAL_DIFFERS, 0, 1, major(trade, sum - *total));
            }
        }
    }

    fn cancellation(
        &mut self,
        trade: &Trade,
        invoice: &Invoice,
        returns: &BTreeMap<u32, Vec<(Piece, Verdict)>>,
    ) {
        let side = &mut self.ties.cancellations;
        for (number, line) in (invoice.lines.start..).zip(trade.lines_of(invoice)) {
            side.file += line.amount();
            self.ties.lines_total += 1;
            if let Some(reason) = Trade::set_aside(Class::Cancellation, line) {
                side.put(reason, 1, 0, line.amount());
                continue;
            }
            let asked = returns.get(&number).map_or(&[][..], |pieces| pieces);
            let (taken, aside) = spread(trade, side, line, asked);
            self.ties.lines_taken += u64::from(taken);
            // The reason with most units carries the line where nothing of it was taken.
            let first = aside.iter().max_by_key(|(_, units)| **units).map(|(reason, _)| reason.clone());
            for (reason, units) in aside {
                let whole = !taken && first.as_ref() == Some(&reason);
                let amount = -line.price.saturating_mul(Decimal::from(units));
                side.put(&reason, u64::from(whole), u64::from(!whole), amount);
            }
        }
    }

    fn adjustment(&mut self, trade: &Trade, invoice: &Invoice) {
        for line in trade.lines_of(invoice) {
            self.ties.lines_total += 1;
            self.ties.adjustments.file += line.amount();
            let reason = Trade::set_aside(Class::Adjustment, line).unwrap_or(NOT_SETTLED);
            self.ties.adjustments.put(reason, 1, 0, line.amount());
        }
    }

    fn close(&mut self) {
        let ties = &mut self.ties;
        let mut holds = true;
        for side in [&mut ties.sales, &mut ties.cancellations, &mut ties.adjustments] {
            side.close();
            ties.lines_set_aside += side.set_aside.values().map(|s| s.lines).sum::<u64>();
            holds &= side.difference.is_zero();
        }
        ties.ties = holds && ties.lines_taken + ties.lines_set_aside == ties.lines_total;
    }
}

/// Books what was credited for a cancellation line; whether anything was, and the units set aside by reason.
fn spread(
    trade: &Trade,
    side: &mut Tie,
    line: &Line,
    asked: &[(Piece, Verdict)],
) -> (bool, BTreeMap<String, i64>) {
    let mut aside: BTreeMap<String, i64> = BTreeMap::new();
    let mut open = line.quantity.saturating_abs();
    let mut taken = false;
    for (piece, verdict) in asked {
        open -= piece.units;
        let refused: i64 = verdict.refused.values().sum();
        for (reason, units) in &verdict.refused {
            *aside.entry(reason.clone()).or_default() += units;
        }
        let unsettled = piece.units - verdict.credited - refused;
        if unsettled != 0 {
            *aside.entry(NOT_SETTLED.to_owned()).or_default() += unsettled;
        }
        if verdict.credited == 0 {
            continue;
        }
        taken = true;
        let given = major(trade, verdict.amount);
        let claimed = line.price.saturating_mul(Decimal::from(verdict.credited));
        side.taken -= given;
        let off = given - claimed;
        if !off.is_zero() {
            let small = off.abs() < Decimal::new(1, trade.map.currency.decimals());
            side.put(if small { ROUNDING } else { PRICE_DIFFERS }, 0, 1, off);
        }
    }
    if open != 0 {
        *aside.entry(NOT_SETTLED.to_owned()).or_default() += open;
    }
    (taken, aside)
}

fn major(trade: &Trade, minor: i64) -> Decimal {
    Decimal::new(minor, trade.map.currency.decimals())
}
