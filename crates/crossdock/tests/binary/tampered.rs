//! `verify` on a folder that somebody has edited.

use super::common::events::submitted;
use super::common::folder::{Folder, copy};
use super::common::hub::Hub;
use super::common::on;
use super::common::trade::sixty;
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;

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

/// An older copy of a folder is sound in itself: its journal ends where its head and every counter say. That its end
/// is missing shows only against a head that was kept elsewhere.
#[test]
fn a_cut_tail_whose_counters_were_mended_is_found_by_an_exported_head() {
    let folder = Folder::new();
    let (heads, estate) = (folder.path().join("heads.jsonl"), folder.estate().display().to_string());
    let heads = heads.display().to_string();
    let verify = |data: &Path, more: &[&str]| {
        on(data, &[&["verify", "--no-vendors", "--estate", &estate], more].concat())
    };
    let order = |id: &str| {
        let mut hub = Hub::start(&folder);
        assert_eq!(hub.shop(&submitted(id)).status, 200);
        hub.order(&format!("shop-{id}"));
        hub.kill();
    };
    order("1");
    let older = copy(&folder.data());
    order("2");
    let exported = verify(&folder.data(), &["--export-head", &heads]);
    assert_eq!(exported.code, 0, "{exported:?}");
    order("3");
    let later = verify(&folder.data(), &["--head", &heads, "--export-head", &heads]);
    assert_eq!(later.code, 0, "{later:?}");
    assert_eq!(std::fs::read_to_string(&heads).unwrap().lines().count(), 2, "one more line each time");

    assert_eq!(verify(older.path(), &[]).code, 0, "it is sound in itself");
    let cut = verify(older.path(), &["--head", &heads, "--export-head", &heads, "--json"]);
    assert_eq!(cut.code, 1);
    let breaches = cut.json()["breaches"].clone();
    assert!(breaches.as_array().unwrap().iter().all(|b| b["rule"] == "journal.export"), "{breaches}");
    assert_eq!(breaches.as_array().unwrap().len(), 2, "both moments are missing");
    assert_eq!(std::fs::read_to_string(&heads).unwrap().lines().count(), 2, "nothing unsound is exported");

    let db = Connection::open(folder.data().join("crossdock.db")).unwrap();
    assert_eq!(db.execute("UPDATE journal SET at = at + 1 WHERE pos = 2", []).unwrap(), 1);
    drop(db);
    let rewritten = verify(&folder.data(), &["--head", &heads]);
    assert!(rewritten.code == 1 && rewritten.out.contains("journal.export"), "{rewritten:?}");
    std::fs::write(folder.path().join("none"), "nonsense").unwrap();
    let none = folder.path().join("none").display().to_string();
    let unread = verify(&folder.data(), &["--head", &none]);
    assert!(unread.code == 2 && unread.err.contains("line 1 is no head"), "{unread:?}");
}
