//! The turn's promises, shown with a toy process.

#![allow(clippy::unwrap_used, clippy::panic)]

mod toy;
#[path = "turns/trouble.rs"]
mod trouble;

use hub::batch::{CommandState, CommitAnswer, ExceptionChange, OutboxChange, ReceivedState};
use hub::io::{Concern, Input, Mode, Notice, Reply};
use hub::plan::Strategy;
use retail::envelope::Outcome;
use retail::time::Span;
use toy::{Bench, plan};

fn bench() -> Bench {
    Bench::new(plan(Strategy::Name, false))
}

fn done() -> Outcome {
    Outcome::Done { result: retail::envelope::json("x").unwrap() }
}

fn unknown() -> Outcome {
    Outcome::Unknown { why: "no answer".to_owned() }
}

fn codes(bench: &Bench) -> Vec<String> {
    let changes = bench.batches.iter().flat_map(|batch| &batch.exceptions);
    changes
        .map(|change| match change {
            ExceptionChange::Raise(row) => format!("+{}", row.code),
            ExceptionChange::Close { code, .. } => format!("-{code}"),
        })
        .collect()
}

#[test]
fn a_message_is_answered_only_when_it_is_on_disk() {
    let mut bench = bench();
    bench.answers = vec![(CommitAnswer::Failed("disk full".to_owned()), false)];
    bench.event(1, ("case", "a"), "k1", "x");
    assert_eq!(bench.replies, []);
    bench.tick(600);
    assert_eq!(bench.replies, [(1, Reply::Taken)]);
    assert_eq!(bench.batches[0].received[0].body, b"x");
    assert_eq!(bench.batches[0].received[0].state, ReceivedState::Decided);
}

/// A load that fails beside a commit is asked again; the commit is the store's until something is heard of it. Handed
/// over twice, the second would find a moved head, and the hub would take itself for fenced.
#[test]
fn a_commit_under_way_is_not_handed_over_again_when_a_load_fails() {
    let mut bench = bench();
    bench.unheard = Some(Vec::new());
    bench.event(1, ("case", "a"), "k1", "x");
    bench.step(Input::LoadFailed(Vec::new()));
    bench.tick(1_000);
    assert_eq!(bench.unheard.as_ref().map(Vec::len), Some(1));
    let under_way = bench.unheard.take().unwrap_or_default().remove(0);
    bench.step(Input::Committed(CommitAnswer::Failed("disk full".to_owned())));
    assert!(bench.batches.is_empty(), "not yet");
    bench.tick(2_000);
    assert_eq!(bench.batches.len(), 1, "what was not written is handed over again");
    assert_eq!(bench.batches[0].to, under_way.to);
    assert_eq!(bench.replies, [(1, Reply::Taken)]);
}

/// A command for a role that nobody plays is kept and shown, never lost, and never sent to somebody else.
#[test]
fn a_command_for_a_role_that_nobody_plays_waits_and_is_shown() {
    let mut nobody = plan(Strategy::Name, false);
    nobody.routes.clear();
    let mut bench = Bench::new(nobody);
    bench.event(1, ("case", "a"), "k1", "call");
    let states: Vec<CommandState> = bench.outbox.values().map(|row| row.state).collect();
    assert_eq!(states, [CommandState::Parked]);
    assert!(bench.sent.is_empty(), "{:?}", bench.sent);
    let shown = codes(&bench);
    assert!(shown.len() == 1 && shown[0].starts_with("+command_parked:"), "{shown:?}");
}

#[test]
fn a_repeat_has_no_effect_and_another_body_under_the_key_is_an_exception() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "x");
    bench.event(2, ("case", "a"), "k1", "x");
    bench.restart();
    bench.event(3, ("case", "a"), "k1", "x");
    bench.event(4, ("case", "a"), "k1", "y");
    assert_eq!(bench.log("a"), ["x"]);
    assert_eq!(bench.replies.len(), 4);
    assert_eq!(codes(&bench), ["+event_key_reused"]);
}

#[test]
fn where_the_first_counts_a_later_look_under_the_key_changes_nothing() {
    let mut bench = bench();
    bench.first(1, ("case", "a"), "k1", "x");
    bench.restart();
    bench.first(2, ("case", "a"), "k1", "y");
    assert_eq!(bench.log("a"), ["x"]);
    assert_eq!(bench.replies.len(), 2);
    assert_eq!(codes(&bench), Vec::<String>::new());
}

