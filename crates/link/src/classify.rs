//! What an answer means. The first rule that matches wins; what no rule knows is decided by its status.

use crate::jq::Failed;
use crate::manifest::{Class, Rule};
use crate::scene::Scene;
use crate::sign::header;
use retail::time::{Span, Time};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Verdict {
    pub class: Class,
    pub code: String,
    pub message: String,
    pub retry_after: Option<Span>,
}

/// Without a rule: 2xx done, 401 and 403 unauthorised, 429 throttled, anything else unknown. A status is
/// a hint: an error may still have done its work.
pub(crate) fn verdict(rules: &[Rule], scene: &Scene<'_>, now: Time) -> Result<Verdict, Failed> {
    let status = scene.status;
    let default = match status {
        200..=299 => Class::Done,
        401 | 403 => Class::Unauthorised,
        429 => Class::Throttled,
        _ => Class::Unknown,
    };
    let mut out = Verdict {
        class: default,
        code: format!("http_{status}"),
        message: format!("answered {status}"),
        retry_after: header(&scene.headers, "retry-after").and_then(|value| retry_after(value, now)),
    };
    for rule in rules {
        let asked = rule.statuses.is_empty() || rule.statuses.contains(&status);
        if !asked || !rule.when.as_ref().map_or(Ok(true), |when| scene.holds(when))? {
            continue;
        }
        out.class = rule.class;
        // A refusal whose text cannot be read is still a refusal.
        if let Some(code) = rule.code.as_ref().and_then(|program| scene.text(program).ok()) {
            out.code = code;
        }
        if let Some(message) = rule.message.as_ref().and_then(|program| scene.text(program).ok()) {
            out.message = message;
        }
        break;
    }
    Ok(out)
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). A date that has passed means now.
fn retry_after(value: &str, now: Time) -> Option<Span> {
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Span::seconds(i64::from(seconds)));
    }
    let at = http_date(value)?;
    Some(Span(at.since(now).0.max(0)))
}

/// `Wed, 21 Oct 2015 07:28:00 GMT`.
fn http_date(value: &str) -> Option<Time> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = value.split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, clock, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    Time::parse(&format!("{year}-{month:02}-{day}T{clock}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Time::parse("2015-10-21T07:27:00Z").unwrap();
        assert_eq!(retry_after("120", now), Some(Span::seconds(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Span::seconds(60)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:26:00 GMT", now), Some(Span(0)));
        for bad in ["", "soon", "-5", "99999999999999", "Wed, 21 Okt 2015 07:28:00 GMT"] {
            assert_eq!(retry_after(bad, now), None, "{bad}");
        }
    }
}
