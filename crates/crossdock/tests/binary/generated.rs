//! Made-up trade through hub and look-alikes as processes, without and with `kill -9`.

use super::common::trade::{rehearse, sixty};
use rehearsal::live::{Report, same_tie_out};
use std::ffi::OsStr;

#[test]
fn sixty_orders_and_their_returns_tie_and_verify_finds_nothing() {
    let done = sixty();
    assert_eq!(done.ran.code, 0, "{}", done.ran.err);
    assert!(done.ran.err.contains("no rule is broken"), "{}", done.ran.err);
    let report = done.report();
    assert!(report.ties && report.books.balanced && report.money.ties);
    assert_eq!((report.orders, report.in_progress, report.kills), (60, 0, 0));
    assert!(report.returns > 0 && report.refunds > 0, "nothing came back");
    assert_eq!(report.lines.taken, report.lines.total);
    assert_eq!(report.money.captured, report.money.placed, "every order was shipped and paid");
    assert_eq!(report.exceptions.by_kind.len(), 0, "{:?}", report.exceptions);
    assert!(report.equations.is_none(), "equations are those of a file");
}

#[test]
fn the_report_has_its_members_with_their_types() {
    let report = sixty().ran.json();
    for member in [
        "/lines/total",
        "/lines/taken",
        "/orders",
        "/returns",
        "/refunds",
        "/in_progress",
        "/kills",
        "/latency/p50_ms",
        "/latency/p99_ms",
        "/hub/peak_rss_mb",
        "/hub/turns",
        "/money/placed",
        "/money/refunded",
    ] {
        assert!(report.pointer(member).is_some_and(serde_json::Value::is_u64), "{member}: {report:#}");
    }
    for member in
        ["/throughput/orders_per_s", "/throughput/seconds", "/hub/cpu_ms_per_order", "/hub/turns_per_s"]
    {
        assert!(report.pointer(member).is_some_and(serde_json::Value::is_f64), "{member}: {report:#}");
    }
    for member in
        ["/set_aside/by_reason", "/exceptions/by_kind", "/books/tie_out/accounts", "/books/tie_out/vendors"]
    {
        assert!(report.pointer(member).is_some_and(serde_json::Value::is_object), "{member}: {report:#}");
    }
    for member in ["/books/balanced", "/ties", "/money/ties"] {
        assert!(report.pointer(member).is_some_and(serde_json::Value::is_boolean), "{member}: {report:#}");
    }
    let captured = &report["books"]["tie_out"]["vendors"]["stripe"]["captured"];
    assert!(captured["count"].as_u64() == Some(60) && captured["sum"].is_i64(), "{captured}");
    let sum = captured["sha256"].as_str().unwrap();
    assert!(sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()), "{sum}");
    for system in ["shop", "stripe", "erp", "oms", "wms-north", "wms-south", "returns"] {
        assert!(report["books"]["tie_out"]["vendors"][system].is_object(), "{system} has no ledger");
    }
    assert!(report["books"]["tie_out"]["accounts"]["main/sales"]["GBP"].is_i64());
}

#[test]
fn pitfall_32_eight_kills_end_in_the_same_tie_out() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--orders", "60", "--seed", "3", "--kills", "8"].map(OsStr::new);
    let ran = rehearse(&folder.path().join("killed"), &arguments);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    let killed: Report = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((killed.kills, killed.in_progress), (8, 0));
    assert_eq!(same_tie_out(&sixty().report(), &killed), Vec::<String>::new());
}

#[test]
fn vendors_that_behave_badly_end_in_the_same_tie_out() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--orders", "60", "--seed", "3", "--faults", "bad"].map(OsStr::new);
    let ran = rehearse(&folder.path().join("bad"), &arguments);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    let bad: Report = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(bad.in_progress, 0);
    assert_eq!(same_tie_out(&sixty().report(), &bad), Vec::<String>::new());
}

/// Everybody is there whom a retailer may do without, and customers are told of what happens: `verify` counts it.
#[test]
fn a_whole_estate_tells_its_customers() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--orders", "30", "--seed", "3", "--estate", "whole"].map(OsStr::new);
    let ran = rehearse(&folder.path().join("whole"), &arguments);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    let checked = |rule: &str| -> u64 {
        let row = ran.err.lines().find(|line| line.starts_with(rule)).unwrap_or_default();
        row.split_whitespace().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or_default()
    };
    assert!(checked("message.once") >= 60, "30 orders are confirmed and shipped:\n{}", ran.err);
    assert!(checked("ledger.missing") >= 7, "{}", ran.err);
}
