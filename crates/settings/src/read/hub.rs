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
    let limits = fields.section("limits").map(limits);
    fields.done();
    Some(Hub { listen: listen?, public, partitions: partitions?, api_token, limits: limits? })
}

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
