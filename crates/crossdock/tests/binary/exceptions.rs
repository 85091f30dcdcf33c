//! What waits for a person, as the command line shows it.

use super::common::events::{event, order};
use super::common::folder::Folder;
use super::common::hub::Hub;
use super::common::on;

#[test]
fn pitfall_36_what_waits_says_why_since_when_and_what_to_do() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let data = folder.data();
    let none = on(&data, &["exceptions"]);
    assert_eq!((none.code, none.out.trim()), (0, "nothing waits for a person"), "{none:?}");

    let mut short = order("1");
    short["total"] = 1.into();
    assert_eq!(hub.shop(&event("m-1", "order.submitted", &short)).status, 200);
    assert_eq!(hub.shop("{").status, 200);
    hub.exceptions(2);
    let some = on(&data, &["exceptions"]);
    assert_eq!(some.code, 1);
    for said in
        ["total_differs", "not_json", "integration", "m-1", "correct the mapping or the sender's data"]
    {
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
