//! One folder, one hub; anyone may look beside it.

use super::common::events::submitted;
use super::common::folder::Folder;
use super::common::hub::Hub;
use super::common::{on, run};

#[test]
fn a_second_hub_on_a_folder_is_refused_with_a_reason() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let (data, estate) = (folder.data(), folder.estate());
    let second =
        ["serve".as_ref(), "--data".as_ref(), data.as_os_str(), "--estate".as_ref(), estate.as_os_str()];
    let second = run(&second);
    assert_eq!((second.code, second.out.as_str()), (2, ""));
    for said in ["process ", "only one may", "data", "stop that one first"] {
        assert!(second.err.contains(said), "{said:?} is not in: {}", second.err);
    }
    assert_eq!(hub.shop(&submitted("1")).status, 200, "the first goes on");
    assert_eq!(on(&folder.data(), &["trace", "shop-1"]).code, 0, "who only reads may look");
    assert_eq!(on(&folder.data(), &["exceptions"]).code, 0);
}

#[test]
fn where_a_hub_listens_stands_in_its_folder() {
    let folder = Folder::new();
    let hub = Hub::start(&folder);
    let told = std::fs::read_to_string(folder.data().join("hub.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["url"], hub.url.as_str());
    assert!(told["pid"].is_u64() && told["revision"].is_string(), "{told}");
}

#[test]
fn a_hub_that_cannot_start_says_why() {
    let folder = Folder::new();
    let (data, estate) = (folder.data(), folder.estate());
    let serve = |more: &[&str]| {
        let mut all: Vec<&std::ffi::OsStr> = vec!["serve".as_ref(), "--data".as_ref(), data.as_os_str()];
        all.extend(["--estate".as_ref(), estate.as_os_str()]);
        all.extend(more.iter().map(std::ffi::OsStr::new));
        run(&all)
    };
    let open = serve(&["--listen", "0.0.0.0:0"]);
    assert!(open.code == 2 && open.err.contains("public = true"), "{open:?}");
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let busy = serve(&["--listen", &taken]);
    assert!(busy.code == 2 && busy.err.contains(&format!("cannot listen on {taken}")), "{busy:?}");
    drop(holder);
    std::fs::remove_file(folder.path().join("hook")).unwrap();
    let secretless = serve(&[]);
    assert!(secretless.code == 2 && secretless.err.contains("the estate is at fault"), "{secretless:?}");
    assert!(
        secretless.err.contains("estate.toml:") && secretless.err.contains("file:hook"),
        "{secretless:?}"
    );
}
