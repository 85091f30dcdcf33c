//! Estates from outside, as whoever holds the file reads them.

mod changes;
mod common;
mod fulfilment;
mod kept;
mod maps;
mod policies;
mod reference;
mod returns;
mod routes;
mod secrets;
mod small;
mod stock;
mod systems;
