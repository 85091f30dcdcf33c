//! Cases of lists: a kind and since when, one exchange a page, and the rows of all of them.

use super::command::compare;
use super::{Case, differ};
use crate::connector::Connector;
use crate::http::Endpoint;
use crate::list::Listed;
use retail::listing::ListKind;
use retail::time::Time;

pub(super) fn check(
    connector: &Connector,
    endpoint: &Endpoint,
    now: Time,
    name: &str,
    case: &Case,
) -> Vec<String> {
    let started = ListKind::parse(name).and_then(|kind| connector.list(kind, case.since, endpoint));
    let Some(mut listing) = started else { return vec![format!("{} has no list {name}", connector.name())] };
    let (mut out, mut found, mut more) = (Vec::new(), Vec::new(), true);
    for (n, step) in case.exchange.iter().enumerate() {
        if !more {
            out.push(format!("exchange {n} is not asked for: the list ended before"));
            break;
        }
        let request = match listing.request(now) {
            Ok(request) => request,
            Err(why) => return vec![why],
        };
        compare(step, &request, endpoint, &mut out);
        match listing.read(now, step.answer.as_answer()) {
            Listed::Page { rows, more: next } => {
                found.extend(rows);
                more = next;
            }
            Listed::NotKept => {
                if case.not_kept != Some(true) {
                    out.push("it says that the system keeps no such list".to_owned());
                }
                return out;
            }
            Listed::Failed { why, .. } => {
                match &case.failed {
                    Some(part) if why.contains(part) => {}
                    Some(part) => out.push(format!("it says {why:?}, not {part:?}")),
                    None => out.push(why),
                }
                return out;
            }
        }
    }
    if more {
        out.push("it goes on after the last exchange".to_owned());
    }
    if let Some(part) = &case.failed {
        out.push(format!("it did not fail with {part:?}"));
    }
    match (&case.rows, serde_json::to_string(&found)) {
        (Some(wanted), Ok(got)) => differ("the rows", wanted.get(), &got, &mut out),
        (None, _) if case.failed.is_none() => {
            out.push("a list's case says its `rows`, or `failed`".to_owned())
        }
        (_, Err(wrong)) => out.push(wrong.to_string()),
        (None, Ok(_)) => {}
    }
    out
}
