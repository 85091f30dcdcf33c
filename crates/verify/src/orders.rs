//! Orders, line by line: what was placed, shipped, cancelled, invoiced, captured, credited.

use crate::args::{Data, Line};
use crate::documents::{Documents, Kind, Role};
use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A line's counters: units, and minor units.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    pub line: Id,
    pub sku: Id,
    pub goods: bool,
    pub ordered: i64,
    pub charge: i64,
    pub tax: i64,
    pub shipped: i64,
    pub cancelled: i64,
    pub delivered: i64,
    pub invoiced: i64,
    pub invoiced_amount: i64,
    pub invoiced_tax: i64,
    pub credited: i64,
    pub credited_amount: i64,
    pub came_back: i64,
    /// How often the ERP was told of the line.
    pub written: i64,
    /// The line whose quantity it raises; itself where it raises none.
    pub known_as: Id,
}

#[derive(Clone, Debug, Default)]
struct Order {
    placed: bool,
    total: i64,
    lines: Vec<Counters>,
    /// Sums on the accounts that must come to nothing.
    open: i64,
    receivable: i64,
    payable: i64,
    granted: i64,
    memos: i64,
    /// Taken at checkout, as the storefront said.
    prepaid: i64,
    /// Given back by somebody else, as far as the hub was told, less what of it paid a credit.
    refunded_elsewhere: i64,
    /// Paid by the credit of another order.
    carried: i64,
    /// Captured for what was never sold, and granted back.
    surplus: i64,
}

/// Units per order and SKU, as the systems' ledgers say.
#[derive(Clone, Copy, Debug, Default)]
struct Units {
    warehouse: i64,
    erp: i64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Orders {
    all: HashMap<Id, Order>,
    units: HashMap<(Id, Id), Units>,
    /// Cancellations and credits that were taken in.
    seen: HashSet<Id>,
    /// Shipped before the order was submitted.
    early: HashMap<Id, Vec<(Id, i64)>>,
    /// What the provider captured, and gave back, per order.
    captured: BTreeMap<Id, i64>,
    refunded: BTreeMap<Id, i64>,
}

impl Orders {
    fn order(&mut self, id: Id) -> &mut Order {
        self.all.entry(id).or_default()
    }

    fn line(&mut self, order: Id, line: &str, texts: &mut Texts) -> Option<&mut Counters> {
        let id = texts.id(line);
        self.all.get_mut(&order)?.lines.iter_mut().find(|l| l.line == id)
    }

    /// The lines of an order that was submitted.
    pub fn lines_of(&mut self, order: Id) -> Option<&mut Vec<Counters>> {
        self.all.get_mut(&order).filter(|o| o.placed).map(|o| &mut o.lines)
    }

    /// Something was added to an order.
    pub fn costs_more(&mut self, order: Id, by: i64) {
        self.order(order).total += by;
    }

    /// `order.submitted`; a second submission changes nothing.
    pub fn submitted(
        &mut self,
        id: Id,
        data: &Data<'_>,
        place: &str,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        let Some(sum) = self.place(id, data, texts) else { return };
        let order = self.order(id);
        order.total = data.total;
        order.prepaid = data.tenders.iter().map(|t| t.captured).sum();
        for (line, units) in self.early.remove(&id).unwrap_or_default() {
            if let Some(line) =
                self.all.get_mut(&id).and_then(|o| o.lines.iter_mut().find(|l| l.line == line))
            {
                line.shipped += units;
            }
        }
        findings.checked(rules::ORDER_TOTAL, 1);
        if sum != data.total {
            let found = format!("{sum} on its lines");
            findings.breach(rules::ORDER_TOTAL, texts.text(id), data.total.to_string(), found, place);
        }
    }

    /// `exchange.open`: an order that a return opened. Nobody states its total but its lines.
    pub fn exchanged(&mut self, id: Id, data: &Data<'_>, texts: &mut Texts) {
        if let Some(sum) = self.place(id, data, texts) {
            self.order(id).total = sum;
        }
    }

