//! How the world behaves. Everything has a default; `/_lab/config` changes parts of it while it runs.

mod roles;

use crate::base::habits::BadHabits;
use crate::base::sign;
use crate::base::system::System;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use roles::{
    CarrierConfig, CustomersConfig, FraudConfig, GiftcardsConfig, NotificationsConfig, PromotionsConfig,
    ServiceConfig, TaxConfig,
};

/// The whole world.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldConfig {
    /// Where the hub listens: `http://127.0.0.1:8080`. Webhooks go to this plus each system's intake path.
    pub hub: String,
    /// Decides all chance. The same seed and the same calls at the same times give the same world.
    pub seed: u64,
    /// Stands in the ids of events and shipments. To be changed when a new world meets a hub that has
    /// seen an old one, so that new events are not taken for repeats.
    pub run: String,
    pub shop: ShopConfig,
    pub stripe: StripeConfig,
    pub erp: ErpConfig,
    pub oms: OmsConfig,
    #[serde(rename = "wms-north")]
    pub wms_north: WmsConfig,
    #[serde(rename = "wms-south")]
    pub wms_south: WmsConfig,
    pub returns: ReturnsConfig,
    pub customers: CustomersConfig,
    pub promotions: PromotionsConfig,
    pub tax: TaxConfig,
    pub fraud: FraudConfig,
    pub carrier: CarrierConfig,
    pub notifications: NotificationsConfig,
    pub service: ServiceConfig,
    pub giftcards: GiftcardsConfig,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            hub: "http://127.0.0.1:8080".to_owned(),
            seed: 1,
            run: String::new(),
            shop: ShopConfig::default(),
            stripe: StripeConfig::default(),
            erp: ErpConfig::default(),
            oms: OmsConfig::default(),
            wms_north: WmsConfig::at(System::WmsNorth),
            wms_south: WmsConfig::at(System::WmsSouth),
            returns: ReturnsConfig::default(),
            customers: CustomersConfig::default(),
            promotions: PromotionsConfig::default(),
            tax: TaxConfig::default(),
            fraud: FraudConfig::default(),
            carrier: CarrierConfig::default(),
            notifications: NotificationsConfig::default(),
            service: ServiceConfig::default(),
            giftcards: GiftcardsConfig::default(),
        }
    }
}

impl WorldConfig {
    /// The door and the habits of one system.
    #[must_use]
    pub fn of(&self, system: System) -> (&Link, &BadHabits) {
        match system {
            System::Shop => (&self.shop.link, &self.shop.habits),
            System::Stripe => (&self.stripe.link, &self.stripe.habits),
            System::Erp => (&self.erp.link, &self.erp.habits),
            System::Oms => (&self.oms.link, &self.oms.habits),
            System::WmsNorth => (&self.wms_north.link, &self.wms_north.habits),
            System::WmsSouth => (&self.wms_south.link, &self.wms_south.habits),
            System::Returns => (&self.returns.link, &self.returns.habits),
            System::Customers => (&self.customers.link, &self.customers.habits),
            System::Promotions => (&self.promotions.link, &self.promotions.habits),
            System::Tax => (&self.tax.link, &self.tax.habits),
            System::Fraud => (&self.fraud.link, &self.fraud.habits),
            System::Carrier => (&self.carrier.link, &self.carrier.habits),
            System::Notifications => (&self.notifications.link, &self.notifications.habits),
            System::Service => (&self.service.link, &self.service.habits),
            System::Giftcards => (&self.giftcards.link, &self.giftcards.habits),
        }
    }

    /// The same to change.
    pub fn of_mut(&mut self, system: System) -> (&mut Link, &mut BadHabits) {
        match system {
            System::Shop => (&mut self.shop.link, &mut self.shop.habits),
            System::Stripe => (&mut self.stripe.link, &mut self.stripe.habits),
            System::Erp => (&mut self.erp.link, &mut self.erp.habits),
            System::Oms => (&mut self.oms.link, &mut self.oms.habits),
            System::WmsNorth => (&mut self.wms_north.link, &mut self.wms_north.habits),
            System::WmsSouth => (&mut self.wms_south.link, &mut self.wms_south.habits),
            System::Returns => (&mut self.returns.link, &mut self.returns.habits),
            System::Customers => (&mut self.customers.link, &mut self.customers.habits),
            System::Promotions => (&mut self.promotions.link, &mut self.promotions.habits),
            System::Tax => (&mut self.tax.link, &mut self.tax.habits),
            System::Fraud => (&mut self.fraud.link, &mut self.fraud.habits),
            System::Carrier => (&mut self.carrier.link, &mut self.carrier.habits),
            System::Notifications => (&mut self.notifications.link, &mut self.notifications.habits),
            System::Service => (&mut self.service.link, &mut self.service.habits),
            System::Giftcards => (&mut self.giftcards.link, &mut self.giftcards.habits),
        }
    }
}

