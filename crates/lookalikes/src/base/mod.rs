//! What all the systems are made of: messages, ledgers, queues, signatures, numbers. Nothing of retail.

pub(crate) mod agenda;
pub(crate) mod decimal;
pub(crate) mod desk;
pub(crate) mod feed;
pub(crate) mod form;
pub(crate) mod habits;
pub(crate) mod http;
pub(crate) mod ledger;
pub(crate) mod lists;
pub(crate) mod luck;
pub(crate) mod names;
pub(crate) mod queue;
pub(crate) mod same;
pub(crate) mod sign;
pub(crate) mod system;
pub(crate) mod text;
pub(crate) mod when;
pub(crate) mod written;
