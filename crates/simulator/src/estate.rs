//! The estate of a simulated run: the shipped connectors over the look-alikes.

use crate::vendors::BASE;
use lookalikes::{System, WorldConfig};
use settings::{Resolver, Secret, SecretRef};
use std::sync::{Arc, OnceLock};
use wiring::Wired;

/// The estate's text; `SHOP`, `PARTS` and `BASE` are put in.
const ESTATE: &str = include_str!("estate.toml");

struct FromWorld(WorldConfig);

impl Resolver for FromWorld {
    fn resolve(&self, reference: &SecretRef) -> Result<Secret, String> {
        let SecretRef::Env(name) = reference else { return Err("only env: references here".to_owned()) };
        let (system, which) = name.split_once("__").ok_or("no such variable")?;
        let system = System::parse(&system.to_ascii_lowercase().replace('_', "-")).ok_or("no such system")?;
        let (link, _) = self.0.of(system);
        match which {
            "TOKEN" => Ok(Secret::new(&link.token)),
            "HOOK" => Ok(Secret::new(&link.secret)),
            _ => Err("no such variable".to_owned()),
        }
    }
}

/// The look-alikes of a run.
pub fn world(seed: u64) -> WorldConfig {
    let mut config = WorldConfig { seed, ..WorldConfig::default() };
    "wms-north".clone_into(&mut config.wms_north.place);
    "wms-south".clone_into(&mut config.wms_south.place);
    config.oms.places = vec!["wms-north".to_owned(), "wms-south".to_owned()];
    // Blanks separate secrets during a rotation.
    "look-alike-secret-of-shop".clone_into(&mut config.shop.link.secret);
    config.oms.short_rate = 10;
    config.stripe.pending_rate = 100;
    for system in System::ALL {
        config.of_mut(system).0.feed = true;
    }
    config
}

/// The shop's two connections, and what stands in their place where it speaks Shopify both ways.
const SHOP: &str = include_str!("shop.toml");
const SHOPIFY: &str = include_str!("shopify.toml");

/// An estate that many runs share, or why there is none.
type Shared = Result<Arc<Wired>, String>;

/// The estate put together; compiling the connectors once serves every run of the process.
///
/// # Errors
/// When the built-in estate or a shipped connector is at fault.
pub fn wired(parts: u16, shopify: bool) -> Result<Arc<Wired>, String> {
    static CACHE: OnceLock<[[OnceLock<Shared>; 8]; 2]> = OnceLock::new();
    let slots = &CACHE.get_or_init(Default::default)[usize::from(shopify)];
    let Some(slot) = slots.get(usize::from(parts)) else { return build(parts, shopify).map(Arc::new) };
    slot.get_or_init(|| build(parts, shopify).map(Arc::new)).clone()
}

fn build(parts: u16, shopify: bool) -> Result<Wired, String> {
    let shop = if shopify { SHOPIFY } else { SHOP };
    let text = ESTATE.replace("SHOP\n", shop).replace("PARTS", &parts.to_string()).replace("BASE", BASE);
    let lines =
        |faults: Vec<settings::Fault>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let estate = settings::read("simulated estate", &text).map_err(lines)?;
    let secrets = estate.secrets(&FromWorld(world(0))).map_err(lines)?;
    wiring::wire(&estate, &secrets, &wiring::shipped()).map_err(lines)
}
