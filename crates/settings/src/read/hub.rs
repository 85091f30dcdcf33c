//! `[hub]`: the hub's own address and size.

use super::words::{count, span, yes};
use crate::estate::{Hub, Limits};
use crate::secret::SecretRef;
use formats::toml::{Fields, Node};
use retail::time::Span;
use std::net::{Ipv4Addr, SocketAddr};

/// Reads `[hub]`; the limits left out suit one node with 300 MB.
pub(super) fn hub(root: &mut Fields<'_>) -> Option<Hub> {
    let mut fields = root.section("hub")?;
    let public = yes(&mut fields, "public", false);
    let listen = match fields.get("listen") {
        Some(node) => listen(&node, public),
        None => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 7700))),
    };
    let partitions = match fields.get("partitions") {
        Some(node) => node.whole(1..=64).and_then(|n| u32::try_from(n).ok()),
        None => Some(1),
    };
    let api_token = fields.get("api_token");
    if public && api_token.is_none() {
        fields.fault_in(
            "api_token",
            "missing, as other machines may reach the hub",
            "api_token = \"file:secrets/api_token\"",
        );
    }
    let api_token = api_token.and_then(|node| secret(&node));
    let store = match fields.get("store") {
        Some(node) => store(&node),
        None => Some(SQLITE.to_owned()),
    };
    let limits = fields.section("limits").map(limits);
    fields.done();
    Some(Hub { listen: listen?, public, partitions: partitions?, api_token, store: store?, limits: limits? })
}

/// The store that is a file of the data folder.
const SQLITE: &str = "sqlite";

/// `sqlite`, or an address of a PostgreSQL without a password in it; what else is wrong with an address is for whoever
/// connects to say. An address is not shown: it may hold a password.
fn store(node: &Node<'_>) -> Option<String> {
    let text = node.text()?.value;
    if text == SQLITE {
        return Some(text.to_owned());
    }
    if !text.starts_with("postgres") {
        node.fault("this is neither sqlite nor the address of a PostgreSQL", STORE);
        return None;
    }
    let (base, query) = text.split_once('?').unwrap_or((text, ""));
    let user = base.split_once("//").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("", |(user, _)| user);
    let given =
        |pair: &str| pair.strip_prefix("password=").is_some_and(|value| SecretRef::parse(value).is_none());
    if user.contains(':') || query.split('&').any(given) {
        node.fault("a password is named here, never written (the address is not shown)", STORE);
        return None;
    }
    Some(text.to_owned())
}

/// How a store is written.
const STORE: &str = "sqlite, or postgres://USER@HOST:PORT/DATABASE?schema=NAME&password=env:NAME";

fn listen(node: &Node<'_>, public: bool) -> Option<SocketAddr> {
    let text = node.text()?.value;
    let Ok(address) = text.parse::<SocketAddr>() else {
        node.fault(format!("{text:?} is not an address and port"), "127.0.0.1:7700");
        return None;
    };
    if !public && !address.ip().to_canonical().is_loopback() {
        node.fault(
            format!("other machines may reach {text}"),
            "127.0.0.1:7700, or public = true where that is meant",
        );
    }
    Some(address)
}

fn limits(mut fields: Fields<'_>) -> Limits {
    let limits = Limits {
        batch: count(&mut fields, "batch", 512),
        cache_cases: count(&mut fields, "cache_cases", 3_000),
        cache_rows: count(&mut fields, "cache_rows", 20_000),
        intake: count(&mut fields, "intake", 2_000),
        outbox: count(&mut fields, "outbox", 20_000),
        unnamed: fields.get("unnamed").and_then(|node| span(&node)).unwrap_or(Span::hours(1)),
    };
    fields.done();
    limits
}

/// A reference to a secret. Whatever else stands there may be the secret itself, and is not shown.
pub(super) fn secret(node: &Node<'_>) -> Option<SecretRef> {
    let reference = SecretRef::parse(node.text()?.value);
    if reference.is_none() {
        node.fault(
            "a secret is named here, never written (what stands here is not shown)",
            "env:NAME or file:PATH",
        );
    }
    reference
}