    /// Notes an order's lines and answers their sum; one that is known stays as it is.
    fn place(&mut self, id: Id, data: &Data<'_>, texts: &mut Texts) -> Option<i64> {
        let lines = data.lines().iter().map(|l| Counters {
            line: texts.id(&l.line),
            known_as: texts.id(&l.line),
            sku: texts.id(&l.sku),
            goods: (l.kind.is_empty() || &*l.kind == "goods") && &*l.supply != "digital",
            ordered: l.quantity,
            charge: if l.tax_included { l.amount } else { l.amount.saturating_add(l.tax) },
            tax: l.tax,
            ..Counters::default()
        });
        let lines: Vec<Counters> = lines.collect();
        let order = self.order(id);
        if order.placed {
            return None;
        }
        let sum = lines.iter().map(|l| l.charge).sum();
        (order.placed, order.lines) = (true, lines);
        Some(sum)
    }

    /// Lines of a shipment that a warehouse confirmed. Those of an order that is submitted only later wait for it.
    pub fn shipped<'a>(&mut self, order: Id, lines: impl Iterator<Item = &'a Line<'a>>, texts: &mut Texts) {
        let placed = self.order(order).placed;
        for l in lines {
            if !placed {
                let line = texts.id(&l.line);
                self.early.entry(order).or_default().push((line, l.quantity));
            } else if let Some(line) = self.line(order, &l.line, texts) {
                line.shipped += l.quantity;
            }
        }
    }

    pub fn delivered(&mut self, order: Id, data: &Data<'_>, texts: &mut Texts) {
        for l in data.lines() {
            if let Some(line) = self.line(order, &l.line, texts) {
                line.delivered += l.quantity;
            }
        }
    }

    /// A cancellation that was decided; ERP and storefront are told of the same one.
    pub fn cancelled(&mut self, order: Id, data: &Data<'_>, texts: &mut Texts) {
        if !self.seen.insert(texts.id(&data.id)) {
            return;
        }
        for l in data.lines() {
            let id = texts.id(&l.line);
            let Some(order) = self.all.get_mut(&order) else { continue };
            // Whoever knows a raised line by the line that it raises means both.
            let mut left = l.quantity;
            for line in order.lines.iter_mut().filter(|x| x.line == id || x.known_as == id) {
                let n = left.min(line.ordered - line.cancelled).max(0);
                line.cancelled += n;
                left -= n;
            }
            if let Some(line) = order.lines.iter_mut().find(|x| x.line == id) {
                line.cancelled += left;
            }
        }
    }

    pub fn invoiced(
        &mut self,
        order: Id,
        data: &Data<'_>,
        place: &str,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        let mut sum = 0;
        for l in data.lines() {
            sum += l.amount;
            match self.line(order, &l.line, texts) {
                Some(line) => {
                    line.invoiced += l.quantity;
                    line.invoiced_amount += l.amount;
                    line.invoiced_tax += l.tax;
                    if !line.goods {
                        line.shipped += l.quantity;
                    }
                }
                None => findings.breach(
                    rules::ORDER_INVOICED,
                    format!("{} line {}", texts.text(order), &*l.line),
                    "a line that was ordered",
                    "none",
                    place,
                ),
            }
        }
        findings.checked(rules::ORDER_INVOICED, 1);
        if sum != data.total {
            let (about, found) = (format!("invoice {}", &*data.id), format!("{sum} on its lines"));
            findings.breach(rules::ORDER_INVOICED, about, data.total.to_string(), found, place);
        }
    }

    /// `credit.granted`; said again, it counts once. Answers whether it is new.
    pub fn granted(
        &mut self,
        order: Id,
        data: &Data<'_>,
        place: &str,
        texts: &mut Texts,
        findings: &mut Findings,
    ) -> bool {
        if !self.seen.insert(texts.id(&data.credit)) {
            return false;
        }
        let mut sum = 0;
        for l in data.lines() {
            sum += l.amount;
            let named = if l.order_line.is_empty() { &l.line } else { &l.order_line };
            if let Some(line) = self.line(order, named, texts) {
                line.credited += l.quantity;
                line.credited_amount += l.amount;
            }
        }
        self.order(order).granted += data.amount;
        findings.checked(rules::CREDIT_LINES, 1);
        let of_no_line = matches!(&*data.kind, "goodwill" | "cancellation") && data.lines().is_empty();
        if sum != data.amount && !of_no_line {
            let (about, found) = (format!("credit {}", &*data.credit), format!("{sum} on its lines"));
            findings.breach(rules::CREDIT_LINES, about, data.amount.to_string(), found, place);
        }
        true
    }

