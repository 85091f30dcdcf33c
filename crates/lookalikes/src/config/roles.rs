//! How those behave who check, tax, carry, tell and serve. By default every check passes, every parcel arrives.

use super::Link;
use crate::base::habits::BadHabits;
use crate::base::system::System;
use serde::{Deserialize, Serialize};

/// Who knows the customers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomersConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// Customers who may not buy.
    pub blocked: Vec<String>,
}

impl Default for CustomersConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Customers), habits: BadHabits::default(), blocked: Vec::new() }
    }
}

/// Who knows the promotions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromotionsConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// Promotions that are over.
    pub ended: Vec<String>,
}

impl Default for PromotionsConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Promotions), habits: BadHabits::default(), ended: Vec::new() }
    }
}

/// Who works out and files tax.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaxConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// Orders in a thousand whose tax it reckons otherwise, by `off_by`.
    pub off_rate: u32,
    /// Minor units, signed.
    pub off_by: i64,
}

impl Default for TaxConfig {
    fn default() -> Self {
        let link = Link::canonical(System::Tax);
        Self { link, habits: BadHabits::default(), off_rate: 0, off_by: 1 }
    }
}

/// Who screens orders. A rule that names a customer goes before the seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FraudConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// Customers, or hashes of addresses, that are declined.
    pub declined: Vec<String>,
    /// The same for those whom a person looks at.
    pub reviewed: Vec<String>,
    /// Orders in a thousand that are declined at once.
    pub decline_rate: u32,
    /// Orders in a thousand that a person looks at.
    pub review_rate: u32,
    /// How long that takes; then `order.screened` follows.
    pub review_ms: u64,
    /// Of those in a thousand: declined in the end.
    pub review_decline_rate: u32,
    /// Whether what a person looks at is answered with 202 and no word, in place of `review`.
    pub accepts: bool,
}

impl Default for FraudConfig {
    fn default() -> Self {
        Self {
            link: Link::canonical(System::Fraud),
            habits: BadHabits::default(),
            declined: Vec::new(),
            reviewed: Vec::new(),
            decline_rate: 0,
            review_rate: 0,
            review_ms: 20,
            review_decline_rate: 0,
            accepts: false,
        }
    }
}

/// The carrier. Shares are in a thousand and decided by the parcel's number and the seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CarrierConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// From one scan of a parcel to the next.
    pub scan_ms: u64,
    /// From a return label to the parcel's first scan; none: the customer never sends it.
    pub send_back_ms: Option<u64>,
    pub lost_rate: u32,
    /// Not taken at the door, and sent back.
    pub returned_rate: u32,
    /// Missed at the door once and delivered after all.
    pub attempted_rate: u32,
}

impl Default for CarrierConfig {
    fn default() -> Self {
        Self {
            link: Link::canonical(System::Carrier),
            habits: BadHabits::default(),
            scan_ms: 10,
            send_back_ms: Some(10),
            lost_rate: 0,
            returned_rate: 0,
            attempted_rate: 0,
        }
    }
}

/// Who writes to customers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationsConfig {
    pub link: Link,
    pub habits: BadHabits,
}

impl Default for NotificationsConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Notifications), habits: BadHabits::default() }
    }
}

/// Where customer service works.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceConfig {
    pub link: Link,
    pub habits: BadHabits,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Service), habits: BadHabits::default() }
    }
}

/// Who keeps gift cards and store credit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GiftcardsConfig {
    pub link: Link,
    pub habits: BadHabits,
}

impl Default for GiftcardsConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Giftcards), habits: BadHabits::default() }
    }
}
