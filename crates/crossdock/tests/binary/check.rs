//! `check`: every fault of an estate at once, each with its place.

use super::common::folder::{Folder, estate};
use super::common::{EXE, run};
use std::process::Command;

#[test]
fn several_faults_are_told_at_once_with_file_line_and_column() {
    let folder = Folder::new();
    let wrong = estate().replacen("listen = \"127.0.0.1:0\"", "lisen = \"127.0.0.1:0\"", 1).replacen(
        "places = [\"north\"]",
        "places = [\"north\", \"moon\"]",
        1,
    );
    std::fs::write(folder.estate(), &wrong).unwrap();
    let path = folder.estate().display().to_string();
    let line = |text: &str| 1 + wrong.lines().position(|line| line.contains(text)).unwrap();

    let ran = run(&["check", &path]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let told = |place: &str, says: &str| {
        let found = ran.out.lines().find(|line| line.starts_with(place));
        assert!(found.is_some_and(|line| line.contains(says)), "{place} … {says:?} is not in\n{}", ran.out);
    };
    told(&format!("{path}:{}:1: hub.lisen: ", line("lisen")), "listen");
    told(&format!("{path}:{}:20: policy.pools.main.places[1]: ", line("moon")), "moon");
    assert!(ran.out.contains("2 faults"), "{}", ran.out);

    let ran = run(&["check", &path, "--json"]).json();
    assert_eq!(ran["ok"], false);
    for fault in ran["faults"].as_array().unwrap() {
        assert!(
            fault["line"].is_u64() && fault["column"].is_u64() && fault["file"] == path.as_str(),
            "{fault}"
        );
        for member in ["path", "message", "hint"] {
            assert!(fault[member].as_str().is_some_and(|text| !text.is_empty()), "{fault}");
        }
    }
}

#[test]
fn secrets_and_connectors_that_are_not_there_are_faults_too() {
    let folder = Folder::new();
    let path = folder.estate().display().to_string();
    let secretless = estate().replacen("hook = \"file:stripe\"", "hook = \"file:nowhere\"", 1);
    std::fs::write(folder.estate(), &secretless).unwrap();
    let ran = run(&["check", &path]);
    assert!(ran.code == 1 && ran.out.contains("connection[1].secret.hook: file:nowhere"), "{ran:?}");

    let unknown = estate().replacen("connector = \"shopify\"", "connector = \"shopyfi\"", 1);
    std::fs::write(folder.estate(), &unknown).unwrap();
    let ran = run(&["check", &path]);
    assert!(ran.code == 1 && ran.out.contains("connection[0].connector: "), "{ran:?}");
    assert!(
        ran.out.contains("shopyfi") && ran.out.contains("shopify"),
        "it names what there is: {}",
        ran.out
    );
}

#[test]
fn a_role_that_its_connector_does_not_play_is_a_fault() {
    let folder = Folder::new();
    let path = folder.estate().display().to_string();
    let wrong =
        estate().replacen("plays = [\"payments:stripe\"]", "plays = [\"payments:stripe\", \"tax\"]", 1);
    std::fs::write(folder.estate(), &wrong).unwrap();
    let ran = run(&["check", &path]);
    let told = "plays[1]: the connector stripe does not play tax; try: payments";
    assert!(ran.code == 1 && ran.out.contains(told), "{ran:?}");
}

#[test]
fn a_right_estate_has_no_fault_and_a_revision() {
    let folder = Folder::new();
    let path = folder.estate().display().to_string();
    let ran = run(&["check", &path]);
    assert!(ran.code == 0 && ran.out.contains("no fault, revision "), "{ran:?}");
    let json = run(&["--json", "check", &path]).json();
    assert!(json["ok"] == true && json["revision"].as_str().is_some_and(|text| text.len() == 12), "{json}");
    let missing = run(&["check", "/nowhere/estate.toml"]);
    assert!(missing.code == 2 && missing.err.contains("/nowhere/estate.toml"), "{missing:?}");
}

#[test]
fn the_reference_estate_reads_clean_once_its_secrets_are_there() {
    let reference = run(&["check", "--reference"]);
    assert_eq!(reference.code, 0);
    let folder = tempfile::tempdir().unwrap();
    let estate = folder.path().join("estate.toml");
    std::fs::write(&estate, &reference.out).unwrap();
    let named = |scheme: &str| -> Vec<String> {
        let settings = reference.out.lines().filter(|line| !line.trim_start().starts_with('#'));
        let texts = settings.flat_map(|line| line.split('"').skip(1).step_by(2));
        texts.filter_map(|text| text.strip_prefix(scheme)).map(str::to_owned).collect()
    };
    let (files, variables) = (named("file:"), named("env:"));
    assert!(files.len() > 3 && !variables.is_empty(), "{files:?} {variables:?}");
    for file in &files {
        let file = folder.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "whsec_c2VjcmV0").unwrap();
    }
    let check = |set: bool| {
        let mut command = Command::new(EXE);
        command.arg("check").arg(&estate);
        for name in &variables {
            if set {
                command.env(name, "whsec_c2VjcmV0")
            } else {
                command.env_remove(name)
            };
        }
        let done = command.output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let (code, said) = check(true);
    assert!(code == Some(0) && said.contains("no fault"), "{said}");
    let (code, said) = check(false);
    assert!(code == Some(1) && variables.iter().all(|name| said.contains(name.as_str())), "{said}");
}
