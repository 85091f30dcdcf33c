//! What a rehearsal needs of the store in memory beyond what all stores do.
#![allow(clippy::unwrap_used)]

use hub::batch::{Batch, CommitAnswer, Head};
use retail::time::{Span, Time};
use store::{Fault, Memory, Reader, Store};

fn claimed() -> (Memory, Batch) {
    let mut store = Memory::new();
    let found = store.claim(0, "one", Time(0), Span::hours(1)).unwrap();
    let to = Head { commands: 1, ..found.head };
    (store, Batch { epoch: found.epoch, from: found.head, to, ..Batch::default() })
}

fn head(store: &Memory) -> Head {
    let mut reader: Box<dyn Reader> = store.reader().unwrap();
    reader.head(0).unwrap().1
}

#[test]
fn planned_faults_come_once_each_and_in_order() {
    let (mut store, batch) = claimed();
    let group = [&batch];
    store.plan(Fault::Refused);
    store.plan(Fault::LostBefore);
    store.plan(Fault::LostAfter);
    assert!(matches!(&store.commit(&group)[..], [CommitAnswer::Failed(_)]));
    assert!(matches!(&store.commit(&group)[..], [CommitAnswer::Unknown(_)]));
    assert_eq!(head(&store), batch.from, "neither wrote");
    assert!(matches!(&store.commit(&group)[..], [CommitAnswer::Unknown(_)]));
    assert_eq!(head(&store), batch.to, "the third did, and only its answer was lost");
    assert_eq!(store.commit(&group), [CommitAnswer::Fenced], "the same batch again finds a moved head");
}

#[test]
fn a_lost_answer_hides_no_refusal() {
    let (mut store, batch) = claimed();
    store.plan(Fault::LostAfter);
    let stale = Batch { epoch: 9, ..batch.clone() };
    let answers = store.commit(&[&stale, &batch]);
    assert!(matches!(&answers[..], [CommitAnswer::Fenced, CommitAnswer::Unknown(_)]), "{answers:?}");
}

#[test]
fn clones_share_and_snapshots_do_not() {
    let (mut store, batch) = claimed();
    let (shared, apart) = (store.clone(), store.snapshot());
    store.plan(Fault::Refused);
    let mut later = store.snapshot();
    assert!(matches!(&store.commit(&[&batch])[..], [CommitAnswer::Failed(_)]));
    assert_eq!(store.commit(&[&batch]), [CommitAnswer::Yes]);
    assert_eq!(head(&shared), batch.to);
    assert_eq!(head(&apart), batch.from);
    assert_eq!(later.commit(&[&batch]), [CommitAnswer::Yes], "a snapshot has no planned faults");
}
