//! `crossdock codes`: what a value map may translate to, and how standards write it.

use super::{Done, Out, table, verdict};
use clap::Args;
use retail::codes::CodeList;
use serde_json::{Value, json};

/// Lists the codes that value maps translate to, each with the codes of X12 and GS1 that mean it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  crossdock codes\n  crossdock codes return_reason --json")]
pub struct Codes {
    /// One list alone: return_reason, return_type, return_start, outcome, disposition, grade, line_kind, tender.
    list: Option<String>,
}

impl Codes {
    pub fn run(self, out: Out) -> Done {
        let known: Vec<CodeList> =
            CodeList::ALL.iter().copied().filter(|list| list.codes().is_some()).collect();
        let lists = match &self.list {
            None => known,
            Some(name) => match known.iter().copied().find(|list| list.code() == name) {
                Some(list) => vec![list],
                None => {
                    let all: Vec<&str> = known.iter().map(|list| list.code()).collect();
                    return Err(format!("there is no list {name}; there are {}", all.join(", ")));
                }
            },
        };
        let codes: Vec<Value> = lists.into_iter().flat_map(rows).collect();
        out.print(&json!({ "codes": codes }), |_| shown(&codes))?;
        Ok(verdict(true))
    }
}

fn rows(list: CodeList) -> Vec<Value> {
    let standard = list.standard();
    let row = |code: &'static str| {
        let read: Vec<&str> =
            standard.iter().filter(|(_, means)| *means == code).map(|(wire, _)| wire.as_str()).collect();
        json!({ "list": list.code(), "code": code, "send": list.counterparts(code), "read": read })
    };
    list.codes().unwrap_or_default().into_iter().map(row).collect()
}

fn shown(codes: &[Value]) -> String {
    let words = |value: &Value| {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows: Vec<Vec<String>> = codes
        .iter()
        .map(|row| vec![text(&row["list"]), text(&row["code"]), words(&row["send"]), words(&row["read"])])
        .collect();
    table(&["list", "code", "sent as", "read from"], &rows)
}
