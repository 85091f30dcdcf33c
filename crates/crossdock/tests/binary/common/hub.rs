//! A hub as a process: started, asked, killed, started again.

use super::folder::{Folder, TOKEN};
use super::http::{Answer, Headers, send};
use super::{EXE, events, until};
use serde_json::Value;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use store::{Counts, Reader as _, Sqlite};

/// `crossdock serve` on a folder. Dropping it kills it with SIGKILL, and shows its log where a test fails.
#[derive(Debug)]
pub struct Hub {
    child: Child,
    log: PathBuf,
    pub url: String,
}

impl Hub {
    /// Starts it and waits until it says where it listens.
    pub fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with more arguments.
    pub fn start_with(folder: &Folder, more: &[&OsStr]) -> Self {
        Self::start_by(folder, &[], more).unwrap_or_else(|log| panic!("it does not listen: {log}"))
    }

    /// The same by way of a program that becomes the hub, such as a tracer that watches it from aside. A hub that ends
    /// before it listens is an error: its log.
    pub fn start_by(folder: &Folder, way: &[&OsStr], more: &[&OsStr]) -> Result<Self, String> {
        let file = folder.path().join("hub.log");
        let log = OpenOptions::new().create(true).append(true).open(&file).unwrap();
        let mut words = way.iter().copied().chain([EXE.as_ref()]);
        let mut child = Command::new(words.next().unwrap())
            .args(words)
            .arg("serve")
            .arg("--data")
            .arg(folder.data())
            .arg("--estate")
            .arg(folder.estate())
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let Some(url) = said.trim().strip_prefix("listening ") else {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(std::fs::read_to_string(file).unwrap());
        };
        Ok(Self { child, log: file, url: url.to_owned() })
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends by itself, and with which code.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Posts a message to `/in/{connection}`.
    pub fn post(&self, connection: &str, headers: &Headers, body: &[u8]) -> Answer {
        send(&self.url, "POST", &format!("/in/{connection}"), headers, body).unwrap()
    }

    /// Posts a well-signed message of the storefront `shop`.
    pub fn shop(&self, body: &str) -> Answer {
        self.post("shop", &events::signed(body), body.as_bytes())
    }

    /// Reads below `/v1` with the token.
    pub fn get(&self, path: &str) -> Answer {
        let token = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
        send(&self.url, "GET", path, &token, b"").unwrap()
    }

    /// An order as the hub shows it, once it is decided: a message may be answered before that.
    pub fn order(&self, id: &str) -> Value {
        let path = format!("/v1/orders/{id}");
        until(&format!("{id} is there"), || self.get(&path).status == 200);
        self.get(&path).json()
    }

    /// Open exceptions, once there are at least so many: code, cause and what they hang on.
    pub fn exceptions(&self, least: usize) -> Vec<(String, String, String)> {
        let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
        let mut open = Vec::new();
        until(&format!("{least} exceptions are shown"), || {
            let rows = self.get("/v1/exceptions").json();
            let rows = rows["exceptions"].as_array().unwrap().iter();
            open = rows.map(|row| (text(row, "code"), text(row, "cause"), text(row, "about"))).collect();
            open.len() >= least
        });
        open
    }

    /// The orders placed, one for each time that the journal says so and in its order, once there are at least so
    /// many.
    pub fn placed(&self, least: usize) -> Vec<String> {
        let mut placed = Vec::new();
        until(&format!("{least} orders are placed"), || {
            let lines = self.get("/v1/facts?type=order.placed&limit=100000").body;
            let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            placed = lines.filter_map(|line| line["case"][2].as_str().map(str::to_owned)).collect();
            placed.len() >= least
        });
        placed
    }
}

/// Each of these orders is there once, nothing waits for a person, and no rule is broken. `more`: where the store is.
pub fn each_once(folder: &Folder, hub: Hub, orders: &[String], more: &[&str], when: &str) {
    let mut placed = hub.placed(orders.len());
    placed.sort();
    let mut expected: Vec<String> = orders.iter().map(|id| format!("shop-{id}")).collect();
    expected.sort();
    assert_eq!(placed, expected, "{when}");
    assert_eq!(hub.exceptions(0), [], "{when}");
    drop(hub);
    let verified = folder.verified(more);
    assert_eq!(verified.code, 0, "{when}: {verified:?}");
}

impl Drop for Hub {
    fn drop(&mut self) {
        // Killing what is gone already is an error that says nothing.
        if self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
        if let (true, Ok(log)) = (std::thread::panicking(), std::fs::read_to_string(&self.log)) {
            eprintln!("the hub's log:\n{log}");
        }
    }
}

/// What the folder holds, read beside a hub or without one.
pub fn counts(folder: &Folder) -> Counts {
    Sqlite::open_reader(&folder.data()).unwrap().counts().unwrap()
}
