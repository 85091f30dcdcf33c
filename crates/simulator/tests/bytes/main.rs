//! What a run leaves behind in a folder, damaged: every changed byte that says something else is found, and so is a
//! row from an earlier time.

#![allow(clippy::unwrap_used, clippy::panic)]

mod left;
mod schema;

use left::{FILE, found, open, run, tables};
use retail::time::{Span, Time};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;
use std::path::Path;
use store::{Sqlite, Store};
use tempfile::TempDir;

/// Damages of a value: a bit, wherever it stands.
fn damages(value: &Value) -> Vec<Value> {
    let flipped = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let at = [0, bytes.len() / 2, bytes.len().saturating_sub(1)];
        at.into_iter()
            .filter(|at| *at < bytes.len())
            .map(|at| {
                let mut bad = bytes.to_vec();
                bad[at] ^= 1;
                bad
            })
            .collect()
    };
    match value {
        Value::Null => vec![Value::Integer(1)],
        Value::Integer(n) => [0, 1, 2, 9, 40].map(|bit| Value::Integer(n ^ (1 << bit))).into(),
        Value::Text(text) => flipped(text.as_bytes())
            .into_iter()
            .map(|bad| Value::Text(String::from_utf8(bad).unwrap()))
            .collect(),
        Value::Blob(bytes) => flipped(bytes).into_iter().map(Value::Blob).collect(),
        Value::Real(_) => panic!("there is no such column"),
    }
}

#[test]
fn a_changed_bit_of_any_column_of_any_table_is_found() {
    let left = run(5);
    let columns_of_all = tables(&open(left[0].path()));
    assert_eq!(columns_of_all.len(), 15);
    for (table, columns) in columns_of_all {
        let count = |db: &Connection| -> i64 {
            db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap()
        };
        let full = left.iter().rev().find(|left| count(&open(left.path())) > 0);
        let dir = full.unwrap_or_else(|| panic!("the run left nothing in {table}"));
        let db = open(dir.path());
        let rows = count(&db);
        assert!(!found(dir.path()), "as the run left it");
        db.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
        let key =
            if columns[0] == "id" && !["seen", "rows"].contains(&table.as_str()) { 1 } else { columns.len() };
        let same = columns[..key].iter().enumerate().map(|(n, c)| format!("{c} IS ?{}", n + 2));
        let same = same.collect::<Vec<_>>().join(" AND ");
        for (at, column) in columns.iter().enumerate() {
            let one = format!("SELECT {} FROM {table} LIMIT 1 OFFSET {}", columns.join(", "), rows / 2);
            let row: Vec<Value> =
                db.query_row(&one, [], |r| (0..columns.len()).map(|n| r.get(n)).collect()).unwrap();
            let mut tried = 0;
            for bad in damages(&row[at]) {
                let put = format!("UPDATE {table} SET {column} = ?1 WHERE {same}");
                let with = |value: &Value, key_row: &[Value]| {
                    db.execute(&put, params_from_iter(std::iter::once(value).chain(&key_row[..key])))
                };
                // A key that is taken, or no value of that column: the database itself refuses it.
                if with(&bad, &row) != Ok(1) {
                    continue;
                }
                tried += 1;
                assert!(found(dir.path()), "{table}.{column} from {:?} to {bad:?}", row[at]);
                let mut there = row.clone();
                there[at] = bad;
                assert_eq!(with(&row[at], &there), Ok(1));
            }
            assert!(tried > 0, "{table}.{column} was not damaged");
        }
        assert!(!found(dir.path()), "all was put back");
    }
}

type Rows = BTreeMap<String, Vec<Value>>;

/// Whole rows of a table, with their sums, by their keys.
fn whole(db: &Connection, table: &str, columns: &[String]) -> Rows {
    let key = match (table, columns[0].as_str()) {
        ("seen" | "rows" | "mark", _) => 2,
        ("mail" | "balance", _) => 3,
        ("route", _) => 4,
        _ => 1,
    };
    let mut all = db.prepare(&format!("SELECT {} FROM {table}", columns.join(", "))).unwrap();
    let rows = all.query_map([], |r| (0..columns.len()).map(|n| r.get(n)).collect::<Result<Vec<Value>, _>>());
    rows.unwrap().map(Result::unwrap).map(|row| (format!("{:?}", &row[..key]), row)).collect()
}

/// A row from an earlier time, put back where the later one stands; one that was deleted since, there again; one that
/// was written since, gone: each fits by its own checksum.
#[test]
fn a_row_of_any_table_from_an_earlier_time_is_found() {
    let left = run(5);
    let mut planted = BTreeMap::new();
    for two in left.windows(2) {
        put_back(&two[0], &two[1], &mut planted);
    }
    for (table, _) in tables(&open(left[0].path())) {
        assert!(planted.contains_key(&(table.clone(), "gone")), "nothing of {table} was taken: {planted:?}");
    }
    for table in ["balance", "cases", "head", "mail", "mark", "outbox", "rows", "unsettled"] {
        let back = (table.to_owned(), "back");
        assert!(planted.contains_key(&back), "nothing of {table} was put back: {planted:?}");
    }
}

