//! A hub for tests of the bookkeeping: every order is shipped at once (or a part of it not yet), every return that
//! names an order is credited at the price paid, every other one is refused.

use crate::trade::{Account, Ask, Class, Matcher, OrderLine, Piece, SalesIndex, Trade, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct FakeHub {
    /// By order and line: units held, and where the line stands in the trade.
    lines: BTreeMap<u32, Vec<(OrderLine, u32)>>,
    /// Orders that the hub has refused.
    refused: BTreeSet<u32>,
    asked: BTreeMap<u32, Vec<(Piece, Verdict)>>,
    /// Lines of cancellations that were covered whole, in part, and not at all.
    pub(super) whole: usize,
    pub(super) part: usize,
    pub(super) none: usize,
}

impl FakeHub {
    /// All orders of a trade, shipped.
    pub(super) fn shipped(trade: &Trade) -> Self {
        let mut lines: BTreeMap<u32, Vec<(OrderLine, u32)>> = BTreeMap::new();
        for (number, line) in (0_u32..).zip(&trade.lines) {
            let class = trade.invoices[line.invoice as usize].class;
            if class != Class::Sale || Trade::set_aside(class, line).is_some() {
                continue;
            }
            let sku = trade.skus.text(line.sku).to_owned();
            let own = OrderLine { line: number.to_string(), sku, returnable: line.quantity, awaiting: 0 };
            lines.entry(line.invoice).or_default().push((own, number));
        }
        Self { lines, refused: BTreeSet::new(), asked: BTreeMap::new(), whole: 0, part: 0, none: 0 }
    }

    pub(super) fn refuse(&mut self, trade: &Trade, number: &str) {
        let order = trade.invoices.iter().position(|i| &*i.number == number).unwrap();
        self.refused.insert(u32::try_from(order).unwrap());
    }

    /// Asks for every cancellation in the order of the file.
    pub(super) fn run(&mut self, trade: &Trade) {
        let index = SalesIndex::of(trade);
        for invoice in trade.invoices.iter().filter(|i| i.class == Class::Cancellation) {
            for number in invoice.lines.clone() {
                let line = trade.lines[number as usize];
                let ask = Ask { line: number, units: -line.quantity, round: 0 };
                let before = |customer| index.earlier(trade, customer, line.sku, invoice.at);
                let orders = if invoice.customer == 0 { Vec::new() } else { before(invoice.customer) };
                self.ask(trade, ask, trade.skus.text(line.sku), &orders);
            }
        }
    }

    fn ask(&mut self, trade: &Trade, ask: Ask, sku: &str, orders: &[u32]) {
        let views: BTreeMap<u32, Vec<OrderLine>> = orders
            .iter()
            .filter(|o| !self.refused.contains(o))
            .filter_map(|o| self.lines.get(o).map(|l| (*o, l.iter().map(|(l, _)| l.clone()).collect())))
            .collect();
        let found = Matcher::default().find(sku, ask.units, orders, &views);
        assert_eq!(found.pieces.iter().map(|p| p.2).sum::<i64>() + found.left, ask.units);
        match (found.pieces.is_empty(), found.left) {
            (false, 0) => self.whole += 1,
            (false, _) => self.part += 1,
            (true, _) => self.none += 1,
        }
        let mut asked = Vec::new();
        for (order, line, units) in found.pieces {
            let own = self.lines.get_mut(&order).unwrap().iter_mut().find(|(l, _)| l.line == line).unwrap();
            own.0.returnable -= units;
            let sold = trade.lines[own.1 as usize];
            let amount = trade.minor(&sold).unwrap() * units / sold.quantity;
            let piece = Piece { rma: "R".into(), return_line: line, units };
            asked.push((piece, Verdict { credited: units, amount, refused: BTreeMap::new() }));
        }
        if found.left > 0 {
            let refused = BTreeMap::from([("no_sale_found".to_owned(), found.left)]);
            let piece = Piece { rma: "R".into(), return_line: "x".into(), units: found.left };
            asked.push((piece, Verdict { refused, ..Verdict::default() }));
        }
        self.asked.insert(ask.line, asked);
    }

    /// The account of everything.
    pub(super) fn account(&self, trade: &Trade) -> Account {
        let mut orders = BTreeMap::new();
        for (number, invoice) in (0_u32..).zip(&trade.invoices) {
            let total: i64 = trade.ordered(invoice).map(|l| trade.minor(l).unwrap()).sum();
            if trade.order(invoice).is_some() {
                let refused = self.refused.contains(&number);
                orders.insert(number, if refused { Err("parked".to_owned()) } else { Ok(total) });
            }
        }
        Account::of(trade, &orders, &self.asked)
    }
}
