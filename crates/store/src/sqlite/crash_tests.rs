//! A process that dies between any two statements of a commit leaves the state before it, and one that dies
//! right after COMMIT the state after it.

use super::Sqlite;
use super::make::{each, everything, prepare};
use crate::{Memory, Store};
use hub::batch::CommitAnswer;
use std::path::Path;
use std::process::Command;

const CHILD: &str = "CROSSDOCK_CRASH_TEST";

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
