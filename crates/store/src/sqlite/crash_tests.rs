//! A process that dies between any two statements of a commit leaves the state before it, and one that dies
//! right after COMMIT the state after it.

use super::Sqlite;
use super::make::{Make, Owner, each, everything, load, mark, order};
use crate::{Memory, Store};
use hub::batch::{CommandState, CommitAnswer, ReceivedState, RowChange, SeenRow};
use retail::envelope::Name;
use std::path::Path;
use std::process::Command;

const CHILD: &str = "CROSSDOCK_CRASH_TEST";

fn first(owner: &Owner) -> Make {
    let mut m = owner.make();
    let id = m.open(order("1"), "first");
    m.command(id, &order("1"), CommandState::Queued);
    m.receive("a", b"{}", ReceivedState::Waiting);
    m.mail(0, "x");
    m.post("gb/cash", "GBP", 5);
    m
}

/// Touches every table, by insert, update and delete.
fn second(store: &mut dyn Store, owner: &Owner) -> Make {
    let mut m = owner.make();
    let stored = load(&mut *store.reader().unwrap(), owner.part, &order("1")).unwrap();
    m.turn(&stored, "second").open = false;
    let id = m.open(Name::new("acme", "new kind", "2"), "first");
    m.b.cases[1].doc = Some(vec![1; 5000]);
    m.b.routes.push((Name::new("acme", "tracking", "1Z"), id));
    m.b.rows.push(RowChange { case: id, key: "k".to_owned(), body: Some(vec![2; 5000]) });
    m.b.seen.push(SeenRow { case: 1, key: mark(1), body: mark(2), pos: 2 });
    m.b.settled.push((1, ReceivedState::Decided));
    m.receive("b", &[3; 9000], ReceivedState::Parked);
    m.b.outbox.push(hub::batch::OutboxChange::Delete(1));
    m.command(id, &order("2"), CommandState::Marked);
    m.mail(1, "y");
    m.b.taken.push((0, 1));
    m.post("gb/cash", "GBP", -5);
    m.raise("order/1", "short", "x");
    m
}

fn prepare(store: &mut dyn Store) -> Vec<hub::batch::Batch> {
    let mut owners = [0, 1].map(|part| Owner::claim(store, part));
    for owner in &mut owners {
        let m = first(owner);
        owner.commit(store, m);
    }
    owners.iter().map(|owner| second(store, owner).b).collect()
}

#[test]
fn dying_between_any_two_statements_leaves_all_or_nothing() {
    if let Ok(task) = std::env::var(CHILD) {
        let (fuse, dir) = task.split_once(' ').unwrap();
        let mut store = Sqlite::open(Path::new(dir)).unwrap();
        let group = prepare(&mut store);
        store.fuse = Some(fuse.parse().unwrap());
        assert_eq!(store.commit(&each(&group)), [CommitAnswer::Yes, CommitAnswer::Yes]);
        return;
    }
    let mut memory = Memory::new();
    let group = prepare(&mut memory);
    let before = everything(&mut *memory.reader().unwrap());
    memory.commit(&each(&group));
    let after = everything(&mut *memory.reader().unwrap());
    assert_ne!(before, after);

    let mut left = Vec::new();
    for fuse in 0.. {
        let dir = tempfile::TempDir::new().unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sqlite::crash_tests::dying_between_any_two_statements_leaves_all_or_nothing"])
            .env(CHILD, format!("{fuse} {}", dir.path().display()))
            .output()
            .unwrap();
        let found = everything(&mut Sqlite::open_reader(dir.path()).unwrap());
        let opened_anew = everything(&mut *Sqlite::open(dir.path()).unwrap().reader().unwrap());
        assert_eq!(found, opened_anew, "reading alone and recovering show the same");
        if child.status.success() {
            assert_eq!(found, after);
            break;
        }
        assert!(
            child.status.code().is_none_or(|code| code != 101),
            "{}",
            String::from_utf8_lossy(&child.stderr)
        );
        left.push(found);
    }
    let after_commit = left.pop();
    assert_eq!(after_commit.as_ref(), Some(&after), "the last place to die is right after COMMIT");
    assert!(left.len() > 30, "there are {} places to die in", left.len());
    for (fuse, found) in left.iter().enumerate() {
        assert_eq!(found, &before, "died before statement {fuse}");
    }
}
