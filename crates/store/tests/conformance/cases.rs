//! Cases and all that hangs on them: names, documents, marks, rows, turns.

use crate::make::{Owner, all, load, mark, order, text};
use crate::place::Place;
use hub::batch::{CommitAnswer, Found, Key, RowChange};
use retail::envelope::Name;
use store::{Scan, Scanned};

pub fn a_case_is_found_by_each_of_its_names(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let id = m.open(order("1"), "{}");
    let names = [
        Name::new("acme", "payment", "pi_3MtwBwLkdIwHu7ix28a3tqPa"),
        Name::new("acme", "shipment", "1"),
        Name::new("acme", "tracking", "Käse 1Z"),
    ];
    for name in &names {
        m.b.routes.push((name.clone(), id));
    }
    owner.commit(&mut *store, m);
    // Told again in a later turn, with the case's own name among them: nothing changes.
    let mut reader = store.reader().unwrap();
    let mut m = owner.make();
    m.turn(&load(&mut *reader, 0, &order("1")).unwrap(), "second");
    m.b.routes.extend([(names[0].clone(), id), (order("1"), id), (names[0].clone(), id)]);
    owner.commit(&mut *store, m);
    for name in names.iter().chain([&order("1")]) {
        let found = load(&mut *reader, 0, name).unwrap();
        assert_eq!((found.row.id, &found.row.name, found.row.ver), (id, &order("1"), 2), "{name}");
    }
    assert!(load(&mut *reader, 0, &Name::new("acme", "refund", "1")).is_none(), "a kind that nobody used");
    assert!(load(&mut *reader, 0, &Name::new("acme", "payment", "1")).is_none(), "a value of another kind");
}

pub fn the_name_a_case_opened_under_wins(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let parcel = Name::new("acme", "tracking", "1Z");
    let mut m = owner.make();
    let ids = ["1", "2", "3"].map(|n| m.open(order(n), "{}"));
    m.b.routes.extend([(parcel.clone(), ids[1]), (parcel.clone(), ids[0]), (order("1"), ids[2])]);
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    assert_eq!(load(&mut *reader, 0, &parcel).unwrap().row.id, ids[1], "the latest case that took the name");
    assert_eq!(
        load(&mut *reader, 0, &order("1")).unwrap().row.id,
        ids[0],
        "its own name is never taken from a case"
    );
    assert_eq!(reader.find_case("acme", "1Z").unwrap().len(), 2, "a search shows both");
}

pub fn a_second_case_under_a_name_clashes(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let id = m.open(order("1"), "{}");
    m.b.routes.push((Name::new("acme", "rma", "R1"), id));
    owner.commit(&mut *store, m);
    for taken in [order("1"), Name::new("acme", "rma", "R1")] {
        let mut m = owner.make();
        let id = m.open(taken, "{}");
        assert_eq!(store.commit(&[&m.b]), [CommitAnswer::Clash(vec![id])]);
    }
    let mut m = owner.make();
    m.open(order("2"), "{}");
    m.open(order("2"), "{}");
    assert!(matches!(&store.commit(&[&m.b])[..], [CommitAnswer::Failed(why)] if why.contains("twice")));
}

pub fn tenants_and_partitions_do_not_see_each_other(place: &Place) {
    let mut store = place.open();
    let mut owners = [0, 1, 65_535].map(|part| Owner::claim(&mut *store, part));
    for owner in &mut owners {
        let mut m = owner.make();
        let body = format!("partition {}", owner.part);
        let id = m.open(order("1"), &body);
        let other = m.open(Name::new("zenith", "order", "1"), "zenith");
        m.seen(id, 1);
        m.b.rows.push(RowChange { case: other, key: "k".to_owned(), body: Some(body.into_bytes()) });
        owner.commit(&mut *store, m);
    }
    let mut reader = store.reader().unwrap();
    for part in [0, 1, 65_535] {
        let body = format!("partition {part}").into_bytes();
        assert_eq!(load(&mut *reader, part, &order("1")).unwrap().row.body, body);
        assert_eq!(load(&mut *reader, part, &Name::new("zenith", "order", "1")).unwrap().row.body, b"zenith");
        let found = reader.load(part, &[Key::Row(2, "k".to_owned())]).unwrap();
        assert!(matches!(&found[..], [Found::Row(r)] if *r == body));
        assert_eq!(all(&mut *reader, part, Scan::Journal).len(), 2);
        assert_eq!(all(&mut *reader, part, Scan::Cases { open: true }).len(), 2);
    }
    assert!(load(&mut *reader, 7, &order("1")).is_none());
    assert_eq!(reader.parts().unwrap(), [0, 1, 65_535]);
}