impl WorldConfig {
    /// This configuration with some members replaced, as a JSON merge patch (RFC 7396).
    ///
    /// # Errors
    /// A sentence saying which member is unknown or of the wrong kind; nothing is changed then.
    pub fn patched(&self, patch: &Value) -> Result<Self, String> {
        let mut whole = serde_json::to_value(self).map_err(|e| e.to_string())?;
        merge(&mut whole, patch);
        serde_json::from_value(whole).map_err(|e| format!("configuration: {e}"))
    }
}

fn merge(whole: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *whole = patch.clone();
        return;
    };
    if !whole.is_object() {
        *whole = Value::Object(serde_json::Map::new());
    }
    for (name, value) in members {
        if let Value::Object(own) = whole {
            merge(own.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The door between a system and the hub.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Link {
    /// What the hub must show: `Authorization: Bearer <token>`.
    pub token: String,
    /// The secret of the webhooks: for Shopify and Stripe a text, else `whsec_` and base64.
    pub secret: String,
    /// The path on the hub that webhooks are posted to.
    pub intake: String,
    /// One webhook at a time, each only after the one before got its 2xx.
    pub ordered: bool,
    /// How many webhooks may be under way where it is not ordered.
    pub in_flight: usize,
    pub retry: Retry,
    /// Whether the system lists its events, so that the hub may ask for what it failed to post.
    pub feed: bool,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            token: String::new(),
            secret: String::new(),
            intake: String::new(),
            ordered: false,
            in_flight: 16,
            retry: Retry::default(),
            feed: false,
        }
    }
}

impl Link {
    fn of(system: System, token: &str, secret: String) -> Self {
        Self { token: token.to_owned(), secret, intake: format!("/in/{system}"), ..Self::default() }
    }

    /// Token `lab-{system}`, secret `whsec_` + base64 of `look-alike secret of {system}`.
    fn canonical(system: System) -> Self {
        let secret = sign::base64(format!("look-alike secret of {system}").as_bytes());
        Self::of(system, &format!("lab-{system}"), format!("whsec_{secret}"))
    }
}

/// When a webhook that was not taken is sent again: after `first_ms`, then `factor` times later each time, at
/// most `max_ms`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    pub first_ms: u64,
    pub factor: u32,
    pub max_ms: u64,
    /// Given up after this many; 0 never.
    pub tries: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { first_ms: 100, factor: 2, max_ms: 1000, tries: 0 }
    }
}

impl Retry {
    /// The pause after the n-th failure, in milliseconds.
    pub(crate) fn pause(&self, failures: u32) -> i64 {
        let by = u64::from(self.factor.max(1)).saturating_pow(failures.saturating_sub(1).min(40));
        i64::try_from(self.first_ms.saturating_mul(by).min(self.max_ms)).unwrap_or(i64::MAX)
    }
}

/// The storefront.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShopConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// `X-Shopify-Shop-Domain`.
    pub domain: String,
    /// The name of its connection at the hub: an order is `{source}-{source id}` there.
    pub source: String,
    /// Points that the bucket of the Admin GraphQL interface holds, and that come back in a second.
    pub bucket: i64,
    pub restore: i64,
    /// Fulfilments in a thousand that are made of half of their lines, and then answered 500.
    pub half: u32,
    /// SKUs that are put together from others: their stock cannot be set.
    pub bundles: Vec<String>,
}

impl Default for ShopConfig {
    fn default() -> Self {
        Self {
            link: Link::of(System::Shop, "lab-shop", "look-alike secret of shop".to_owned()),
            habits: BadHabits::default(),
            domain: "look-alike.myshopify.com".to_owned(),
            source: "shop".to_owned(),
            bucket: 1_000,
            restore: 100,
            half: 0,
            bundles: Vec::new(),
        }
    }
}

/// Which events the payment provider sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StripeEvents {
    /// What no answer has told yet: `refund.updated`, `refund.failed`, and `refund.created` of a refund made
    /// at the dashboard.
    #[default]
    Needed,
    /// Also `payment_intent.succeeded`, `charge.captured`, `payment_intent.canceled`, `refund.created` and
    /// `charge.refunded`.
    All,
}

