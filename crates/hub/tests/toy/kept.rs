//! The hub's own stored shapes: journal rows, commands in the outbox, mail. `golden/kept.v{n}.txt` is what a toy's
//! life wrote under journal version `n`; it is never changed once it is there.

use super::{Bench, plan};
use hub::batch::{MailRow, OutboxChange};
use hub::plan::Strategy;
use retail::envelope::{Command, Name, Outcome, json};
use std::fmt::Write as _;
use std::path::Path;

const MEND: &str = "What is stored must stay readable, here and to whoever reads journals: raise VERSION in \
                    crates/hub/src/record.rs, have every reader (crates/verify, crates/views, docs/journal.md) take both, \
                    leave the old file as it is, and write today's beside it with UPDATE=1 cargo test -p hub";

/// A life with something of everything: event, outcome, unknown, mail, timer, exception, refusal, further name.
fn life() -> Bench {
    let mut bench = Bench::new(plan(Strategy::Name, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(Outcome::Unknown { why: "no answer".to_owned() });
    bench.tick(11_000);
    bench.answer(Outcome::Done { result: json("x").unwrap() });
    bench.event(2, ("case", "a"), "k2", "tell");
    bench.event(3, ("case", "a"), "k3", "alarm");
    bench.event(4, ("case", "a"), "k4", "bad");
    bench.event(5, ("case", "a"), "k5", "named");
    bench.event(6, ("case", "b"), "k6", "wait");
    bench.tick(16_000);
    bench.event(7, ("case", "c"), "k7", "second");
    bench
}

fn written() -> (u64, String) {
    let (mut out, mut version) = (String::new(), 0);
    for batch in &life().batches {
        for row in &batch.journal {
            let body = std::str::from_utf8(&row.body).unwrap();
            version = serde_json::from_str::<serde_json::Value>(body).unwrap()["v"].as_u64().unwrap();
            writeln!(out, "journal {body}").unwrap();
        }
        for change in &batch.outbox {
            if let OutboxChange::Put(row) = change {
                // As both stores keep it: the case and the command.
                writeln!(out, "outbox {}", serde_json::to_string(&(&row.name, &row.command)).unwrap())
                    .unwrap();
            }
        }
        for row in &batch.mail {
            writeln!(out, "mail {}", serde_json::to_string(row).unwrap()).unwrap();
        }
    }
    (version, out)
}

#[test]
fn what_is_written_is_what_was_written_under_this_version() {
    let (version, now) = written();
    for part in
        ["journal ", "outbox ", "mail ", "\"timer\"", "\"mail\"", "\"parked\"", "\"raised\"", "\"unknown\""]
    {
        assert!(now.contains(part), "the life has no {part}:\n{now}");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/kept.v{version}.txt"));
    if !file.exists() && std::env::var_os("UPDATE").is_some_and(|v| v == "1") {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}. {MEND}", file.display()));
    for (n, (was, is)) in kept.lines().zip(now.lines()).enumerate() {
        assert_eq!(is, was, "line {} of {}. {MEND}", n + 1, file.display());
    }
    assert_eq!(now.lines().count(), kept.lines().count(), "{MEND}");
}

#[test]
fn commands_and_mail_of_every_version_read() {
    let mut read = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")).unwrap() {
        for line in std::fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            let (kind, text) = line.split_once(' ').unwrap();
            match kind {
                "outbox" => drop(
                    serde_json::from_str::<(Name, Command)>(text)
                        .unwrap_or_else(|e| panic!("{text}: {e}. {MEND}")),
                ),
                "mail" => drop(
                    serde_json::from_str::<MailRow>(text).unwrap_or_else(|e| panic!("{text}: {e}. {MEND}")),
                ),
                _ => continue,
            }
            read += 1;
        }
    }
    assert!(read > 2);
}
