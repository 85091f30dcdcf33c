//! A retailer's year, day by day.
//!
//! A trading day: the clock is set to its last stamp; supply that is due is received; its orders are placed one
//! after the other (the storefront sends each webhook after the one before was taken, so that stock is promised in
//! the order of the file); and when all is at rest its cancellations are asked for as returns. So nothing depends on
//! timing: a hub that is killed fifty times ends in the same books.

use crate::live::asks::Asks;
use crate::live::cost::Cost;
use crate::live::error::LiveError;
use crate::live::estate::{FIRST, SECOND};
use crate::live::gather::{Run, gather};
use crate::live::hub_api::Load;
use crate::live::kills::{Killer, Kills, Pace};
use crate::live::lab::Lab;
use crate::live::progress::{Phase, Progress, Watch};
use crate::live::report::{Lines, Report, SetAsideReport};
use crate::live::rest::at_rest;
use crate::trade::{Account, Class, Invoice, Receipt, Supply, Trade};
use crate::wire::{NewOrder, Orders};
use retail::time::Time;
use std::collections::BTreeMap;
use std::time::Instant;

/// Orders in one post: large ones have a thousand lines.
const BATCH: usize = 40;

struct Year<'a> {
    lab: &'a Lab,
    trade: &'a Trade,
    asks: Asks<'a>,
    pace: Pace,
    watch: &'a Watch,
    cost: Cost,
    total: u64,
    placed: u64,
    lines: u64,
}

/// Sends a year of trade through a fresh lab and waits until nothing is in progress.
///
/// # Errors
/// When something dies by itself, answers out of its interface, or stands still for minutes.
pub async fn trade_year(lab: &Lab, trade: &Trade, kills: Kills, watch: &Watch) -> Result<Report, LiveError> {
    let total = trade.invoices.iter().filter(|i| trade.ordered(i).next().is_some()).count() as u64;
    let killer = Killer::start(lab, kills, total);
    let (asks, pace) = (Asks::new(lab, trade), killer.pace());
    let cost = Cost::default();
    let mut year = Year { lab, trade, asks, pace, watch, cost, total, placed: 0, lines: 0 };
    let began = year.open().await?;
    let (rest, kills) = killer.during(year.run()).await?;
    // The last kill may have come after all was at rest.
    let rest = if kills > 0 { at_rest(&lab.hub, &lab.world).await? } else { rest };
    let took = began.elapsed();
    year.tell(Phase::Gathering);
    let growth = year.cost.growth();
    let run = Run { orders: year.placed, lines: year.lines, took, kills, growth, rest };
    account(lab, trade, year.asks, &run).await
}

/// The report with its equations.
async fn account(lab: &Lab, trade: &Trade, asks: Asks<'_>, run: &Run) -> Result<Report, LiveError> {
    let gathered = gather(lab, run).await?;
    let mut report = gathered.report;
    let mut orders: BTreeMap<u32, Result<i64, String>> = BTreeMap::new();
    for (number, invoice) in (0_u32..).zip(&trade.invoices) {
        if invoice.class == Class::Sale && trade.ordered(invoice).next().is_some() {
            let known = gathered.sales_orders.get(order_id(invoice).as_str());
            orders.insert(number, known.copied().ok_or_else(|| "not_in_the_erp".to_owned()));
        }
    }
    let judged = gathered.said.verdicts(&lab.hub, trade, asks.into_asked()).await?;
    let account = Account::of(trade, &orders, &judged);
    let ties = account.ties();
    report.lines = Lines { total: ties.lines_total, taken: ties.lines_taken };
    report.set_aside = SetAsideReport { by_reason: account.by_reason() };
    let granted: i64 = judged.values().flatten().map(|(_, verdict)| verdict.amount).sum();
    report.ties = ties.ties && report.money.ties && report.books.balanced && granted == report.money.refunded;
    report.equations = Some(ties.clone());
    Ok(report)
}

/// The hub's id of the order that an invoice is.
pub(crate) fn order_id(invoice: &Invoice) -> String {
    format!("shop-{}", invoice.number)
}

impl Year<'_> {
    /// Counts the opening stock. Answers when the trade begins.
    async fn open(&mut self) -> Result<Instant, LiveError> {
        self.tell(Phase::Opening);
        self.clock(self.trade.invoices.first().map(|i| i.at)).await?;
        let supply = Supply::plan(self.trade);
        self.lab.world.open(FIRST, &supply.first).await?;
        self.lab.world.open(SECOND, &supply.second).await?;
        at_rest(&self.lab.hub, &self.lab.world).await?;
        self.cost = Cost::start(self.lab, self.total).await;
        Ok(Instant::now())
    }

    /// Every day, and then what is left until nothing is in progress.
    async fn run(&mut self) -> Result<Load, LiveError> {
        let mut supply = Supply::plan(self.trade);
        for (day, numbers) in self.trade.days() {
            let invoices = |n: &u32| self.trade.invoices.get(*n as usize).map(|i| (*n, i));
            let invoices: Vec<(u32, &Invoice)> = numbers.iter().filter_map(invoices).collect();
            self.day(supply.receipts.remove(&day), &invoices).await?;
        }
        self.tell(Phase::Settling);
        if let Some(rest) = supply.rest.take() {
            self.receive(&rest).await?;
        }
        self.asks.settle_deferred().await?;
        at_rest(&self.lab.hub, &self.lab.world).await
    }

    fn tell(&self, phase: Phase) {
        let (orders, total, returns, kills) =
            (self.placed, self.total, self.asks.returns(), self.pace.killed());
        self.watch.tell(Progress { phase, orders, total, returns, kills });
    }

    async fn clock(&mut self, at: Option<Time>) -> Result<(), LiveError> {
        let Some(at) = at else { return Ok(()) };
        self.asks.clock(at);
        self.lab.world.clock(&at.to_string()).await
    }

    async fn receive(&mut self, receipt: &Receipt) -> Result<(), LiveError> {
        self.lab.world.receive(FIRST, &receipt.id, &receipt.lines).await?;
        self.asks.supplied(receipt.lines.iter().map(|u| u.sku.as_str()));
        at_rest(&self.lab.hub, &self.lab.world).await.map(drop)
    }

    async fn day(&mut self, receipt: Option<Receipt>, invoices: &[(u32, &Invoice)]) -> Result<(), LiveError> {
        self.clock(invoices.iter().map(|(_, i)| i.at).max()).await?;
        if let Some(receipt) = receipt {
            self.receive(&receipt).await?;
        }
        let orders: Vec<NewOrder> = invoices.iter().filter_map(|(_, i)| self.trade.order(i)).collect();
        let any = !orders.is_empty();
        let mut orders = orders.into_iter().peekable();
        while orders.peek().is_some() {
            let batch = Orders { orders: orders.by_ref().take(BATCH).collect() };
            self.lab.world.place(&batch).await?;
            self.placed += batch.orders.len() as u64;
            self.lines += batch.orders.iter().map(|o| o.lines.len() as u64).sum::<u64>();
            self.pace.placed(self.placed);
            self.tell(Phase::Trading);
        }
        if any {
            at_rest(&self.lab.hub, &self.lab.world).await?;
        }
        let cancelled = invoices.iter().filter(|(_, i)| i.class == Class::Cancellation);
        self.asks.add(cancelled.map(|(n, _)| *n));
        if self.asks.ask_due().await? {
            at_rest(&self.lab.hub, &self.lab.world).await?;
        }
        self.cost.placed(self.lab, self.placed, self.lines).await;
        self.tell(Phase::Trading);
        Ok(())
    }
}
