//! Writes evidence the way a hub would: turns of cases, and rows of ledgers.

use crate::chain::{Link, hash_onto};
use crate::{CaseRow, Evidence, Head, JournalRow, ReceivedState};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A mail or a command that a turn gave birth to: its position or number, and the row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Born {
    pub number: u64,
    pub row: u64,
}

/// A line of an entry: account, unit, amount.
pub(crate) type Posted = (&'static str, &'static str, i64);

/// What a turn decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    /// To (kind, value), kind, data.
    pub messages: Vec<(&'static str, String, &'static str, Value)>,
    /// Role, operation, key's id, arguments.
    pub commands: Vec<(&'static str, &'static str, String, Value)>,
    /// Memo, lines.
    pub entries: Vec<(&'static str, Vec<Posted>)>,
    pub raised: Vec<&'static str>,
    /// Kind, data.
    pub facts: Vec<(&'static str, Value)>,
    pub open: bool,
}

#[derive(Debug, Default)]
struct Kept {
    id: u64,
    last: u64,
    open: bool,
}

/// Evidence being written.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub evidence: Evidence,
    head: Head,
    cases: BTreeMap<(String, String), Kept>,
    balances: BTreeMap<(String, String), i64>,
}

impl Book {
    fn row(&mut self, case: (&str, &str), cause: Value, input: Value, turn: Turn) -> (Vec<Born>, Vec<Born>) {
        let Turn { messages, commands, entries, raised, facts, open } = turn;
        self.head.pos += 1;
        let pos = self.head.pos;
        let fresh = self.head.cases + 1;
        let kept = self.cases.entry((case.0.to_owned(), case.1.to_owned())).or_default();
        if kept.id == 0 {
            kept.id = fresh;
            self.head.cases = fresh;
        }
        let (id, prev) = (kept.id, kept.last);
        (kept.last, kept.open) = (pos, open);
        let (mut mail, mut ordered) = (Vec::new(), Vec::new());
        let mut body = json!({"v": 1, "case": {"tenant": "main", "kind": case.0, "value": case.1},
            "cause": cause, "input": input, "open": open});
        let messages: Vec<Value> = messages
            .into_iter()
            .map(|(kind, value, what, data)| {
                self.head.mail += 1;
                mail.push(Born { number: self.head.mail, row: pos });
                json!({"to": {"tenant": "main", "kind": kind, "value": value}, "part": 0, "pos": self.head.mail,
                    "kind": what, "data": data})
            })
            .collect();
        let commands: Vec<Value> = commands
            .into_iter()
            .map(|(role, op, id, args)| {
                self.head.commands += 1;
                ordered.push(Born { number: self.head.commands, row: pos });
                json!({"id": self.head.commands, "system": role, "role": role, "op": op, "object": id,
                    "key": format!("{op}:{id}"), "class": "fulfilment", "args": args,
                    "at": if role == "payments" { "stripe" } else { "" }})
            })
            .collect();
        let entries: Vec<Value> = entries
            .into_iter()
            .map(|(memo, lines)| {
                for (account, unit, amount) in &lines {
                    let key = (format!("main/{account}"), (*unit).to_owned());
                    *self.balances.entry(key).or_default() += amount;
                }
                json!({"entity": "main", "memo": memo, "reference": case.1, "occurred": "2026-01-01T00:00:00Z",
                    "posted_on": "2026-01-01", "lines": lines})
            })
            .collect();
        for code in &raised {
            self.evidence.exceptions.push((format!("main/{}/{}", case.0, case.1), (*code).to_owned(), true));
        }
        let raised: Vec<Value> = raised.into_iter().map(|code| json!({"code": code})).collect();
        let facts: Vec<Value> =
            facts.into_iter().map(|(kind, data)| json!({"type": kind, "data": data})).collect();
        for (name, all) in [
            ("facts", facts),
            ("messages", messages),
            ("commands", commands),
            ("entries", entries),
            ("raised", raised),
        ] {
            if !all.is_empty() {
                body[name] = Value::Array(all);
            }
        }
        let body = body.to_string().into_bytes();
        let at = 1_767_225_600_000 + i64::try_from(pos).unwrap_or(0);
        self.evidence.journal.push(JournalRow { part: 0, pos, case: id, prev, at, body });
        (mail, ordered)
    }

