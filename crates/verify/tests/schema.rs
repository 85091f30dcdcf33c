//! A schema of a PostgreSQL is read as the store writes it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use ownpg::{Server, USER, shared};
use postgres::{Client, NoTls};
use verify::plant::{self, Found};
use verify::{Evidence, ReadError, ReceivedState, Schema, Settings, Verifier, read_postgres};

/// The tables as the store makes them.
const SCHEMA: &str = concat!(
    include_str!("../../store/src/postgres/schema_1.sql"),
    include_str!("../../store/src/postgres/schema_2.sql")
);
const VERSION: &str = "CREATE TABLE schema_version (program text, version bigint)";

fn packed(body: &[u8]) -> Vec<u8> {
    if body.len() < 256 {
        return [&[0], body].concat();
    }
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&[1], &length[..], &lz4_flex::block::compress(body)].concat()
}

fn key(part: u16, number: u64) -> i64 {
    (i64::from(part) << 47) | i64::try_from(number).unwrap()
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap()
}

fn server() -> &'static Server {
    shared().unwrap()
}

fn schema(name: &str) -> Schema {
    let folder = server().folder().display();
    Schema {
        url: format!("postgres:///postgres?user={USER}&host={folder}"),
        password: None,
        name: name.to_owned(),
    }
}

fn connect(schema: &Schema) -> Client {
    let mut client = Client::connect(&schema.url, NoTls).unwrap();
    client
        .batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {0}; SET search_path = {0}", schema.name))
        .unwrap();
    client
}

fn write(e: &Evidence, schema: &Schema) {
    let mut db = connect(schema);
    db.batch_execute(&format!("{SCHEMA}; {VERSION}; INSERT INTO schema_version VALUES ('crossdock', 2)"))
        .unwrap();
    for h in &e.heads {
        let (part, counts) =
            (i32::from(h.part), [h.pos, h.received, h.cases, h.commands, h.mail].map(number));
        let [pos, received, cases, commands, mail] = counts;
        db.execute(
            "INSERT INTO head VALUES ($1, 1, 'n', 0, $2, $3, $4, $5, $6, $7)",
            &[&part, &pos, &received, &cases, &commands, &mail, &h.hash.as_slice()],
        )
        .unwrap();
    }
    for r in &e.journal {
        let (id, case, prev) = (key(r.part, r.pos), number(r.case), number(r.prev));
        db.execute(
            "INSERT INTO journal VALUES ($1, $2, $3, $4, $5)",
            &[&id, &case, &prev, &r.at, &packed(&r.body)],
        )
        .unwrap();
    }
    for c in &e.cases {
        let (id, last, live) = (key(c.part, c.id), number(c.last), c.open.then_some(1_i64));
        db.execute(
            "INSERT INTO cases (id, ver, last, live, tenant, kind, value, body) VALUES ($1, 1, $2, $3, $4, $5, $6, $7)",
            &[&id, &last, &live, &c.tenant, &c.kind, &c.value, &packed(&c.body)],
        )
        .unwrap();
    }
    for (account, unit, n) in &e.balances {
        db.execute("INSERT INTO balance VALUES (0, $1, $2, $3)", &[account, unit, n]).unwrap();
    }
    for (part, case, name, body) in &e.rows {
        db.execute("INSERT INTO rows VALUES ($1, $2, $3)", &[&key(*part, *case), name, &packed(body)])
            .unwrap();
    }
    for (part, id, name) in &e.outbox {
        let body = format!(
            r#"[{{"tenant":"main","kind":"order","value":"x"}},{{"op":"o","key":"{name}","args":{{}}}}]"#
        );
        let sql = "INSERT INTO outbox VALUES ($1, 1, 1, 0, 0, NULL, 0, $2)";
        db.execute(sql, &[&key(*part, *id), &packed(body.as_bytes())]).unwrap();
    }
    for (part, pos, state) in &e.received {
        db.execute(
            "INSERT INTO received VALUES ($1, 0, 'shop', 'k', '\\x00', '\\x00')",
            &[&key(*part, *pos)],
        )
        .unwrap();
        let state = match state {
            ReceivedState::Waiting => 0_i64,
            ReceivedState::Parked => 2,
            ReceivedState::Decided => continue,
        };
        db.execute("INSERT INTO unsettled VALUES ($1, $2)", &[&key(*part, *pos), &state]).unwrap();
    }
    for (part, case, pos) in &e.seen {
        let mark = pos.to_le_bytes().repeat(2);
        let sql = "INSERT INTO seen VALUES ($1, $2, $2, $3)";
        db.execute(sql, &[&self::key(*part, *case), &mark, &number(*pos)]).unwrap();
    }
    for (part, pos) in &e.mail {
        let sql = "INSERT INTO mail VALUES (0, $1, $2, '\\x00')";
        db.execute(sql, &[&i32::from(*part), &number(*pos)]).unwrap();
    }
    for (n, (about, code, open)) in (1_i64..).zip(&e.exceptions) {
        let closed = (!open).then_some(1_i64);
        let sql = "INSERT INTO exception VALUES ($1, 0, $2, $3, '', '', '', 0, 0, $4, $4)";
        db.execute(sql, &[&n, about, code, &closed]).unwrap();
    }
}

