//! The list of payments: `GET /v1/payment_intents`, newest first (docs.stripe.com/api/payment_intents/list).

use crate::base::http::Call;
use crate::stripe::Stripe;
use crate::stripe::errors::Fault;
use crate::stripe::objects::{IntentStatus, ShownIntent};
use serde::Serialize;

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<ShownIntent<'a>>,
    has_more: bool,
    url: &'static str,
}

impl Stripe {
    /// 10 or up to 100 a page, after `starting_after`, of those made at `created[gte]` (seconds) or later.
    pub(crate) fn list_intents(&self, call: &Call<'_>) -> Result<Vec<u8>, Fault> {
        let limit = usize::try_from(call.number("limit", 10)).unwrap_or(10);
        if !(1..=100).contains(&limit) {
            let message = "This value must be between 1 and 100.".to_owned();
            return Err(Fault::invalid("parameter_invalid_integer", "limit", message));
        }
        let before = match call.query("starting_after") {
            Some(id) => self.intent(id)?,
            None => u32::try_from(self.intents.len()).unwrap_or(u32::MAX),
        };
        let since = i64::try_from(call.number("created[gte]", 0)).unwrap_or(0);
        let made = |number: &u32| {
            self.intents.get(*number as usize).is_some_and(|intent| intent.created.div_euclid(1_000) >= since)
        };
        let mut numbers: Vec<u32> = (0..before).rev().filter(made).take(limit + 1).collect();
        let has_more = numbers.len() > limit;
        numbers.truncate(limit);
        let shown = |number: u32| {
            let intent = self.intents.get(number as usize)?;
            Some(self.intent_as(intent, &self.snapshot(number)?))
        };
        let data = numbers.into_iter().filter_map(shown).collect();
        let list = List { object: "list", data, has_more, url: "/v1/payment_intents" };
        serde_json::to_vec(&list).map_err(|_| Fault::internal())
    }

    /// A payment that looks again as if it had never been captured, for whoever must find that out.
    pub(crate) fn forget_capture(&mut self, id: &str) -> Result<u32, Fault> {
        let number = self.intent(id)?;
        let intent = self.intents.get_mut(number as usize).ok_or_else(Fault::internal)?;
        intent.received = 0;
        intent.captures = 0;
        intent.status = IntentStatus::RequiresCapture;
        Ok(number)
    }
}
