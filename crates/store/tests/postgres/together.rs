//! Several writers at once, each with a connection of its own.

use crate::make::{LONG, NOW, Owner, order};
use crate::{fresh, open};
use hub::batch::{CommitAnswer, Part};
use std::collections::BTreeSet;
use std::sync::Mutex;
use store::{Scan, Scanned, Store};

/// Four hubs, a partition each, that send each other mail and write in each other's way as little as they can.
#[test]
fn writers_of_other_partitions_do_not_disturb_each_other() {
    const TURNS: u64 = 40;
    let address = fresh();
    drop(open(&address));
    std::thread::scope(|scope| {
        for part in 0..4 {
            let address = &address;
            scope.spawn(move || {
                let mut store = open(address);
                let node = format!("node {part}");
                let mut owner = Owner::of(part, &store.claim(part, &node, NOW, LONG).unwrap());
                for n in 0..TURNS {
                    let mut m = owner.make();
                    // Names of kinds that all of them use first, at the same time.
                    let id = m.open(order(&n.to_string()), "{}");
                    m.seen(id, 1);
                    m.post("gb/cash", "GBP", 1);
                    for to in 0..4 {
                        m.mail(to, "stock.wanted");
                    }
                    owner.commit(&mut store, m);
                }
            });
        }
    });
    let mut reader = open(&address).reader().unwrap();
    assert_eq!(reader.parts().unwrap(), [0, 1, 2, 3]);
    for part in 0..4 {
        assert_eq!(reader.head(part).unwrap().1.pos, TURNS);
        for sender in 0..4 {
            let mail = reader.scan(part, Scan::Mail(sender), 0, usize::MAX).unwrap();
            assert_eq!(mail.len() as u64, TURNS, "from {sender} to {part}");
        }
    }
}

/// Two hubs that both believe they own a partition, and groups over several partitions in opposite orders: one wins
/// each time, nobody waits for ever, and the journal has what was answered yes and nothing else.
#[test]
fn of_two_who_claim_the_same_partitions_one_writes_at_a_time() {
    let address = fresh();
    drop(open(&address));
    let written: Mutex<BTreeSet<(Part, String)>> = Mutex::default();
    let fenced = Mutex::new(0);
    std::thread::scope(|scope| {
        for who in ["one", "two"] {
            let (address, written, fenced) = (&address, &written, &fenced);
            scope.spawn(move || {
                let mut store = open(address);
                let mut parts: Vec<Part> = vec![0, 1, 2];
                for n in 0..30 {
                    // The lease of the other is taken to have run out.
                    let now = NOW.plus(LONG).plus(LONG);
                    let owners: Vec<Owner> = parts
                        .iter()
                        .map(|part| {
                            Owner::of(*part, &store.claim(*part, who, now, retail::time::Span(-1)).unwrap())
                        })
                        .collect();
                    let makes: Vec<_> = owners
                        .iter()
                        .map(|owner| {
                            let mut m = owner.make();
                            m.open(order(&format!("{who}-{n}")), &format!("{who}-{n}"));
                            m.b
                        })
                        .collect();
                    let answers = store.commit(&makes.iter().collect::<Vec<_>>());
                    for (batch, answer) in makes.iter().zip(answers) {
                        match answer {
                            CommitAnswer::Yes => {
                                assert!(written.lock().unwrap().insert((batch.part, format!("{who}-{n}"))));
                            }
                            CommitAnswer::Fenced => *fenced.lock().unwrap() += 1,
                            other => panic!("{other:?}"),
                        }
                    }
                    parts.rotate_left(1);
                    if who == "two" {
                        parts.reverse();
                    }
                }
            });
        }
    });
    let mut reader = open(&address).reader().unwrap();
    let mut found = BTreeSet::new();
    for part in 0..3 {
        let mut hash = [0; 32];
        for row in reader.scan(part, Scan::Journal, 0, usize::MAX).unwrap() {
            let Scanned::Journal(row) = row else { panic!("{row:?}") };
            hash = row.hash_onto(&hash);
            assert!(found.insert((part, String::from_utf8(row.body).unwrap())));
        }
        assert_eq!(reader.head(part).unwrap().1.hash, hash);
    }
    assert_eq!(found, written.into_inner().unwrap());
    assert!(!found.is_empty());
    assert_eq!(found.len() + fenced.into_inner().unwrap(), 2 * 30 * 3);
}

/// Tables are planned for while they are empty: even so nobody reads one from end to end.
#[test]
fn no_turn_reads_a_whole_table() {
    let address = fresh();
    let mut store = open(&address);
    let mut owner = Owner::claim(&mut store, 0);
    let mut reader = store.reader().unwrap();
    for n in 0..60 {
        let mut m = owner.make();
        for k in 0..20 {
            let id = m.open(order(&format!("{n}-{k}")), "{}");
            m.seen(id, 1);
        }
        if n > 0 {
            let stored = crate::make::load(&mut *reader, 0, &order(&format!("{}-0", n - 1))).unwrap();
            m.turn(&stored, "second");
        }
        m.post("gb/cash", "GBP", 1);
        owner.commit(&mut store, m);
    }
    Owner::claim(&mut store, 0);
    for what in [Scan::Cases { open: true }, Scan::Timers, Scan::JournalOf(7), Scan::Journal, Scan::Outbox] {
        reader.scan(0, what, 3, 50).unwrap();
    }
    drop((store, reader));
    // What a session has counted is told when it ends.
    let read = format!(
        "SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE schemaname = '{}' AND seq_tup_read > 0
           AND relname IN ('cases', 'doc', 'route', 'received', 'seen', 'journal', 'outbox', 'mail', 'rows')",
        address.schema()
    );
    let told = format!(
        "SELECT sum(idx_scan) > 100 FROM pg_stat_user_tables WHERE schemaname = '{}'",
        address.schema()
    );
    let server = ownpg::shared().unwrap();
    for _ in 0..200 {
        if server.sql(&told).unwrap() == "t" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(server.sql(&told).unwrap(), "t", "statistics never came");
    assert_eq!(server.sql(&read).unwrap(), "");
}
