//! What `demo` and live rehearsals share: the progress bar and the summary.

use super::table;
use indicatif::{ProgressBar, ProgressStyle};
use rehearsal::live::{Report, Watch};
use std::sync::Arc;

/// A bar on standard error; none where that is no terminal or JSON was asked for.
pub fn bar(hidden: bool) -> (ProgressBar, Watch) {
    let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let style = ProgressStyle::with_template("{msg:<24} {bar:40} {pos}/{len} orders  {elapsed} (left {eta})");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let shown = Arc::new(bar.clone());
    let watch = Watch::new(move |progress| {
        shown.set_length(progress.total);
        shown.set_position(progress.orders);
        let kills = if progress.kills > 0 { format!(", killed {}", progress.kills) } else { String::new() };
        shown.set_message(format!("{}, {} returns{kills}", progress.phase, progress.returns));
    });
    (bar, watch)
}

/// The report as a table for people.
pub fn summary(report: &Report) -> String {
    let money = |minor: i64| {
        let sign = if minor < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", minor.abs() / 100, minor.abs() % 100)
    };
    let mut rows: Vec<[String; 2]> = vec![
        ["orders".to_owned(), report.orders.to_string()],
        ["lines".to_owned(), format!("{} taken of {}", report.lines.taken, report.lines.total)],
        ["returns".to_owned(), report.returns.to_string()],
        ["refunds".to_owned(), report.refunds.to_string()],
    ];
    for (reason, aside) in &report.set_aside.by_reason {
        rows.push([format!("set aside: {reason}"), format!("{} lines, {}", aside.lines, aside.amount)]);
    }
    for (label, amount) in [
        ("ordered", report.money.ordered),
        ("invoiced", report.money.invoiced),
        ("captured", report.money.captured),
        ("credited", report.money.credited),
        ("refunded", report.money.refunded),
    ] {
        rows.push([label.to_owned(), money(amount)]);
    }
    for (kind, count) in &report.exceptions.by_kind {
        rows.push([format!("exceptions: {kind}"), count.to_string()]);
    }
    let yes = |fine: bool| if fine { "yes" } else { "NO" }.to_owned();
    rows.push(["books balance".to_owned(), yes(report.books.balanced)]);
    rows.push(["everything ties".to_owned(), yes(report.ties)]);
    rows.push(["in progress".to_owned(), report.in_progress.to_string()]);
    if report.kills > 0 {
        rows.push(["hub killed".to_owned(), format!("{} times", report.kills)]);
    }
    rows.push(["orders a second".to_owned(), format!("{:.1}", report.throughput.orders_per_s)]);
    rows.push([
        "order to completed".to_owned(),
        format!("p50 {} ms, p99 {} ms", report.latency.p50_ms, report.latency.p99_ms),
    ]);
    rows.push([
        "hub".to_owned(),
        format!(
            "{:.2} ms CPU and {} bytes on disk an order, {} MB at most",
            report.hub.cpu_ms_per_order, report.hub.db_bytes_per_order, report.hub.peak_rss_mb
        ),
    ]);
    let growth = &report.hub.growth;
    if let (Some(first), Some(last)) = (growth.tenths.first(), growth.tenths.last()) {
        let each = format!(
            "{:.2} ms an order in the first tenth, {:.2} in the last: x{:.2}; a line x{:.2}",
            first.cpu_ms_per_order,
            last.cpu_ms_per_order,
            growth.end_to_start_per_order,
            growth.end_to_start_per_line
        );
        rows.push(["hub CPU as it grew".to_owned(), each]);
    }
    let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
    table(&["what", "came to"], &rows)
}
