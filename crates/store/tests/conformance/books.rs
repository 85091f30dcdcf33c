//! Balances, exceptions and counts.

use crate::make::{Owner, all, load, order};
use crate::place::Place;
use hub::batch::{CommandState, CommitAnswer, ReceivedState};
use retail::envelope::Name;
use std::collections::BTreeMap;
use store::{Scan, Scanned, Store};

fn balances(store: &dyn Store, part: u16) -> Vec<(String, String, i64)> {
    let row = |r| match r {
        Scanned::Balance { account, unit, value } => (account, unit, value),
        other => panic!("{other:?}"),
    };
    all(&mut *store.reader().unwrap(), part, Scan::balances()).into_iter().map(row).collect()
}

pub fn balances_add_up_over_batches(place: &Place) {
    let mut store = place.open();
    let mut owners = [0, 1].map(|part| Owner::claim(&mut *store, part));
    for owner in &mut owners {
        for n in 1..=10 {
            let mut m = owner.make();
            m.post("gb/cash", "GBP", n);
            m.post("gb/cash", "GBP", n);
            m.post("gb/sales", "GBP", -2 * n);
            m.post("gb/stock:north", "85123A", -n);
            m.post("gb/cash", "EUR", 0);
            owner.commit(&mut *store, m);
        }
    }
    let row = |a: &str, u: &str, v| (a.to_owned(), u.to_owned(), v);
    let want = [
        row("gb/cash", "EUR", 0),
        row("gb/cash", "GBP", 110),
        row("gb/sales", "GBP", -110),
        row("gb/stock:north", "85123A", -55),
    ];
    assert_eq!(balances(&*store, 0), want);
    assert_eq!(balances(&*store, 1), want);
    let after = Scan::Balances { account: "gb/cash".to_owned(), unit: "EUR".to_owned() };
    assert_eq!(store.reader().unwrap().scan(0, after, 0, 2).unwrap().len(), 2);
}

pub fn a_balance_beyond_its_bound_is_refused(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    m.post("a", "GBP", i64::MAX);
    m.post("a", "GBP", (1 << 62) - i64::MAX);
    m.post("b", "GBP", -(1 << 62));
    owner.commit(&mut *store, m);
    for (account, delta) in [("a", 1), ("a", i64::MAX), ("b", -1), ("b", i64::MIN), ("c", i64::MIN)] {
        let mut m = owner.make();
        m.open(order("1"), "{}");
        m.post("d", "GBP", 1);
        m.post(account, "GBP", delta);
        let answers = store.commit(&[&m.b]);
        assert!(matches!(&answers[..], [CommitAnswer::Failed(why)] if why.contains(account)), "{answers:?}");
    }
    let rows: Vec<_> = balances(&*store, 0).into_iter().map(|(a, _, v)| (a, v)).collect();
    assert_eq!(rows, [("a".to_owned(), 1 << 62), ("b".to_owned(), -(1 << 62))]);
    assert_eq!(store.reader().unwrap().head(0).unwrap().1, owner.head);
}

pub fn one_exception_per_fact_is_open(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut other = Owner::claim(&mut *store, 1);
    let mut m = other.make();
    m.raise("order/1", "short", "elsewhere");
    other.commit(&mut *store, m);
    let mut m = owner.make();
    m.raise("order/1", "short", "first");
    m.raise("order/1", "short", "again in the same batch");
    m.raise("order/1", "refused", "another code");
    m.raise("order/2", "short", "another order");
    owner.commit(&mut *store, m);
    let mut m = owner.make();
    m.raise("order/1", "short", "again later");
    m.close("order/2", "short");
    m.close("order/9", "short");
    owner.commit(&mut *store, m);
    let mut m = owner.make();
    m.close("order/1", "short");
    m.raise("order/1", "short", "opened anew");
    owner.commit(&mut *store, m);
    let list = |open| -> Vec<(u64, String, bool)> {
        let row = |r| match r {
            Scanned::Exception { number, row, closed } => (number, row.cause, closed.is_some()),
            other => panic!("{other:?}"),
        };
        all(&mut *store.reader().unwrap(), 0, Scan::Exceptions { open }).into_iter().map(row).collect()
    };
    let row = |n, cause: &str, closed| (n, cause.to_owned(), closed);
    let history = [
        row(1, "first", true),
        row(2, "another code", false),
        row(3, "another order", true),
        row(4, "opened anew", false),
    ];
    assert_eq!(list(false), history);
    assert_eq!(list(true), [history[1].clone(), history[3].clone()]);
    assert_eq!(all(&mut *store.reader().unwrap(), 1, Scan::Exceptions { open: true }).len(), 1);
}

pub fn counts_say_what_there_is(place: &Place) {
    let mut store = place.open();
    let mut reader = store.reader().unwrap();
    for part in 0..2 {
        let mut owner = Owner::claim(&mut *store, part);
        let mut m = owner.make();
        let id = m.open(order("1"), "{}");
        m.open(order("2"), "{}");
        m.open(Name::new("zenith", "order", "1"), "{}");
        m.open(Name::new("acme", "return", "R1"), "{}");
        m.b.cases[1].open = false;
        m.b.cases[1].due = Some(crate::make::NOW);
        for state in
            [ReceivedState::Waiting, ReceivedState::Parked, ReceivedState::Decided, ReceivedState::Waiting]
        {
            m.receive("k", b"{}", state);
        }
        m.command(id, &order("1"), CommandState::Queued);
        m.command(id, &order("1"), CommandState::Unknown { since: crate::make::NOW });
        m.command(id, &order("1"), CommandState::Unknown { since: crate::make::NOW });
        m.mail(1 - part, "x");
        m.raise("order/1", "short", "x");
        m.raise("order/2", "short", "x");
        m.raise("order/1", "refused", "x");
        m.close("order/1", "refused");
        owner.commit(&mut *store, m);
        let mut m = owner.make();
        let stored = load(&mut *reader, part, &Name::new("acme", "return", "R1")).unwrap();
        m.turn(&stored, "over").open = false;
        owner.commit(&mut *store, m);
    }
    let counts = reader.counts().unwrap();
    assert!(counts.bytes > 0);
    let map = |rows: &[(&str, u64)]| -> BTreeMap<String, u64> {
        rows.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect()
    };
    assert_eq!(
        counts,
        store::Counts {
            cases: 8,
            open_cases: map(&[("order", 4)]),
            outbox: map(&[("queued", 2), ("unknown", 4)]),
            mail: 2,
            received: 8,
            waiting: 4,
            parked: 2,
            exceptions: map(&[("short", 4)]),
            journal: 10,
            bytes: counts.bytes,
        }
    );
}
