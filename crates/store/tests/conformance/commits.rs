//! Batches commit whole or not at all, and one that is refused is refused alone.

use crate::make::{NOW, Owner, all, each, everything, load, order};
use crate::place::Place;
use hub::batch::{
    Batch, CommandState, CommitAnswer, Found, JournalRow, Key, ReceivedState, RowChange, SeenRow,
};
use retail::envelope::Name;
use store::{Scan, Scanned, Store};

pub fn a_batch_comes_back_as_written(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 2);
    let mut m = owner.make();
    let id = m.open(order("shop-536365"), r#"{"lines":[{"line":"1","sku":"85123A"}]}"#);
    m.b.cases[0].due = Some(NOW);
    m.b.cases[0].doc = Some(vec![b'x'; 5000]);
    let pos = m.receive("evt_1", &[0, 159, 146, 150, 255], ReceivedState::Decided);
    m.seen(id, 7);
    m.b.rows.push(RowChange { case: id, key: "85123A|north".to_owned(), body: Some(b"[1,2]".to_vec()) });
    let b = m.b.clone();
    owner.commit(&mut *store, m);

    let mut reader = store.reader().unwrap();
    assert_eq!(reader.head(2).unwrap(), (1, b.to));
    assert_eq!(store.settled_head(2).unwrap(), (1, b.to));
    let stored = load(&mut *reader, 2, &order("shop-536365")).unwrap();
    assert_eq!(stored.row, b.cases[0]);
    assert_eq!(stored.seen, [(b.seen[0].key, b.seen[0].body)]);
    assert!(stored.seen_complete);
    let keys = [
        Key::Row(id, "85123A|north".to_owned()),
        Key::Case(order("nobody")),
        Key::Seen(id, b.seen[0].key),
        Key::Seen(id, [0; 16]),
        Key::Row(id, "none".to_owned()),
    ];
    let found = reader.load(2, &keys).unwrap();
    assert!(matches!(&found[0], Found::Row(r) if r == b"[1,2]"), "{found:?}");
    assert!(matches!(&found[2], Found::Seen(h) if *h == b.seen[0].body), "{found:?}");
    assert!(matches!((&found[1], &found[3], &found[4]), (Found::Nothing, Found::Nothing, Found::Nothing)));
    match &all(&mut *reader, 2, Scan::Received(None))[..] {
        [Scanned::Received(row)] => assert_eq!((row.pos, row), (pos, &b.received[0])),
        other => panic!("{other:?}"),
    }
    match &all(&mut *reader, 2, Scan::Journal)[..] {
        [Scanned::Journal(row)] => assert_eq!(*row, b.journal[0]),
        other => panic!("{other:?}"),
    }
}

pub fn a_moved_head_fences(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let twin = owner.clone();
    let mut m = owner.make();
    m.open(order("1"), "{}");
    let again = m.clone();
    owner.commit(&mut *store, m);
    let before = everything(&mut *store.reader().unwrap());
    assert_eq!(store.commit(&[&again.b]), [CommitAnswer::Fenced], "the same batch a second time");
    let mut other = twin.make();
    other.open(order("2"), "{}");
    assert_eq!(store.commit(&[&other.b]), [CommitAnswer::Fenced]);
    let mut hash = owner.make();
    hash.open(order("3"), "{}");
    hash.b.from.hash[31] ^= 1;
    assert_eq!(store.commit(&[&hash.b]), [CommitAnswer::Fenced], "a head that differs only in its hash");
    let mut nobody = owner.make();
    nobody.b.part = 5;
    assert_eq!(store.commit(&[&nobody.b]), [CommitAnswer::Fenced], "a partition that nobody claimed");
    assert_eq!(everything(&mut *store.reader().unwrap()), before);
}

pub fn a_clash_names_its_cases_and_the_rest_of_the_group_goes_through(place: &Place) {
    let mut store = place.open();
    let mut owners: Vec<Owner> = (0..3).map(|part| Owner::claim(&mut *store, part)).collect();
    for owner in &mut owners {
        let mut m = owner.make();
        for n in ["1", "2", "3"] {
            m.open(order(n), "first");
        }
        owner.commit(&mut *store, m);
    }
    let mut reader = store.reader().unwrap();
    let mut group: Vec<Batch> = Vec::new();
    for owner in &owners {
        let mut m = owner.make();
        for n in ["3", "2", "1"] {
            let stored = load(&mut *reader, owner.part, &order(n)).unwrap();
            m.turn(&stored, "second");
        }
        m.open(order("4"), "first");
        m.post("gb/cash", "GBP", 1);
        group.push(m.b);
    }
    group[1].cases[0].ver = 3;
    group[1].cases[2].ver = 1;
    assert_eq!(
        store.commit(&each(&group)),
        [CommitAnswer::Yes, CommitAnswer::Clash(vec![1, 3]), CommitAnswer::Yes]
    );
    for (part, body, new) in [(0, "second", true), (1, "first", false), (2, "second", true)] {
        for n in ["1", "2", "3"] {
            let stored = load(&mut *reader, part, &order(n)).unwrap();
            assert_eq!(stored.row.body, body.as_bytes(), "{part} {n}");
        }
        assert_eq!(load(&mut *reader, part, &order("4")).is_some(), new);
        assert_eq!(all(&mut *reader, part, Scan::balances()).len(), usize::from(new));
    }
    assert_eq!(reader.head(1).unwrap().1, owners[1].head);
}

