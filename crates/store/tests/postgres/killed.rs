//! Servers that die under a store and come back.

use crate::make::{Owner, everything, order};
use hub::batch::CommitAnswer;
use ownpg::Server;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Address, Postgres, Scan, Store};

#[test]
fn a_killed_server_loses_nothing_and_is_found_again() {
    let mut server = Server::start(&[]).unwrap();
    let address = Address::parse(&server.fresh()).unwrap();
    let mut store = Postgres::open(&address).unwrap();
    let mut owner = Owner::claim(&mut store, 0);
    let mut m = owner.make();
    m.open(order("first"), "{}");
    owner.commit(&mut store, m);
    let mut reader = store.reader().unwrap();
    let before = everything(&mut *reader);

    server.kill().unwrap();
    let mut m = owner.make();
    m.open(order("second"), "{}");
    for _ in 0..2 {
        let answers = store.commit(&[&m.b]);
        assert!(matches!(&answers[..], [CommitAnswer::Failed(why)] if why.contains("[lost]")), "{answers:?}");
    }
    assert_eq!(reader.parts().unwrap_err().code, "lost");
    assert_eq!(store.renew(0, owner.epoch, crate::make::NOW, crate::make::LONG).unwrap_err().code, "lost");
    assert_eq!(Postgres::open(&address).unwrap_err().code, "lost");

    server.run().unwrap();
    assert_eq!(everything(&mut *reader), before);
    owner.commit(&mut store, m);
    assert_eq!(reader.head(0).unwrap().1, owner.head);
}

/// Whatever was answered yes is there, wherever the kill comes.
#[test]
fn what_was_committed_before_a_kill_is_there_after_it() {
    let mut server = Server::start(&[]).unwrap();
    let address = Address::parse(&server.fresh()).unwrap();
    let mut store = Postgres::open(&address).unwrap();
    let mut owner = Owner::claim(&mut store, 0);
    let mut unknown = 0;
    for round in 0..3 {
        let stop = AtomicBool::new(false);
        let maybe = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut n = 0;
                while !stop.load(Ordering::Acquire) {
                    let mut m = owner.make();
                    m.open(order(&format!("{round}-{n}")), "{}");
                    match store.commit(&[&m.b]).remove(0) {
                        CommitAnswer::Yes => (owner.head, n) = (m.b.to, n + 1),
                        CommitAnswer::Failed(_) => {}
                        CommitAnswer::Unknown(_) => return Some(m.b.to),
                        other => panic!("{other:?}"),
                    }
                }
                None
            });
            std::thread::sleep(std::time::Duration::from_millis(150 + 37 * round));
            server.kill().unwrap();
            stop.store(true, Ordering::Release);
            writer.join().unwrap()
        });
        server.run().unwrap();
        let stored = store.reader().unwrap().head(0).unwrap().1;
        match maybe {
            Some(to) if stored == to => owner.head = to,
            _ => assert_eq!(stored, owner.head, "neither more nor less than was answered"),
        }
        unknown += usize::from(maybe.is_some());
    }
    let rows = store.reader().unwrap().scan(0, Scan::Journal, 0, usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, owner.head.pos);
    assert!(owner.head.pos > 10, "{} commits, {unknown} of them unknown", owner.head.pos);
}
