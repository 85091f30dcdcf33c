//! What was answered with 2xx is on disk, whenever the hub is killed.

use super::common::events;
use super::common::events::submitted;
use super::common::folder::Folder;
use super::common::http::send;
use super::common::hub::Hub;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use store::{Reader as _, Scan, Scanned, Sqlite};

/// Messages, and senders that send them side by side.
const MESSAGES: usize = 50;
const SENDERS: usize = 4;

/// Sends all messages, kills the hub when `moment` have been begun, and says which were answered with 2xx.
fn answered(hub: &mut Hub, moment: usize) -> BTreeSet<usize> {
    let next = AtomicUsize::new(0);
    let taken = Mutex::new(BTreeSet::new());
    let url = hub.url.clone();
    std::thread::scope(|scope| {
        let (begun, reached) = mpsc::channel();
        for _ in 0..SENDERS {
            let (next, taken, url, begun) = (&next, &taken, &url, begun.clone());
            scope.spawn(move || {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= MESSAGES {
                        return;
                    }
                    let body = submitted(&n.to_string());
                    let headers = events::signed(&body);
                    // The receiver goes once the hub is killed.
                    begun.send(()).unwrap_or_default();
                    // A hub that is gone answers nothing; that is what this is about.
                    if send(url, "POST", "/in/shop", &headers, body.as_bytes()).is_ok_and(|a| a.status == 200)
                    {
                        taken.lock().unwrap().insert(n);
                    }
                }
            });
        }
        drop(begun);
        reached.iter().take(moment).for_each(drop);
        hub.kill();
    });
    taken.into_inner().unwrap()
}

/// The bodies of all messages in a folder.
fn stored(folder: &Folder) -> BTreeSet<String> {
    let mut reader = Sqlite::open_reader(&folder.data()).unwrap();
    let rows = reader.scan(0, Scan::Received(None), 0, 10_000).unwrap().into_iter();
    let bodies = rows.filter_map(|row| if let Scanned::Received(row) = row { Some(row.body) } else { None });
    bodies.map(|body| String::from_utf8(body).unwrap()).collect()
}

#[test]
fn pitfall_34_every_message_answered_is_there_after_kill_9() {
    let mut lost_some = false;
    for moment in [3, 17, 31, 49] {
        let folder = Folder::new();
        let mut hub = Hub::start(&folder);
        let answered = answered(&mut hub, moment);
        lost_some |= answered.len() < MESSAGES;
        // Read as the dead hub left it: decided or not, the bytes are there.
        let stored = stored(&folder);
        for n in &answered {
            assert!(
                stored.contains(&submitted(&n.to_string())),
                "killed at {moment}: {n} was answered and is lost"
            );
        }
        let hub = Hub::start(&folder);
        for n in &answered {
            assert_eq!(hub.order(&format!("shop-{n}"))["total"], 1_530);
        }
        // The senders do what senders do: send again whatever they are not sure of.
        for n in 0..MESSAGES {
            assert_eq!(hub.shop(&submitted(&n.to_string())).status, 200);
        }
        let placed = hub.placed(MESSAGES);
        assert_eq!(placed.len(), MESSAGES, "killed at {moment}");
        assert_eq!(placed.iter().collect::<BTreeSet<_>>().len(), MESSAGES, "killed at {moment}");
        assert_eq!(hub.exceptions(0), []);
    }
    assert!(lost_some, "no kill came while messages were under way");
}

#[test]
fn a_hub_comes_back_at_once_and_again_and_again() {
    let folder = Folder::new();
    for n in 0..5 {
        let mut hub = Hub::start(&folder);
        assert_eq!(hub.shop(&submitted(&n.to_string())).status, 200);
        hub.kill();
    }
    let hub = Hub::start(&folder);
    assert_eq!(hub.placed(5), ["shop-0", "shop-1", "shop-2", "shop-3", "shop-4"]);
}
