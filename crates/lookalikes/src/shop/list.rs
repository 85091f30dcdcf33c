//! The list of orders: `GET /admin/api/{version}/orders.json` (shopify.dev, REST Admin API, Order), as far as
//! somebody needs it who looks for orders that no webhook told of.

use crate::base::http::{Call, Response};
use crate::base::when;
use crate::shop::Shop;
use crate::shop::orders::PlacedOrder;
use crate::shop::payload;

/// The most orders on a page, as at Shopify.
const PAGE: u64 = 250;

fn changed(order: &PlacedOrder) -> i64 {
    order.cancelled.map_or(order.placed_at, |(at, _)| at.max(order.placed_at))
}

impl Shop {
    /// Orders by time of change, from `updated_at_min` on. A further page is named by `page_info`, here the moment
    /// and how many orders came before, and stands in the `Link` header.
    pub(crate) fn list(&self, call: &Call<'_>, version: &str) -> Response {
        let limit = call.number("limit", 50).clamp(1, PAGE);
        let page = call.query("page_info").map(|info| info.split_once('.').unwrap_or((info, "0")));
        let (from, skip) = match page {
            Some((from, skip)) => match (from.parse::<i64>(), skip.parse::<u64>()) {
                (Ok(from), Ok(skip)) => (from, skip),
                _ => return Response::refuse(400, "bad_request", "page_info: invalid value"),
            },
            None => match call.query("updated_at_min").map(when::parse) {
                None => (i64::MIN, 0),
                Some(Some(from)) => (from, 0),
                Some(None) => return Response::refuse(400, "bad_request", "updated_at_min: no date"),
            },
        };
        let mut found: Vec<&PlacedOrder> = self.orders.iter().filter(|o| changed(o) >= from).collect();
        found.sort_by_key(|o| changed(o));
        let (skip, take) = (usize::try_from(skip).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(1));
        let mut body = br#"{"orders":["#.to_vec();
        for (n, order) in found.iter().skip(skip).take(take).enumerate() {
            if n > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&payload::order(self, order, order.cancelled.is_some()));
        }
        body.extend_from_slice(b"]}");
        let answer = Response::bytes(200, body);
        if found.len() <= skip.saturating_add(take) {
            return answer;
        }
        let next = skip + take;
        let link = format!(
            "<https://{}/admin/api/{version}/orders.json?limit={limit}&page_info={from}.{next}>; rel=\"next\"",
            self.domain
        );
        answer.with("link", link)
    }
}
