//! `[policy.pools]` and `[policy.channels]`: which places serve which channel.

use super::roster::Roster;
use super::words::{ID, instead, is_id, texts};
use crate::policy::{Pool, StockRules};
use crate::role::Role;
use formats::toml::{Fields, Node};
use retail::time::Span;
use std::collections::{BTreeMap, BTreeSet};

/// The pools and who is served by them.
#[derive(Default)]
pub(super) struct Stock {
    pub pools: BTreeMap<String, Pool>,
    pub channels: BTreeMap<String, String>,
    pub default_pool: String,
}

impl Stock {
    /// All places of all pools.
    pub fn places(&self) -> impl Iterator<Item = &str> + Clone {
        self.pools.values().flat_map(|pool| &pool.places).map(String::as_str)
    }

    fn pool_of(&self, source: &str) -> &str {
        self.channels.get(source).unwrap_or(&self.default_pool)
    }

    /// Refuses a pool that there is not.
    fn expect(&self, pool: &str, node: &Node<'_>) {
        if !self.pools.is_empty() && !self.pools.contains_key(pool) {
            let hint = instead(pool, self.pools.keys().map(String::as_str));
            node.fault(format!("there is no pool {pool:?}"), hint);
        }
    }
}

/// Reads pools and channels. With no pools given, one, `main`, holds every place in the order of the
/// connections. Vendors keep stock of their own: they are in none.
pub(super) fn pools<'a>(policy: &mut Fields<'a>, roster: &Roster<'a>, vendors: &[String]) -> Stock {
    let mut stock = Stock::default();
    let mut publish = BTreeMap::new();
    match policy.get("pools") {
        Some(node) => read(&node, (roster, vendors), &mut stock, &mut publish),
        None => {
            let places = roster.ats(Role::Wms).into_iter().map(str::to_owned);
            let places = places.filter(|place| !vendors.contains(place)).collect();
            stock.pools.insert("main".to_owned(), pool(places));
        }
    }
    default_pool(policy, &mut stock);
    if let Some(channels) = policy.section("channels") {
        for (source, node) in channels.entries() {
            let Some(pool) = node.text() else { continue };
            stock.expect(pool.value, &node);
            let fault = |message: String, hint: String| {
                channels.reading().fault(source.start, &source.path, message, hint);
            };
            if is_id(source.value) {
                roster.expect_at(Role::Storefront, source.value, fault);
            } else {
                fault("this is not the id of a source".to_owned(), ID.to_owned());
            }
            stock.channels.insert(source.value.to_owned(), pool.value.to_owned());
        }
    }
    roster.named_by("pool").for_each(|named| stock.expect(&named.value, &named.node));
    publish_to(roster, &mut stock, publish);
    stock
}

fn pool(places: Vec<String>) -> Pool {
    Pool {
        places,
        safety: 0,
        publish_to: Vec::new(),
        publish_after: Span::seconds(5),
        rules: StockRules::default(),
    }
}

fn read<'a>(
    node: &Node<'a>,
    (roster, vendors): (&Roster<'a>, &[String]),
    stock: &mut Stock,
    publish: &mut BTreeMap<String, Vec<String>>,
) {
    let Some(table) = node.fields() else { return };
    let mut held: BTreeMap<String, String> = BTreeMap::new();
    let mut sound = true;
    for (id, node) in table.entries() {
        if !is_id(id.value) {
            table.reading().fault(id.start, &id.path, "this is not the id of a pool", ID);
        }
        let Some(mut fields) = node.fields() else { continue };
        let mut read = pool(Vec::new());
        let places = fields.need("places", "places = [\"wms-north\"]");
        let given = places.as_ref().map(texts).unwrap_or_default();
        if let Some(node) = places.filter(|node| node.is_array() && node.items().is_empty()) {
            node.fault("a pool without a place can promise nothing", "places = [\"wms-north\"]");
        }
        sound &= !given.is_empty();
        for (place, node) in given {
            sound &= roster.plays(Role::Wms, &place);
            roster.expect(Role::Wms, &place, &node);
            if vendors.contains(&place) {
                node.fault(format!("{place:?} is a vendor, whose stock is not ours"), "places of our own");
            }
            match held.insert(place.clone(), id.value.to_owned()) {
                Some(other) => {
                    node.fault(
                        format!("{place:?} is in pool {other:?} already"),
                        "each place in one pool, once",
                    );
                }
                None => read.places.push(place),
            }
        }
        read.safety = fields.get("safety").and_then(|node| node.whole(0..=1_000_000_000)).unwrap_or(0);
        if let Some(ms) = fields.get("publish_after").and_then(|node| node.span_ms()) {
            read.publish_after = Span(ms);
        }
        if let Some(node) = fields.get("publish_to") {
            let sources = texts(&node);
            sources.iter().for_each(|(source, node)| roster.expect(Role::Storefront, source, node));
            publish.insert(id.value.to_owned(), sources.into_iter().map(|(source, _)| source).collect());
        }
        read.rules = super::stock::rules(&mut fields, roster, &read.places);
        fields.done();
        stock.pools.insert(id.value.to_owned(), read);
    }
    if stock.pools.is_empty() {
        node.fault("there is no pool", "[policy.pools.main], or nothing for one pool of all places");
        return;
    }
    // A place that is misspelt in a pool would look like one that was forgotten.
    let ours = |at: &String| sound && !held.contains_key(at) && !vendors.contains(at);
    for played in roster.of(Role::Wms).filter(|played| ours(&played.play.at)) {
        let hint = format!("places = [\"{}\"] in [policy.pools.…]", played.play.at);
        played.node.fault(format!("no pool has the place {:?}", played.play.at), hint);
    }
}

fn default_pool(policy: &mut Fields<'_>, stock: &mut Stock) {
    let only = if stock.pools.len() == 1 { stock.pools.keys().next() } else { None };
    let usual = stock.pools.keys().find(|id| *id == "main").or(only).cloned();
    match policy.get("default_pool") {
        Some(node) => {
            let Some(text) = node.text() else { return };
            stock.expect(text.value, &node);
            stock.default_pool = text.value.to_owned();
        }
        None if usual.is_none() && !stock.pools.is_empty() => {
            let known: Vec<String> = stock.pools.keys().map(|id| format!("{id:?}")).collect();
            policy.fault_in(
                "default_pool",
                "missing, as there are several pools and none is \"main\"",
                format!("default_pool = {}", known.join(" or ")),
            );
        }
        None => stock.default_pool = usual.unwrap_or_default(),
    }
}

/// A pool that does not say so publishes to the storefronts of the sources that it serves.
fn publish_to(roster: &Roster<'_>, stock: &mut Stock, mut given: BTreeMap<String, Vec<String>>) {
    let mut sources: BTreeSet<&str> = roster.ats(Role::Storefront).into_iter().collect();
    sources.extend(roster.named_by("source").map(|named| named.value.as_str()));
    sources.extend(stock.channels.keys().map(String::as_str));
    let mut served: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources {
        served.entry(stock.pool_of(source).to_owned()).or_default().push(source.to_owned());
    }
    for (id, pool) in &mut stock.pools {
        pool.publish_to = given.remove(id).or_else(|| served.remove(id)).unwrap_or_default();
    }
}
