//! A disk that is full, and a folder that is copied while the hub writes.

use super::common::events::{signed, submitted};
use super::common::folder::Folder;
use super::common::http::send;
use super::common::hub::Hub;
use super::common::until;
use super::stopping::signal;
use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// The hub on a small file system of its own in memory, seen by nobody else and gone with it. `unshare` is in every
/// Debian; without the right to mount (root, or user namespaces) a limit on the size of files stands for the disk.
enum Small {
    Mounted,
    Limited,
}

impl Small {
    fn find() -> Self {
        let tried = Command::new("unshare")
            .args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if tried.is_ok_and(|status| status.success()) { Self::Mounted } else { Self::Limited }
    }

    fn hub(&self, folder: &Folder) -> Hub {
        std::fs::create_dir_all(folder.data()).unwrap();
        let script = match self {
            Self::Mounted => "mount -t tmpfs -o size=1m tmpfs \"$0\" && exec \"$@\"",
            Self::Limited => "trap '' XFSZ && ulimit -S -f 700 && exec \"$@\"",
        };
        let data = folder.data();
        let mut way: Vec<&OsStr> = match self {
            Self::Mounted => ["unshare", "-rm"].map(OsStr::new).into(),
            Self::Limited => Vec::new(),
        };
        way.extend(["bash", "-c", script].map(OsStr::new));
        way.push(data.as_os_str());
        Hub::start_by(folder, &way, &[]).unwrap_or_else(|log| panic!("it does not listen: {log}"))
    }

    /// There is space again.
    fn grow(&self, hub: &Hub, folder: &Folder) {
        let pid = hub.pid().to_string();
        let done = match self {
            Self::Mounted => Command::new("nsenter")
                .args(["-t", &pid, "-U", "-m", "--preserve-credentials", "mount", "-o", "remount,size=64m"])
                .arg(folder.data())
                .status(),
            Self::Limited => Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status(),
        };
        assert!(done.unwrap().success());
    }
}

#[test]
fn a_full_disk_is_told_as_503_and_nothing_that_was_answered_is_lost() {
    let (folder, small) = (Folder::new(), Small::find());
    let hub = small.hub(&folder);
    let post = |n: usize| hub.shop(&submitted(&n.to_string())).status;
    let mut taken = 0;
    let refused = loop {
        match post(taken) {
            200 => taken += 1,
            other => break other,
        }
        assert!(taken < 2_000, "the disk is never full");
    };
    assert_eq!((refused, post(taken + 1)), (503, 503));
    assert!(taken > 3, "{taken}");
    // What was answered is still shown while nothing can be written.
    assert_eq!(hub.order("shop-0")["total"], 1_530);
    small.grow(&hub, &folder);
    until("it takes messages again by itself", || post(taken) == 200);
    assert_eq!(post(taken + 1), 200);
    let placed = hub.placed(taken + 2);
    assert_eq!(placed.len(), taken + 2, "each once");
    assert_eq!(hub.exceptions(0), []);
}

/// A copy of the folder opens, breaks no rule, and has what was answered before it was made.
fn sound(copied: &Folder, answered: &[usize]) {
    let verify = || copied.verified(&["--busy"]);
    let verified = verify();
    assert_eq!(verified.code, 0, "{verified:?}");
    let hub = Hub::start(copied);
    let placed = hub.placed(answered.len());
    for n in answered {
        assert!(placed.contains(&format!("shop-{n}")), "{n} was answered and is lost");
    }
    drop(hub);
    let verified = verify();
    assert_eq!(verified.code, 0, "once a hub came up on it: {verified:?}");
}

/// A body that makes no sense and cannot be packed: such are kept too, and fill the log, so that it is folded into the
/// file now and then.
fn nonsense(n: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(n);
    (0..2_000_000).map(|_| char::from(rng.u8(b'!'..b'!' + 90))).collect()
}

#[test]
fn a_folder_copied_at_any_moment_opens_clean() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let (next, stop, answered) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(Vec::new()));
    let mut rng = fastrand::Rng::with_seed(1);
    let mut largest = 0;
    let working = || !stop.load(Ordering::Relaxed);
    let (working, hub) = (&working, &hub);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for n in (0..).take_while(|_| working()) {
                let body = nonsense(n);
                send(&hub.url, "POST", "/in/shop", &signed(&body), body.as_bytes()).unwrap();
            }
        });
        for _ in 0..3 {
            let (next, answered) = (&next, &answered);
            scope.spawn(move || {
                while working() {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    assert_eq!(hub.shop(&submitted(&n.to_string())).status, 200);
                    answered.lock().unwrap().push(n);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
        }
        // At least six moments, and until the log was folded into the file.
        for moment in 0.. {
            std::thread::sleep(Duration::from_millis(rng.u64(..400)));
            let known = answered.lock().unwrap().clone();
            // As a snapshot of the disk has it, or a crash leaves it: all files at one moment.
            signal("STOP", hub.pid());
            let copied = folder.copied();
            signal("CONT", hub.pid());
            sound(&copied, &known);
            largest = largest.max(std::fs::metadata(copied.data().join("crossdock.db")).unwrap().len());
            if moment > 4 && largest > 20 << 20 {
                break;
            }
            assert!(moment < 60, "the log was never folded into the file");
        }
        stop.store(true, Ordering::Relaxed);
    });
}