/// The payment provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StripeConfig {
    pub link: Link,
    pub habits: BadHabits,
    pub events: StripeEvents,
    /// How long an idempotency key is kept: Stripe says at least 24 h.
    pub keeps_ms: i64,
    /// Whether `final_capture=false` is allowed (multicapture, an account feature at Stripe).
    pub multicapture: bool,
    /// Refunds in a thousand that begin as `pending`.
    pub pending_rate: u32,
    pub pending_ms: u64,
    /// Refunds in a thousand that fail `fail_ms` after they were made, having looked well before.
    pub fail_rate: u32,
    pub fail_ms: u64,
}

impl Default for StripeConfig {
    fn default() -> Self {
        Self {
            link: Link::of(System::Stripe, "sk_test_lookalike", "whsec_lookalike".to_owned()),
            habits: BadHabits::default(),
            events: StripeEvents::Needed,
            keeps_ms: 24 * 3_600_000,
            multicapture: true,
            pending_rate: 0,
            pending_ms: 200,
            fail_rate: 0,
            fail_ms: 500,
        }
    }
}

/// The ERP.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErpConfig {
    pub link: Link,
    pub habits: BadHabits,
}

impl Default for ErpConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Erp), habits: BadHabits::default() }
    }
}

/// The order management system.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OmsConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// From release to `order.allocated`.
    pub allocate_ms: u64,
    /// The places it knows; the first one serves a line that names none.
    pub places: Vec<String>,
    /// Lines in a thousand that it allocates one unit or more short of what was asked.
    pub short_rate: u32,
    /// Lines of two units or more in a thousand that it splits over two places.
    pub split_rate: u32,
}

impl Default for OmsConfig {
    fn default() -> Self {
        Self {
            link: Link::canonical(System::Oms),
            habits: BadHabits::default(),
            allocate_ms: 5,
            places: vec![System::WmsNorth.to_string(), System::WmsSouth.to_string()],
            short_rate: 0,
            split_rate: 0,
        }
    }
}

/// How returned goods are graded: shares in a thousand; what is left of 1000 is `A`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grades {
    /// Opened.
    pub b: u32,
    /// Damaged.
    pub c: u32,
    /// Not ours or unusable: rejected.
    pub x: u32,
}

impl Default for Grades {
    fn default() -> Self {
        Self { b: 100, c: 40, x: 10 }
    }
}

/// A warehouse.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WmsConfig {
    pub link: Link,
    pub habits: BadHabits,
    /// The place it is; its prefix unless something else is said.
    pub place: String,
    pub carrier: String,
    /// From fulfilment order to shipment.
    pub pick_ms: u64,
    /// From shipment to `shipment.delivered`; none: that is never sent.
    pub deliver_ms: Option<u64>,
    /// From picked to collected, where the customer picks up.
    pub collect_ms: u64,
    /// Whether its parcels' own numbers are given to the carrier, who then tells where they are. Parcels under a
    /// label that was bought always are.
    pub tracked: bool,
    /// Units that fit a parcel; more are spread over several.
    pub parcel_units: i64,
    /// Most parcels of a shipment; beyond that they hold more.
    pub parcels_max: i64,
    /// From the announcement of a return to its arrival.
    pub receive_ms: u64,
    /// From arrival to inspection.
    pub inspect_ms: u64,
    pub grades: Grades,
}

impl Default for WmsConfig {
    fn default() -> Self {
        Self {
            link: Link::default(),
            habits: BadHabits::default(),
            place: String::new(),
            carrier: "parcel-post".to_owned(),
            pick_ms: 10,
            deliver_ms: None,
            collect_ms: 20,
            tracked: false,
            parcel_units: 200,
            parcels_max: 4,
            receive_ms: 10,
            inspect_ms: 10,
            grades: Grades::default(),
        }
    }
}

impl WmsConfig {
    fn at(system: System) -> Self {
        Self { link: Link::canonical(system), place: system.to_string(), ..Self::default() }
    }
}

/// The returns platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnsConfig {
    pub link: Link,
    pub habits: BadHabits,
}

impl Default for ReturnsConfig {
    fn default() -> Self {
        Self { link: Link::canonical(System::Returns), habits: BadHabits::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_changes_only_what_it_names() {
        let base = WorldConfig::default();
        let patch = json!({"seed": 9, "wms-north": {"pick_ms": 3, "link": {"ordered": true}}});
        let new = base.patched(&patch).unwrap();
        assert_eq!((new.seed, new.wms_north.pick_ms, new.wms_north.link.ordered), (9, 3, true));
        assert_eq!(new.wms_north.link.token, "lab-wms-north");
        assert_eq!(new.wms_south.pick_ms, base.wms_south.pick_ms);
    }

    #[test]
    fn an_unknown_member_is_refused_by_name() {
        let error = WorldConfig::default().patched(&json!({"erp": {"habit": {}}})).unwrap_err();
        assert!(error.contains("habit"), "{error}");
    }
}
