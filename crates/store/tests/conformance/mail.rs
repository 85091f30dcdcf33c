//! Mail between partitions: at least once, with a high-water mark per sender.

use crate::make::{LONG, NOW, Owner, all, each, text};
use crate::place::Place;
use hub::batch::Part;
use std::collections::BTreeMap;
use store::{Scan, Scanned, Store};

fn waiting(store: &dyn Store, to: Part, from: Part) -> Vec<u64> {
    all(&mut *store.reader().unwrap(), to, Scan::Mail(from)).iter().map(Scanned::number).collect()
}

pub fn mail_crosses_four_partitions_and_is_deleted_by_its_mark(place: &Place) {
    let mut store = place.open();
    let mut owners: Vec<Owner> = (0..4).map(|part| Owner::claim(&mut *store, part)).collect();
    let mut group = Vec::new();
    for owner in &mut owners {
        let mut m = owner.make();
        for round in 0..3 {
            for to in 0..4 {
                m.mail(to, &format!("round {round}"));
            }
        }
        owner.head = m.b.to;
        group.push(m.b);
    }
    let sent: Vec<_> = group.iter().flat_map(|b| b.mail.clone()).collect();
    assert!(store.commit(&each(&group)).iter().all(|a| *a == hub::batch::CommitAnswer::Yes));
    for to in 0..4 {
        for from in 0..4 {
            assert_eq!(waiting(&*store, to, from), [1, 5, 9].map(|p| p + u64::from(to)), "{from} to {to}");
        }
    }
    // Partition 2 takes in: all of 0, the first of 1, up to between two of its own of 3.
    let mut m = owners[2].make();
    m.b.taken = vec![(0, 12), (1, 3), (3, 8)];
    owners[2].commit(&mut *store, m);
    drop(store);
    let mut store = place.open();
    let found = store.claim(2, "one", NOW, LONG).unwrap();
    assert_eq!(found.marks, [(0, 12), (1, 3), (3, 8)]);
    let left: Vec<_> = sent
        .iter()
        .filter(|m| m.to_part == 2)
        .filter(|m| m.pos > BTreeMap::from([(0, 12), (1, 3), (3, 8)]).get(&m.from_part).copied().unwrap_or(0))
        .cloned()
        .collect();
    assert_eq!(left.len(), 6);
    assert_eq!(text(&found.mail), text(&left), "by sender, then position; other bytes as sent");
    assert_eq!(waiting(&*store, 1, 0), [2, 6, 10], "other receivers keep theirs");
    let part = store.claim(1, "one", NOW, LONG).unwrap();
    assert_eq!((part.mail.len(), part.marks.len()), (12, 0));
}

pub fn a_mark_never_goes_back(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    for taken in [vec![(0, 1)], vec![(9, 7), (0, 2)], vec![(9, 5)], vec![(9, 8), (9, 6)]] {
        let mut m = owner.make();
        m.mail(0, "to itself");
        m.b.taken = taken;
        owner.commit(&mut *store, m);
    }
    let found = store.claim(0, "one", NOW, LONG).unwrap();
    assert_eq!(found.marks, [(0, 2), (9, 8)]);
    assert_eq!(found.mail.iter().map(|m| m.pos).collect::<Vec<_>>(), [3, 4]);
    let marks = all(&mut *store.reader().unwrap(), 0, Scan::Marks);
    assert_eq!(marks.iter().map(Scanned::number).collect::<Vec<_>>(), [1, 10]);
}
