//! Settings are numbered; what an order was promised stays with it over changes and restarts.

use super::common::events::submitted;
use super::common::folder::{Folder, estate};
use super::common::hub::Hub;
use super::common::{EXE, run};
use std::process::Command;

fn with_days(days: u32) -> String {
    format!("{}\n[policy.returns]\nwindow_days = {days}\n", estate())
}

#[test]
fn an_order_keeps_the_number_under_which_it_was_placed() {
    let folder = Folder::new();
    let kept = |n: u32| folder.data().join(format!("revisions/{n:04}.toml"));
    std::fs::write(folder.estate(), with_days(30)).unwrap();
    let mut hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    assert_eq!(hub.order("shop-1")["revision"], 1);
    hub.kill();
    assert_eq!(std::fs::read_to_string(kept(1)).unwrap(), with_days(30));

    std::fs::write(folder.estate(), with_days(14)).unwrap();
    let (data, path) = (folder.data().display().to_string(), folder.estate().display().to_string());
    let ran = run(&["check", "--data", &data, &path]);
    assert!(ran.out.contains("it would become revision 2; what differs from revision 1:"), "{ran:?}");
    assert!(ran.out.contains("policy.returns.window_days: 30 → 14"), "{ran:?}");
    let told = run(&["check", "--data", &data, &path, "--json"]).json();
    assert_eq!((&told["number"], &told["new"], &told["changes_from"]), (&2.into(), &true.into(), &1.into()));

    let mut hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("2")).status, 200);
    assert_eq!((&hub.order("shop-1")["revision"], &hub.order("shop-2")["revision"]), (&1.into(), &2.into()));
    hub.kill();

    // A text that was there before is the revision that it was.
    std::fs::write(folder.estate(), with_days(30)).unwrap();
    let ran = run(&["check", "--data", &data, &path]);
    assert!(ran.out.contains("it is revision 1; what differs from revision 2:"), "{ran:?}");
    Hub::start(&folder).kill();
    assert!(!kept(3).exists());
}

#[test]
fn a_revision_that_is_lost_or_changed_is_named_before_anything_is_decided() {
    let folder = Folder::new();
    Hub::start(&folder).kill();
    std::fs::write(folder.estate(), with_days(14)).unwrap();
    Hub::start(&folder).kill();
    let first = folder.data().join("revisions/0001.toml");
    let refused = || {
        let serve = Command::new(EXE)
            .args(["serve", "--data"])
            .arg(folder.data())
            .arg("--estate")
            .arg(folder.estate())
            .output()
            .unwrap();
        assert_eq!(serve.status.code(), Some(2));
        String::from_utf8(serve.stderr).unwrap()
    };
    let text = std::fs::read_to_string(&first).unwrap();
    std::fs::write(&first, format!("{text}\n")).unwrap();
    assert!(refused().contains("0001.toml was changed since it was kept: orders placed under revision 1"));
    std::fs::remove_file(&first).unwrap();
    let told = refused();
    assert!(told.contains("0001.toml: ") && told.contains("put the file back"), "{told}");
    std::fs::write(&first, text).unwrap();
    std::fs::remove_file(folder.data().join("revisions/index.json")).unwrap();
    assert!(refused().contains("index.json: "));
}
