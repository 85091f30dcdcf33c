//! What is different between two estates.

use crate::common::{SMALL, and};
use settings::{changes, read};

#[test]
fn each_setting_that_differs_is_told_once_with_what_it_was() {
    let old = read("e", &and("[policy.returns]\nwindow_days = 30\nwindows = { toys = 9 }\n")).unwrap();
    let text = and(
        "\n[[connection]]\nname = \"more\"\nconnector = \"canonical\"\n[policy.returns]\nwindow_days = 14\n",
    );
    let new = read("e", &text.replace("https://api.stripe.com", "https://s.test")).unwrap();
    assert_eq!(
        changes(&old, &new),
        [
            "connection.more: added",
            "connection.stripe.url: \"https://api.stripe.com\" → \"https://s.test\"",
            "policy.returns.window_days: 30 → 14",
            "policy.returns.windows.toys: removed, was 9",
        ]
    );
    assert!(changes(&new, &new).is_empty());
    let commented = read("e", &format!("# a word\n{SMALL}")).unwrap();
    assert!(changes(&read("e", SMALL).unwrap(), &commented).is_empty(), "a comment changes nothing");
}
