//! Readers beside the writer, and what is left after a restart.

use crate::make::{Owner, all, everything, load, order};
use crate::place::Place;
use hub::batch::{CommandState, ReceivedState, RowChange};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Scan, Scanned};

/// Each batch writes its number into two cases, a row and two balances: whoever reads finds one number everywhere.
pub fn readers_see_whole_batches_while_the_writer_writes(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let (a, _) = (m.open(order("a"), "0"), m.open(order("b"), "0"));
    owner.commit(&mut *store, m);
    let mut own = store.reader().unwrap();
    let readers: Vec<_> = (0..2).map(|_| store.reader().unwrap()).collect();
    let (done, start) = (AtomicBool::new(false), Barrier::new(3));
    let looked: Vec<usize> = std::thread::scope(|scope| {
        let watch = |mut reader: Box<dyn store::Reader>| {
            start.wait();
            let (mut looks, mut last) = (0, 0);
            while !done.load(Ordering::Acquire) || looks == 0 {
                let keys = [order("a"), order("b")].map(hub::batch::Key::Case);
                let found = reader.load(0, &keys).unwrap();
                let bodies: Vec<_> = found
                    .iter()
                    .map(|f| match f {
                        hub::batch::Found::Case(c) => (c.row.body.clone(), c.row.ver, c.seen.len()),
                        other => panic!("{other:?}"),
                    })
                    .collect();
                assert_eq!((&bodies[0].0, bodies[0].1), (&bodies[1].0, bodies[1].1));
                assert_eq!(
                    bodies[0].2 as u64,
                    (bodies[0].1 - 1).min(64),
                    "marks belong to the version loaded"
                );
                assert!(bodies[0].1 >= last, "time goes forward");
                last = bodies[0].1;
                looks += 1;
            }
            looks
        };
        let threads: Vec<_> = readers.into_iter().map(|r| scope.spawn(move || watch(r))).collect();
        start.wait();
        for n in 1..=100_u8 {
            let mut m = owner.make();
            for name in ["a", "b"] {
                let stored = load(&mut *own, 0, &order(name)).unwrap();
                m.turn(&stored, &n.to_string());
            }
            m.seen(a, n);
            m.seen(a + 1, n);
            owner.commit(&mut *store, m);
        }
        done.store(true, Ordering::Release);
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(looked.iter().all(|n| *n > 0));
    assert_eq!(load(&mut *own, 0, &order("a")).unwrap().row.body, b"100");
}

pub fn a_frozen_reader_sees_one_moment(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    m.open(order("1"), "{}");
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    reader.freeze().unwrap();
    let mut m = owner.make();
    m.open(order("2"), "{}");
    m.post("a", "GBP", 1);
    owner.commit(&mut *store, m);
    reader.freeze().unwrap();
    assert_eq!(reader.head(0).unwrap().1.pos, 1, "freezing twice is freezing once");
    assert!(load(&mut *reader, 0, &order("2")).is_none());
    assert_eq!(reader.counts().unwrap().journal, 1);
    assert!(all(&mut *reader, 0, Scan::balances()).is_empty());
    reader.thaw().unwrap();
    reader.thaw().unwrap();
    assert_eq!(reader.head(0).unwrap().1, owner.head);
    assert!(load(&mut *reader, 0, &order("2")).is_some());
}

pub fn scans_go_on_where_they_stopped(place: &Place) {
    let mut store = place.open();
    for part in [0, 1] {
        let mut owner = Owner::claim(&mut *store, part);
        let mut m = owner.make();
        for n in 0..7 {
            let id = m.open(order(&n.to_string()), "{}");
            m.b.cases.last_mut().unwrap().due = Some(crate::make::NOW);
            m.receive(&n.to_string(), b"{}", ReceivedState::Waiting);
            m.command(id, &order("x"), CommandState::Queued);
            m.mail(0, "x");
            m.raise(&n.to_string(), "short", "x");
            m.b.taken.push((n, 0));
        }
        owner.commit(&mut *store, m);
    }
    let mut reader = store.reader().unwrap();
    for what in [
        Scan::Journal,
        Scan::Received(None),
        Scan::Received(Some(ReceivedState::Waiting)),
        Scan::Outbox,
        Scan::Mail(0),
        Scan::Mail(1),
        Scan::Marks,
        Scan::Timers,
        Scan::Cases { open: true },
        Scan::Cases { open: false },
        Scan::Exceptions { open: true },
    ] {
        let (mut after, mut pages, mut numbers) = (0, Vec::new(), Vec::new());
        loop {
            let page = reader.scan(0, what.clone(), after, 3).unwrap();
            pages.push(page.len());
            numbers.extend(page.iter().map(Scanned::number));
            after = numbers.last().copied().unwrap();
            if page.len() < 3 {
                break;
            }
        }
        assert_eq!((pages, numbers), (vec![3, 3, 1], (1..=7).collect()), "{what:?}");
        assert!(reader.scan(0, what.clone(), u64::MAX, 3).unwrap().is_empty(), "{what:?}");
        assert!(reader.scan(0, what, 0, 0).unwrap().is_empty());
    }
}

pub fn everything_survives_a_restart(place: &Place) {
    let mut store = place.open();
    let mut owners = [0, 1, 2, 3].map(|part| Owner::claim(&mut *store, part));
    for owner in &mut owners {
        let mut m = owner.make();
        let id = m.open(order("1"), "{}");
        m.b.cases[0].doc = Some(b"placed".to_vec());
        m.receive("k", &[7; 1000], ReceivedState::Waiting);
        m.command(id, &order("1"), CommandState::Marked);
        m.mail((owner.part + 1) % 4, "x");
        m.raise("order/1", "short", "x");
        m.post("gb/cash", "GBP", 5);
        m.seen(id, 1);
        m.b.rows.push(RowChange { case: id, key: "k".to_owned(), body: Some(vec![1; 700]) });
        owner.commit(&mut *store, m);
    }
    let before = everything(&mut *store.reader().unwrap());
    drop(store);
    let store = place.open();
    assert_eq!(everything(&mut *store.reader().unwrap()), before);
    assert!(before.len() > 60);
}
