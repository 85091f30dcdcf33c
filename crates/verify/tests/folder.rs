//! A folder is read as the store writes it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use rusqlite::Connection;
use std::path::Path;
use verify::plant::{self, Found};
use verify::{Evidence, ReadError, ReceivedState, Settings, Verifier, read_sqlite};

/// The tables as the store makes them.
const SCHEMA: &str = concat!(
    include_str!("../../store/src/sqlite/schema_1.sql"),
    include_str!("../../store/src/sqlite/schema_2.sql")
);

fn packed(body: &[u8]) -> Vec<u8> {
    let (how, rest) = if body.len() < 256 {
        (6, body.to_vec())
    } else {
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        (10, [&length[..], &lz4_flex::block::compress(body)].concat())
    };
    let sum = crc32fast::hash(&[&[how], &rest[..]].concat()).to_le_bytes();
    [&[how], &sum[..], &rest].concat()
}

fn key(part: u16, number: u64) -> i64 {
    (i64::from(part) << 47) | i64::try_from(number).unwrap()
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap()
}

fn write(e: &Evidence, dir: &Path) {
    let db = Connection::open(dir.join("crossdock.db")).unwrap();
    db.execute_batch(SCHEMA).unwrap();
    db.execute_batch("PRAGMA user_version = 2; BEGIN").unwrap();
    for h in &e.heads {
        let sql = "INSERT INTO head VALUES (?1, 1, 'n', 0, ?2, ?3, ?4, ?5, ?6, ?7, NULL, NULL)";
        let counts = (
            h.part,
            number(h.pos),
            number(h.received),
            number(h.cases),
            number(h.commands),
            number(h.mail),
            h.hash,
        );
        db.execute(sql, counts).unwrap();
    }
    for r in &e.journal {
        let row = (key(r.part, r.pos), number(r.case), number(r.prev), r.at, packed(&r.body));
        db.execute("INSERT INTO journal (id, number, prev, at, body) VALUES (?1, ?2, ?3, ?4, ?5)", row)
            .unwrap();
    }
    for c in &e.cases {
        db.execute("INSERT OR IGNORE INTO symbol (scope, text) VALUES (?1, ?2)", (&c.tenant, &c.kind))
            .unwrap();
        let sql = "INSERT INTO cases (id, ver, last, due, live, kind, value, body)
                   VALUES (?1, 1, ?2, NULL, ?3, (SELECT id FROM symbol WHERE scope = ?4 AND text = ?5), ?6, ?7)";
        let live = c.open.then_some(1);
        let row = (key(c.part, c.id), number(c.last), live, &c.tenant, &c.kind, &c.value, packed(&c.body));
        db.execute(sql, row).unwrap();
    }
    for (account, unit, n) in &e.balances {
        db.execute("INSERT INTO balance VALUES (0, ?1, ?2, ?3, NULL)", (account, unit, n)).unwrap();
    }
    for (part, case, name, body) in &e.rows {
        db.execute("INSERT INTO rows VALUES (?1, ?2, ?3, NULL)", (key(*part, *case), name, packed(body)))
            .unwrap();
    }
    for (part, id, name) in &e.outbox {
        let body = format!(
            r#"[{{"tenant":"main","kind":"order","value":"x"}},{{"op":"o","key":"{name}","args":{{}}}}]"#
        );
        let row = (key(*part, *id), packed(body.as_bytes()));
        db.execute("INSERT INTO outbox VALUES (?1, 1, 1, 0, 0, NULL, 0, ?2, NULL)", row).unwrap();
    }
    db.execute("INSERT OR IGNORE INTO symbol (scope, text) VALUES ('', 'shop')", ()).unwrap();
    for (part, pos, state) in &e.received {
        let sql = "INSERT INTO received (id, at, connection, key, headers, body) VALUES (?1, 0, 1, 'k', x'00', x'00')";
        db.execute(sql, [key(*part, *pos)]).unwrap();
        let state = match state {
            ReceivedState::Waiting => 0,
            ReceivedState::Parked => 2,
            ReceivedState::Decided => continue,
        };
        db.execute("INSERT INTO unsettled VALUES (?1, ?2, NULL)", (key(*part, *pos), state)).unwrap();
    }
    for (part, case, pos) in &e.seen {
        let key = (*pos).to_le_bytes().repeat(2);
        let sql = "INSERT INTO seen (id, key, body, pos) VALUES (?1, ?2, ?2, ?3)";
        db.execute(sql, (self::key(*part, *case), key, number(*pos))).unwrap();
    }
    for (part, pos) in &e.mail {
        db.execute("INSERT INTO mail VALUES (0, ?1, ?2, x'00', NULL)", (part, number(*pos))).unwrap();
    }
    for (about, code, open) in &e.exceptions {
        let sql = "INSERT INTO exception (part, about, code, cause, owner, next_step, opened, pos, closed)
                   VALUES (0, ?1, ?2, '', '', '', 0, 1, ?3)";
        db.execute(sql, (about, code, (!open).then_some(1))).unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
}

#[test]
fn what_is_in_a_folder_is_read_whole_and_as_a_stream() {
    let dir = tempfile::tempdir().unwrap();
    let mut told = plant::sample();
    told.outbox.push((0, 9_999, "refund:nobody".to_owned()));
    told.mail.push((0, 77));
    write(&told, dir.path());
    let mut read = Evidence::read_sqlite(dir.path()).unwrap();
    read.ledgers.clone_from(&told.ledgers);
    read.shelves.clone_from(&told.shelves);
    (told.totals, told.checked) = (read.totals.clone(), read.checked.clone());
    // The tables are in the order of their keys.
    told.cases.sort_by_key(|c| (c.part, c.id));
    told.rows.sort();
    read.seen.sort_unstable();
    told.seen.sort_unstable();
    read.exceptions.sort();
    told.exceptions.sort();
    assert_eq!(read.cases, told.cases);
    assert!(read == told, "something else differs");

    let mut verifier = Verifier::new(Settings::default());
    read_sqlite(dir.path(), &mut verifier).unwrap();
    told.ledgers.clear();
    told.shelves.clear();
    assert_eq!(verifier.finish(), told.report(Settings::default()));
}

#[test]
fn a_damaged_row_on_disk_is_a_breach_and_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    write(&plant::sample(), dir.path());
    let db = Connection::open(dir.path().join("crossdock.db")).unwrap();
    db.execute("UPDATE journal SET body = x'01ffffffff00' WHERE id = 5", ()).unwrap();
    drop(db);
    let read = Evidence::read_sqlite(dir.path()).unwrap();
    let broken = read.report(Settings::default()).broken();
    assert!(broken.contains(&"journal.chain") && broken.contains(&"journal.body"), "{broken:?}");
}

