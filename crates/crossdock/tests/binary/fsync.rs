//! What the kernel is asked, in which order, and what becomes of a hub whose disk fails or that dies in a sync.

use super::common::events::{signed, submitted};
use super::common::folder::Folder;
use super::common::http::send;
use super::common::hub::{Hub, each_once};
use super::common::trace;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

/// Starts a hub under a tracer that does as `options` say.
fn traced(folder: &Folder, options: &[&str]) -> Result<Hub, String> {
    let way: Vec<OsString> = trace::way(folder, options);
    let way: Vec<&OsStr> = way.iter().map(OsString::as_os_str).collect();
    Hub::start_by(folder, &way, &[])
}

/// Sends messages one after the other until the hub is gone; says which were answered with 2xx.
fn answered(hub: &Hub, ids: &[String]) -> BTreeSet<String> {
    let taken = ids.iter().filter(|id| {
        let body = submitted(id);
        send(&hub.url, "POST", "/in/shop", &signed(&body), body.as_bytes()).is_ok_and(|a| a.status == 200)
    });
    taken.cloned().collect()
}

fn ids(of: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{of}-{n}")).collect()
}

/// What was answered is there without being sent again; once all are sent again each is there once.
fn all_are_there_once(folder: &Folder, answered: &BTreeSet<String>, sent: &[String], when: &str) {
    let hub = Hub::start(folder);
    for id in answered {
        assert_eq!(hub.order(&format!("shop-{id}"))["total"], 1_530, "{when}: {id} was answered and is lost");
    }
    for id in sent {
        assert_eq!(hub.shop(&submitted(id)).status, 200, "{when}");
    }
    each_once(folder, hub, sent, &[], when);
}

#[test]
fn a_message_is_answered_2xx_only_after_the_sync_of_its_log() {
    let folder = Folder::new();
    let mut hub = traced(&folder, &["-e", trace::CALLS]).unwrap();
    let sent = ids("a", 12);
    assert_eq!(answered(&hub, &sent).len(), sent.len());
    hub.kill();
    let log = trace::log(&folder);
    assert_eq!(trace::synced_before_answers(&log), Ok(sent.len()));
    // The same without its syncs, or with their failure, is not believed.
    let without: String =
        log.lines().filter(|line| !line.contains("fdatasync")).map(|l| format!("{l}\n")).collect();
    assert!(trace::synced_before_answers(&without).is_err());
    let failed = log.replace(") = 0", ") = -1 EIO (Input/output error)");
    assert!(trace::synced_before_answers(&failed).is_err());
    all_are_there_once(&folder, &sent.iter().cloned().collect(), &sent, "traced");
}

/// The tracer counts each thread's calls: the first syncs are those of the opening, the later ones the writer's.
#[test]
fn a_hub_that_dies_in_its_nth_sync_loses_nothing_that_was_answered() {
    let (mut in_opening, mut at_work) = (0, 0);
    for n in [1, 3, 5, 8, 9, 10, 13] {
        let folder = Folder::new();
        let sent = ids("k", 14);
        let kill = format!("inject=fdatasync:signal=KILL:when={n}");
        let answered = match traced(&folder, &["-e", "trace=fdatasync", "-e", &kill]) {
            Err(_) => {
                in_opening += 1;
                BTreeSet::new()
            }
            Ok(hub) => {
                let answered = answered(&hub, &sent);
                assert!(answered.len() < sent.len(), "it was not killed at sync {n}");
                at_work += 1;
                answered
            }
        };
        all_are_there_once(&folder, &answered, &sent, &format!("killed at sync {n}"));
    }
    assert!(in_opening > 1 && at_work > 1, "{in_opening} and {at_work}");
}

/// Nothing is answered 2xx while the disk refuses, and the hub goes on by itself once it does no more.
#[test]
fn a_disk_that_refuses_for_a_while_is_waited_for_and_nothing_is_answered_meanwhile() {
    for (call, first) in [("fdatasync", 12), ("pwrite64", 160)] {
        for error in ["EIO", "ENOSPC"] {
            let folder = Folder::new();
            let fault = format!("inject={call}:error={error}:when={first}..{}", first + 4);
            let mut hub = traced(&folder, &["-e", trace::CALLS, "-e", &fault]).unwrap();
            let sent = ids("e", 20);
            let answered = answered(&hub, &sent);
            hub.kill();
            let log = trace::log(&folder);
            let refused = log.lines().filter(|line| line.contains("INJECTED")).count();
            assert!(refused >= 5, "{call} {error}: refused {refused} times\n{}", trace::said(&folder));
            assert_eq!(trace::synced_before_answers(&log), Ok(answered.len()), "{call} {error}");
            assert!(answered.contains("e-19"), "{call} {error}: it went on\n{}", trace::said(&folder));
            all_are_there_once(&folder, &answered, &sent, &format!("{call} {error}"));
        }
    }
}
