//! What goes wrong with one message, command or timer stays with it.

use super::*;

#[test]
fn pitfall_31_one_bad_record_of_a_batch_fails_alone() {
    let mut bench = bench();
    bench.slow = true;
    for (token, case, word) in
        [(1, "a", "x"), (2, "b", "bad"), (3, "c", "off"), (4, "d", "burst"), (5, "e", "y")]
    {
        bench.event(token, ("case", case), &format!("k{token}"), word);
    }
    let before = bench.batches.len();
    bench.load();
    assert_eq!(bench.batches.len(), before + 1, "they are decided together");
    assert_eq!(bench.replies.len(), 5, "each is on disk");
    assert_eq!((bench.log("a"), bench.log("e")), (vec!["x".to_owned()], vec!["y".to_owned()]));
    assert_eq!(codes(&bench).len(), 3, "{:?}", codes(&bench));
    bench.event(6, ("case", "b"), "k6", "z");
    assert_eq!(bench.log("b"), ["z"], "and its case goes on");
}

#[test]
fn pitfall_33_a_decision_that_breaks_off_is_parked_at_its_first_try() {
    let mut bench = bench();
    bench.event(1, ("case", "a"), "k1", "x");
    bench.event(2, ("case", "a"), "k2", "burst");
    assert_eq!(bench.replies, [(1, Reply::Taken), (2, Reply::Taken)]);
    assert_eq!(codes(&bench), ["+decision_broke_off"]);
    bench.event(3, ("case", "a"), "k3", "y");
    assert_eq!(bench.log("a"), ["x", "y"]);
    bench.restart();
    assert_eq!(codes(&bench), ["+decision_broke_off"], "it is not tried again by itself");
    // A timer cannot be refused, and must not ring for ever.
    bench.event(4, ("case", "b"), "k4", "fuse");
    bench.tick(5_000);
    let rung = bench.batches.len();
    for later in 1..50 {
        bench.tick(5_000 + later);
    }
    assert_eq!(codes(&bench).len(), 2);
    assert!(bench.batches.len() <= rung + 1, "{} batches", bench.batches.len() - rung);
    bench.restart();
    assert_eq!(codes(&bench).len(), 2, "and not once more at every start");
}

#[test]
fn pitfall_05_what_never_reached_its_system_is_told_so_in_the_end() {
    let away = || Outcome::Throttled { retry_after: None };
    let day = 24 * 3_600_000;
    let mut bench = Bench::new(plan(Strategy::Reference, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(away());
    bench.tick(day + 1);
    bench.answer(away());
    assert_eq!(bench.log("a").len(), 2);
    assert!(bench.log("a")[1].contains("not_sent"), "{:?}", bench.log("a"));
    assert_eq!(codes(&bench), ["+command_parked:call:1"]);
    // It keeps its place, and may go out after all.
    let id = *bench.outbox.keys().next().unwrap();
    bench.step(Input::Retry { id, token: 9 });
    bench.answer(done());
    assert_eq!(bench.log("a")[2], "done");
    // Of what may have been sent nobody says so.
    let mut bench = Bench::new(plan(Strategy::Reference, true));
    bench.event(1, ("case", "a"), "k1", "call");
    bench.answer(unknown());
    bench.tick(day + 1);
    bench.answer(away());
    assert_eq!(bench.log("a"), ["call", "unknown"]);
    assert_eq!(codes(&bench), ["+command_parked:call:1"]);
}
