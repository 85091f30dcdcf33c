//! The pages in `docs/flows/` are generated: `UPDATE=1 cargo test -p flows --test flows pages` writes them anew.

use crate::golden;
use crate::harness::{World, name};
use flows::exceptions::{EXCEPTIONS, Exception};
use flows::reference::{PROCESSES, Process};
use flows::transition::Transition;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

const NOTE: &str =
    "<!-- Generated from crates/flows by `UPDATE=1 cargo test -p flows --test flows pages`; do not edit. -->";

#[test]
fn the_pages_say_what_the_code_does() {
    let mut index = format!(
        "{NOTE}\n\n# Processes\n\nWhat each business process takes, orders and raises, and which status may follow which.\n\n"
    );
    for p in PROCESSES {
        let file = format!("{}.md", p.kind);
        writeln!(index, "- [{}]({file}): {}", p.title, p.about).unwrap();
        golden::text(&format!("docs/flows/{file}"), &page(p));
    }
    golden::text("docs/flows/README.md", &index);
}

/// What a process lists is what its code names, and the other way round.
#[test]
fn what_is_listed_is_in_the_code() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for p in PROCESSES {
        let folder = if p.kind == "pool" { "stock".to_owned() } else { plural(p.kind) };
        let shared = ["refusal.rs", "tell.rs"].map(|file| std::fs::read_to_string(src.join(file)).unwrap());
        let code = read_all(&src.join(folder)) + &shared.concat();
        let names = |text: &str| code.contains(&format!("{text:?}"));
        for (name, _) in p.events {
            assert!(names(name), "{} lists the event {name}, which its code does not name", p.kind);
        }
        for (name, _, _) in p.mail {
            assert!(names(name), "{} lists the message {name}, which its code does not name", p.kind);
        }
        for c in p.commands {
            assert!(names(c.op), "{} lists the command {}, which its code does not name", p.kind, c.op);
        }
        for e in EXCEPTIONS.iter().filter(|e| e.process == p.kind && e.code != "transition_unexpected") {
            assert!(names(e.code), "{} lists the exception {}, which its code does not name", p.kind, e.code);
        }
        for t in p.table {
            let (what, end) = t.on.rsplit_once('.').unwrap_or((t.on, ""));
            let listed = t.on == "timer"
                || p.events.iter().any(|e| e.0 == t.on)
                || p.mail.iter().any(|m| m.0 == t.on)
                || (p.commands.iter().any(|c| c.op == what) && !end.is_empty());
            assert!(listed, "{}: {} moves it and is neither event, message nor outcome", p.kind, t.on);
        }
    }
}

/// Every `raise` in the code has its row, under the process of the folder that it stands in.
#[test]
fn what_is_raised_is_listed() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, process) in
        [("order", "order"), ("returns", "return"), ("refund", "refund"), ("stock", "pool")]
    {
        let code = read_all(&src.join(folder));
        let raised: BTreeSet<&str> = code
            .split(".raise(")
            .skip(1)
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .collect();
        assert!(!raised.is_empty());
        for code in raised {
            assert!(
                flows::exceptions::find(process, code).is_some(),
                "{process} raises {code}: give it a row in crates/flows/src/exceptions.rs"
            );
        }
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "return" => "returns".to_owned(),
        kind => kind.to_owned(),
    }
}

fn read_all(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "rs") {
            all += &std::fs::read_to_string(&path).unwrap();
        }
    }
    all
}

