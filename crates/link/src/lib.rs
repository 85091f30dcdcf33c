//! Runs a connector manifest, as a value: a command and answers in, requests and an outcome out; a message
//! in, canonical events out. A connector is a folder of data (`connector.toml`, `*.jq`, `cases/`), and this
//! is what gives it meaning.
//!
//! **Must never know** a vendor by name outside a signature scheme, a flow, the store, a socket, a file, a
//! clock or a thread. Whether to send again is the hub's to decide, never decided here.

mod card;
pub mod cases;
mod classify;
mod connector;
mod core;
mod describe;
mod form;
mod http;
mod intake;
mod jq;
pub mod json;
mod list;
mod manifest;
mod poll;
mod request;
mod run;
mod scene;
mod sign;
mod template;

pub use card::{mask_cards, mask_header};
pub use connector::{Connector, Folder, Limits};
pub use describe::{Description, Operation, Wanted, describe};
pub use formats::toml::Fault;
pub use http::{Answer, Conf, Endpoint, HttpRequest, InboundRequest, Replaced};
pub use intake::Intake;
pub use list::{Listed, Listing};
pub use manifest::{Op, Setting, Strategy, Support, ValueMap, Version, reference};
pub use poll::{Message, Polled};
pub use run::{Mode, Next, Run};
pub use sign::{Scheme, Unsigned};
