//! What waits for a person, as the command line shows it.

use super::common::events::{event, order, submitted};
use super::common::folder::Folder;
use super::common::hub::Hub;
use super::common::vendor::Vendor;
use super::common::{on, run, until};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;

#[test]
fn the_exit_code_says_whether_anything_waits() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let data = folder.data();
    let none = on(&data, &["exceptions"]);
    assert_eq!((none.code, none.out.trim()), (0, "nothing waits for a person"), "{none:?}");

    let mut short = order("1");
    short["total"] = 1.into();
    assert_eq!(hub.shop(&event("m-1", "order.submitted", &short)).status, 200);
    assert_eq!(hub.shop("{").status, 200);
    let some = on(&data, &["exceptions"]);
    assert_eq!(some.code, 1);
    for said in ["total_differs", "not_json", "integration", "m-1", "correct the mapping or the sender's data"] {
        assert!(some.out.contains(said), "{said:?} is not in\n{}", some.out);
    }
    let json = on(&data, &["exceptions", "--json"]);
    let value = json.json();
    assert_eq!((json.code, &value["open"], &value["by_kind"]["total_differs"]), (1, &2.into(), &1.into()));
    for row in value["exceptions"].as_array().unwrap() {
        for member in ["about", "code", "cause", "owner", "next_step", "opened"] {
            assert!(row[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {row}");
        }
    }
    let open = |more: &[&str]| {
        let ran = on(&data, &[&["exceptions", "--json"], more].concat());
        (ran.code, ran.json()["open"].clone())
    };
    assert_eq!(open(&["--code", "not_json"]), (1, 1.into()));
    assert_eq!(open(&["--code", "json"]), (0, 0.into()));
    assert_eq!(open(&["--owner", "integration"]), (1, 2.into()));
    assert_eq!(open(&["--owner", "finance"]), (0, 0.into()));
}

#[test]
fn a_folder_without_a_hub_s_data_is_an_error_and_not_all_clear() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["exceptions"][..], &["trace", "x"], &["exceptions", "--json"]] {
        let ran = on(folder.path(), command);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains("there is no store") && ran.err.contains("--data"), "{ran:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking leaves nothing behind");
}

fn retry(data: &Path, command: &str, estate: &Path) -> (i32, Value) {
    let ran = run(&[
        OsStr::new("exceptions"),
        "--json".as_ref(),
        "--data".as_ref(),
        data.as_ref(),
        "--retry".as_ref(),
        command.as_ref(),
        "--estate".as_ref(),
        estate.as_ref(),
    ]);
    (ran.code, if ran.out.is_empty() { Value::from(ran.err) } else { ran.json()["status"].clone() })
}

#[test]
fn a_command_that_does_not_wait_is_not_tried_again_and_any_of_two_tokens_opens() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("token"), "the-new-token the-old-token\n").unwrap();
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    let (data, estate) = (folder.data(), folder.estate());
    assert_eq!(retry(&data, "0/99", &estate), (1, 404.into()));
    assert_eq!(retry(&data, "9/1", &estate), (1, 404.into()));
    assert_eq!(retry(&data, "x/y", &estate), (1, 422.into()));
    drop(hub);
    let (code, said) = retry(&data, "0/99", &estate);
    assert!(code == 2 && said.as_str().is_some_and(|said| said.contains("http://127.0.0.1:")), "{said}");
    let alone = on(&data, &["exceptions", "--retry", "0/1"]);
    assert!(alone.code == 2 && alone.err.contains("--estate"), "{alone:?}");
}

#[test]
fn a_parked_command_is_shown_with_its_next_step_and_done_once_it_is_tried_again() {
    let erp = Vendor::start(401);
    let folder = Folder::with_back_office(&erp.url);
    let hub = Hub::start(&folder);
    assert_eq!(hub.shop(&submitted("1")).status, 200);
    let (data, estate) = (folder.data(), folder.estate());
    until("the ERP's 401 is shown", || on(&data, &["exceptions"]).code == 1);
    let shown = on(&data, &["exceptions", "--code", "command_parked", "--json"]).json();
    let row = &shown["exceptions"][0];
    assert_eq!(row["code"], "command_parked:create_sales_order:shop-1", "{shown}");
    assert!(row["cause"].as_str().is_some_and(|cause| cause.contains("credentials")), "{row}");
    let next = row["next_step"].as_str().unwrap();
    let named = next.split("--retry ").nth(1).and_then(|rest| rest.split(['`', ' ']).next()).unwrap();

    assert_eq!(retry(&data, named, &estate), (0, 202.into()));
    until("it was refused again", || erp.asked().len() == 2);
    until("and is shown again", || on(&data, &["exceptions", "--code", "command_parked"]).code == 1);
    erp.say(200);
    assert_eq!(retry(&data, named, &estate), (0, 202.into()));
    until("it is over", || on(&data, &["exceptions"]).code == 0);
    let orders: Vec<_> = erp.asked().into_iter().filter(|(what, _)| what == "PUT /sales-orders/shop-1").collect();
    assert_eq!(orders.len(), 3, "{:?}", erp.asked());
    assert!(!orders[0].1.is_empty() && orders.iter().all(|asked| *asked == orders[0]), "one key: {orders:?}");
    assert_eq!(retry(&data, named, &estate), (1, 404.into()), "it waits no more");
}
