//! Being told to stop, and what `demo` says to try while it serves.

use super::common::events::submitted;
use super::common::folder::Folder;
use super::common::hub::Hub;
use super::common::{EXE, on, run};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Sends a signal to a process.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A demo that is told to end even when the test fails, so that its processes do not stay.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        if self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal("INT", self.0.id());
        }
    }
}

#[test]
fn a_hub_that_is_told_to_stop_ends_with_0_and_goes_on_next_time() {
    let folder = Folder::new();
    for (n, name) in ["TERM", "INT"].iter().enumerate() {
        let mut hub = Hub::start(&folder);
        assert_eq!(hub.shop(&submitted(&n.to_string())).status, 200);
        signal(name, hub.pid());
        assert_eq!(hub.ended(), Some(0), "{name}");
    }
    assert_eq!(Hub::start(&folder).placed(2), ["shop-0", "shop-1"]);
}

#[test]
fn what_demo_says_to_try_works_while_it_serves_and_ctrl_c_ends_it_all() {
    let demo = Command::new(EXE)
        .args(["demo", "--orders", "30", "--seed", "2"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut demo = Demo(demo.unwrap());
    let mut said = Vec::new();
    for line in BufReader::new(demo.0.stdout.take().unwrap()).lines() {
        said.push(line.unwrap());
        if said.last().is_some_and(|line| line.contains("Ctrl-C")) {
            break;
        }
    }
    let tries: Vec<&String> = said.iter().filter(|line| line.contains("  crossdock ")).collect();
    assert_eq!(tries.len(), 3, "{said:#?}");
    let mut data = "";
    for line in tries {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let ran = run(&words);
        assert_eq!(ran.code, 0, "{line}\n{}{}", ran.out, ran.err);
        data = words.last().unwrap();
    }
    assert!(Path::new(data).join("crossdock.db").is_file());
    assert_eq!(on(Path::new(data), &["verify", "--json"]).json()["breaches"], serde_json::json!([]));
    let vendors = said.iter().find_map(|line| line.split("the vendors on ").nth(1)).unwrap();
    let vendors = vendors.split(". ").next().unwrap().trim_start_matches("http://");
    assert!(std::net::TcpStream::connect(vendors).is_ok());

    signal("INT", demo.0.id());
    assert_eq!(demo.0.wait().unwrap().code(), Some(0));
    assert!(!Path::new(data).exists(), "a temporary folder is removed");
    assert!(std::net::TcpStream::connect(vendors).is_err(), "the vendors serve no longer");
}
