//! A hub whose PostgreSQL goes away at the worst moment: connections cut at COMMIT, servers killed under load.

use super::common::events::{signed, submitted};
use super::common::folder::Folder;
use super::common::http::send;
use super::common::hub::{Hub, each_once};
use super::common::until;
use super::proxy::{Cut, Proxy};
use ownpg::Server;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::Address;

fn on_store(folder: &Folder, store: &str) -> Hub {
    Hub::start_with(folder, &["--store", store].map(OsStr::new))
}

/// All orders from 0 are there once.
fn sound(folder: &Folder, hub: Hub, store: &str, sent: usize) {
    let orders: Vec<String> = (0..sent).map(|n| n.to_string()).collect();
    each_once(folder, hub, &orders, &["--store", store], store);
}

#[test]
fn a_connection_cut_at_commit_loses_nothing_and_does_nothing_twice() {
    let server = ownpg::shared().unwrap();
    let store = server.fresh();
    let proxy = Proxy::start();
    let folder = Folder::new();
    let through = proxy.address(&Address::parse(&store).unwrap());
    let hub = on_store(&folder, &format!("{}&schema={}", through.plain(), through.schema()));
    let answer = |later| Cut::CommitAnswer(Duration::from_millis(later));
    let cuts = [Cut::Commit, answer(0), Cut::After(3), answer(200), Cut::Commit, Cut::After(7), answer(50)];
    for (n, cut) in cuts.iter().enumerate() {
        proxy.cut(*cut);
        let first = hub.shop(&submitted(&n.to_string())).status;
        assert!([200, 503].contains(&first), "{cut:?}: {first}");
        assert!(proxy.was_cut(), "{cut:?} never came");
        until("it is taken", || hub.shop(&submitted(&n.to_string())).status == 200);
    }
    sound(&folder, hub, &store, cuts.len());
}

#[test]
fn a_server_killed_under_load_loses_nothing_that_was_answered() {
    let mut server = Server::start(&[]).unwrap();
    let folder = Folder::new();
    let store = server.fresh();
    let hub = on_store(&folder, &store);
    let (next, answered) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
    let sent = 120;
    std::thread::scope(|scope| {
        let (hub, next, answered) = (&hub, &next, &answered);
        for _ in 0..4 {
            scope.spawn(move || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= sent {
                        return;
                    }
                    let body = submitted(&n.to_string());
                    if send(&hub.url, "POST", "/in/shop", &signed(&body), body.as_bytes()).unwrap().status
                        == 200
                    {
                        answered.lock().unwrap().insert(n);
                    }
                }
            });
        }
        for moment in [20, 50, 80] {
            until("so many were begun", || next.load(Ordering::Relaxed) >= moment);
            server.kill().unwrap();
            server.run().unwrap();
        }
    });
    let answered = answered.into_inner().unwrap();
    assert!(!answered.is_empty());
    drop(hub);
    // Another hub on what is stored: what was answered is there without being sent again.
    let hub = on_store(&folder, &store);
    let placed = hub.placed(answered.len());
    for n in &answered {
        assert!(placed.contains(&format!("shop-{n}")), "{n} was answered and is lost");
    }
    for n in 0..sent {
        assert_eq!(hub.shop(&submitted(&n.to_string())).status, 200);
    }
    sound(&folder, hub, &store, sent);
}