pub fn a_document_is_written_once_and_stays(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut reader = store.reader().unwrap();
    let mut m = owner.make();
    m.open(order("1"), "1");
    owner.commit(&mut *store, m);
    for (doc, want) in
        [(None, None), (Some("placed"), Some("placed")), (None, Some("placed")), (Some("b"), Some("b"))]
    {
        let mut m = owner.make();
        let stored = load(&mut *reader, 0, &order("1")).unwrap();
        m.turn(&stored, "2").doc = doc.map(|d: &str| d.as_bytes().to_vec());
        owner.commit(&mut *store, m);
        let row = load(&mut *reader, 0, &order("1")).unwrap().row;
        assert_eq!(row.doc.as_deref(), want.map(str::as_bytes));
        match &all(&mut *reader, 0, Scan::Cases { open: false })[..] {
            [Scanned::Case(scanned)] => assert_eq!(**scanned, row),
            other => panic!("{other:?}"),
        }
    }
}

pub fn marks_beyond_those_loaded_are_asked_for(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let (a, b) = (m.open(order("1"), "{}"), m.open(order("2"), "{}"));
    for n in (0..64).rev() {
        m.seen(a, n);
        m.seen(b, n + 100);
    }
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    let full = load(&mut *reader, 0, &order("1")).unwrap();
    assert_eq!((full.seen.len(), full.seen_complete), (64, true));
    let mut m = owner.make();
    m.turn(&full, "second");
    m.seen(a, 64);
    owner.commit(&mut *store, m);
    let part = load(&mut *reader, 0, &order("1")).unwrap();
    assert_eq!((part.seen.len(), part.seen_complete), (64, false));
    let keys: Vec<Key> = [0, 63, 64, 65, 100].map(|n| Key::Seen(a, mark(n))).into();
    let found = reader.load(0, &keys).unwrap();
    let there: Vec<bool> = found.iter().map(|f| matches!(f, Found::Seen(_))).collect();
    assert_eq!(there, [true, true, true, false, false]);
    assert_eq!(all(&mut *reader, 0, Scan::Seen { case: a, key: mark(9) }).len(), 55);
    assert!(load(&mut *reader, 0, &order("2")).unwrap().seen_complete);
}

pub fn a_mark_that_exists_clashes(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let id = m.open(order("1"), "{}");
    m.seen(id, 1);
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    let stored = load(&mut *reader, 0, &order("1")).unwrap();
    let mut twice = owner.make();
    twice.turn(&stored, "second");
    twice.seen(id, 2);
    twice.seen(id, 2);
    let mut again = owner.make();
    again.turn(&stored, "second");
    again.seen(id, 1);
    for m in [twice, again] {
        assert_eq!(store.commit(&[&m.b]), [CommitAnswer::Clash(vec![id])]);
    }
    assert_eq!(load(&mut *reader, 0, &order("1")).unwrap().row, stored.row);
}

pub fn rows_are_put_replaced_and_deleted(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    let (a, b) = (m.open(order("1"), "{}"), m.open(order("2"), "{}"));
    let row = |case, key: &str, body: Option<&str>| RowChange {
        case,
        key: key.to_owned(),
        body: body.map(|b| b.as_bytes().to_vec()),
    };
    m.b.rows = vec![row(a, "x", Some("1")), row(a, "y", Some("1")), row(b, "x", Some("b"))];
    owner.commit(&mut *store, m);
    let mut m = owner.make();
    m.b.rows = vec![row(a, "x", Some("2")), row(a, "y", None), row(a, "none", None), row(a, "z", Some("3"))];
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    let keys: Vec<Key> = ["x", "y", "z"].map(|k| Key::Row(a, k.to_owned())).into();
    assert_eq!(
        text(&reader.load(0, &keys).unwrap()),
        text(&[Found::Row(b"2".to_vec()), Found::Nothing, Found::Row(b"3".to_vec())])
    );
    let from = |key: &str| Scan::Rows { case: a, key: key.to_owned() };
    let keys: Vec<_> = all(&mut *reader, 0, from("")).iter().map(|r| format!("{r:?}")).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_eq!(all(&mut *reader, 0, from("x")).len(), 1);
    assert_eq!(all(&mut *reader, 0, Scan::rows(b)).len(), 1);
}