pub fn a_batch_that_fails_late_leaves_nothing_and_takes_no_other_with_it(place: &Place) {
    let mut store = place.open();
    let mut owners: Vec<Owner> = (0..4).map(|part| Owner::claim(&mut *store, part)).collect();
    for owner in &mut owners {
        let mut m = owner.make();
        let id = m.open(order("1"), "{}");
        m.seen(id, 1);
        m.post("gb/cash", "GBP", 1 << 61);
        owner.commit(&mut *store, m);
    }
    let mut group = Vec::new();
    for owner in &owners {
        let mut m = owner.make();
        // A kind that is new in each batch: what a refused one made known must not be believed.
        let id = m.open(Name::new("acme", format!("kind{}", owner.part), "2"), "{}");
        m.receive("evt", b"{}", ReceivedState::Waiting);
        m.command(id, &order("2"), CommandState::Queued);
        m.mail(0, "stock.wanted");
        m.raise("order/2", "short", "none left");
        group.push(m.b);
    }
    group[1].balances.push(hub::batch::BalanceChange {
        account: "gb/cash".to_owned(),
        unit: "GBP".to_owned(),
        delta: 1 << 62,
    });
    group[2].seen.push(SeenRow { case: 1, key: [1; 16], body: [9; 16], pos: 1 });
    let answers = store.commit(&each(&group));
    assert_eq!((&answers[0], &answers[3]), (&CommitAnswer::Yes, &CommitAnswer::Yes));
    assert!(matches!(&answers[1], CommitAnswer::Failed(why) if why.contains("gb/cash")), "{answers:?}");
    assert_eq!(answers[2], CommitAnswer::Clash(vec![1]));
    let mut reader = store.reader().unwrap();
    for part in 0..4 {
        let went = usize::from(part == 0 || part == 3);
        assert_eq!(all(&mut *reader, part, Scan::Journal).len(), 1 + went);
        assert_eq!(all(&mut *reader, part, Scan::Received(None)).len(), went);
        assert_eq!(all(&mut *reader, part, Scan::Outbox).len(), went);
        assert_eq!(all(&mut *reader, 0, Scan::Mail(part)).len(), went);
        assert_eq!(all(&mut *reader, part, Scan::Exceptions { open: true }).len(), went);
        let name = Name::new("acme", format!("kind{part}"), "2");
        assert_eq!(load(&mut *reader, part, &name).is_some(), went == 1);
    }
    group[1].balances.clear();
    group[2].seen.clear();
    assert_eq!(store.commit(&each(&group[1..3])), [CommitAnswer::Yes, CommitAnswer::Yes], "mended, they go");
    for part in [1, 2] {
        let name = Name::new("acme", format!("kind{part}"), "2");
        assert_eq!(load(&mut *reader, part, &name).unwrap().row.name, name);
    }
}

pub fn batches_of_one_partition_follow_each_other_in_a_group(place: &Place) {
    let mut store = place.open();
    let owner = Owner::claim(&mut *store, 0);
    let mut first = owner.make();
    first.open(order("1"), "{}");
    let mut next = Owner { head: first.b.to, ..owner.clone() }.make();
    next.open(order("2"), "{}");
    let mut stale = owner.make();
    stale.open(order("3"), "{}");
    let group = [first.b, next.b, stale.b];
    assert_eq!(store.commit(&each(&group)), [CommitAnswer::Yes, CommitAnswer::Yes, CommitAnswer::Fenced]);
    assert_eq!(store.reader().unwrap().head(0).unwrap().1, group[1].to);
}