#[test]
fn what_cannot_be_taken_in_is_parked_with_its_reason_and_changes_nothing() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "bad");
    bench.event(2, ("case", "a"), "k2", "x");
    bench.event(3, ("case", "a"), "k3", "off");
    assert_eq!(bench.log("a"), ["x"]);
    assert_eq!(codes(&bench), ["+bad_word", "+unbalanced_entry"]);
    assert_eq!(bench.batches[0].received[0].state, ReceivedState::Parked);
}

#[test]
fn an_unknown_is_looked_up_and_absence_is_proof_only_after_the_settle_time() {
    let mut bench = Bench::new(plan(Strategy::Reference, true));
    bench.event(1, ("case", "a"), "k1", "call");
    assert_eq!(bench.outbox.values().map(|row| row.state).collect::<Vec<_>>(), [CommandState::Marked]);
    bench.answer(unknown());
    assert_eq!(bench.log("a"), ["call", "unknown"]);
    bench.tick(1_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    let sent = bench.sent.len();
    bench.tick(1_001);
    assert_eq!(bench.sent.len(), sent, "too early to be proof");
    bench.tick(11_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::First, "proven absent: sent again");
    bench.answer(done());
    assert_eq!(bench.log("a"), ["call", "unknown", "done"]);
    assert!(bench.outbox.is_empty());
}

/// The hub stood still while a look-up was answered: what it says is as old as the question.
#[test]
fn an_absence_proves_no_more_than_was_true_when_it_was_asked_for() {
    let mut bench = Bench::new(plan(Strategy::Reference, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(unknown());
    bench.tick(1_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.tick(12_000);
    bench.answer(Outcome::Absent);
    bench.tick(13_000);
    assert_eq!(
        bench.sent.last().unwrap().mode,
        Mode::Find,
        "asked too early to be proof, whenever it is read"
    );
    bench.answer(Outcome::Absent);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::First);
}

#[test]
fn a_clock_that_is_set_is_no_proof_of_absence_and_makes_nobody_wait() {
    for by in [Span::hours(1), Span::hours(-1)] {
        let mut bench = Bench::new(plan(Strategy::Reference, true));
        bench.tick(10_000_000);
        bench.event(1, ("case", "a"), "k1", "call");
        bench.answer(unknown());
        bench.tick(10_001_000);
        assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
        let set = 10_001_000 + by.0;
        bench.now = retail::time::Time(set);
        bench.step(Input::ClockSet(by));
        bench.answer(Outcome::Absent);
        let sent = bench.sent.len();
        bench.tick(set + 1);
        assert_eq!(bench.sent.len(), sent, "an hour on the clock is no hour");
        bench.tick(set + 10_000);
        bench.answer(Outcome::Absent);
        assert_eq!(bench.sent.last().unwrap().mode, Mode::First, "ten seconds are");
    }
}

#[test]
fn a_key_under_which_a_failure_is_stored_is_renewed_once_absence_is_proven() {
    let mut bench = Bench::new(plan(Strategy::Key { keeps: Span::days(1) }, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(unknown());
    bench.tick(1_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    let again = bench.sent.last().unwrap();
    assert_eq!((again.mode, again.renewed), (Mode::First, None), "the same key once more: harmless");
    bench.answer(unknown());
    bench.tick(4_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    let sent = bench.sent.len();
    bench.tick(4_001);
    assert_eq!(bench.sent.len(), sent, "no proof yet, and the same key would only fail again");
    bench.tick(20_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    let renewed = bench.sent.last().unwrap();
    assert_eq!(renewed.mode, Mode::First);
    assert!(renewed.renewed.is_some(), "a key of a new generation");
    bench.answer(done());
    assert_eq!(bench.log("a"), ["call", "unknown", "unknown", "done"]);
    assert!(bench.outbox.is_empty());
}

/// An owner that dies while a key made anew is under way leaves nobody who knows of it: under the first key, which
/// the vendor may never have seen, the same would be done twice.
#[test]
fn after_a_restart_what_was_in_doubt_is_sent_again_only_once_absence_is_proven() {
    let mut bench = Bench::new(plan(Strategy::Key { keeps: Span::days(1) }, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(unknown());
    bench.tick(1_000);
    bench.answer(Outcome::Absent);
    bench.answer(unknown());
    bench.tick(20_000);
    bench.answer(Outcome::Absent);
    assert!(bench.sent.last().unwrap().renewed.is_some(), "a key of a new generation is under way");
    bench.tick(21_000);
    bench.restart();
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    let sent = bench.sent.len();
    bench.tick(21_001);
    assert_eq!(bench.sent.len(), sent, "it may only not be visible yet");
    bench.tick(40_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    let again = bench.sent.last().unwrap();
    assert_eq!((again.mode, again.renewed.is_some()), (Mode::First, true));
}

/// Whoever tries a parked command again does not know under which keys it went out before.
#[test]
fn what_a_person_tries_again_is_sent_only_once_absence_is_proven() {
    let mut bench = Bench::new(plan(Strategy::Key { keeps: Span::days(1) }, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.tick(Span::hours(25).0);
    bench.answer(unknown());
    assert_eq!(bench.outbox.values().map(|row| row.state).collect::<Vec<_>>(), [CommandState::Parked]);
    bench.restart();
    let id = *bench.outbox.keys().next().unwrap();
    bench.step(Input::Retry { id, token: 9 });
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find, "it may only not be visible yet");
    bench.tick(Span::hours(25).0 + 20_000);
    bench.answer(Outcome::Absent);
    let again = bench.sent.last().unwrap();
    assert_eq!((again.mode, again.renewed.is_some()), (Mode::First, true));
}

/// The hub stood still while a look-up was answered: a vendor that forgets keys sooner than it says may have forgotten
/// this one, and done what was asked just after it was looked up.
#[test]
fn an_old_absence_has_nothing_sent_again_under_the_same_key() {
    let mut bench = Bench::new(plan(Strategy::Key { keeps: Span::days(1) }, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(unknown());
    bench.tick(1_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.tick(8_000);
    bench.answer(Outcome::Absent);
    bench.tick(9_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find, "looked up anew");
    bench.answer(Outcome::Absent);
    bench.tick(10_000);
    bench.answer(Outcome::Absent);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::First);
}

/// The doubt must be on disk before a key is made anew: whoever starts then goes by what is there.
#[test]
fn a_key_is_made_anew_only_once_the_doubt_is_on_disk() {
    let mut bench = Bench::new(plan(Strategy::Key { keeps: Span::days(1) }, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.unheard = Some(Vec::new());
    bench.answer(unknown());
    bench.tick(1_000);
    bench.answer(Outcome::Absent);
    bench.answer(unknown());
    bench.tick(20_000);
    bench.answer(Outcome::Absent);
    bench.tick(60_000);
    bench.answer(Outcome::Absent);
    assert!(bench.sent.iter().all(|sent| sent.renewed.is_none()), "the disk says that it was never in doubt");
    let under_way = bench.unheard.take().unwrap_or_default();
    bench.written(&under_way);
    bench.tick(120_000);
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(Outcome::Absent);
    assert!(bench.sent.last().unwrap().renewed.is_some());
}

/// What is refused and ordered anew in the turn that hears of it is a new command under the old key, not the old one.
#[test]
fn a_command_ordered_anew_as_its_outcome_is_taken_in_is_sent() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "call");
    let first = bench.sent.last().unwrap().id;
    bench.answer(Outcome::Refused { code: "again".to_owned(), message: String::new() });
    assert_eq!(bench.log("a"), ["call", "refused again"]);
    assert_eq!(bench.outbox.keys().copied().collect::<Vec<_>>(), [first + 1]);
    assert_eq!((bench.sent.len(), bench.sent.last().unwrap().id), (2, first + 1));
    bench.event(2, ("case", "a"), "k2", "call");
    assert_eq!(bench.outbox.len(), 1, "the new one is open under its key");
    bench.answer(done());
    assert!(bench.outbox.is_empty());
}

#[test]
fn what_two_messages_of_one_turn_order_under_one_key_is_one_command() {
    let mut bench = bench();
    bench.unheard = Some(Vec::new());
    bench.event(1, ("case", "b"), "k0", "x");
    bench.event(2, ("case", "a"), "k1", "call");
    bench.event(3, ("case", "a"), "k2", "call");
    let first = bench.unheard.take().unwrap_or_default();
    bench.written(&first);
    assert_eq!(bench.log("a"), ["call", "call"]);
    assert_eq!((bench.outbox.len(), bench.sent.len()), (1, 1));
}

#[test]
fn a_system_that_refuses_our_credentials_is_one_exception_and_its_commands_wait() {
    let mut bench = bench();
    let refused = || Outcome::Fault { code: "unauthorised".to_owned(), message: "answered 401".to_owned() };
    bench.event(1, ("case", "a"), "k1", "call");
    bench.event(2, ("case", "b"), "k2", "call");
    bench.answer(refused());
    bench.answer(refused());
    assert_eq!(codes(&bench), ["+credentials_refused"]);
    assert_eq!(bench.log("a"), ["call"], "no outcome: nothing was done");
    let sent = bench.sent.len();
    bench.tick(10_000);
    assert_eq!(bench.sent.len(), sent, "the whole lane waits");
    bench.tick(200_000);
    assert_eq!(bench.sent.len(), sent + 1, "one probe");
    bench.answer(done());
    assert_eq!(codes(&bench), ["+credentials_refused", "-credentials_refused"]);
    bench.tick(200_001);
    bench.answer(done());
    assert!(bench.outbox.is_empty());
}

#[test]
fn after_a_restart_a_command_by_reference_is_looked_up_before_it_is_sent_again() {
    let mut bench = Bench::new(plan(Strategy::Reference, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.restart();
    assert_eq!(bench.sent.last().unwrap().mode, Mode::Find);
    bench.answer(done());
    assert_eq!(bench.log("a"), ["call", "done"]);
}

#[test]
fn what_nothing_protects_waits_for_a_person_after_a_restart() {
    let mut bench = Bench::new(plan(Strategy::None, false));
    bench.event(1, ("case", "a"), "k1", "call");
    assert_eq!(bench.sent.len(), 1);
    bench.restart();
    assert_eq!(bench.sent.len(), 1);
    assert_eq!(codes(&bench), ["+command_parked:call:1"]);
    let id = *bench.outbox.keys().next().unwrap();
    bench.step(hub::io::Input::Retry { id, token: 9 });
    assert_eq!(bench.sent.len(), 2);
    bench.answer(done());
    assert_eq!(codes(&bench).last().unwrap(), "-command_parked:call:1");
}

#[test]
fn throttling_counts_as_no_attempt_at_the_fact_and_waits_as_asked() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(Outcome::Throttled { retry_after: Some(Span::seconds(3)) });
    bench.tick(2_999);
    assert_eq!(bench.sent.len(), 1);
    bench.tick(3_000);
    assert_eq!(bench.sent.len(), 2);
    assert_eq!(bench.sent[1].mode, Mode::First);
    assert_eq!(bench.log("a"), ["call"]);
}

#[test]
fn a_second_command_on_an_object_waits_and_can_be_withdrawn_unsent() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "call");
    bench.event(2, ("case", "a"), "k2", "second");
    bench.event(3, ("case", "a"), "k3", "withdraw");
    assert_eq!(bench.log("a"), ["call", "second", "withdraw", "refused withdrawn"]);
    bench.answer(done());
    assert_eq!(bench.sent.len(), 1);
    assert!(bench.outbox.is_empty());
}

#[test]
fn mail_is_taken_in_once_also_over_a_restart() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "tell");
    assert_eq!(bench.log("b"), ["told from a"]);
    bench.restart();
    assert_eq!(bench.log("b"), ["told from a"]);
    bench.answers = vec![(CommitAnswer::Yes, true), (CommitAnswer::Unknown("cut".to_owned()), true)];
    bench.event(2, ("case", "a"), "k2", "tell");
    assert_eq!(bench.log("b"), ["told from a", "told from a"]);
}

#[test]
fn an_unknown_commit_is_settled_by_the_head_either_way() {
    let mut bench = bench();
    bench.answers = vec![(CommitAnswer::Unknown("cut".to_owned()), true)];
    bench.event(1, ("case", "a"), "k1", "x");
    bench.answers = vec![(CommitAnswer::Unknown("cut".to_owned()), false)];
    bench.event(2, ("case", "a"), "k2", "y");
    assert_eq!(bench.log("a"), ["x", "y"]);
    assert_eq!(bench.replies.len(), 2);
    assert_eq!(bench.batches.len(), 2);
}

#[test]
fn a_fenced_owner_stops_and_says_so() {
    let mut bench = bench();
    bench.answers = vec![(CommitAnswer::Fenced, false)];
    bench.event(1, ("case", "a"), "k1", "call");
    assert!(bench.stopped.is_some());
    bench.event(2, ("case", "a"), "k2", "x");
    assert_eq!((bench.sent.len(), bench.replies.len(), bench.batches.len()), (0, 0, 0));
}

#[test]
fn a_clash_is_decided_again_on_what_is_stored() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "x");
    bench.answers = vec![(CommitAnswer::Clash(vec![1]), false)];
    bench.event(2, ("case", "a"), "k2", "y");
    assert_eq!(bench.log("a"), ["x", "y"]);
}

#[test]
fn an_event_under_a_further_name_waits_until_a_case_takes_it() {
    let mut bench = bench();
    bench.event(1, ("alias", "z"), "k1", "early");
    assert_eq!(bench.replies, [(1, Reply::Taken)], "kept on disk meanwhile");
    bench.event(2, ("case", "a"), "k2", "named");
    assert_eq!(bench.log("a"), ["named", "early"]);
    let settled: Vec<_> = bench.batches.iter().flat_map(|batch| batch.settled.clone()).collect();
    assert_eq!(settled, [(1, ReceivedState::Decided)]);
    bench.event(3, ("alias", "z"), "k3", "late");
    assert_eq!(bench.log("a"), ["named", "early", "late"]);
}

#[test]
fn an_event_under_a_further_name_that_a_case_takes_during_its_look_up_is_taken() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "x");
    bench.slow = true;
    bench.event(2, ("alias", "z"), "k2", "early");
    bench.event(3, ("case", "a"), "k3", "named");
    bench.load();
    assert_eq!(bench.log("a"), ["x", "named", "early"]);
}

#[test]
fn a_name_that_nobody_takes_becomes_an_exception() {
    let mut bench = bench();
    bench.event(1, ("alias", "z"), "k1", "early");
    bench.tick(3_600_001);
    assert_eq!(codes(&bench), ["+unknown_name"]);
}

#[test]
fn a_timer_fires_once_also_over_a_restart() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "wait");
    bench.tick(4_999);
    assert_eq!(bench.log("a"), ["wait"]);
    bench.now = retail::time::Time(9_000);
    bench.restart();
    bench.tick(9_001);
    assert_eq!(bench.log("a"), ["wait", "timer"]);
}

#[test]
fn the_chain_covers_every_row() {
    let mut bench = bench();
    for n in 0..5 {
        bench.event(n, ("case", "a"), &format!("k{n}"), "x");
    }
    let mut hash = [0; 32];
    for row in bench.batches.iter().flat_map(|batch| &batch.journal) {
        hash = row.hash_onto(&hash);
    }
    assert_eq!(hash, bench.batches.last().unwrap().to.hash);
}

#[test]
fn a_parked_message_can_be_taken_in_after_all_and_its_exception_is_over() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "x");
    bench.event(2, ("case", "a"), "k2", "bad");
    bench.replay(3, ("case", "a"), "k2", "bad", 2, "bad_word");
    assert_eq!(codes(&bench), ["+bad_word", "+bad_word"], "still parked; raising it again changes nothing");
    bench.replay(4, ("case", "a"), "k2", "mended", 2, "bad_word");
    assert_eq!(bench.log("a"), ["x", "mended"]);
    assert_eq!(codes(&bench).last().unwrap(), "-bad_word");
    assert_eq!(bench.batches.last().unwrap().settled, [(2, ReceivedState::Decided)]);
    bench.event(5, ("case", "a"), "k2", "mended");
    assert_eq!(bench.log("a"), ["x", "mended"]);
    assert_eq!(bench.replies.len(), 5);
}

#[test]
fn the_journal_keeps_what_the_process_lets_it_and_the_command_is_whole() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "whisper");
    let batch = bench.batches.iter().find(|b| !b.journal.is_empty()).unwrap();
    let row = String::from_utf8(batch.journal[0].body.clone()).unwrap();
    assert!(!row.contains("secret") && row.contains("\"args\":\"-\""), "{row}");
    let ordered = batch.outbox.iter().find_map(|change| match change {
        OutboxChange::Put(row) => Some(row.command.args.get().to_owned()),
        _ => None,
    });
    assert_eq!(ordered.as_deref(), Some("\"secret\""));
}

/// What the driver noticed beside any case is on disk at once, with no journal row, and goes when it is over.
#[test]
fn what_the_driver_notices_is_an_exception_until_it_is_over() {
    let mut bench = bench();
    let notice = |concern| Notice {
        about: "connection/shop".to_owned(),
        code: "poll_failing:orders".to_owned(),
        concern,
    };
    let concern =
        Concern { cause: "no answer".to_owned(), owner: "integration", next_step: "look".to_owned() };
    bench.step(Input::Noticed(Box::new(notice(Some(concern)))));
    bench.step(Input::Noticed(Box::new(notice(None))));
    assert_eq!(codes(&bench), ["+poll_failing:orders", "-poll_failing:orders"]);
    assert!(bench.batches.iter().all(|batch| batch.journal.is_empty() && batch.cases.is_empty()));
}
