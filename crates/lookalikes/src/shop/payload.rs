//! Payloads in the shapes of Shopify's webhooks, API version 2024-10 (captured test notifications of
//! `orders/create`, `orders/cancelled` and `returns/request`). Members that carry nothing here, such as the
//! browser's address or consent, are left out; whoever reads them from a real shop must do without them too.

use crate::base::decimal::{Major, decimals};
use crate::base::text::plain_number;
use crate::base::when;
use crate::shop::Shop;
use crate::shop::orders::{Address, PlacedLine, PlacedOrder, SHIPPING};
use serde::{Serialize, Serializer};

/// An id: a number where it is written as one.
struct Id<'a>(&'a str);

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match plain_number(self.0) {
            Some(number) => serializer.serialize_u64(number),
            None => serializer.serialize_str(self.0),
        }
    }
}

/// A tax rate: Shopify writes a JSON number.
struct Rate<'a>(&'a str);

impl Serialize for Rate<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&serde_json::value::RawValue>(self.0) {
            Ok(raw) => raw.serialize(serializer),
            Err(_) => serializer.serialize_str(self.0),
        }
    }
}

#[derive(Clone, Copy, Serialize)]
struct Cash<'a, A> {
    amount: A,
    currency_code: &'a str,
}

/// One amount in shop and in presentment money. This shop sells in one currency, so they are equal.
#[derive(Serialize)]
struct Set<'a, A: Copy> {
    shop_money: Cash<'a, A>,
    presentment_money: Cash<'a, A>,
}

fn set<A: Copy>(amount: A, currency: &str) -> Set<'_, A> {
    let cash = Cash { amount, currency_code: currency };
    Set { shop_money: cash, presentment_money: cash }
}

#[derive(Serialize)]
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Tax<'a> {
    channel_liable: bool,
    price: Major,
    price_set: Set<'a, Major>,
    rate: Rate<'a>,
    title: &'a str,
}

#[derive(Serialize)]
struct Allocation<'a> {
    amount: Major,
    amount_set: Set<'a, Major>,
    discount_application_index: u32,
}

#[derive(Serialize)]
struct Line<'a> {
    id: u64,
    admin_graphql_api_id: String,
    current_quantity: i64,
    fulfillable_quantity: i64,
    fulfillment_service: &'a str,
    fulfillment_status: Option<&'a str>,
    gift_card: bool,
    name: &'a str,
    price: &'a str,
    price_set: Set<'a, &'a str>,
    product_exists: bool,
    properties: Vec<Pair<'a>>,
    quantity: i64,
    requires_shipping: bool,
    sku: &'a str,
    taxable: bool,
    title: &'a str,
    total_discount: Major,
    total_discount_set: Set<'a, Major>,
    variant_title: Option<&'a str>,
    vendor: Option<&'a str>,
    tax_lines: Vec<Tax<'a>>,
    discount_allocations: Vec<Allocation<'a>>,
}

#[derive(Serialize)]
struct ShippingLine<'a> {
    id: u64,
    code: &'a str,
    discounted_price: Major,
    discounted_price_set: Set<'a, Major>,
    is_removed: bool,
    price: &'a str,
    price_set: Set<'a, &'a str>,
    source: &'a str,
    title: &'a str,
    tax_lines: Vec<Tax<'a>>,
    discount_allocations: [(); 0],
}

#[derive(Serialize)]
struct Customer<'a> {
    id: Id<'a>,
    currency: &'a str,
    tags: &'a str,
}

