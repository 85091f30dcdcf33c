//! What only SQLite can do wrong.

use super::make::{LONG, NOW, Owner, each, everything, load, order};
use super::{FILE, Sqlite, SqliteReader};
use crate::{Reader, Store};
use hub::batch::CommitAnswer;
use rusqlite::Connection;
use tempfile::TempDir;

fn code<T: std::fmt::Debug>(result: Result<T, crate::StoreError>) -> &'static str {
    result.unwrap_err().code
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let dir = TempDir::new().unwrap();
    let mut first = Sqlite::open(dir.path()).unwrap();
    let refused = Sqlite::open(dir.path()).unwrap_err();
    assert_eq!(refused.code, "in_use");
    assert!(refused.what.contains(&format!("process {}", std::process::id())), "{refused}");
    assert!(refused.place.contains(&dir.path().display().to_string()), "{refused}");
    let mut reader = Sqlite::open_reader(dir.path()).unwrap();
    first.claim(0, "one", NOW, LONG).unwrap();
    assert_eq!(reader.head(0).unwrap().0, 1, "readers may come at any time");
    drop(first);
    let mut again = Sqlite::open(dir.path()).unwrap();
    assert_eq!(again.claim(0, "one", NOW, LONG).unwrap().epoch, 2);
}

#[test]
fn commits_are_synced_and_logged() {
    let dir = TempDir::new().unwrap();
    let store = Sqlite::open(&dir.path().join("deep/er")).unwrap();
    let ask = |what: &str| store.db.pragma_query_value(None, what, |r| r.get::<_, String>(0));
    let number = |what: &str| store.db.pragma_query_value(None, what, |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(ask("journal_mode").unwrap(), "wal");
    assert_eq!(number("synchronous"), 2);
    assert_eq!(number("user_version"), super::schema::newest());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("deep")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else looks in");
    }
}

#[test]
fn files_of_others_and_of_later_releases_are_left_alone() {
    let dir = TempDir::new().unwrap();
    assert_eq!(code(SqliteReader::open(dir.path())), "missing");
    let file = dir.path().join(FILE);
    let db = Connection::open(&file).unwrap();
    db.execute_batch("CREATE TABLE theirs (x); CREATE TABLE more (x)").unwrap();
    drop(db);
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(code(Sqlite::open(dir.path())), "foreign");
    assert_eq!(code(SqliteReader::open(dir.path())), "foreign");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    std::fs::write(&file, "not a database at all, but text that is longer than a header of a file").unwrap();
    assert_eq!(code(Sqlite::open(dir.path())), "foreign");
    std::fs::remove_file(&file).unwrap();
    let store = Sqlite::open(dir.path()).unwrap();
    store.db.pragma_update(None, "user_version", super::schema::newest() + 1).unwrap();
    drop(store);
    assert_eq!(code(Sqlite::open(dir.path())), "too_new");
    assert_eq!(code(SqliteReader::open(dir.path())), "too_new");
}

#[test]
fn a_full_disk_refuses_commits_until_there_is_space() {
    let dir = TempDir::new().unwrap();
    let mut store = Sqlite::open(dir.path()).unwrap();
    let mut owners = [0, 1].map(|part| Owner::claim(&mut store, part));
    let before = everything(&mut *store.reader().unwrap());
    let pages: i64 = store.db.pragma_query_value(None, "page_count", |r| r.get(0)).unwrap();
    store.db.pragma_update_and_check(None, "max_page_count", pages + 3, |_| Ok(())).unwrap();
    let group: Vec<_> = owners
        .iter()
        .map(|owner| {
            let mut m = owner.make();
            let noise = (0..60_000_u64).map(|n| (n.wrapping_mul(n).wrapping_mul(0x9E37_79B9) >> 13) as u8);
            m.receive("k", &noise.collect::<Vec<_>>(), hub::batch::ReceivedState::Waiting);
            m.open(retail::envelope::Name::new("acme", "new kind", "1"), "{}");
            m.b
        })
        .collect();
    for _ in 0..2 {
        for answer in store.commit(&each(&group)) {
            assert!(matches!(&answer, CommitAnswer::Failed(why) if why.contains("[full]")), "{answer:?}");
        }
    }
    assert_eq!(everything(&mut *store.reader().unwrap()), before);
    store.db.pragma_update_and_check(None, "max_page_count", pages + 3000, |_| Ok(())).unwrap();
    assert_eq!(store.commit(&each(&group)), [CommitAnswer::Yes, CommitAnswer::Yes]);
    owners[0].head = group[0].to;
    let mut m = owners[0].make();
    m.open(order("2"), "{}");
    owners[0].commit(&mut store, m);
}

#[test]
fn a_file_held_by_another_program_fails_the_commit_and_the_claim() {
    let dir = TempDir::new().unwrap();
    let mut store = Sqlite::open(dir.path()).unwrap();
    let mut owner = Owner::claim(&mut store, 0);
    store.db.busy_timeout(std::time::Duration::ZERO).unwrap();
    let shell = Connection::open(dir.path().join(FILE)).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut m = owner.make();
    m.open(order("1"), "{}");
    let answers = store.commit(&[&m.b]);
    assert!(matches!(&answers[..], [CommitAnswer::Failed(why)] if why.contains("[busy]")), "{answers:?}");
    assert_eq!(code(store.claim(0, "one", NOW, LONG)), "busy");
    assert_eq!(code(store.renew(0, 1, NOW, LONG)), "busy");
    shell.execute_batch("ROLLBACK").unwrap();
    owner.commit(&mut store, m);
}

#[test]
fn damaged_rows_are_named() {
    let dir = TempDir::new().unwrap();
    let mut store = Sqlite::open(dir.path()).unwrap();
    let mut owner = Owner::claim(&mut store, 0);
    let mut m = owner.make();
    m.open(order("1"), &"long enough to be packed ".repeat(40));
    owner.commit(&mut store, m);
    let mut reader = store.reader().unwrap();
    assert!(load(&mut *reader, 0, &order("1")).is_some());
    store.db.execute_batch("UPDATE cases SET body = substr(body, 1, 20)").unwrap();
    let error = reader.load(0, &[hub::batch::Key::Case(order("1"))]).unwrap_err();
    assert_eq!(error.code, "damaged");
    assert!(error.what.contains("acme/order/1") && error.place.contains(FILE), "{error}");
    store.db.execute_batch("DELETE FROM journal").unwrap();
    let error = reader.scan(0, crate::Scan::JournalOf(1), 0, 9).unwrap_err();
    assert!(error.what.contains("journal row 1 of case 1 is missing"), "{error}");
}

/// Recovery and status must stay quick when a million cases are over: both read only the index of live ones.
#[test]
fn timers_and_open_cases_are_found_by_the_index_of_live_cases() {
    let dir = TempDir::new().unwrap();
    let store = Sqlite::open(dir.path()).unwrap();
    for sql in [
        "SELECT id FROM cases INDEXED BY cases_live WHERE live IS NOT NULL AND live >= 2 AND id > 1 AND id <= 9",
        "SELECT kind, count(*) FROM cases INDEXED BY cases_live WHERE live IS NOT NULL AND live IN (1, 3) GROUP BY kind",
    ] {
        let plan: Vec<String> = store
            .db
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map([], |r| r.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(plan.iter().all(|step| step.contains("COVERING INDEX cases_live")), "{plan:?}");
    }
}
