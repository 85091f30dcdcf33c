//! `verify` on a folder that somebody has edited.

use super::common::folder::copy;
use super::common::on;
use super::common::trade::sixty;
use rusqlite::Connection;
use serde_json::Value;

#[test]
fn one_changed_balance_is_found_and_named() {
    let copied = copy(&sixty().data);
    let data = copied.path();
    let clean = on(data, &["verify", "--no-vendors", "--json"]);
    assert_eq!(clean.code, 0, "{}", clean.out);
    assert_eq!(clean.json()["breaches"], Value::Array(Vec::new()));

    let db = Connection::open(data.join("crossdock.db")).unwrap();
    let changed =
        db.execute("UPDATE balance SET value = value + 1 WHERE account LIKE '%/sales' AND unit = 'GBP'", []);
    assert_eq!(changed.unwrap(), 1);
    drop(db);
    let found = on(data, &["verify", "--no-vendors"]);
    assert_eq!(found.code, 1, "{}", found.out);
    assert!(found.out.contains("main/sales") && found.out.contains("break a rule"), "{}", found.out);
    let json = on(data, &["verify", "--no-vendors", "--json"]);
    assert_eq!(json.code, 1);
    let breaches = json.json()["breaches"].clone();
    assert!(breaches.as_array().is_some_and(|rows| !rows.is_empty()), "{breaches}");
}

#[test]
fn a_journal_row_that_is_gone_is_found() {
    let copied = copy(&sixty().data);
    let data = copied.path();
    let db = Connection::open(data.join("crossdock.db")).unwrap();
    assert_eq!(db.execute("DELETE FROM journal WHERE pos = 40", []).unwrap(), 1);
    drop(db);
    let found = on(data, &["verify", "--no-vendors"]);
    assert_eq!(found.code, 1, "{}", found.out);
}

#[test]
fn vendors_that_do_not_answer_are_an_error_and_not_all_clear() {
    // The look-alikes of that folder are gone.
    let ran = on(&sixty().data, &["verify"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.err.contains("http://127.0.0.1:"), "{}", ran.err);
}
