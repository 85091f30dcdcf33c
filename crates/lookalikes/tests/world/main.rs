//! The world as a value and behind HTTP, asked as the hub and as a driver of trade would ask it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod admin;
mod bench;
mod erp;
mod habits;
mod oms;
mod returns;
mod roles;
mod shapes;
mod shell;
mod shop;
mod stripe;
mod wms;
