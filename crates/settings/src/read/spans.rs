//! `[policy.spans]` and `[policy.periods]`: how long things may take, and which days are closed.

use super::words::span;
use crate::policy::{Closing, Periods, Spans};
use formats::toml::{Fields, Node};
use retail::time::{Span, Time};

/// Reads `[policy.spans]`. `deadline` is the days within which a withdrawal is paid back.
pub(super) fn spans(mut fields: Fields<'_>, deadline: Option<i64>) -> Spans {
    let mut read = |name, usual| fields.get(name).and_then(|node| span(&node)).unwrap_or(usual);
    let mut spans = Spans {
        early: read("early", Span::days(1)),
        order: read("order", Span::days(30)),
        retry: read("retry", Span::hours(1)),
        retries: 3,
        arrival: read("arrival", Span::days(30)),
        inspection: read("inspection", Span::days(3)),
        refund: read("refund", Span::days(10)),
        deadline_warning: read("deadline_warning", Span::days(2)),
    };
    let retries = fields.get("retries").and_then(|node| node.whole(0..=1_000));
    if let Some(retries) = retries.and_then(|n| u32::try_from(n).ok()) {
        spans.retries = retries;
    }
    if let Some(deadline) = deadline.filter(|days| Span::days(*days) <= spans.deadline_warning) {
        fields.fault_in(
            "deadline_warning",
            format!("the warning would come before the {deadline} days of withdrawal_refund_days begin"),
            format!("less than {deadline}d"),
        );
    }
    fields.done();
    spans
}

/// Reads `[policy.periods]`.
pub(super) fn periods(mut fields: Fields<'_>) -> Periods {
    let east = fields.get("east_minutes").and_then(|node| node.whole(-720..=840));
    let closed = fields.get("closed").map(|node| node.items()).unwrap_or_default();
    let periods = Periods {
        east_minutes: east.and_then(|n| i32::try_from(n).ok()).unwrap_or(0),
        closed: closed.iter().filter_map(closing).collect(),
    };
    fields.done();
    periods
}

fn closing(node: &Node<'_>) -> Option<Closing> {
    let mut fields = node.fields()?;
    let until = fields.need("until", "until = 2010-12-31").and_then(|node| node.day());
    let since = fields.need("since", "since = 2011-01-10T00:00:00Z").and_then(|node| {
        let at = Time::parse(&node.instant()?);
        if at.is_none() {
            node.fault("this instant cannot be told", "2011-01-10T00:00:00Z, without quotes");
        }
        at
    });
    fields.done();
    let (year, month, day) = until?;
    Some(Closing { until: format!("{year:04}-{month:02}-{day:02}"), since: since? })
}
