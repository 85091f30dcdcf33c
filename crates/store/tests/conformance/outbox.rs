//! Commands that are not settled.

use crate::make::{LONG, NOW, Owner, all, order, text};
use crate::place::Place;
use hub::batch::{CommandState, OutboxChange, OutboxRow};
use retail::time::Span;
use store::{Reader, Scan, Scanned};

fn outbox(reader: &mut dyn Reader, what: Scan) -> Vec<OutboxRow> {
    let row = |r| match r {
        Scanned::Outbox(r) => *r,
        other => panic!("{other:?}"),
    };
    all(reader, 0, what).into_iter().map(row).collect()
}

pub fn commands_are_put_moved_and_deleted(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let (a, b) = (m.open(order("a"), "{}"), m.open(order("b"), "{}"));
    for case in [a, b, a, b] {
        m.command(case, &order("x"), CommandState::Queued);
    }
    let put = m.b.outbox.clone();
    owner.commit(&mut *store, m);
    let mut m = owner.make();
    let unknown = CommandState::Unknown { since: NOW };
    m.b.outbox = vec![
        OutboxChange::Move { id: 2, state: CommandState::Marked, attempts: 1 },
        OutboxChange::Move { id: 2, state: unknown, attempts: 2 },
        OutboxChange::Delete(3),
    ];
    m.command(b, &order("x"), CommandState::Queued);
    m.b.outbox.push(OutboxChange::Delete(5));
    owner.commit(&mut *store, m);
    drop(store);

    let mut store = place.open();
    let found = store.claim(0, "one", NOW, LONG).unwrap();
    let mut want: Vec<OutboxRow> = Vec::new();
    for change in put {
        match change {
            OutboxChange::Put(row) if row.id != 3 => want.push(*row),
            _ => {}
        }
    }
    (want[1].state, want[1].attempts) = (unknown, 2);
    assert_eq!(text(&found.outbox), text(&want));
    let mut reader = store.reader().unwrap();
    assert_eq!(text(&outbox(&mut *reader, Scan::Outbox)), text(&want));
    let of_b: Vec<u64> = outbox(&mut *reader, Scan::OutboxOf(b)).iter().map(|r| r.id).collect();
    assert_eq!(of_b, [2, 4]);
    assert_eq!(found.head.commands, 5);
}

pub fn a_change_of_a_settled_command_does_nothing(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let case = m.open(order("a"), "{}");
    m.command(case, &order("a"), CommandState::Queued);
    m.b.outbox.push(OutboxChange::Delete(1));
    m.b.outbox.push(OutboxChange::Move { id: 1, state: CommandState::Parked, attempts: 1 });
    owner.commit(&mut *store, m);
    let mut m = owner.make();
    m.b.outbox =
        vec![OutboxChange::Move { id: 1, state: CommandState::Marked, attempts: 1 }, OutboxChange::Delete(1)];
    owner.commit(&mut *store, m);
    assert!(outbox(&mut *store.reader().unwrap(), Scan::Outbox).is_empty());
}

pub fn every_state_survives(place: &Place) {
    let states = [
        CommandState::Queued,
        CommandState::Marked,
        CommandState::Unknown { since: NOW },
        CommandState::Accepted { until: NOW.plus(Span::days(2)) },
        CommandState::Parked,
    ];
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let case = m.open(order("a"), "{}");
    for state in states {
        m.command(case, &order("a"), state);
    }
    owner.commit(&mut *store, m);
    for turn in 0..states.len() {
        let found: Vec<_> =
            outbox(&mut *store.reader().unwrap(), Scan::Outbox).iter().map(|r| r.state).collect();
        let mut want = states;
        want.rotate_left(turn);
        assert_eq!(found, want);
        want.rotate_left(1);
        let mut m = owner.make();
        for (id, state) in (1..).zip(want) {
            m.b.outbox.push(OutboxChange::Move { id, state, attempts: 1 });
        }
        owner.commit(&mut *store, m);
    }
}
