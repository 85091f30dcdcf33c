//! Reading hub and vendors at the end.

use crate::live::error::LiveError;
use crate::live::hub_api::Load;
use crate::live::lab::Lab;
use crate::live::latency::Clockings;
use crate::live::ledgers::{Ledger, SYSTEMS};
use crate::live::machine::Machine;
use crate::live::report::{Books, Exceptions, Growth, HubCost, Report, Throughput, TieOutReport};
use crate::live::verdicts::Said;
use crate::live::{exceptions, tie_out, whole};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a run knows about itself.
pub(crate) struct Run {
    pub orders: u64,
    pub lines: u64,
    pub took: Duration,
    pub kills: u32,
    pub growth: Growth,
    /// What the hub said when all was at rest.
    pub rest: Load,
}

/// What was read, beside the report itself.
pub(crate) struct Gathered {
    pub report: Report,
    /// What the ERP says each order comes to, by the hub's id.
    pub sales_orders: BTreeMap<Box<str>, i64>,
    /// What the journal says about returns.
    pub said: Said,
}

/// Reads everything and fills in all of the report that does not depend on the kind of trade.
pub(crate) async fn gather(lab: &Lab, run: &Run) -> Result<Gathered, LiveError> {
    // Before anything is read: reading the journal costs the hub time that is none of the orders'.
    let usage = lab.processes.lock().await.hub_usage();
    let metrics = lab.hub.metrics().await?;
    let open = lab.hub.exceptions().await?;
    let (accounts, balanced) = tie_out::accounts(&lab.hub.balances().await?);
    let mut report = Report {
        in_progress: in_progress(&run.rest),
        exceptions: Exceptions { by_kind: exceptions::by_kind(&open) },
        kills: run.kills,
        machine: Machine::here(),
        ..Report::default()
    };
    let mut vendors = BTreeMap::new();
    let mut sales_orders = BTreeMap::new();
    let more = whole::SYSTEMS.iter().filter(|_| lab.whole);
    for system in SYSTEMS.iter().chain(more).copied() {
        let mut ledger = Ledger::of(system);
        lab.world.read_ledger(system, |row| ledger.add(&row)).await?;
        note(&mut report, system, &ledger);
        if system == "erp" {
            sales_orders = ledger.entries("sales_order").cloned().unwrap_or_default();
        }
        vendors.insert(system.to_owned(), ledger.condensed());
    }
    let money = &mut report.money;
    money.ties = money.invoiced == money.captured && money.credited == money.refunded;
    report.books = Books { balanced, tie_out: TieOutReport { accounts, vendors } };
    let (mut clockings, mut said) = (Clockings::default(), Said::default());
    let types = Clockings::TYPES.into_iter().chain(Said::TYPES).collect::<Vec<_>>().join(",");
    lab.hub
        .facts(&types, |fact| {
            clockings.take(&fact);
            said.take(&fact.kind, &fact.case, fact.data.get());
        })
        .await?;
    report.latency = clockings.latency();
    let seconds = run.took.as_secs_f64().max(0.001);
    report.throughput = Throughput {
        orders_per_s: round(run.orders as f64 / seconds),
        lines_per_s: round(run.lines as f64 / seconds),
        seconds: round(seconds),
    };
    let cpu = if usage.cpu_ms > 0 { usage.cpu_ms } else { metrics.cpu_ms };
    report.hub = HubCost {
        cpu_ms_per_order: round(cpu as f64 / run.orders.max(1) as f64),
        peak_rss_mb: usage.peak_rss_mb.max(metrics.peak_rss_mb),
        turns: metrics.turns,
        turns_per_s: round(metrics.turns as f64 / seconds),
        db_bytes_per_order: metrics.db_bytes / run.orders.max(1),
        growth: run.growth.clone(),
    };
    Ok(Gathered { report, sales_orders, said })
}

/// What a ledger says about counts and money.
fn note(report: &mut Report, system: &str, ledger: &Ledger) {
    let money = &mut report.money;
    match system {
        "shop" => money.placed = ledger.sum("order_placed"),
        "stripe" => {
            report.refunds =
                ledger.rows("refunded") - ledger.rows("refund_failed").min(ledger.rows("refunded"));
            money.captured = ledger.sum("captured");
            money.refunded = ledger.sum("refunded") - ledger.sum("refund_failed");
        }
        "erp" => {
            report.orders = ledger.entries("sales_order").map_or(0, |orders| orders.len() as u64);
            money.ordered = ledger.sum("sales_order");
            money.invoiced = ledger.sum("invoice");
            money.credited = ledger.sum("credit_memo");
        }
        "returns" => report.returns = ledger.rows("return_requested"),
        _ => {}
    }
}

/// Cases that are not finished, commands under way, parked ones and messages without a case. Pools never finish.
fn in_progress(load: &Load) -> u64 {
    let cases: u64 = load.open.iter().filter(|(kind, _)| *kind != "pool").map(|(_, n)| *n).sum();
    cases + load.commands + load.parked + load.unnamed
}

/// Three decimals: more would pretend to be exact.
pub(crate) fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_never_finished_and_no_work_in_progress() {
        let open =
            BTreeMap::from([("order".to_owned(), 2), ("pool".to_owned(), 1), ("return".to_owned(), 1)]);
        let load = Load { open, parked: 4, unnamed: 1, ..Load::default() };
        assert_eq!(in_progress(&load), 8);
    }
}
