//! What only PostgreSQL can do wrong: connections that are cut, servers that die, others who write too, servers that
//! may lose what they committed. The suite over all backends is `tests/conformance`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../conformance/make.rs"]
#[allow(dead_code)]
mod make;

mod cut;
mod killed;
mod opening;
mod proxy;
mod together;

use store::{Address, Postgres};

/// An address of a schema that nobody has used, on the private server of this binary.
fn fresh() -> Address {
    Address::parse(&ownpg::shared().unwrap().fresh()).unwrap()
}

fn open(address: &Address) -> Postgres {
    Postgres::open(address).unwrap()
}
