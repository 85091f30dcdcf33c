//! The hub on PostgreSQL: what it does and says is what it does and says on SQLite.

use super::common::events::submitted;
use super::common::folder::{Folder, fresh};
use super::common::hub::Hub;
use super::common::trade::{rehearse, sixty};
use super::common::{on, run, until};
use super::stopping::signal;
use ownpg::{GUARDED, PASSWORD, Server, shared};
use rehearsal::live::{Report, same_tie_out};
use std::ffi::OsStr;
use std::path::Path;

fn server() -> &'static Server {
    shared().unwrap()
}

fn rehearsed(data: &Path, store: &str, more: &[&str]) -> Report {
    let mut arguments = vec!["--orders", "60", "--seed", "3", "--store", store];
    arguments.extend(more);
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    let ran = rehearse(data, &arguments);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    assert!(ran.err.contains("no rule is broken"), "{}", ran.err);
    let shown = format!("{}{}", ran.out, ran.err);
    assert!(!shown.contains(PASSWORD), "{shown}");
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn the_same_trade_ends_in_the_same_tie_out_and_every_command_finds_it() {
    let data = fresh("sixty-postgres");
    let report = rehearsed(&data, &server().fresh(), &[]);
    assert!(report.ties && report.books.balanced);
    assert_eq!((report.orders, report.in_progress), (60, 0));
    assert!(report.hub.db_bytes_per_order > 0);
    assert_eq!(same_tie_out(&sixty().report(), &report), Vec::<String>::new());
    // The folder's estate says where the store is.
    let traced = on(&data, &["--json", "trace", "shop-1000001"]);
    assert_eq!(traced.code, 0, "{}", traced.err);
    assert!(traced.out.contains("order.completed"), "{}", traced.out);
    assert_eq!(on(&data, &["exceptions"]).code, 0);
    let judged = on(&data, &["verify", "--no-vendors"]);
    assert_eq!(judged.code, 0, "{}{}", judged.out, judged.err);
    // The option wins over it, and there is no other store in the folder.
    let other = on(&data, &["trace", "shop-1000001", "--store", "sqlite"]);
    assert!(other.code == 2 && other.err.contains("there is no store"), "{other:?}");
}

#[test]
fn five_kills_end_in_the_same_tie_out_with_a_password_that_nobody_sees() {
    // The address has no schema: each run makes one of its own.
    let store =
        server().address(GUARDED, "x").replace("?schema=x", "").replace("guarded@", "guarded:hush-hush-42@");
    assert!(store.contains(PASSWORD));
    let data = fresh("killed-postgres");
    let report = rehearsed(&data, &format!("postgres:{store}"), &["--kills", "5"]);
    assert_eq!((report.kills, report.in_progress), (5, 0));
    assert_eq!(same_tie_out(&sixty().report(), &report), Vec::<String>::new());
    let estate = std::fs::read_to_string(data.join("estate.toml")).unwrap();
    assert!(estate.contains("schema=rehearsal_") && estate.contains("password=file:secrets/store_password"));
    for file in ["estate.toml", "hub.log", "hub.json"] {
        assert!(!std::fs::read_to_string(data.join(file)).unwrap().contains(PASSWORD), "{file}");
    }
}

#[test]
fn a_schema_that_holds_an_earlier_run_is_left_alone() {
    let folder = Folder::new();
    let store = server().fresh();
    let hub = Hub::start_with(&folder, &["--store", &store].map(OsStr::new));
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    let ran = run(&["rehearse", "--orders", "1", "--store", &store]);
    assert!(ran.code == 2 && ran.err.contains("holds an earlier run"), "{ran:?}");
    assert_eq!(hub.placed(1), ["shop-1"]);
}

#[test]
fn what_was_answered_is_there_after_kills_of_the_hub() {
    let folder = Folder::new();
    let store = server().fresh();
    let option = ["--store", &store].map(OsStr::new);
    for n in 0..4 {
        let mut hub = Hub::start_with(&folder, &option);
        assert_eq!(hub.shop(&submitted(&n.to_string())).status, 200);
        hub.kill();
    }
    let hub = Hub::start_with(&folder, &option);
    assert_eq!(hub.placed(4), ["shop-0", "shop-1", "shop-2", "shop-3"]);
}

/// The hub rides out a server that is gone for a while: senders are told to come back, and nothing is lost.
#[test]
fn a_hub_outlives_its_server() {
    let mut server = Server::start(&[]).unwrap();
    let folder = Folder::new();
    let store = server.fresh();
    let hub = Hub::start_with(&folder, &["--store", &store].map(OsStr::new));
    for round in 0..2 {
        assert_eq!(hub.shop(&submitted(&format!("{round}-before"))).status, 200);
        server.kill().unwrap();
        let answer = hub.shop(&submitted(&format!("{round}-away")));
        assert_eq!(answer.status, 503, "{}", answer.body);
        server.run().unwrap();
        until("the hub takes messages again", || {
            hub.shop(&submitted(&format!("{round}-away"))).status == 200
        });
    }
    let mut placed = hub.placed(4);
    placed.sort();
    assert_eq!(placed, ["shop-0-away", "shop-0-before", "shop-1-away", "shop-1-before"]);
}

#[test]
fn a_second_hub_is_kept_out_by_folder_and_by_lease() {
    let (folder, other) = (Folder::new(), Folder::new());
    let store = server().fresh();
    let hub = Hub::start_with(&folder, &["--store", &store].map(OsStr::new));
    let (data, estate) = (folder.data(), folder.estate());
    let mut second: Vec<&OsStr> = vec!["serve".as_ref(), "--data".as_ref(), data.as_os_str()];
    second.extend(["--estate".as_ref(), estate.as_os_str(), "--store".as_ref(), store.as_ref()]);
    let second = run(&second);
    assert!(second.code == 2 && second.err.contains("only one may"), "{second:?}");
    // Another folder is another owner: it waits for the lease, and comes up once the first is gone for good.
    drop(hub);
    let taken_over = Hub::start_with(&other, &["--store", &store].map(OsStr::new));
    assert_eq!(taken_over.shop(&submitted("1")).status, 200);
    let log = std::fs::read_to_string(other.path().join("hub.log")).unwrap();
    assert!(log.contains("waiting for a lease to run out") && log.contains("lease_held"), "{log}");
}

#[test]
fn a_hub_that_is_told_to_stop_leaves_its_partitions_to_the_next() {
    let (folder, other) = (Folder::new(), Folder::new());
    let store = server().fresh();
    let option = ["--store", &store].map(OsStr::new);
    let mut hub = Hub::start_with(&folder, &option);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    assert_eq!(hub.placed(1), ["shop-1"]);
    signal("TERM", hub.pid());
    assert_eq!(hub.ended(), Some(0));
    let next = Hub::start_with(&other, &option);
    assert_eq!(next.placed(1), ["shop-1"]);
    let log = std::fs::read_to_string(other.path().join("hub.log")).unwrap();
    assert!(!log.contains("lease"), "{log}");
}

#[test]
fn an_address_that_cannot_be_used_is_told_and_a_password_in_it_is_not() {
    let folder = Folder::new();
    let data = folder.data();
    for (store, said) in [
        ("postgres://joe:hush-hush@127.0.0.1:1/x", "[lost]"),
        ("postgres://joe:hush-hush@db.example/x", "[tls]"),
        ("postgres://joe:hush-hush@localhost/x?sslmode=require", "[tls]"),
        ("postgres://joe:hush-hush@localhost/x?colour=red", "[address]"),
        ("postgres://joe@localhost/x?password=env:CROSSDOCK_NO_SUCH", "CROSSDOCK_NO_SUCH is not set"),
        ("oracle:hush-hush", "[address]"),
    ] {
        let ran = on(&data, &["trace", "x", "--store", store]);
        assert!(ran.code == 2 && ran.err.contains(said), "{store}: {ran:?}");
        assert!(!ran.err.contains("hush-hush"), "{ran:?}");
    }
    let simulated = run(&["rehearse", "--simulate", "--store", "postgres://joe@localhost/x"]);
    assert!(
        simulated.code == 2 && simulated.err.contains("servers are for runs of real processes"),
        "{simulated:?}"
    );
    let estate = std::fs::read_to_string(folder.estate()).unwrap();
    for (store, said) in [
        ("postgres://joe:hush-hush@localhost/x", "a password is named here, never written"),
        ("postgres://joe@localhost/x?colour=red", "hub.store"),
    ] {
        let broken = estate.replace("[hub]\n", &format!("[hub]\nstore = \"{store}\"\n"));
        std::fs::write(folder.estate(), broken).unwrap();
        let checked = run(&["check".as_ref(), folder.estate().as_os_str()]);
        assert_eq!(checked.code, 1, "{checked:?}");
        assert!(checked.out.contains(said) && !checked.out.contains("hush-hush"), "{checked:?}");
    }
}
