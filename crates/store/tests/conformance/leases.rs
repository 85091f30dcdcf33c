//! Ownership: leases and epochs.

use crate::make::{LONG, NOW, Owner, all, load, order};
use crate::place::Place;
use hub::batch::{CommitAnswer, Head};
use retail::time::Span;
use store::Scan;

pub fn a_new_partition_begins_at_epoch_one(place: &Place) {
    let mut store = place.open();
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.head(3).unwrap(), (0, Head::default()));
    let found = store.claim(3, "one", NOW, LONG).unwrap();
    assert_eq!((found.epoch, found.head), (1, Head::default()));
    assert_eq!(reader.head(3).unwrap(), (1, Head::default()));
    assert_eq!(store.settled_head(3).unwrap(), (1, Head::default()));
    assert_eq!(reader.parts().unwrap(), [3]);
}

pub fn a_lease_keeps_other_nodes_out_until_it_ends(place: &Place) {
    let mut store = place.open();
    store.claim(0, "one", NOW, Span::seconds(10)).unwrap();
    let refused = store.claim(0, "two", NOW.plus(Span::seconds(9)), LONG).unwrap_err();
    assert_eq!(refused.code, "lease_held");
    assert!(refused.what.contains("one"), "{refused}");
    assert_eq!(store.reader().unwrap().head(0).unwrap().0, 1, "a refused claim raises nothing");
    assert_eq!(store.claim(0, "two", NOW.plus(Span::seconds(10)), LONG).unwrap().epoch, 2);
    assert_eq!(store.claim(1, "one", NOW, LONG).unwrap().epoch, 1, "each partition has its own");
}

pub fn an_owner_may_claim_again_after_a_restart(place: &Place) {
    let mut store = place.open();
    let mut before = Owner::claim(&mut *store, 0);
    let mut m = before.make();
    m.open(order("1"), "{}");
    before.commit(&mut *store, m);
    drop(store);
    let mut store = place.open();
    let after = Owner::claim(&mut *store, 0);
    assert_eq!((after.epoch, after.head), (2, before.head));
}

pub fn a_lease_is_renewed_and_released_by_its_owner_only(place: &Place) {
    let mut store = place.open();
    let one = store.claim(0, "one", NOW, Span::seconds(10)).unwrap();
    assert!(store.renew(0, one.epoch, NOW, Span::seconds(30)).unwrap());
    let later = NOW.plus(Span::seconds(20));
    assert_eq!(store.claim(0, "two", later, LONG).unwrap_err().code, "lease_held");
    assert!(!store.renew(0, one.epoch + 1, NOW, LONG).unwrap());
    assert!(!store.renew(9, 1, NOW, LONG).unwrap(), "a partition that nobody claimed");
    assert!(store.release(0, one.epoch).unwrap());
    let two = store.claim(0, "two", later, LONG).unwrap();
    assert!(!store.renew(0, one.epoch, later, LONG).unwrap());
    assert!(!store.release(0, one.epoch).unwrap());
    assert!(store.renew(0, two.epoch, later, LONG).unwrap());
}

pub fn an_owner_that_was_paused_writes_nothing(place: &Place) {
    let mut store = place.open();
    let paused = Owner::claim(&mut *store, 0);
    let mut now = Owner::of(0, &store.claim(0, "two", NOW.plus(LONG), LONG).unwrap());
    let mut late = paused.make();
    late.open(order("late"), "{}");
    late.receive("k", b"{}", hub::batch::ReceivedState::Decided);
    late.post("gb/cash", "GBP", 5);
    assert_eq!(store.commit(&[&late.b]), [CommitAnswer::Fenced]);
    let mut reader = store.reader().unwrap();
    assert!(load(&mut *reader, 0, &order("late")).is_none());
    assert!(all(&mut *reader, 0, Scan::balances()).is_empty());
    let mut m = now.make();
    m.open(order("now"), "{}");
    now.commit(&mut *store, m);
    assert!(load(&mut *reader, 0, &order("now")).is_some());
}