#[test]
fn errors_are_planted_into_a_real_folder_too() {
    let dir = tempfile::tempdir().unwrap();
    let told = plant::sample();
    write(&told, dir.path());
    let mut read = Evidence::read_sqlite(dir.path()).unwrap();
    read.ledgers = told.ledgers;
    read.shelves = told.shelves;
    let outcomes = plant::try_all(&read, &Settings::default());
    let missed: Vec<_> = outcomes.iter().filter(|(_, found)| *found != Found::Yes).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn a_folder_without_a_store_and_one_of_another_version_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let nothing = Evidence::read_sqlite(dir.path()).unwrap_err();
    assert!(matches!(&nothing, ReadError::Sqlite(file, _) if file.ends_with("crossdock.db")), "{nothing}");
    let db = Connection::open(dir.path().join("crossdock.db")).unwrap();
    db.execute_batch("PRAGMA user_version = 99").unwrap();
    let newer = Evidence::read_sqlite(dir.path()).unwrap_err();
    assert!(newer.to_string().contains("version 99"), "{newer}");
}

#[test]
fn one_flipped_bit_of_any_stored_body_is_found() {
    let dir = tempfile::tempdir().unwrap();
    write(&plant::busy(), dir.path());
    let db = Connection::open(dir.path().join("crossdock.db")).unwrap();
    let (mark, id) = (packed(b"what was placed"), key(0, 1));
    db.execute("INSERT INTO doc VALUES (?1, ?2, NULL)", (id, &mark)).unwrap();
    db.execute("UPDATE received SET headers = ?1, body = ?1", [&mark]).unwrap();
    db.execute("UPDATE mail SET body = ?1", [&mark]).unwrap();
    let broken = || Evidence::read_sqlite(dir.path()).map(|read| read.report(Settings::default()).broken());
    assert!(!broken().unwrap().contains(&"store.body"));
    let columns = [
        ("journal", "body"),
        ("cases", "body"),
        ("doc", "body"),
        ("rows", "body"),
        ("outbox", "body"),
        ("mail", "body"),
        ("received", "headers"),
        ("received", "body"),
    ];
    for (n, (table, column)) in (0_usize..).zip(columns) {
        for turn in 0..12 {
            let one = format!("SELECT min({column}) FROM {table}");
            let good: Vec<u8> = db.query_row(&one, (), |r| r.get(0)).unwrap();
            let mut bad = good.clone();
            let bit = (turn * 977 + n * 131) % (good.len() * 8);
            bad[bit / 8] ^= 1 << (bit % 8);
            let put = format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2");
            assert!(db.execute(&put, (&bad, &good)).unwrap() > 0);
            // A command that cannot be read at all is an error, and not all clear.
            let found = broken().map_or(table == "outbox", |broken| broken.contains(&"store.body"));
            assert!(found, "bit {bit} of {table}.{column}");
            assert!(db.execute(&put, (&good, &bad)).unwrap() > 0);
        }
    }
}
