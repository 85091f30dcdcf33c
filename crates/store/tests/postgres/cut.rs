//! Connections cut between any two statements, at COMMIT, and behind it.

use crate::make::{each, everything, prepare};
use crate::proxy::{Cut, Proxy};
use crate::{fresh, open};
use hub::batch::{Batch, CommitAnswer, Part};
use std::time::Duration;
use store::{Address, Memory, Postgres, Store};

/// What is stored before and after the group that [`prepare`] makes.
fn before_and_after() -> (Vec<String>, Vec<String>) {
    let mut memory = Memory::new();
    let group = prepare(&mut memory);
    let before = everything(&mut *memory.reader().unwrap());
    memory.commit(&each(&group));
    (before, everything(&mut *memory.reader().unwrap()))
}

fn committed(store: &mut Postgres, group: &[Batch]) -> bool {
    let heads: Vec<bool> = group.iter().map(|b| store.settled_head(b.part).unwrap().1 == b.to).collect();
    assert_eq!(heads[0], heads[1], "a group is one transaction");
    heads[0]
}

/// Takes everything out of the tables: quicker than making them anew.
fn empty(address: &Address) {
    let tables = [
        "head",
        "cases",
        "doc",
        "route",
        "received",
        "unsettled",
        "seen",
        "journal",
        "outbox",
        "mail",
        "mark",
        "rows",
        "balance",
        "exception",
    ];
    let delete: Vec<String> =
        tables.iter().map(|table| format!("DELETE FROM {}.{table}", address.schema())).collect();
    ownpg::shared().unwrap().sql(&delete.join("; ")).unwrap();
}

#[test]
fn cut_between_any_two_statements_leaves_all_or_nothing() {
    let (before, after) = before_and_after();
    let proxy = Proxy::start();
    let (mut failed, mut unknown) = (0, 0);
    let address = fresh();
    drop(open(&address));
    for n in 0.. {
        empty(&address);
        let group = prepare(&mut open(&address));
        let mut store = open(&proxy.address(&address));
        proxy.cut(Cut::After(n));
        let answers = store.commit(&each(&group));
        let cut = proxy.was_cut();
        proxy.cut(Cut::Never);
        let done = committed(&mut store, &group);
        let found = everything(&mut *store.reader().unwrap());
        assert_eq!(&found, if done { &after } else { &before }, "cut after {n} statements: {answers:?}");
        match &answers[..] {
            [CommitAnswer::Yes, CommitAnswer::Yes] => {
                assert!(done && !cut, "cut after {n} statements");
                break;
            }
            [CommitAnswer::Failed(why), CommitAnswer::Failed(_)] => {
                assert!(!done && why.contains("[lost]"), "{why}");
                failed += 1;
            }
            [CommitAnswer::Unknown(why), CommitAnswer::Unknown(_)] => {
                assert!(why.contains("[lost]"), "{why}");
                unknown += 1;
            }
            other => panic!("cut after {n} statements: {other:?}"),
        }
        if !done {
            // What was not written can be written: nothing of the cut transaction is in the way.
            assert_eq!(store.commit(&each(&group)), [CommitAnswer::Yes, CommitAnswer::Yes]);
            assert_eq!(everything(&mut *store.reader().unwrap()), after);
        }
    }
    assert!(failed > 15 && unknown > 10, "cut {failed} times before COMMIT was sent, {unknown} times after");
}

#[test]
fn a_commit_that_never_arrives_is_unknown_and_the_head_says_that_it_is_not() {
    let (address, proxy) = (fresh(), Proxy::start());
    let group = prepare(&mut open(&address));
    let mut store = open(&proxy.address(&address));
    proxy.cut(Cut::Commit);
    let answers = store.commit(&each(&group));
    assert!(matches!(&answers[..], [CommitAnswer::Unknown(_), CommitAnswer::Unknown(_)]), "{answers:?}");
    assert!(!committed(&mut store, &group));
    assert_eq!(store.commit(&each(&group)), [CommitAnswer::Yes, CommitAnswer::Yes]);
}

/// The server may still be at it when the store has connected again: who reads the head then must not be told that
/// nothing was written.
#[test]
fn a_commit_whose_answer_is_lost_is_unknown_and_the_head_says_that_it_is_done() {
    for later in [0, 700] {
        let (address, proxy) = (fresh(), Proxy::start());
        let mut group = prepare(&mut open(&address));
        let mut store = open(&proxy.address(&address));
        let stale = Batch { epoch: 9, ..group[1].clone() };
        group.push(stale);
        proxy.cut(Cut::CommitAnswer(Duration::from_millis(later)));
        let answers = store.commit(&each(&group));
        use CommitAnswer::{Fenced, Unknown};
        assert!(
            matches!(&answers[..], [Unknown(_), Unknown(_), Fenced]),
            "no refusal is hidden: {answers:?}"
        );
        assert!(committed(&mut store, &group), "a settled head waits for the transaction that was cut");
        assert_eq!(
            store.commit(&each(&group)),
            [Fenced, Fenced, Fenced],
            "a second time it finds a moved head"
        );
    }
}

#[test]
fn a_session_that_is_ended_by_hand_is_made_anew() {
    let address = fresh();
    let group = prepare(&mut open(&address));
    // By this name they are found, and no other test's.
    let name = format!("ended_{}", address.schema());
    let named = format!("{}&application_name={name}", address.without_password());
    let mut store = open(&Address::parse(&named).unwrap());
    let mut reader = store.reader().unwrap();
    let parts: Vec<Part> = reader.parts().unwrap();
    for batch in &group {
        let end = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}'"
        );
        assert_eq!(ownpg::shared().unwrap().sql(&end).unwrap(), "2", "a writer and a reader");
        assert_eq!(reader.parts().unwrap(), parts, "a reader tries again by itself");
        let answer = store.commit(&[batch]);
        assert!(matches!(&answer[..], [CommitAnswer::Failed(why)] if why.contains("[lost]")), "{answer:?}");
        assert_eq!(store.commit(&[batch]), [CommitAnswer::Yes]);
    }
    reader.freeze().unwrap();
    let end = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    ownpg::shared().unwrap().sql(&end).unwrap();
    for _ in 0..3 {
        assert_eq!(reader.parts().unwrap_err().code, "lost", "what was frozen is gone, and that is told");
    }
    reader.thaw().unwrap();
    assert_eq!(reader.parts().unwrap(), parts);
}
