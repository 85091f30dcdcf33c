//! Several cases together: orders, returns, refunds and a pool of stock that deliver messages to each other, and
//! systems that answer their commands.

#[cfg(test)]
mod approving;
#[cfg(test)]
mod authorising;
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod cancelling;
#[cfg(test)]
mod changing;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod crediting;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod differing;
mod disputing;
#[cfg(test)]
mod dropship;
#[cfg(test)]
mod early;
#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod exchanges_money;
#[cfg(test)]
mod exchanging;
#[cfg(test)]
mod exchanging_returns;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod fees;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod granting;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod inspecting;
#[cfg(test)]
mod invoicing;
#[cfg(test)]
mod matching;
#[cfg(test)]
mod money_histories;
#[cfg(test)]
mod on_the_way;
#[cfg(test)]
mod ordering;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod paying;
#[cfg(test)]
mod pickup;
#[cfg(test)]
mod prices;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod promising;
#[cfg(test)]
mod readdressing;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod refund_rules;
#[cfg(test)]
mod refunding;
#[cfg(test)]
mod retrying;
#[cfg(test)]
mod return_labels;
#[cfg(test)]
mod returning;
mod routing;
mod shapes;
#[cfg(test)]
mod shipping;
#[cfg(test)]
mod source;
#[cfg(test)]
mod spread;
#[cfg(test)]
mod starting;
mod stocking;
#[cfg(test)]
mod storecredit;
#[cfg(test)]
mod stored;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod tenders;
#[cfg(test)]
mod tracking;
#[cfg(test)]
mod without_sku;