#[test]
fn what_is_in_a_schema_is_read_whole_and_as_a_stream() {
    let schema = schema("whole");
    let mut told = plant::sample();
    told.outbox.push((0, 9_999, "refund:nobody".to_owned()));
    told.mail.push((0, 77));
    write(&told, &schema);
    let mut read = Evidence::read_postgres(&schema).unwrap();
    read.ledgers.clone_from(&told.ledgers);
    read.shelves.clone_from(&told.shelves);
    (told.totals, told.checked) = (read.totals.clone(), read.checked.clone());
    // The tables are in the order of their keys.
    told.cases.sort_by_key(|c| (c.part, c.id));
    told.rows.sort();
    read.seen.sort_unstable();
    told.seen.sort_unstable();
    for sorted in [&mut told, &mut read] {
        sorted.exceptions.sort();
        sorted.balances.sort();
        sorted.outbox.sort();
    }
    assert_eq!(read.cases, told.cases);
    assert!(read == told, "something else differs");

    let mut verifier = Verifier::new(Settings::default());
    read_postgres(&schema, &mut verifier).unwrap();
    told.ledgers.clear();
    told.shelves.clear();
    assert_eq!(verifier.finish(), told.report(Settings::default()));
}

#[test]
fn a_damaged_row_is_a_breach_and_planted_errors_are_found() {
    let schema = schema("damaged");
    let told = plant::sample();
    write(&told, &schema);
    let mut read = Evidence::read_postgres(&schema).unwrap();
    read.ledgers = told.ledgers;
    read.shelves = told.shelves;
    let outcomes = plant::try_all(&read, &Settings::default());
    assert!(outcomes.iter().all(|(_, found)| *found == Found::Yes));
    connect(&schema).batch_execute("UPDATE journal SET body = '\\x01ffffffff00' WHERE id = 5").unwrap();
    let broken = Evidence::read_postgres(&schema).unwrap().report(Settings::default()).broken();
    assert!(broken.contains(&"journal.chain") && broken.contains(&"journal.body"), "{broken:?}");
}

#[test]
fn a_schema_without_a_store_and_one_of_another_version_are_refused() {
    let nothing = Evidence::read_postgres(&schema("nothing")).unwrap_err();
    assert!(matches!(&nothing, ReadError::Postgres(place, _) if place.contains("nothing")), "{nothing}");
    let newer = schema("newer");
    let told = plant::sample();
    write(&told, &newer);
    connect(&newer).batch_execute("INSERT INTO schema_version VALUES ('crossdock', 99)").unwrap();
    let newer = Evidence::read_postgres(&newer).unwrap_err();
    assert!(newer.to_string().contains("version 99"), "{newer}");
}