fn page(p: &Process) -> String {
    let mut out = format!("{NOTE}\n\n# {}\n\n{}\n\nIts status is read off {}.\n", p.title, p.about, p.status);
    if !p.table.is_empty() {
        out += "\n## How it moves\n\n";
        out += &picture(p.table);
        out += "\n| upon | from | to |\n|---|---|---|\n";
        for (on, from, to) in grouped(p.table) {
            writeln!(out, "| `{on}` | {from} | {} |", to.join(", ")).unwrap();
        }
        if p.kind != "pool" {
            out += "\nA move that is not in the table is refused: an event or message is parked with \
                    `transition_refused`, an outcome or timer is taken in and raises `transition_unexpected`.\n";
        }
    }
    out += "\n## Events it takes\n\n| event | what it makes of it | shape |\n|---|---|---|\n";
    for (name, what) in p.events {
        writeln!(out, "| `{name}` | {what} | [schema](../../schemas/events/{name}.json) |").unwrap();
    }
    out += "\n## Messages from other cases\n\n| message | from | what it makes of it |\n|---|---|---|\n";
    for (name, from, what) in p.mail {
        writeln!(out, "| `{name}` | [{from}]({from}.md) | {what} |").unwrap();
    }
    out += "\n## Commands it orders\n\n| command | role | when | shape |\n|---|---|---|---|\n";
    for c in p.commands {
        let schema = format!("[schema](../../schemas/commands/{}.json)", c.op);
        writeln!(out, "| `{}` | {} | {} | {schema} |", c.op, c.role, c.why).unwrap();
    }
    out += "\n## Exceptions it raises\n\n| code | owner | when | next step |\n|---|---|---|---|\n";
    for e in EXCEPTIONS.iter().filter(|e| e.process == p.kind) {
        writeln!(out, "| `{}` | {} | {} | {} |", e.code, e.owner, e.when, e.next_step).unwrap();
    }
    out
}

/// One row per stimulus and status it leaves.
fn grouped(table: &[Transition]) -> Vec<(&str, &str, Vec<&str>)> {
    let mut rows: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for t in table {
        match rows.iter_mut().find(|r| r.0 == t.on && r.1 == t.from) {
            Some(row) => row.2.push(t.to),
            None => rows.push((t.on, t.from, vec![t.to])),
        }
    }
    rows
}

/// One arrow per pair of statuses; where much may cause it, the first two causes and how many more.
fn picture(table: &[Transition]) -> String {
    let mut arrows: Vec<((&str, &str), Vec<&str>)> = Vec::new();
    for t in table {
        match arrows.iter_mut().find(|a| a.0 == (t.from, t.to)) {
            Some(arrow) => arrow.1.push(t.on),
            None => arrows.push(((t.from, t.to), vec![t.on])),
        }
    }
    let first = table.first().map_or("", |t| t.from);
    let mut out = format!("```mermaid\nstateDiagram-v2\n    [*] --> {first}\n");
    for ((from, to), causes) in &arrows {
        let more = if causes.len() > 2 { format!(" (+{})", causes.len() - 2) } else { String::new() };
        let shown = causes.iter().take(2).copied().collect::<Vec<_>>().join(", ");
        writeln!(out, "    {from} --> {to}: {shown}{more}").unwrap();
    }
    let leaves: BTreeMap<&str, ()> = table.iter().map(|t| (t.from, ())).collect();
    let ends: BTreeSet<&str> = table.iter().map(|t| t.to).filter(|s| !leaves.contains_key(s)).collect();
    for end in ends {
        writeln!(out, "    {end} --> [*]").unwrap();
    }
    out + "```\n"
}

/// What a test saw raised must be what its row says.
pub fn holds(process: &str, code: &str, owner: &str, next_step: &str) {
    let row: &Exception = flows::exceptions::find(process, code).unwrap_or_else(|| {
        panic!("{process} raised {code}, which crates/flows/src/exceptions.rs does not list")
    });
    assert_eq!(row.owner, owner, "the owner of {code}");
    assert!(row.next_step.contains(next_step), "the next step of {code}: {next_step}");
}

/// An event that nobody knows is refused with the list of those that the process knows.
#[test]
fn the_listed_events_are_those_that_the_decision_knows() {
    let mut w = World::stocked(&[]);
    for p in PROCESSES.iter().filter(|p| p.kind != "pool") {
        let fault = w.refused("nobody.knows_this", name(p.kind, "x-1"), &serde_json::json!({}));
        let known: BTreeSet<&str> = fault.why.split_once("it knows ").unwrap().1.split(", ").collect();
        assert_eq!(known, p.events.iter().map(|e| e.0).collect(), "{}", p.kind);
    }
}