    pub fn is_goods(&self, order: Id, line: &str, texts: &Texts) -> bool {
        let found = texts.known(line).zip(self.all.get(&order));
        found.is_some_and(|(id, o)| o.lines.iter().any(|l| l.line == id && l.goods))
    }

    /// The ERP is told of lines.
    pub fn told<'a>(&mut self, order: Id, lines: &[Line<'a>], texts: &mut Texts) {
        for l in lines {
            if let Some(line) = self.line(order, &l.line, texts) {
                line.written += 1;
            }
        }
    }

    /// `create_sales_order`.
    pub fn written(&self, order: Id, total: i64, place: &str, texts: &Texts, findings: &mut Findings) {
        findings.checked(rules::ORDER_TOTAL, 1);
        let placed = self.all.get(&order).map_or(0, |o| o.total);
        if placed != total {
            let found = format!("{total} in the ERP's order");
            findings.breach(rules::ORDER_TOTAL, texts.text(order), placed.to_string(), found, place);
        }
    }

    pub fn memo(&mut self, order: Id, total: i64) {
        self.order(order).memos += total;
    }

    pub fn refunded_elsewhere(&mut self, order: Id, amount: i64) {
        self.order(order).refunded_elsewhere += amount;
    }

    pub fn carried(&mut self, order: Id, amount: i64) {
        self.order(order).carried += amount;
    }

    pub fn surplus(&mut self, order: Id, amount: i64) {
        self.order(order).surplus += amount;
    }

    /// Units of a line came back.
    pub fn came_back(&mut self, order: Id, line: Id, units: i64) {
        if let Some(line) = self.all.get_mut(&order).and_then(|o| o.lines.iter_mut().find(|l| l.line == line))
        {
            line.came_back += units;
        }
    }

    /// A line of an entry of the order's family.
    pub fn posted(&mut self, order: Id, account: &str, amount: i64) {
        let order = self.order(order);
        match account {
            "orders.open" => order.open += amount,
            "receivable" => order.receivable += amount,
            "refunds.payable" => order.payable += amount,
            _ => {}
        }
    }

    pub fn warehouse(&mut self, order: Id, sku: Id, units: i64) {
        self.units.entry((order, sku)).or_default().warehouse += units;
    }

    pub fn erp(&mut self, order: Id, sku: Id, units: i64) {
        self.units.entry((order, sku)).or_default().erp += units;
    }

    /// The provider's ledger: captured, or given back where negative.
    pub fn provider(&mut self, order: Id, captured: i64, refunded: i64) {
        *self.captured.entry(order).or_default() += captured;
        *self.refunded.entry(order).or_default() += refunded;
    }

    /// Judges each order. `busy` are those with anything under way.
    pub fn finish(&self, busy: &BTreeSet<Id>, documents: &Documents, texts: &Texts, findings: &mut Findings) {
        for (id, order) in &self.all {
            let judge = Judge { id: *id, about: texts.text(*id), order, texts };
            judge.always(findings);
            self.units_of(&judge, busy.contains(id), documents, findings);
            if order.placed && !busy.contains(id) {
                judge.finished(documents, findings);
            }
        }
        self.strays(documents, texts, findings);
        self.provider_bounds(documents, texts, findings);
    }

    fn units_of(&self, judge: &Judge<'_>, busy: bool, documents: &Documents, findings: &mut Findings) {
        let mut by_sku: BTreeMap<Id, (i64, i64, i64)> = BTreeMap::new();
        for l in judge.order.lines.iter().filter(|l| l.goods) {
            let sums = by_sku.entry(l.sku).or_default();
            (sums.0, sums.1, sums.2) = (sums.0 + l.ordered, sums.1 + l.shipped, sums.2 + l.delivered);
        }
        for (sku, (ordered, shipped, delivered)) in by_sku {
            findings.checked(rules::ORDER_UNITS, 1);
            let said = self.units.get(&(judge.id, sku)).copied().unwrap_or_default();
            let about = format!("{} {}", judge.about, judge.texts.text(sku));
            let mut differs = |what: &str, expected: i64, found: i64, place: &str| {
                let expected = format!("{expected} {what}");
                findings.breach(rules::ORDER_UNITS, about.as_str(), expected, found.to_string(), place);
            };
            if shipped > ordered {
                differs("ordered at most", ordered, shipped, "shipments in the journal");
            }
            if documents.given(Role::Wms) && said.warehouse > ordered {
                differs("ordered at most", ordered, said.warehouse, "ledgers of wms");
            }
            if busy {
                continue;
            }
            if delivered != shipped {
                differs("shipped", shipped, delivered, "deliveries in the journal");
            }
            if documents.given(Role::Wms) && said.warehouse != shipped {
                differs("shipped", shipped, said.warehouse, "ledgers of wms");
            }
            if documents.given(Role::Erp) && said.erp != shipped {
                differs("shipped", shipped, said.erp, "ledger of erp");
            }
        }
    }

    /// Units in ledgers of orders, or of SKUs in orders, that the journal does not know.
    fn strays(&self, documents: &Documents, texts: &Texts, findings: &mut Findings) {
        if !documents.any_given() {
            return;
        }
        for ((order, sku), units) in &self.units {
            let known =
                self.all.get(order).is_some_and(|o| !o.placed || o.lines.iter().any(|l| l.sku == *sku));
            if !known && (units.warehouse != 0 || units.erp != 0) {
                findings.breach(
                    rules::ORDER_UNITS,
                    format!("{} {}", texts.text(*order), texts.text(*sku)),
                    "units of an order that has the SKU",
                    format!("{} shipped, {} delivered", units.warehouse, units.erp),
                    "ledgers of wms and erp",
                );
            }
        }
    }

    fn provider_bounds(&self, documents: &Documents, texts: &Texts, findings: &mut Findings) {
        if !documents.given(Role::Payments) {
            return;
        }
        let place = "ledger of payments";
        for (order, captured) in &self.captured {
            findings.checked(rules::PAYMENT_BOUND, 1);
            findings.checked(rules::PAYMENT_UNSHIPPED, 1);
            let refunded = self.refunded.get(order).copied().unwrap_or(0);
            if refunded > *captured {
                let expected = format!("{captured} at most");
                findings.breach(
                    rules::PAYMENT_BOUND,
                    texts.text(*order),
                    expected,
                    refunded.to_string(),
                    place,
                );
            }
            let shipped = self.all.get(order).is_some_and(|o| o.lines.iter().any(|l| l.shipped > 0));
            let prepaid = self.all.get(order).map_or(0, |o| o.prepaid);
            if *captured > prepaid && !shipped {
                let found = format!("{captured} captured");
                findings.breach(
                    rules::PAYMENT_UNSHIPPED,
                    texts.text(*order),
                    "nothing captured",
                    found,
                    place,
                );
            }
        }
    }
}