    /// An event that the case takes in.
    pub fn event(
        &mut self,
        case: (&str, &str),
        kind: &str,
        data: &Value,
        turn: Turn,
    ) -> (Vec<Born>, Vec<Born>) {
        self.head.received += 1;
        let pos = self.head.received;
        self.evidence.received.push((0, pos, ReceivedState::Decided));
        let input = json!({"event": {"type": kind, "name": {"tenant": "main", "kind": case.0, "value": case.1},
            "occurred": "2026-01-01T00:00:00Z", "data": data}});
        let born = self.row(case, json!({"received": pos}), input, turn);
        let id = self.cases.get(&(case.0.to_owned(), case.1.to_owned())).map_or(0, |kept| kept.id);
        self.evidence.seen.push((0, id, self.head.pos));
        born
    }

    /// A message that could not be understood.
    pub fn parked_message(&mut self) {
        self.head.received += 1;
        let pos = self.head.received;
        self.evidence.received.push((0, pos, ReceivedState::Parked));
        self.evidence.exceptions.push((format!("received/0/{pos}"), "bad_data".to_owned(), true));
    }

    /// Mail that the case takes in. Its contents are those of the message.
    pub fn mail(&mut self, case: (&str, &str), mail: Born, turn: Turn) -> (Vec<Born>, Vec<Born>) {
        let sent = usize::try_from(mail.row).ok().and_then(|n| self.evidence.journal.get(n.wrapping_sub(1)));
        let body: Value = sent.and_then(|row| serde_json::from_slice(&row.body).ok()).unwrap_or_default();
        let all = body["messages"].as_array().cloned().unwrap_or_default();
        let message = all.into_iter().find(|m| m["pos"] == mail.number).unwrap_or_default();
        let input = json!({"mail": {"from": body["case"], "kind": message["kind"], "data": message["data"]}});
        self.row(case, json!({"mail": [0, mail.number, mail.row]}), input, turn)
    }

    /// The outcome of a command of the case.
    pub fn done(&mut self, case: (&str, &str), command: Born, turn: Turn) -> (Vec<Born>, Vec<Born>) {
        let sent =
            usize::try_from(command.row).ok().and_then(|n| self.evidence.journal.get(n.wrapping_sub(1)));
        let body: Value = sent.and_then(|row| serde_json::from_slice(&row.body).ok()).unwrap_or_default();
        let all = body["commands"].as_array().cloned().unwrap_or_default();
        let ordered = all.into_iter().find(|c| c["id"] == command.number).unwrap_or_default();
        let input =
            json!({"outcome": {"op": ordered["op"], "key": ordered["key"], "outcome": "done", "result": {}}});
        self.row(case, json!({"command": [command.number, command.row]}), input, turn)
    }

    /// A timer of the case.
    pub fn timer(&mut self, case: (&str, &str), turn: Turn) -> (Vec<Born>, Vec<Born>) {
        self.row(case, json!("timer"), json!({"timer": {}}), turn)
    }

    /// A row of a system's ledger.
    pub fn ledger(&mut self, system: &str, kind: &str, mut row: Value) {
        let rows = self.evidence.ledgers.entry(system.to_owned()).or_default();
        row["n"] = json!(rows.len() + 1);
        row["kind"] = json!(kind);
        row["at"] = json!("2026-01-01T00:00:00Z");
        rows.push(row.to_string());
    }

    /// The evidence, with cases, balances and head as the rows have left them.
    pub fn close(mut self) -> Evidence {
        for ((kind, value), kept) in self.cases {
            let body = if kind == "pool" { r#"{"p":["wms-north","wms-south"]}"# } else { "{}" };
            self.evidence.cases.push(CaseRow {
                part: 0,
                id: kept.id,
                tenant: "main".to_owned(),
                kind,
                value,
                last: kept.last,
                open: kept.open,
                body: body.as_bytes().to_vec(),
            });
        }
        self.evidence.balances =
            self.balances.into_iter().map(|((account, unit), n)| (account, unit, n)).collect();
        self.evidence.heads = vec![self.head];
        rehash(&mut self.evidence);
        self.evidence
    }
}

/// Mends the chain and the heads' hashes after rows were changed, as a careful forger would.
pub fn rehash(evidence: &mut Evidence) {
    for head in &mut evidence.heads {
        head.hash = [0; 32];
        for row in evidence.journal.iter().filter(|r| r.part == head.part) {
            let JournalRow { part, pos, case, prev, at, body } = row;
            let link = Link { part: *part, pos: *pos, case: *case, prev: *prev, at: *at, body };
            head.hash = hash_onto(&head.hash, &link);
        }
    }
}