pub fn the_turns_of_a_case_hang_together(place: &Place) {
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut reader = store.reader().unwrap();
    let mut m = owner.make();
    let (a, b) = (m.open(order("a"), "a0"), m.open(order("b"), "b0"));
    owner.commit(&mut *store, m);
    for n in 1..5 {
        let mut m = owner.make();
        for name in ["b", "a"] {
            let stored = load(&mut *reader, 0, &order(name)).unwrap();
            m.turn(&stored, &format!("{name}{n}"));
        }
        owner.commit(&mut *store, m);
    }
    let bodies = |rows: Vec<Scanned>| -> Vec<String> {
        let body = |r| match r {
            Scanned::Journal(r) => String::from_utf8(r.body).unwrap(),
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(body).collect()
    };
    assert_eq!(bodies(all(&mut *reader, 0, Scan::JournalOf(a))), ["a4", "a3", "a2", "a1", "a0"]);
    let first = reader.scan(0, Scan::JournalOf(b), 0, 2).unwrap();
    let rest = reader.scan(0, Scan::JournalOf(b), first[1].number(), 9).unwrap();
    assert_eq!(
        (bodies(first), bodies(rest)),
        (vec!["b4".into(), "b3".into()], vec!["b2".into(), "b1".into(), "b0".into()])
    );
    assert!(all(&mut *reader, 0, Scan::JournalOf(99)).is_empty());
}

/// Ids are vendors' texts: empty ones, NUL, the escape of a backend, and whatever else Unicode has.
pub fn any_text_may_stand_anywhere(place: &Place) {
    let texts = ["\0", "a\0b", "\u{F8F0}", "\u{F8F0}0", "\u{10FFFF}", "'\"\\;--", "{}\n\t", " "];
    let mut store = place.open();
    let mut owner = Owner::claim(&mut *store, 0);
    let mut m = owner.make();
    for text in texts {
        let id = m.open(order(text), "{}");
        m.b.routes.push((Name::new("acme", format!("kind {text}"), text), id));
        m.b.rows.push(RowChange {
            case: id,
            key: format!("row {text}"),
            body: Some(text.as_bytes().to_vec()),
        });
        m.receive(text, text.as_bytes(), hub::batch::ReceivedState::Waiting);
        m.command(id, &order(text), hub::batch::CommandState::Queued);
        m.post(text, text, 7);
        m.raise(text, text, text);
    }
    owner.commit(&mut *store, m.clone());
    drop(store);
    let mut store = place.open();
    assert_eq!(Owner::claim(&mut *store, 0).head, m.b.to);
    let mut reader = store.reader().unwrap();
    for (n, text) in texts.iter().enumerate() {
        let stored = load(&mut *reader, 0, &order(text)).unwrap();
        assert_eq!(stored.row, m.b.cases[n]);
        let further = load(&mut *reader, 0, &Name::new("acme", format!("kind {text}"), *text)).unwrap();
        assert_eq!(further.row.id, stored.row.id);
        let found = reader.load(0, &[Key::Row(stored.row.id, format!("row {text}"))]).unwrap();
        assert!(matches!(&found[..], [Found::Row(body)] if body == text.as_bytes()), "{text:?}");
        assert_eq!(reader.find_case("acme", text).unwrap().len(), 2, "{text:?}");
    }
    let keys: Vec<_> = all(&mut *reader, 0, Scan::Received(None))
        .into_iter()
        .map(|row| if let Scanned::Received(row) = row { row.key } else { panic!("{row:?}") })
        .collect();
    assert_eq!(keys, texts);
    let accounts = all(&mut *reader, 0, Scan::balances());
    assert_eq!(accounts.len(), texts.len());
    for found in all(&mut *reader, 0, Scan::Exceptions { open: true }) {
        assert!(matches!(&found, Scanned::Exception { row, .. } if row.about == row.cause), "{found:?}");
    }
}

pub fn every_name_of_a_case_leads_a_search_to_it(place: &Place) {
    let mut store = place.open();
    for part in 0..2 {
        let mut owner = Owner::claim(&mut *store, part);
        let mut m = owner.make();
        let id = m.open(order(&format!("shop-{part}")), "{}");
        m.b.routes.push((Name::new("acme", "number", "536365"), id));
        m.b.routes.push((Name::new("other", "number", "536365"), id));
        owner.commit(&mut *store, m);
    }
    let mut owner = Owner::claim(&mut *store, 2);
    let mut m = owner.make();
    m.open(Name::new("acme", "return", "536365"), "{}");
    owner.commit(&mut *store, m);
    let mut reader = store.reader().unwrap();
    let hits = reader.find_case("acme", "536365").unwrap();
    let brief: Vec<_> =
        hits.iter().map(|h| (h.part, h.case, h.matched.kind.as_str(), h.name.to_string())).collect();
    assert_eq!(
        brief,
        [
            (0, 1, "number", "acme/order/shop-0".to_owned()),
            (1, 1, "number", "acme/order/shop-1".to_owned()),
            (2, 1, "return", "acme/return/536365".to_owned()),
        ]
    );
    assert_eq!(reader.find_case("acme", "shop-1").unwrap().len(), 1);
    assert!(reader.find_case("zenith", "536365").unwrap().is_empty());
}
