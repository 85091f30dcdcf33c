//! The world as a value and behind HTTP, asked as the hub and as a driver of trade would ask it.

mod bench;
mod erp;
mod habits;
mod oms;
mod returns;
mod shell;
mod shop;
mod stripe;
mod wms;