/// How a discount was given: one application for the whole order, of which each line has its share.
#[derive(Serialize)]
struct Application<'a> {
    target_type: &'a str,
    r#type: &'a str,
    value: Major,
    value_type: &'a str,
    allocation_method: &'a str,
    target_selection: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Order<'a> {
    id: Id<'a>,
    admin_graphql_api_id: String,
    cancel_reason: Option<&'a str>,
    cancelled_at: Option<String>,
    closed_at: Option<String>,
    confirmed: bool,
    created_at: String,
    currency: &'a str,
    current_total_price: Major,
    financial_status: &'a str,
    fulfillment_status: Option<&'a str>,
    name: String,
    note: Option<&'a str>,
    note_attributes: Vec<Pair<'a>>,
    number: Id<'a>,
    order_number: Id<'a>,
    payment_gateway_names: Vec<&'a str>,
    presentment_currency: &'a str,
    processed_at: String,
    source_name: &'a str,
    subtotal_price: Major,
    subtotal_price_set: Set<'a, Major>,
    tags: &'a str,
    taxes_included: bool,
    test: bool,
    total_discounts: Major,
    total_discounts_set: Set<'a, Major>,
    total_line_items_price: Major,
    total_line_items_price_set: Set<'a, Major>,
    total_outstanding: Major,
    total_price: Major,
    total_price_set: Set<'a, Major>,
    total_shipping_price_set: Set<'a, Major>,
    total_tax: Major,
    total_tax_set: Set<'a, Major>,
    updated_at: String,
    customer: Option<Customer<'a>>,
    discount_applications: Vec<Application<'a>>,
    fulfillments: [(); 0],
    line_items: Vec<Line<'a>>,
    refunds: [(); 0],
    shipping_address: Option<&'a Address>,
    shipping_lines: Vec<ShippingLine<'a>>,
}

/// Sums over the lines, minor units.
#[derive(Default)]
struct Sums {
    gross: i64,
    discounts: i64,
    goods: i64,
    shipping: i64,
    tax: i64,
}

struct Writer<'a> {
    shop: &'a Shop,
    currency: &'a str,
    decimals: u32,
    closed: bool,
}

impl<'a> Writer<'a> {
    fn major(&self, minor: i64) -> Major {
        Major { minor, decimals: self.decimals }
    }

    fn taxes(&self, line: &PlacedLine) -> Vec<Tax<'a>> {
        if line.tax_rate == 0 {
            return Vec::new();
        }
        let price = self.major(line.tax);
        let rate = Rate(self.shop.names.text(line.tax_rate));
        vec![Tax { channel_liable: false, price, price_set: set(price, self.currency), rate, title: "VAT" }]
    }

    fn item(&self, id: u64, line: &PlacedLine) -> Line<'a> {
        let name = |id| self.shop.names.text(id);
        let kind = name(line.kind);
        let mut properties = vec![Pair { name: "_kind", value: kind }];
        if line.category != 0 {
            properties.push(Pair { name: "_category", value: name(line.category) });
        }
        let discount = self.major(line.discount);
        let allocated = Allocation {
            amount: discount,
            amount_set: set(discount, self.currency),
            discount_application_index: 0,
        };
        let left = if self.closed { 0 } else { line.quantity };
        Line {
            id,
            admin_graphql_api_id: format!("gid://shopify/LineItem/{id}"),
            current_quantity: left,
            fulfillable_quantity: left,
            fulfillment_service: "manual",
            fulfillment_status: None,
            gift_card: kind == "gift_card",
            name: name(line.title),
            price: name(line.price),
            price_set: set(name(line.price), self.currency),
            product_exists: true,
            properties,
            quantity: line.quantity,
            requires_shipping: kind == "goods",
            sku: name(line.sku),
            taxable: line.tax_rate != 0,
            title: name(line.title),
            // The line's own discounts only; order-level ones stand in the allocations.
            total_discount: self.major(0),
            total_discount_set: set(self.major(0), self.currency),
            variant_title: None,
            vendor: None,
            tax_lines: self.taxes(line),
            discount_allocations: if line.discount == 0 { Vec::new() } else { vec![allocated] },
        }
    }

    fn shipping(&self, id: u64, line: &PlacedLine) -> ShippingLine<'a> {
        let title = self.shop.names.text(line.title);
        let price = self.shop.names.text(line.price);
        let discounted = self.major(line.amount);
        ShippingLine {
            id,
            code: title,
            discounted_price: discounted,
            discounted_price_set: set(discounted, self.currency),
            is_removed: false,
            price,
            price_set: set(price, self.currency),
            source: "shopify",
            title,
            tax_lines: self.taxes(line),
            discount_allocations: [],
        }
    }
}