pub fn a_malformed_batch_is_refused_alone(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut other = Owner::claim(&mut *store, 1);
    let mut m = owner.make();
    let id = m.open(order("1"), "{}");
    m.receive("k", b"", ReceivedState::Waiting);
    m.mail(1, "x");
    m.command(id, &order("1"), CommandState::Queued);
    m.raise("order/1", "short", "x");
    owner.commit(&mut *store, m.clone());
    let before = everything(&mut *store.reader().unwrap());

    let again = |spoil: &dyn Fn(&mut Batch)| {
        let mut m = owner.make();
        let id = m.open(order("2"), "{}");
        m.receive("k", b"", ReceivedState::Waiting);
        m.mail(1, "x");
        m.command(id, &order("2"), CommandState::Queued);
        m.raise("order/2", "short", "x");
        spoil(&mut m.b);
        m.b
    };
    let row = |pos| JournalRow { pos, case: 1, prev: 1, at: NOW, body: Vec::new() };
    let spoils: [&dyn Fn(&mut Batch); 15] = [
        &|b| b.to.pos = 0,
        &|b| b.to.pos += 1,
        &|b| b.journal.push(row(1)),
        &|b| b.journal.insert(0, row(9)),
        &|b| b.received[0].pos += 1,
        &|b| b.mail[0].from_part = 1,
        &|b| b.mail.clear(),
        &|b| b.settled.push((9, ReceivedState::Decided)),
        &|b| b.to.cases = b.from.cases,
        &|b| b.cases.push(b.cases[0].clone()),
        &|b| b.routes.push((order("9"), 9)),
        &|b| b.to.commands = b.from.commands,
        &|b| b.outbox.push(hub::batch::OutboxChange::Delete(77)),
        &|b| b.to.pos = 1 << 50,
        &|b| b.rows.push(RowChange { case: 1, key: String::new(), body: None }),
    ];
    for (n, spoil) in spoils.iter().enumerate() {
        let mut good = other.make();
        good.open(order(&format!("good {n}")), "{}");
        let answers = store.commit(&[&again(spoil), &good.b]);
        assert!(
            matches!(&answers[0], CommitAnswer::Failed(why) if why.contains("not well formed")),
            "{n}: {answers:?}"
        );
        assert_eq!(answers[1], CommitAnswer::Yes);
        other.head = good.b.to;
    }
    let mine = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter().skip_while(|r| !r.starts_with("0:")).take_while(|r| !r.starts_with("1:")).collect()
    };
    assert_eq!(mine(everything(&mut *store.reader().unwrap())), mine(before));
    assert_eq!(store.commit(&[&again(&|_| ())]), [CommitAnswer::Yes], "unspoilt, it goes");
}

pub fn a_big_batch_commits_whole(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    for n in 0..2000_u32 {
        let id = m.open(order(&n.to_string()), &format!("{{\"n\":{n}}}"));
        m.receive(&n.to_string(), &n.to_be_bytes(), ReceivedState::Decided);
        m.seen(id, u8::try_from(n % 256).unwrap());
        m.post("gb/sales", "GBP", -i64::from(n));
        m.post("gb/cash", "GBP", i64::from(n));
    }
    m.b.cases[7].body = vec![b'7'; 3_000_000];
    m.b.cases[8].doc = Some((0..1_000_000_u32).flat_map(u32::to_le_bytes).collect());
    let b = m.b.clone();
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    let cases = all(&mut *reader, 0, Scan::Cases { open: true });
    assert_eq!(cases.len(), b.cases.len());
    for (found, want) in cases.iter().zip(&b.cases) {
        assert!(matches!(found, Scanned::Case(c) if **c == *want), "case {}", want.id);
    }
    assert_eq!(all(&mut *reader, 0, Scan::Journal).len(), 2000);
}

pub fn an_empty_group_has_no_answers(place: &Place) {
    let mut store = place.open();
    let owner = Owner::claim(&mut *store, 0);
    assert_eq!(store.commit(&[]), []);
    assert_eq!(store.commit(&[&owner.make().b]), [CommitAnswer::Yes], "a batch that writes nothing is one");
}

pub fn the_hash_of_the_head_is_that_of_the_journal(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 1);
    for n in 0..5 {
        let mut m = owner.make();
        m.open(order(&format!("{n}a")), "first");
        m.open(order(&format!("{n}b")), "second");
        owner.commit(&mut *store, m);
    }
    drop(store);
    let store: Box<dyn Store> = place.open();
    let mut reader = store.reader().unwrap();
    let mut hash = [0; 32];
    for row in all(&mut *reader, 1, Scan::Journal) {
        let Scanned::Journal(row) = row else { panic!("{row:?}") };
        hash = row.hash_onto(&hash);
    }
    assert_ne!(hash, [0; 32]);
    assert_eq!(reader.head(1).unwrap().1.hash, hash);
}
