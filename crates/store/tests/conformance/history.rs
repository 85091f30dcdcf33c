//! A partition with a hundred thousand turns behind it.

use crate::make::{LONG, NOW, Owner, all, load, order};
use crate::place::Place;
use hub::batch::{CommandState, Found, Key, ReceivedState};
use store::{Scan, Scanned};

const CASES: u64 = 1_000;
const TURNS: u64 = 100;

pub fn a_big_history_is_written_recovered_and_read(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 1);
    let name = |n: u64| order(&format!("shop-{n}"));
    let mut last = vec![0; usize::try_from(CASES).unwrap()];
    for turn in 1..=TURNS {
        let mut m = owner.make();
        for n in 0..CASES {
            let (id, at) = (n + 1, usize::try_from(n).unwrap());
            m.journal(id, last[at], "{\"facts\":[{\"type\":\"order.noted\"}]}");
            last[at] = m.b.to.pos;
            if turn == 1 {
                m.b.to.cases += 1;
            }
            let mut row = m.row(id, name(n), turn, "{\"lines\":[]}");
            row.open = turn < TURNS || n % 100 == 0;
            row.due = (turn == TURNS && n % 250 == 0).then_some(NOW);
            m.b.cases.push(row);
            m.receive(&format!("evt_{turn}_{n}"), b"{}", ReceivedState::Decided);
        }
        // Commands and mail come and go.
        let command = m.command(1, &name(0), CommandState::Queued);
        let mail = m.mail(1, "stock.wanted");
        if turn < TURNS {
            m.b.outbox.push(hub::batch::OutboxChange::Delete(command));
            m.b.taken.push((1, mail));
        }
        owner.commit(&mut *store, m);
    }
    drop(store);

    let mut store = place.open();
    let found = store.claim(1, "one", NOW, LONG).unwrap();
    assert_eq!((found.head.pos, found.head), (CASES * TURNS, owner.head));
    assert_eq!((found.timers.len(), found.outbox.len(), found.mail.len(), found.waiting.len()), (4, 1, 1, 0));
    let mut reader = store.reader().unwrap();
    let (mut hash, mut after) = ([0; 32], 0);
    loop {
        let page = reader.scan(1, Scan::Journal, after, 10_000).unwrap();
        let Some(end) = page.last() else { break };
        after = end.number();
        for row in page {
            let Scanned::Journal(row) = row else { panic!("{row:?}") };
            hash = row.hash_onto(&hash);
        }
    }
    assert_eq!((after, hash), (owner.head.pos, owner.head.hash));
    assert_eq!(all(&mut *reader, 1, Scan::Cases { open: true }).len(), 10);
    assert_eq!(all(&mut *reader, 1, Scan::JournalOf(500)).len(), 100);
    assert_eq!(load(&mut *reader, 1, &name(999)).unwrap().row.ver, TURNS);
    let keys: Vec<Key> = (0..CASES).map(|n| Key::Case(name(n))).collect();
    let cases = reader.load(1, &keys).unwrap();
    assert!(cases.iter().zip(1..).all(|(c, id)| matches!(c, Found::Case(c) if c.row.id == id)));
    assert_eq!(reader.counts().unwrap().received, CASES * TURNS);
}
