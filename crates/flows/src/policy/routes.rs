//! Which of several systems that play a role gets an order. Decided once, as the order is placed, and kept with it: a
//! change of settings never sends what is under way elsewhere.

use super::Policy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The connection that each role of an order, or of what came of it, is played by; others play alone.
pub type Routes = BTreeMap<String, String>;

/// One rule. Of the rules of a role the first that fits decides.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub role: String,
    /// Orders of this brand alone.
    pub brand: Option<String>,
    /// Orders of this source alone.
    pub channel: Option<String>,
    /// Orders of this region alone.
    pub region: Option<String>,
    /// Of those, the ones whose lot (0 to 9999) lies in this range, its end excluded.
    pub band: Option<(u16, u16)>,
    /// The connection.
    pub to: String,
}

impl Route {
    fn fits(&self, order: &str, (brand, channel, region): (Option<&str>, &str, Option<&str>)) -> bool {
        let is = |wanted: &Option<String>, it: Option<&str>| wanted.is_none() || wanted.as_deref() == it;
        let lot = |(from, to): (u16, u16)| (from..to).contains(&self.lot(order));
        is(&self.brand, brand)
            && is(&self.channel, Some(channel))
            && is(&self.region, region)
            && self.band.is_none_or(lot)
    }

    /// A number from 0 to 9999 that an order has for ever (FNV-1a of its id and of what the rule is about, mixed as
    /// splitmix64 does it). Rules about the same orders share it, so that their ranges never meet; rules about others
    /// do not, so that what one leaves is not what another one takes.
    fn lot(&self, order: &str) -> u16 {
        let about = [Some(order), self.brand.as_deref(), self.channel.as_deref(), self.region.as_deref()];
        let mut h: u64 = 0xcbf2_9ce4_8422_2325;
        for part in about {
            // A part that is left out is not an empty one.
            for byte in part.unwrap_or("\u{0}").bytes().chain([0xff]) {
                h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u16::try_from((h ^ (h >> 31)) % 10_000).unwrap_or(0)
    }
}

impl Policy {
    /// Who plays each role that rules choose for, for an order of this brand, source and region.
    #[must_use]
    pub fn routes_of(&self, order: &str, about: (Option<&str>, &str, Option<&str>)) -> Routes {
        let mut routes = Routes::new();
        for route in self.routes.iter().filter(|route| route.fits(order, about)) {
            routes.entry(route.role.clone()).or_insert_with(|| route.to.clone());
        }
        routes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(role: &str, brand: Option<&str>, band: Option<(u16, u16)>, to: &str) -> Route {
        let (role, to) = (role.to_owned(), to.to_owned());
        Route { role, brand: brand.map(str::to_owned), band, to, ..Route::default() }
    }

    fn policy(routes: Vec<Route>) -> Policy {
        Policy { routes, ..Policy::simple("acme", &["north"]) }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let p = policy(vec![rule("erp", Some("x"), None, "erp-x"), rule("erp", None, None, "erp-all")]);
        let to = |brand| p.routes_of("shop-1", (brand, "shop", None))["erp"].clone();
        assert_eq!(
            (to(Some("x")), to(Some("y")), to(None)),
            ("erp-x".into(), "erp-all".into(), "erp-all".into())
        );
    }

    #[test]
    fn a_share_is_a_share_of_many_orders_and_each_order_has_its_own_for_ever() {
        let p = policy(vec![
            rule("oms", None, Some((0, 7_000)), "a"),
            rule("oms", None, Some((7_000, 10_000)), "b"),
        ]);
        let to = |n: u32| p.routes_of(&format!("shop-{n}"), (None, "shop", None))["oms"].clone();
        let a = (536_365..546_365).filter(|n| to(*n) == "a").count();
        assert!((6_850..=7_150).contains(&a), "{a} of 10000");
        assert!((1..1_000).all(|n| to(n) == to(n)));
        // Frozen: another number would send orders elsewhere that are placed again after an upgrade.
        assert_eq!([1, 2, 3].map(|n| p.routes[0].lot(&format!("shop-{n}"))), FROZEN);
    }

    const FROZEN: [u16; 3] = [9_241, 5_049, 955];

    #[test]
    fn what_one_share_leaves_another_one_shares_anew() {
        let p = policy(vec![
            rule("oms", Some("x"), Some((0, 5_000)), "a"),
            rule("oms", None, Some((0, 5_000)), "b"),
            rule("oms", None, None, "c"),
        ]);
        let to = |n: u32| p.routes_of(&format!("shop-{n}"), (Some("x"), "shop", None))["oms"].clone();
        let b = (0..10_000).filter(|n| to(*n) == "b").count();
        assert!((2_300..=2_700).contains(&b), "{b} of 10000");
    }
}
