//! A small estate, and what is said about it once it is changed.

/// The least that reads: every role is played, all else is left out.
pub const SMALL: &str = r#"[[connection]]
name = "shop"
connector = "canonical"
url = "https://shop.example.com"
plays = ["storefront:web"]

[[connection]]
name = "back"
connector = "canonical"
url = "http://127.0.0.1:9000/"
plays = ["erp", "oms", "returns"]

[[connection]]
name = "north"
connector = "canonical"
url = "https://north.example.com"
plays = ["wms:north"]

[[connection]]
name = "south"
connector = "canonical"
url = "https://south.example.com"
plays = ["wms:south"]

[[connection]]
name = "stripe"
connector = "stripe"
url = "https://api.stripe.com"
plays = ["payments:stripe"]
secret = { key = "env:STRIPE_KEY" }
conf = { source = "web" }
"#;

/// [`SMALL`] with something else in place of something that stands there once.
pub fn with(from: &str, to: &str) -> String {
    assert_eq!(SMALL.matches(from).count(), 1, "{from:?} stands there once");
    SMALL.replace(from, to)
}

/// [`SMALL`] with more at its end (from line 32).
pub fn and(more: &str) -> String {
    format!("{SMALL}{more}")
}

/// All that is wrong, one line each, without the name of the file.
pub fn wrong(text: &str) -> Vec<String> {
    let faults = settings::read("e", text).err().unwrap_or_default();
    faults.iter().map(|fault| fault.to_string().split_off(2)).collect()
}
