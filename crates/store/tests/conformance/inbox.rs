//! What was received and what is due, as a new owner finds it.

use crate::make::{LONG, NOW, Owner, all, load, order};
use crate::place::Place;
use hub::batch::{ReceivedRow, ReceivedState};
use retail::time::{Span, Time};
use store::{Scan, Scanned};

fn received(rows: Vec<Scanned>) -> Vec<ReceivedRow> {
    let row = |r| match r {
        Scanned::Received(r) => r,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(row).collect()
}

pub fn messages_not_decided_wait_for_the_next_owner(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 1);
    let mut m = owner.make();
    let long: Vec<u8> = (0..40_000_u32).map(|n| (n % 251) as u8).collect();
    m.receive("a", b"", ReceivedState::Decided);
    m.receive("b", &long, ReceivedState::Waiting);
    m.receive("c", b"c", ReceivedState::Parked);
    m.receive("d", b"d", ReceivedState::Waiting);
    m.receive("e", b"e", ReceivedState::Waiting);
    let rows = m.b.received.clone();
    owner.commit(&mut *store, m);
    let mut m = owner.make();
    m.b.settled = vec![(4, ReceivedState::Decided), (5, ReceivedState::Parked)];
    owner.commit(&mut *store, m);
    drop(store);
    let mut store = place.open();
    assert_eq!(store.claim(1, "one", NOW, LONG).unwrap().waiting, [rows[1].clone()]);
    assert!(store.claim(0, "one", NOW, LONG).unwrap().waiting.is_empty());
    let mut reader = store.reader().unwrap();
    let mut positions = |state| -> Vec<u64> {
        received(all(&mut *reader, 1, Scan::Received(state))).iter().map(|r| r.pos).collect()
    };
    assert_eq!(positions(None), [1, 2, 3, 4, 5]);
    assert_eq!(positions(Some(ReceivedState::Waiting)), [2]);
    assert_eq!(positions(Some(ReceivedState::Parked)), [3, 5]);
    assert_eq!(positions(Some(ReceivedState::Decided)), [1, 4]);
}

pub fn a_message_changes_its_state_and_keeps_its_bytes(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    m.receive("evt \u{1F600}", &[0, 255, 10, 13], ReceivedState::Waiting);
    let mut want = m.b.received[0].clone();
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    for state in [
        ReceivedState::Parked,
        ReceivedState::Waiting,
        ReceivedState::Decided,
        ReceivedState::Decided,
        ReceivedState::Waiting,
    ] {
        let mut m = owner.make();
        m.b.settled.push((1, state));
        owner.commit(&mut *store, m);
        want.state = state;
        assert_eq!(received(all(&mut *reader, 0, Scan::Received(None))), [want.clone()]);
        assert_eq!(received(all(&mut *reader, 0, Scan::Received(Some(state)))), [want.clone()]);
    }
}

pub fn timers_wait_for_the_next_owner(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut reader = store.reader().unwrap();
    let at = |s| NOW.plus(Span::seconds(s));
    let mut m = owner.make();
    for (name, due, open) in
        [("a", Some(9), true), ("b", Some(3), true), ("c", None, true), ("d", Some(5), false)]
    {
        m.open(order(name), "{}");
        let row = m.b.cases.last_mut().unwrap();
        (row.due, row.open) = (due.map(at), open);
    }
    owner.commit(&mut *store, m);
    // What is due moves, begins and ends; and `b` is over.
    let mut m = owner.make();
    for (name, due, open) in [("a", Some(1), true), ("b", None, false), ("c", Some(7), true)] {
        let stored = load(&mut *reader, 0, &order(name)).unwrap();
        let row = m.turn(&stored, "second");
        (row.due, row.open) = (due.map(at), open);
    }
    owner.commit(&mut *store, m);
    let mut other = Owner::claim(&mut *store, 1);
    let mut m = other.make();
    m.open(order("x"), "{}");
    m.b.cases[0].due = Some(Time(0));
    other.commit(&mut *store, m);
    drop(store);
    let mut store = place.open();
    let found = store.claim(0, "one", NOW, LONG).unwrap();
    assert_eq!(found.timers, [(at(1), order("a")), (at(5), order("d")), (at(7), order("c"))]);
    assert_eq!(store.claim(1, "one", NOW, LONG).unwrap().timers, [(Time(0), order("x"))]);
    let mut reader = store.reader().unwrap();
    let mut numbers = |what| -> Vec<u64> { all(&mut *reader, 0, what).iter().map(Scanned::number).collect() };
    assert_eq!(numbers(Scan::Timers), [1, 3, 4]);
    assert_eq!(numbers(Scan::Cases { open: true }), [1, 3]);
    assert_eq!(numbers(Scan::Cases { open: false }), [1, 2, 3, 4]);
}
