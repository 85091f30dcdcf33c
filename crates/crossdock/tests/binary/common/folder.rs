//! A folder with an estate whose vendors are all away: what comes in is kept, what goes out waits.

use super::{Ran, on};
use std::path::{Path, PathBuf};

/// What the storefront and the other canonical systems sign with.
pub const HOOK: &str = "whsec_Y3Jvc3Nkb2NrLXRlc3Qtc2VjcmV0LTAx";
/// The Shopify app's client secret, old and new while it is replaced.
pub const SHOPIFY: &str = "shpss_old_secret shpss_new_secret";
/// The secret of Stripe's endpoint.
pub const STRIPE: &str = "whsec_stripe_endpoint";
/// For the hub's `/v1`.
pub const TOKEN: &str = "token-for-the-api";

/// Where nobody listens: a connection is refused at once.
const NOBODY: &str = "http://127.0.0.1:1";

/// The estate: `shop` speaks the contract itself, `web` is a Shopify store, `stripe` takes the money.
pub fn estate() -> String {
    let mut text = r#"[hub]
listen = "127.0.0.1:0"
api_token = "file:token"

[[connection]]
name = "web"
connector = "shopify"
secret = { hook = "file:shopify" }
conf = { source = "web" }

[[connection]]
name = "stripe"
connector = "stripe"
url = "NOBODY"
plays = ["payments:stripe"]
secret = { key = "file:token", hook = "file:stripe" }
conf = { source = "shop" }
"#
    .to_owned();
    let mut canonical = |name: &str, plays: &str, conf: &str| {
        text.push_str(&format!(
            "\n[[connection]]\nname = \"{name}\"\nconnector = \"canonical\"\nurl = \"NOBODY/{name}\"\nplays = [{plays}]\n\
             secret = {{ token = \"file:token\", hook = \"file:hook\" }}\n{conf}"
        ));
    };
    canonical("shop", r#""storefront""#, "");
    canonical("back", r#""erp", "oms", "returns""#, "");
    canonical("north", r#""wms:north""#, "conf = { pool = \"main\" }\n");
    text.push_str("\n[policy.pools.main]\nplaces = [\"north\"]\npublish_to = []\n");
    text.replace("NOBODY", NOBODY)
}

/// The sources of [`Folder::with_lab`].
pub const CHANNELS: [&str; 4] = ["web", "shop", "market", "till"];

/// An estate whose systems are all there: four channels sell what one warehouse has. `web` is a Shopify store, the
/// others speak the contract; one connection tells all of them what becomes of their orders.
fn estate_of(lab: &str) -> String {
    let mut text = format!(
        r#"[hub]
listen = "127.0.0.1:0"
api_token = "file:token"

[[connection]]
name = "web"
connector = "shopify"
secret = {{ hook = "file:shopify" }}
conf = {{ source = "web" }}

[[connection]]
name = "stripe"
connector = "stripe"
url = "{lab}/stripe"
plays = ["payments:stripe"]
secret = {{ key = "file:token", hook = "file:stripe" }}
conf = {{ source = "shop" }}

[policy.pools.main]
places = ["north"]
publish_to = []
"#
    );
    let all = CHANNELS.map(|channel| format!("\"storefront:{channel}\"")).join(", ");
    for (name, system, plays) in [
        ("shop", "shop", all.as_str()),
        ("market", "shop", ""),
        ("till", "shop", ""),
        ("erp", "erp", r#""erp""#),
        ("oms", "oms", r#""oms""#),
        ("returns", "returns", r#""returns""#),
        ("north", "wms-north", r#""wms:north""#),
    ] {
        let conf = if name == "north" { "conf = { pool = \"main\" }\n" } else { "" };
        text.push_str(&format!(
            "\n[[connection]]\nname = \"{name}\"\nconnector = \"canonical\"\nurl = \"{lab}/{system}\"\n\
             plays = [{plays}]\nsecret = {{ token = \"file:token\", hook = \"file:hook\" }}\n{conf}"
        ));
    }
    text
}

/// The estate and its secrets, and a folder `data` below.
#[derive(Debug)]
pub struct Folder {
    kept: tempfile::TempDir,
}

impl Folder {
    /// All vendors are away.
    pub fn new() -> Self {
        Self::with_back_office(NOBODY)
    }

    /// ERP, order management and returns platform are at `url`; the others are away.
    pub fn with_back_office(url: &str) -> Self {
        Self::of(&estate().replace("http://127.0.0.1:1/back", url))
    }

    /// All systems are look-alikes at `url`.
    pub fn with_lab(url: &str) -> Self {
        Self::of(&estate_of(url))
    }

    fn of(estate: &str) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(kept.path().join(name), text).unwrap();
        write("estate.toml", estate);
        for (name, secret) in [("token", TOKEN), ("shopify", SHOPIFY), ("stripe", STRIPE), ("hook", HOOK)] {
            write(name, secret);
        }
        Self { kept }
    }

    /// The same estate on a copy of the data as they are now.
    pub fn copied(&self) -> Self {
        let copied = Self::of(&std::fs::read_to_string(self.estate()).unwrap());
        std::fs::create_dir_all(copied.data()).unwrap();
        copy_into(&self.data(), &copied.data());
        copied
    }

    /// `verify` on what it holds, without its vendors.
    pub fn verified(&self, more: &[&str]) -> Ran {
        let estate = self.estate().display().to_string();
        on(&self.data(), &[&["verify", "--no-vendors", "--estate", &estate], more].concat())
    }

    pub fn path(&self) -> &Path {
        self.kept.path()
    }

    pub fn data(&self) -> PathBuf {
        self.kept.path().join("data")
    }

    pub fn estate(&self) -> PathBuf {
        self.kept.path().join("estate.toml")
    }
}

/// A path below cargo's folder for tests; what an earlier run left there is removed.
pub fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

/// A copy of a folder of files.
pub fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy_into(from, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
