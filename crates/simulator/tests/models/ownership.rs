//! Ownership: one owner stands still, another takes over, and the first goes on.

use crate::check::all;
use crate::counter::Counter;
use crate::kit::Frame;
use crate::outbox::{all_done, frame};
use hub::plan::Strategy;
use retail::time::Span;

fn taken_over(strategy: Strategy, finds: bool, commands: &[&str], troubles: u8) -> Frame<Counter> {
    Frame { takeovers: 1, troubles, ..frame(strategy, finds, commands) }
}

const REACHES: [&str; 5] =
    ["former_commits", "fenced", "former_stopped", "not_sent_without_a_lease", "looked_up"];

#[test]
fn an_owner_that_was_taken_over_from_writes_nothing_and_what_it_had_sent_is_done_once() {
    let keys = Strategy::Key { keeps: Span::days(1) };
    for (what, strategy) in [("reference", Strategy::Reference), ("key", keys)] {
        all(&format!("taken over, {what}"), taken_over(strategy, true, &["1"], 1), all_done, &REACHES);
    }
}

#[test]
fn commands_stay_in_order_when_they_are_taken_over() {
    all(
        "taken over, two commands",
        taken_over(Strategy::Reference, true, &["1", "2"], 0),
        all_done,
        &REACHES,
    );
}

#[test]
fn what_is_written_under_an_id_of_ours_goes_on_with_the_new_owner() {
    let reaches = ["former_commits", "fenced", "former_stopped", "not_sent_without_a_lease", "written_again"];
    all("taken over, name", taken_over(Strategy::Name, false, &["1"], 1), all_done, &reaches);
}
