//! Inventory at the shop's one location: any SKU is stocked, except those that are configured as bundles.

use super::{Done, Wrong, gid, number_in};
use crate::base::http::Moment;
use crate::base::ledger::{Head, Kind};
use crate::shop::Shop;
use crate::shop::reports::Shelf;
use serde_json::{Value, json};

/// The number of the location.
const LOCATION: &str = "gid://shopify/Location/77";
/// Items on a page; smaller than what is asked for, so that pages are turned.
const PAGE: usize = 20;

impl Shop {
    fn shelf(&self, sku: &str) -> i64 {
        self.shelves.get(sku).map_or(0, |shelf| shelf.available)
    }

    pub(super) fn levels(&mut self, v: &Value) -> Done {
        if v["location"] != LOCATION {
            return Err(Wrong::Call("NOT_FOUND", "no such location".to_owned()));
        }
        let skip: usize = v["after"].as_str().and_then(|c| c.parse().ok()).unwrap_or(0);
        let text = v["skus"].as_str().unwrap_or_default();
        let asked: Vec<&str> =
            text.split(" OR ").filter_map(|s| s.strip_prefix("sku:\"")?.strip_suffix('"')).collect();
        let mut nodes = Vec::new();
        for sku in asked.iter().skip(skip).take(PAGE) {
            let bundle = self.bundles.iter().any(|b| b == sku);
            let item = gid("InventoryItem", u64::from(self.names.id(sku)));
            nodes.push(
                json!({"id": item, "sku": sku, "tracked": true, "variant": {"requiresComponents": bundle},
                "inventoryLevel": {"quantities": [{"quantity": self.shelf(sku)}]}}),
            );
        }
        let more = asked.len() > skip + nodes.len();
        let info = json!({"hasNextPage": more, "endCursor": (skip + PAGE).to_string()});
        Ok(json!({"inventoryItems": {"nodes": nodes, "pageInfo": info}}))
    }

    /// All or none: one figure that is not what was compared with refuses every other.
    pub(super) fn set_quantities(&mut self, at: Moment, v: &Value) -> Done {
        let wish = &v["input"];
        let asked = wish["quantities"].as_array().map_or(&[][..], Vec::as_slice);
        if wish["name"] != "available" || asked.is_empty() || asked.len() > 250 {
            return Err(Wrong::User("INVALID_NAME", "wants 1 to 250 figures of `available`".to_owned()));
        }
        let mut figures = Vec::with_capacity(asked.len());
        for one in asked {
            let item = number_in(&one["inventoryItemId"], "InventoryItem")?;
            let sku = self.names.text(u32::try_from(item).unwrap_or(0)).to_owned();
            if one["locationId"] != LOCATION {
                return Err(Wrong::User(
                    "INVALID_LOCATION",
                    "The specified location could not be found.".to_owned(),
                ));
            }
            if sku.is_empty() || self.bundles.contains(&sku) {
                return Err(Wrong::User("INVALID_INVENTORY_ITEM", format!("{sku} cannot be adjusted")));
            }
            let Some(from) = one["changeFromQuantity"].as_i64() else {
                return Err(Wrong::Call("BAD_REQUEST", "changeFromQuantity is missing".to_owned()));
            };
            if from != self.shelf(&sku) {
                let message = "The changeFromQuantity value does not match persisted value.".to_owned();
                return Err(Wrong::User("CHANGE_FROM_QUANTITY_STALE", message));
            }
            figures.push((sku, one["quantity"].as_i64().unwrap_or(0)));
        }
        let reference =
            wish["referenceDocumentUri"].as_str().and_then(|u| u.rsplit('/').next()).unwrap_or_default();
        let count = i64::try_from(figures.len()).unwrap_or(0);
        for (sku, available) in figures {
            self.shelves.insert(sku.into(), Shelf { seq: 0, available });
        }
        let head = Head { reference, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::StockPublished, Some(count));
        let group = json!({"id": "gid://shopify/InventoryAdjustmentGroup/1"});
        Ok(json!({"inventorySetQuantities": {"inventoryAdjustmentGroup": group, "userErrors": []}}))
    }
}
