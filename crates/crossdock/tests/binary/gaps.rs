//! What systems never pushed is found by asking, counted and shown; and what says only that something changed.

use super::common::folder::{Folder, HOOK, copy, estate};
use super::common::hub::Hub;
use super::common::lab::Lab;
use super::common::sign::{seconds, standard};
use super::common::{on, root, until};
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// The tests' estate with a shop and a warehouse that are there and list their events, each asked `every` so often.
fn folder_with(lab: &Lab, every: &str) -> Folder {
    let folder = Folder::new();
    let feed = format!("feed = true, feed_every = \"{every}\"");
    let told = estate()
        .replace(
            "connector = \"shopify\"\n",
            &format!("connector = \"shopify\"\nurl = \"{}/shop\"\n", lab.url),
        )
        .replace(
            "secret = { hook = \"file:shopify\" }",
            "secret = { hook = \"file:shopify\", token = \"file:token\" }",
        )
        .replace("conf = { source = \"web\" }", &format!("conf = {{ source = \"web\", {feed} }}"))
        .replace("http://127.0.0.1:1/north", &format!("{}/wms-north", lab.url))
        .replace("conf = { pool = \"main\" }", &format!("conf = {{ pool = \"main\", {feed} }}"));
    std::fs::write(folder.estate(), &told).unwrap();
    std::fs::create_dir_all(folder.data()).unwrap();
    folder
}

fn poll(hub: &Hub, name: &str) -> Value {
    let polls = hub.get("/v1/polls").json();
    let found = polls["polls"].as_array().unwrap().iter().find(|poll| poll["poll"] == name);
    found.unwrap_or_else(|| panic!("{name} is not asked: {polls}")).clone()
}

/// Waits until a poll has begun and ended a run from now on.
fn asked_anew(hub: &Hub, name: &str) {
    let before = poll(hub, name)["complete_up_to"].clone();
    until(&format!("{name} is asked"), || poll(hub, name)["complete_up_to"] != before);
    let before = poll(hub, name)["complete_up_to"].clone();
    until(&format!("{name} is asked again"), || poll(hub, name)["complete_up_to"] != before);
}

