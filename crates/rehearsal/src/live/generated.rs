//! Made-up trade at full load: a window of orders is kept open, each that is shipped makes room for the next.

use crate::generate::Generated;
use crate::live::cost::Cost;
use crate::live::error::LiveError;
use crate::live::estate::{FIRST, SECOND};
use crate::live::gather::{Run, gather};
use crate::live::hub_api::Load;
use crate::live::kills::{Killer, Kills, Pace};
use crate::live::lab::Lab;
use crate::live::progress::{Phase, Progress, Watch};
use crate::live::report::{Lines, Report};
use crate::live::rest::at_rest;
use crate::wire::{NewReturn, Orders};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Orders that are open at the same time.
const WINDOW: usize = 300;
/// Orders in one post.
const BATCH: u64 = 25;
const PAUSE: Duration = Duration::from_millis(4);
/// Without any shipment for so long there will be no more.
const STUCK: Duration = Duration::from_secs(240);

struct Flow<'a> {
    lab: &'a Lab,
    trade: &'a Generated,
    watch: &'a Watch,
    cost: Cost,
    pace: Pace,
    placed: u64,
    lines: u64,
    returns: u64,
    /// Units of each open order that the customer was not told of yet.
    open: HashMap<u64, i64>,
    /// The last row of the storefront's ledger that was read.
    read: u64,
}

/// Sends made-up trade through a fresh lab and waits until nothing is in progress.
///
/// # Errors
/// When something dies by itself, answers out of its interface, or stands still for minutes.
pub async fn trade_generated(
    lab: &Lab,
    trade: &Generated,
    kills: Kills,
    watch: &Watch,
) -> Result<Report, LiveError> {
    let killer = Killer::start(lab, kills, trade.orders());
    let (open, pace) = (HashMap::new(), killer.pace());
    let cost = Cost::default();
    let mut flow = Flow { lab, trade, watch, cost, pace, placed: 0, lines: 0, returns: 0, open, read: 0 };
    let began = flow.opening().await?;
    let (rest, kills) = killer.during(flow.run()).await?;
    // The last kill may have come after all was at rest.
    let rest = if kills > 0 { at_rest(&lab.hub, &lab.world).await? } else { rest };
    let took = began.elapsed();
    flow.tell(Phase::Gathering);
    let lines = flow.lines;
    let growth = flow.cost.growth();
    let run = Run { orders: flow.placed, lines, took, kills, growth, rest };
    let gathered = gather(lab, &run).await?;
    let mut report = gathered.report;
    let known =
        |n: &u64| gathered.sales_orders.contains_key(format!("shop-{}", trade.source_id(*n)).as_str());
    let taken = (0..trade.orders()).filter(known).map(|n| lines_of(&trade.order(n))).sum();
    report.lines = Lines { total: lines, taken };
    let money = &report.money;
    report.ties = money.ties && report.books.balanced && money.placed == money.ordered && taken == lines;
    Ok(report)
}

fn lines_of(order: &crate::wire::NewOrder) -> u64 {
    (order.lines.len() + order.shipping.len()) as u64
}

impl Flow<'_> {
    fn tell(&self, phase: Phase) {
        let (orders, total, returns) = (self.placed, self.trade.orders(), self.returns);
        self.watch.tell(Progress { phase, orders, total, returns, kills: self.pace.killed() });
    }

    /// Counts the opening stock. Answers when the trade begins.
    async fn opening(&mut self) -> Result<Instant, LiveError> {
        self.tell(Phase::Opening);
        self.lab.world.clock(&self.trade.clock()).await?;
        let opening = self.trade.opening();
        self.lab.world.open(FIRST, &opening.first).await?;
        self.lab.world.open(SECOND, &opening.second).await?;
        at_rest(&self.lab.hub, &self.lab.world).await?;
        self.cost = Cost::start(self.lab, self.trade.orders()).await;
        Ok(Instant::now())
    }

    /// Until every order is shipped, every return asked for, and nothing is in progress.
    async fn run(&mut self) -> Result<Load, LiveError> {
        let mut moved = Instant::now();
        while self.placed < self.trade.orders() || !self.open.is_empty() {
            let mut any = false;
            while self.open.len() < WINDOW && self.placed < self.trade.orders() {
                self.place().await?;
                any = true;
            }
            any |= self.follow().await?;
            if any {
                moved = Instant::now();
                self.tell(Phase::Trading);
            } else if moved.elapsed() > STUCK {
                let hub = format!("{:?}", self.lab.hub.load().await?);
                let lookalikes =
                    format!("{:?}, {} orders not shipped", self.lab.world.idle().await?, self.open.len());
                return Err(LiveError::Stuck { hub, lookalikes });
            } else {
                tokio::time::sleep(PAUSE).await;
            }
        }
        self.tell(Phase::Settling);
        at_rest(&self.lab.hub, &self.lab.world).await
    }

    /// Places the next orders, and receives the supply that is due by then.
    async fn place(&mut self) -> Result<(), LiveError> {
        let until = (self.placed + BATCH).min(self.trade.orders());
        let mut batch = Orders::default();
        for n in self.placed..until {
            let order = self.trade.order(n);
            self.lines += lines_of(&order);
            self.open.insert(n, order.lines.iter().map(|l| l.quantity).sum());
            batch.orders.push(order);
        }
        self.lab.world.place(&batch).await?;
        for (receipt, lines) in (self.placed + 1..=until).filter_map(|n| self.trade.receipt_after(n)) {
            self.lab.world.receive(FIRST, &receipt, &lines).await?;
        }
        self.placed = until;
        self.cost.placed(self.lab, self.placed, self.lines).await;
        self.pace.placed(until);
        Ok(())
    }

    /// Reads what the storefront was told of shipments; what is shipped whole may come back. Whether there was
    /// anything new.
    async fn follow(&mut self) -> Result<bool, LiveError> {
        let rows = self.lab.world.ledger("shop", self.read).await?;
        let Some(last) = rows.last() else { return Ok(false) };
        self.read = last.n;
        let mut back: Vec<NewReturn> = Vec::new();
        for row in rows.iter().filter(|r| r.kind == "shipment_reported") {
            let number = row.order.strip_prefix("shop-").and_then(|id| self.trade.number(id));
            let Some(n) = number else { continue };
            let Some(left) = self.open.get_mut(&n) else { continue };
            *left -= row.quantity.unwrap_or(0);
            if *left <= 0 {
                self.open.remove(&n);
                back.extend(self.trade.return_of(n));
            }
        }
        self.returns += back.len() as u64;
        self.lab.world.ask_returns(back).await?;
        Ok(true)
    }
}