fn put_back(before: &TempDir, dir: &TempDir, planted: &mut BTreeMap<(String, &'static str), usize>) {
    let (old, db) = (open(before.path()), open(dir.path()));
    for (table, columns) in tables(&db) {
        let (then, now) = (whole(&old, &table, &columns), whole(&db, &table, &columns));
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let put =
            format!("INSERT OR REPLACE INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        let same: Vec<String> = columns.iter().zip(&places).map(|(c, n)| format!("{c} IS {n}")).collect();
        let gone = format!("DELETE FROM {table} WHERE {}", same.join(" AND "));
        let write = |sql: &str, row: &[Value]| {
            assert_eq!(db.execute(sql, params_from_iter(row)).unwrap(), 1, "{sql} {row:?}");
        };
        let back = planted.entry((table.clone(), "back")).or_default();
        for (key, row) in then.iter().filter(|(key, row)| now.get(*key) != Some(row)) {
            if *back == 8 {
                break;
            }
            write(&put, row);
            assert!(found(dir.path()), "{table}: {row:?} as it was");
            *back += 1;
            match now.get(key) {
                Some(row) => write(&put, row),
                None => write(&gone, row),
            }
        }
        let lost = planted.entry((table.clone(), "gone")).or_default();
        for row in now.values().take(4_usize.saturating_sub(*lost)) {
            write(&gone, row);
            assert!(found(dir.path()), "{table}: {row:?} is gone");
            *lost += 1;
            write(&put, row);
        }
    }
    planted.retain(|_, n| *n > 0);
    assert!(!found(dir.path()), "all was put back");
}

/// Everything that a file says: its tables, indexes and all rows.
fn said(dir: &Path) -> rusqlite::Result<Vec<String>> {
    let db = Connection::open(dir.join(FILE))?;
    let mut out = Vec::new();
    let mut read = |sql: &str| -> rusqlite::Result<()> {
        let mut all = db.prepare(sql)?;
        let n = all.column_count();
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let row = (0..n).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
            out.push(format!("{row:?}"));
        }
        Ok(())
    };
    read("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?;
    for table in [
        "head",
        "symbol",
        "cases",
        "doc",
        "route",
        "received",
        "unsettled",
        "seen",
        "journal",
        "outbox",
        "mail",
        "mark",
        "rows",
        "balance",
        "exception",
    ] {
        read(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
    }
    read("PRAGMA integrity_check")?;
    Ok(out)
}

/// Pages that hold nothing.
fn free(file: &[u8], page: usize) -> Vec<usize> {
    let number =
        |at: usize| usize::try_from(u32::from_be_bytes(file[at..at + 4].try_into().unwrap())).unwrap();
    let (mut free, mut trunk) = (Vec::new(), number(32));
    while trunk != 0 {
        let at = (trunk - 1) * page;
        free.push(trunk);
        free.extend((0..number(at + 4)).map(|leaf| number(at + 8 + leaf * 4)));
        trunk = number(at);
    }
    free
}

/// Bits of the file itself, flipped wherever a seed says: each is found at the start or by `verify`, or everything that
/// the file says is still the same.
#[test]
fn a_flipped_bit_of_the_file_is_found_or_says_nothing_else() {
    let left = run(11);
    let dir = left.last().unwrap();
    let good = std::fs::read(dir.path().join(FILE)).unwrap();
    let page = 4096;
    let free = free(&good, page);
    let before = said(dir.path()).unwrap();
    let mut dice = fastrand::Rng::with_seed(5);
    let (mut at_start, mut by_verify, mut harmless) = (0, 0, 0);
    for _ in 0..300 {
        let at = loop {
            let at = dice.usize(..good.len());
            if !free.contains(&(at / page + 1)) {
                break at;
            }
        };
        let bit = dice.u8(..8);
        let mut bad = good.clone();
        bad[at] ^= 1 << bit;
        let copy = TempDir::new().unwrap();
        std::fs::write(copy.path().join(FILE), &bad).unwrap();
        if found(copy.path()) {
            by_verify += 1;
        } else if starts(copy.path()).is_err() {
            at_start += 1;
        } else {
            std::fs::write(copy.path().join(FILE), &bad).unwrap();
            let after = said(copy.path()).unwrap_or_default();
            let other = after.iter().zip(&before).find(|(after, before)| after != before);
            assert!(after == before, "bit {bit} of byte {at} (page {}): {other:?}", at / page + 1);
            harmless += 1;
        }
    }
    println!("of 300: {by_verify} by verify, {at_start} by the start alone, {harmless} that say nothing");
    assert!(by_verify > 150);
}

/// What a hub does first.
fn starts(dir: &Path) -> Result<(), store::StoreError> {
    let mut store = Sqlite::open(dir)?;
    for part in [0, 1] {
        store.claim(part, "one", Time(4_000_000_000_000), Span::hours(1))?;
    }
    Ok(())
}

/// Rows that an earlier release wrote have no sums: they are read, changed and deleted beside rows that have.
#[test]
fn a_folder_of_an_earlier_release_is_gone_on_with() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().to_owned();
    left::watched(Sqlite::open(dir.path()).unwrap(), move |n| {
        if n != 120 {
            return;
        }
        let db = open(&file);
        for (table, _) in tables(&db) {
            assert!(db.execute(&format!("UPDATE {table} SET sum = NULL"), []).is_ok(), "{table}");
        }
        db.execute("UPDATE head SET totals = NULL", []).unwrap();
    });
    assert!(!found(dir.path()));
    let db = open(dir.path());
    let both = "SELECT count(sum) > 9 AND count(*) - count(sum) > 9 FROM journal";
    assert_eq!(db.query_row(both, [], |r| r.get(0)), Ok(true));
}