/// One order and its name.
struct Judge<'a> {
    id: Id,
    about: &'a str,
    order: &'a Order,
    texts: &'a Texts,
}

impl Judge<'_> {
    /// What holds at every moment.
    fn always(&self, findings: &mut Findings) {
        for l in &self.order.lines {
            findings.checked(rules::ORDER_INVOICED, 1);
            let about = || format!("{} line {}", self.about, self.texts.text(l.line));
            for (what, whole, part) in [("", l.charge, l.invoiced_amount), (" tax", l.tax, l.invoiced_tax)] {
                // Within one minor unit of the exact share, and exact for the whole line.
                let off =
                    i128::from(part) * i128::from(l.ordered) - i128::from(whole) * i128::from(l.invoiced);
                let exact = l.invoiced == l.ordered || l.invoiced == 0;
                if l.invoiced > l.ordered || (exact && off != 0) || off.abs() >= i128::from(l.ordered.max(1))
                {
                    let expected = format!("{} of {} units of{what} {whole}", l.invoiced, l.ordered);
                    findings.breach(
                        rules::ORDER_INVOICED,
                        about(),
                        expected,
                        part.to_string(),
                        "invoices in the journal",
                    );
                }
            }
            if l.credited > 0 {
                findings.checked(rules::CREDIT_LINES, 1);
            }
            if l.credited > l.shipped {
                let expected = format!("{} shipped at most", l.shipped);
                let found = format!("{} credited", l.credited);
                findings.breach(rules::CREDIT_LINES, about(), expected, found, "credits in the journal");
            }
            if l.credited_amount > l.invoiced_amount {
                let expected = format!("{} charged at most", l.invoiced_amount);
                let found = format!("{} credited", l.credited_amount);
                findings.breach(rules::CREDIT_LINES, about(), expected, found, "credits in the journal");
            }
            if l.came_back > 0 {
                findings.checked(rules::RETURN_SHIPPED, 1);
                if l.came_back > l.shipped {
                    let expected = format!("{} shipped at most", l.shipped);
                    findings.breach(
                        rules::RETURN_SHIPPED,
                        about(),
                        expected,
                        l.came_back.to_string(),
                        "receipts in the journal",
                    );
                }
            }
        }
    }

    /// An ERP that knows the order knows each line of it, once.
    fn written(&self, findings: &mut Findings) {
        if self.order.lines.iter().all(|l| l.written == 0) {
            return;
        }
        for l in &self.order.lines {
            findings.checked(rules::ORDER_WRITTEN, 1);
            if l.written != 1 {
                let about = format!("{} line {}", self.about, self.texts.text(l.line));
                let found = l.written.to_string();
                findings.breach(
                    rules::ORDER_WRITTEN,
                    about,
                    "written once",
                    found,
                    "commands in the journal",
                );
            }
        }
    }

    /// What holds of an order that is over.
    fn finished(&self, documents: &Documents, findings: &mut Findings) {
        let order = self.order;
        let mut invoiced = 0;
        self.written(findings);
        for l in &order.lines {
            findings.checked(rules::ORDER_FINISHED, 1);
            invoiced += l.invoiced_amount;
            let about = || format!("{} line {}", self.about, self.texts.text(l.line));
            if l.shipped + l.cancelled != l.ordered {
                let found = format!("{} shipped, {} cancelled", l.shipped, l.cancelled);
                findings.breach(
                    rules::ORDER_FINISHED,
                    about(),
                    format!("{} in all", l.ordered),
                    found,
                    "journal",
                );
            }
            if l.invoiced != l.shipped {
                let (expected, found) = (format!("{} invoiced", l.shipped), l.invoiced.to_string());
                findings.breach(rules::ORDER_FINISHED, about(), expected, found, "invoices in the journal");
            }
        }
        findings.checked(rules::BOOKS_SETTLED, 1);
        let accounts = [
            ("orders.open", order.open, 0),
            ("receivable", order.receivable, 0),
            ("refunds.payable", order.payable, order.refunded_elsewhere),
        ];
        for (account, sum, expected) in accounts.into_iter().filter(|(_, sum, expected)| sum != expected) {
            let about = format!("{} {account}", self.about);
            findings.breach(
                rules::BOOKS_SETTLED,
                about,
                expected.to_string(),
                sum.to_string(),
                "entries in the journal",
            );
        }
        findings.checked(rules::PAYMENT_CAPTURED, 1);
        let captured = documents.hub_side(Kind::Captured, self.id).amount + order.carried - order.surplus;
        if captured != invoiced {
            let found = format!("{captured} captured");
            findings.breach(
                rules::PAYMENT_CAPTURED,
                self.about,
                format!("{invoiced} invoiced"),
                found,
                "captures in the journal",
            );
        }
        if order.memos != order.granted {
            let (expected, found) =
                (format!("{} granted", order.granted), format!("memos of {}", order.memos));
            findings.breach(rules::CREDIT_PAID, self.about, expected, found, "credit memos in the journal");
        }
    }
}