/// The body of `orders/create`, or of `orders/cancelled`: the order as it then is.
pub(crate) fn order(shop: &Shop, order: &PlacedOrder, cancelled: bool) -> Vec<u8> {
    let currency = shop.names.text(order.currency);
    let writer = Writer { shop, currency, decimals: decimals(currency), closed: cancelled };
    let mut sums = Sums::default();
    let mut line_items = Vec::with_capacity(order.lines.len());
    let mut shipping_lines = Vec::new();
    for (index, line) in order.lines.iter().enumerate() {
        sums.tax += line.tax;
        if shop.names.text(line.kind) == SHIPPING {
            sums.shipping += line.amount;
            shipping_lines.push(writer.shipping(order.line_id(index), line));
        } else {
            sums.gross += line.amount + line.discount;
            sums.discounts += line.discount;
            sums.goods += line.amount;
            line_items.push(writer.item(order.line_id(index), line));
        }
    }
    let both = |minor| (writer.major(minor), set(writer.major(minor), currency));
    let (total_price, total_price_set) = both(order.total());
    let (subtotal_price, subtotal_price_set) = both(sums.goods);
    let (total_discounts, total_discounts_set) = both(sums.discounts);
    let (total_line_items_price, total_line_items_price_set) = both(sums.gross);
    let (total_tax, total_tax_set) = both(sums.tax);
    let total = order.total();
    let placed = when::text(order.placed_at);
    let ended = order.cancelled.filter(|_| cancelled);
    let (paid, own) = (!order.intent.is_empty(), order.own);
    let value = Order {
        id: Id(&order.source_id),
        admin_graphql_api_id: format!("gid://shopify/Order/{}", order.source_id),
        cancel_reason: ended.map(|(_, reason)| shop.names.text(reason)),
        cancelled_at: ended.map(|(at, _)| when::text(at)),
        closed_at: None,
        confirmed: true,
        created_at: placed.clone(),
        currency,
        current_total_price: writer.major(if cancelled { 0 } else { total }),
        financial_status: if paid || own { "authorized" } else { "paid" },
        fulfillment_status: None,
        name: format!("#{}", order.number),
        note: None,
        note_attributes: if paid {
            vec![Pair { name: "payment_intent", value: &order.intent }]
        } else {
            Vec::new()
        },
        number: Id(&order.number),
        order_number: Id(&order.number),
        payment_gateway_names: match (own, paid) {
            (true, _) => vec![crate::shop::orders::OWN_GATEWAY],
            (_, true) => vec!["stripe"],
            _ => Vec::new(),
        },
        presentment_currency: currency,
        processed_at: placed.clone(),
        source_name: "web",
        subtotal_price,
        subtotal_price_set,
        tags: "",
        taxes_included: order.taxes_included,
        test: false,
        total_discounts,
        total_discounts_set,
        total_line_items_price,
        total_line_items_price_set,
        total_outstanding: writer.major(total),
        total_price,
        total_price_set,
        total_shipping_price_set: set(writer.major(sums.shipping), currency),
        total_tax,
        total_tax_set,
        updated_at: ended.map_or(placed, |(at, _)| when::text(at)),
        customer: (order.customer != 0).then(|| Customer {
            id: Id(shop.names.text(order.customer)),
            currency,
            tags: "",
        }),
        discount_applications: if sums.discounts == 0 {
            Vec::new()
        } else {
            vec![Application {
                target_type: "line_item",
                r#type: "manual",
                value: writer.major(sums.discounts),
                value_type: "fixed_amount",
                allocation_method: "across",
                target_selection: "all",
                title: "discount",
            }]
        },
        fulfillments: [],
        line_items,
        refunds: [],
        shipping_address: order.ship_to.as_deref(),
        shipping_lines,
    };
    serde_json::to_vec(&value).unwrap_or_default()
}
