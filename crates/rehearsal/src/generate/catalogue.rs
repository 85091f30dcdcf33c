//! What the made-up shop sells: 2,000 articles in eight categories.

use crate::generate::chance::Chance;

const ARTICLES: u64 = 2_000;
/// One article of so many runs short.
const SHORT_ONE_IN: u64 = 400;

pub(crate) const CATEGORIES: [&str; 8] =
    ["apparel", "shoes", "home", "kitchen", "garden", "toys", "electronics", "beauty"];
const COLOURS: [&str; 10] =
    ["White", "Navy", "Olive", "Rust", "Grey", "Cream", "Black", "Teal", "Mustard", "Rose"];
const THINGS: [[&str; 4]; 8] = [
    ["Linen Shirt", "Wool Cardigan", "Denim Jacket", "Cotton Tee"],
    ["Canvas Trainers", "Leather Boots", "Sandals", "House Slippers"],
    ["Cushion Cover", "Table Lamp", "Wall Clock", "Storage Basket"],
    ["Mixing Bowl", "Cast Iron Pan", "Tea Towel", "Glass Jar"],
    ["Plant Pot", "Hand Trowel", "Watering Can", "Bird Feeder"],
    ["Wooden Train", "Jigsaw Puzzle", "Plush Bear", "Building Blocks"],
    ["Desk Fan", "Travel Charger", "Radio Alarm", "Headphones"],
    ["Hand Cream", "Bath Salts", "Soap Bar", "Lip Balm"],
];

/// One article.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Article {
    pub sku: String,
    pub title: String,
    pub category: &'static str,
    /// Minor units.
    pub price: i64,
    /// Lives in the second warehouse, else in the first.
    pub second: bool,
    /// Has no stock before the first order.
    pub short: bool,
}

/// All articles, made when they are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    seed: u64,
}

impl Catalogue {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// An article by its number; numbers beyond the last begin again.
    pub(crate) fn article(&self, number: u64) -> Article {
        let number = number % ARTICLES;
        let mut chance = Chance::new(self.seed, 1, number);
        let kind = usize::try_from(number % 8).unwrap_or(0);
        let things = THINGS.get(kind).unwrap_or(&THINGS[0]);
        let title = format!("{} {}", chance.pick(&COLOURS, &"White"), chance.pick(things, &"Parcel"));
        let short = number % SHORT_ONE_IN == 7;
        Article {
            sku: format!("CD-{number:04}"),
            title,
            category: CATEGORIES.get(kind).copied().unwrap_or("home"),
            // 1.95 to 120.95.
            price: 195 + 100 * i64::try_from(chance.below(120)).unwrap_or(0),
            second: !short && chance.permille(250),
            short,
        }
    }

    /// An article to put into a basket: a tenth of them are bought half of the time.
    pub(crate) fn draw(&self, chance: &mut Chance) -> Article {
        let popular = chance.permille(500);
        let number = chance.below(if popular { ARTICLES / 10 } else { ARTICLES });
        // Spread over the catalogue, so that popular ones are of all categories.
        self.article(number * 11)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Article> {
        (0..ARTICLES).map(|n| self.article(n))
    }

    pub(crate) fn get(&self, sku: &str) -> Option<Article> {
        let number: u64 = sku.strip_prefix("CD-")?.parse().ok()?;
        (number < ARTICLES).then(|| self.article(number))
    }
}