#[test]
fn pitfall_22_what_is_never_pushed_is_found_counted_and_kept_over_a_restart() {
    let at = tempfile::tempdir().unwrap();
    // The hub's address is known only once it runs, and the look-alikes' before.
    let lab = Lab::start(at.path(), "127.0.0.1:0");
    let folder = folder_with(&lab, "1s");
    let mut hub = Hub::start(&folder);
    let tell = |hub: &Hub| lab.post("/_lab/config", &serde_json::json!({"hub": hub.url}));
    tell(&hub);
    for name in ["web/orders", "north/events"] {
        until("the first run", || !poll(&hub, name)["counted_since"].is_null());
    }
    lab.receive("pushed", 3);
    lab.order(1, 3);
    assert_eq!(hub.placed(3).len(), 3);
    for name in ["web/orders", "north/events"] {
        asked_anew(&hub, name);
        until("what was pushed is no gap", || poll(&hub, name)["missed"] == 0);
    }

    lab.withhold(true);
    lab.receive("withheld", 4);
    lab.order(11, 12);
    assert_eq!(hub.placed(15).len(), 15, "all are found");
    until("all are counted", || poll(&hub, "web/orders")["missed"] == 12);
    until("receipts too", || poll(&hub, "north/events")["missed"] == 4);
    let shown = poll(&hub, "web/orders");
    let last = shown["last_missed"].as_array().unwrap();
    assert_eq!(last.len(), 10, "the last ten: {shown}");
    assert_eq!(
        (&last[0]["type"], &last[0]["occurred"]),
        (&"order.submitted".into(), &"2026-03-01T08:26:00Z".into())
    );
    assert!(
        last[0]["name"].as_str().unwrap().starts_with("order/web-") && last[0]["late_ms"].as_i64() > Some(0)
    );

    let data = folder.data();
    let estate = folder.estate().display().to_string();
    let ran = on(&data, &["gaps", "--estate", &estate]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for said in ["never pushed", "web", "orders", "12", "order.submitted", "complete up to"] {
        assert!(ran.out.contains(said), "{said:?} is not in\n{}", ran.out);
    }

    asked_anew(&hub, "web/orders");
    hub.kill();
    let again = Hub::start(&folder);
    tell(&again);
    for name in ["web/orders", "north/events"] {
        asked_anew(&again, name);
    }
    assert_eq!(poll(&again, "web/orders")["missed"], 12, "kept, and nothing is counted twice");
    assert_eq!(poll(&again, "north/events")["missed"], 4);
    assert_eq!(again.placed(15).len(), 15);

    // The list alone, without the cursor and without what memory knew: nothing is lost and nothing is counted.
    drop(again);
    std::fs::remove_file(folder.data().join("polls.json")).unwrap();
    let anew = Hub::start(&folder);
    for name in ["web/orders", "north/events"] {
        asked_anew(&anew, name);
        assert_eq!(poll(&anew, name)["missed"], 0, "{name}");
    }
    assert_eq!(anew.placed(15).len(), 15);
}

/// Of the 251 orders a page of the shop's list holds 250.
#[test]
fn pitfall_37_a_list_of_several_pages_is_read_whole() {
    let at = tempfile::tempdir().unwrap();
    let lab = Lab::start(at.path(), "127.0.0.1:0");
    lab.withhold(true);
    lab.order(1, 251);
    let folder = folder_with(&lab, "1s");
    let hub = Hub::start(&folder);
    assert_eq!(hub.placed(251).len(), 251);
    asked_anew(&hub, "web/orders");
    assert_eq!(hub.placed(251).len(), 251, "and nothing twice");
}

#[test]
fn a_system_that_cannot_be_asked_is_told_and_asked_until_it_answers() {
    let at = tempfile::tempdir().unwrap();
    let mut lab = Lab::start(at.path(), "127.0.0.1:0");
    let folder = folder_with(&lab, "1s");
    let hub = Hub::start(&folder);
    until("it was asked", || !poll(&hub, "north/events")["complete_up_to"].is_null());
    lab.kill();
    let data = folder.data();
    let estate = folder.estate().display().to_string();
    let gaps = || on(&data, &["gaps", "--json", "--estate", &estate]);
    until("it fails", || gaps().code == 1);
    let failing = gaps().json();
    assert!(failing["polls"][0]["failing_since"].is_string(), "{failing}");
    let raised = |hub: &Hub| {
        let open = hub.get("/v1/exceptions").json();
        let open = open["exceptions"].as_array().unwrap().iter();
        open.filter(|row| row["about"] == "connection/north" && row["code"] == "poll_failing:events").count()
    };
    until("people are told", || raised(&hub) == 1);
    until("it is late", || poll(&hub, "north/events")["late"] == true);

    let lab = Lab::start(at.path(), lab.url.strip_prefix("http://").unwrap());
    until("it is over", || raised(&hub) == 0);
    until("nothing is late", || gaps().code == 0);
    drop(lab);
}

#[test]
fn a_message_that_says_only_that_something_changed_has_the_poll_run_at_once() {
    let at = tempfile::tempdir().unwrap();
    let lab = Lab::start(at.path(), "127.0.0.1:0");
    let folder = folder_with(&lab, "1h");
    let connectors = copy(&root().join("connectors"));
    let manifest = connectors.path().join("canonical/connector.toml");
    let thin =
        std::fs::read_to_string(&manifest).unwrap().replace("[intake]\n", "[intake]\nwakes = [\"events\"]\n");
    std::fs::write(manifest, thin).unwrap();
    let hub = Hub::start_with(&folder, &[OsStr::new("--connectors"), connectors.path().as_os_str()]);
    until("the first run", || !poll(&hub, "north/events")["counted_since"].is_null());
    lab.withhold(true);
    lab.receive("thin", 3);
    let body = br#"{"something": "changed"}"#;
    for _ in 0..40 {
        let answer = hub.post("north", &standard(HOOK, "msg_1", seconds(0), body), body);
        assert_eq!((answer.status, answer.code().as_str()), (200, "woken"), "{answer:?}");
    }
    until("the poll brought it", || poll(&hub, "north/events")["cursor"] == "3");
    assert_eq!(poll(&hub, "north/events")["missed"], 0, "it was announced");
    assert_eq!(hub.exceptions(0), [], "what only wakes is not kept");
    let asked = poll(&hub, "north/events")["asked"].clone();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let later = poll(&hub, "north/events")["asked"].clone();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert_eq!(
        poll(&hub, "north/events")["asked"],
        later,
        "forty messages are two runs at most, not {asked} and on"
    );
    let unsigned = hub.post("north", &Vec::new(), body);
    assert_eq!(unsigned.status, 401);
}

/// Answers every question for events: below `/endless` there is always a further page, elsewhere never anything.
fn lists() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || page(stream.unwrap()).unwrap_or_default());
        }
    });
    url
}

/// One request a connection. The hub breaking off is no concern of a vendor.
fn page(stream: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    let after =
        first.split_once("after=").map_or("0", |(_, rest)| rest.split(['&', ' ']).next().unwrap_or("0"));
    let next = after.parse::<u64>().unwrap_or(0) + 1;
    let body = if first.contains("/endless") {
        format!(r#"{{"items":[],"next":"{next}","more":true}}"#)
    } else {
        r#"{"items":[],"next":null,"more":false}"#.to_owned()
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    (&stream).write_all(format!("{head}{body}").as_bytes()).ok()
}

/// More lists without an end than may be read at once keep nobody else waiting.
#[test]
fn a_list_without_end_starves_no_other_poll() {
    let url = lists();
    let folder = Folder::new();
    let mut told = estate();
    for name in (0..12).map(|n| format!("endless-{n}")).chain(["quiet".to_owned()]) {
        told.push_str(&format!(
            "\n[[connection]]\nname = \"{name}\"\nconnector = \"canonical\"\nurl = \"{url}/{name}\"\n\
             secret = {{ token = \"file:token\", hook = \"file:hook\" }}\nconf = {{ feed = true, feed_every = \"1s\" }}\n"
        ));
    }
    // A table of the policy ends the estate; connections may follow it.
    std::fs::write(folder.estate(), told).unwrap();
    let hub = Hub::start(&folder);
    until("the quiet one comes to its end", || !poll(&hub, "quiet/events")["complete_up_to"].is_null());
    asked_anew(&hub, "quiet/events");
    for n in 0..12 {
        let name = format!("endless-{n}/events");
        until("each goes on", || {
            poll(&hub, &name)["cursor"].as_str().is_some_and(|at| at.parse::<u64>().unwrap() > 3)
        });
        assert!(poll(&hub, &name)["complete_up_to"].is_null(), "{name} never came to its end");
    }
}
