//! Returns that customers asked for at the shop: requested, then open or declined, then closed.

use super::{Done, Wrong, gid, number_in};
use crate::shop::Shop;
use serde_json::{Value, json};

/// A return as the shop keeps it.
#[derive(Debug)]
pub(crate) struct Return {
    status: &'static str,
    lines: Vec<NewReturnLine>,
}

/// A line of it: its own number, its units, and how many were processed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewReturnLine {
    pub id: u64,
    pub quantity: i64,
    pub processed: i64,
}

impl Shop {
    /// Keeps a return that was asked for.
    pub(crate) fn keep_return(&mut self, id: u64, lines: Vec<NewReturnLine>) {
        self.admin.returns.insert(id, Return { status: "REQUESTED", lines });
    }

    pub(super) fn shown_return(&self, v: &Value) -> Value {
        let found = number_in(&v["id"], "Return").ok().and_then(|id| self.admin.returns.get(&id));
        let shown = found.map(|r| {
            let lines = r.lines.iter().map(|l| {
                json!({"id": gid("ReturnLineItem", l.id), "quantity": l.quantity, "processedQuantity": l.processed})
            });
            json!({"id": v["id"], "status": r.status, "returnLineItems": {"nodes": lines.collect::<Vec<_>>()}})
        });
        json!({"return": shown})
    }

    pub(super) fn tell_return(&mut self, name: &str, v: &Value) -> Done {
        let (field, id, from) = match name {
            "ReturnApprove" => ("returnApproveRequest", &v["input"]["id"], "REQUESTED"),
            "ReturnDecline" => ("returnDeclineRequest", &v["input"]["id"], "REQUESTED"),
            "ReturnProcess" => ("returnProcess", &v["input"]["returnId"], "OPEN"),
            _ => ("returnClose", &v["id"], "OPEN"),
        };
        let number = number_in(id, "Return")?;
        let missing = || Wrong::User("NOT_FOUND", "Return not found".to_owned());
        let found = self.admin.returns.get_mut(&number).ok_or_else(missing)?;
        if found.status != from {
            return Err(Wrong::User("INVALID_STATE", format!("Return is {}", found.status)));
        }
        match name {
            "ReturnApprove" => found.status = "OPEN",
            "ReturnDecline"
                if matches!(
                    v["input"]["declineReason"].as_str(),
                    Some("OTHER" | "RETURN_PERIOD_ENDED" | "FINAL_SALE")
                ) =>
            {
                found.status = "DECLINED";
            }
            "ReturnDecline" => return Err(Wrong::User("INVALID", "declineReason is unknown".to_owned())),
            "ReturnProcess" => process(found, &v["input"])?,
            _ => found.status = "CLOSED",
        }
        let told = json!({"id": id, "status": found.status});
        Ok(json!({field: {"return": told, "userErrors": []}}))
    }
}

fn process(found: &mut Return, wish: &Value) -> Result<(), Wrong> {
    for asked in wish["returnLineItems"].as_array().into_iter().flatten() {
        let id = number_in(&asked["id"], "ReturnLineItem")?;
        let quantity = asked["quantity"].as_i64().unwrap_or(0);
        let line = found.lines.iter_mut().find(|l| l.id == id);
        match line {
            Some(line) if quantity > 0 && line.processed + quantity <= line.quantity => {
                line.processed += quantity
            }
            _ => return Err(Wrong::User("INVALID", "Return line item has an invalid quantity.".to_owned())),
        }
    }
    Ok(())
}
