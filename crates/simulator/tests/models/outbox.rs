//! The outbox, under each strategy: one command with two troubles between any two effects, and two commands on one
//! object with one.

use crate::check::all;
use crate::counter::Counter;
use crate::kit::{Deed, Frame, SETTLE, Script, World};
use hub::batch::CommandState;
use hub::plan::{OpSpec, Plan, Strategy, SystemSpec};
use retail::envelope::{Event, Name, json};
use retail::time::{Span, Time};
use store::Memory;

pub fn plan(strategy: Strategy, finds: bool) -> Plan {
    let op = OpSpec { strategy, finds, settle: SETTLE, ..OpSpec::default() };
    let system = SystemSpec {
        ops: [("call".to_owned(), op)].into(),
        backoff: Span::seconds(1),
        ..SystemSpec::default()
    };
    Plan {
        routes: [("erp".to_owned(), [(String::new(), "erp".to_owned())].into())].into(),
        systems: [("erp".to_owned(), system)].into(),
        ..Plan::sized()
    }
}

pub fn frame(strategy: Strategy, finds: bool, commands: &[&str]) -> Frame<Counter> {
    let script = |kind: &&str| Script {
        event: Event {
            kind: (*kind).to_owned(),
            name: Name::new("main", "case", "a"),
            occurred: Time(0),
            data: json("x").unwrap(),
        },
        after: None,
    };
    Frame {
        process: Counter,
        plan: plan(strategy, finds),
        script: commands.iter().map(script).collect(),
        memory: Memory::new(),
        troubles: 2,
        dies: true,
        takeovers: 0,
        parts: 1,
        holds: in_order,
    }
}

/// The first was done before the second.
pub fn in_order(_: &Memory, deeds: &[Deed]) -> Result<(), String> {
    let keys: Vec<&str> = deeds.iter().map(|deed| deed.key.as_str()).collect();
    if keys.is_sorted() { Ok(()) } else { Err(format!("done out of order: {keys:?}")) }
}

/// Everything that was ordered is done, and nothing is left.
pub fn all_done(world: &World<Counter>) -> bool {
    world.at_rest() && world.taken() && world.open().is_empty() && world.deeds() == world.told()
}

/// The same, or it waits for a person.
fn done_or_shown(world: &World<Counter>) -> bool {
    let open = world.open();
    let parked = open.first().is_some_and(|row| row.state == CommandState::Parked);
    world.at_rest() && world.taken() && (parked || all_done(world))
}

fn looked_at(
    what: &str,
    strategy: Strategy,
    finds: bool,
    ended: fn(&World<Counter>) -> bool,
    reaches: &[&'static str],
) {
    let commits = ["commit_failed", "unknown_written", "unknown_lost", "crash"];
    let reaches: Vec<_> = commits.iter().chain(reaches).copied().collect();
    all(what, frame(strategy, finds, &["1"]), ended, &reaches);
    let two = Frame { troubles: 1, ..frame(strategy, finds, &["1", "2"]) };
    all(&format!("{what}, two commands"), two, ended, &commits);
}

#[test]
fn what_is_looked_up_by_our_reference_is_done_once_and_in_order() {
    let reaches = ["lost_after", "lost_before", "late", "lags", "found", "absent", "sent_again"];
    looked_at("reference", Strategy::Reference, true, all_done, &reaches);
}

#[test]
fn what_goes_under_a_key_that_is_remembered_is_done_once_and_in_order() {
    let keys = Strategy::Key { keeps: Span::days(1) };
    let reaches = ["lost_after", "late", "lags", "found", "key_remembered", "renewed"];
    looked_at("key", keys, true, all_done, &reaches);
}

#[test]
fn what_goes_under_a_key_that_is_soon_forgotten_is_done_once_and_in_order() {
    let keys = Strategy::Key { keeps: Span::millis(100) };
    let reaches = ["lost_after", "late", "lags", "found", "sent_again"];
    looked_at("forgotten key", keys, true, all_done, &reaches);
}

#[test]
fn what_is_written_under_an_id_of_ours_is_written_again_and_in_order() {
    let reaches = ["lost_after", "late", "written_again", "sent_again"];
    looked_at("name", Strategy::Name, false, all_done, &reaches);
}

#[test]
fn what_nothing_protects_is_done_once_or_waits_for_a_person() {
    looked_at("none", Strategy::None, false, done_or_shown, &["lost_after", "lost_before", "late"]);
}
