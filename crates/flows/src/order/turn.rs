//! One turn of an order while it is being decided: what was placed, what changes, and what comes of it.

use super::doc::{Doc, Line};
use super::state::{Body, Shipment};
use crate::out::{Out, Res, To};
use crate::pending::Pending;
use crate::policy::Policy;
use books::Posting;
use hub::process::Fault;
use retail::envelope::{Class, Name};
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

pub(crate) struct Turn<'a> {
    pub policy: &'a Policy,
    pub name: &'a Name,
    pub now: Time,
    /// When what is being decided happened.
    pub occurred: Time,
    pub doc: Arc<Doc>,
    pub body: Body,
    pub out: Out,
}

/// Units of a line, as documents and messages state them.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LineUnits<'a> {
    pub line: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<&'a str>,
    pub quantity: i64,
}

/// Units of a line with their value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LineValue<'a> {
    pub line: &'a str,
    pub quantity: i64,
    pub amount: i64,
    pub tax: i64,
}

impl<'a> Turn<'a> {
    pub const fn order(&self) -> &'a str {
        self.name.value.as_str()
    }

    pub fn posting(&self) -> Posting<'a> {
        Posting {
            entity: &self.policy.entity,
            reference: &self.name.value,
            occurred: self.occurred,
            recorded: self.now,
            periods: &self.policy.periods,
        }
    }

    /// The position of a line that somebody named.
    pub fn line(&self, id: &str) -> Res<u16> {
        self.doc.line(id).ok_or_else(|| {
            Fault::new("unknown_line", format!("order {} has no line {id:?}", self.name.value))
        })
    }

    /// The position of a goods line that somebody named together with its SKU.
    pub fn goods(&self, id: &str, sku: &str) -> Res<u16> {
        let at = self.line(id)?;
        let line = self.placed(at)?;
        if line.sku == sku && line.is_goods() {
            return Ok(at);
        }
        let why = format!(
            "line {id:?} of order {} is {} {:?}, not goods {sku:?}",
            self.name.value, line.kind, line.sku
        );
        Err(Fault::new("sku_differs", why))
    }

    /// What was placed on a line.
    pub fn placed(&self, line: u16) -> Res<&Line> {
        self.doc
            .lines
            .get(usize::from(line))
            .ok_or_else(|| Fault::new("bad_state", format!("the order has no line at position {line}")))
    }

    /// Orders a command about this order and remembers that its end is to be heard.
    pub fn command<T: Serialize>(&mut self, to: To<'_>, op: &str, id: &str, args: &T) -> Res {
        let key = self.out.command(to, op, id, args)?;
        self.body.pending.insert(key, Pending::Sent);
        Ok(())
    }

    /// A command to the ERP about this order.
    pub fn erp<T: Serialize>(&mut self, op: &str, id: &str, args: &T) -> Res {
        let object = format!("order/{}", self.name.value);
        self.command(To { role: "erp", at: "", object: &object, class: Class::Fulfilment }, op, id, args)
    }

    /// A command to the storefront that the order came from. It knows nothing of an order that a return opened.
    pub fn storefront<T: Serialize>(&mut self, op: &str, id: &str, args: &T) -> Res {
        if self.doc.exchange.is_some() {
            return Ok(());
        }
        let object = format!("order/{}", self.name.value);
        let doc = Arc::clone(&self.doc);
        self.command(
            To { role: "storefront", at: &doc.source, object: &object, class: Class::Status },
            op,
            id,
            args,
        )
    }

    /// A message to the pool that serves the order's channel.
    pub fn pool<T: Serialize>(&mut self, kind: &'static str, data: &T) -> Res {
        let pool = self.policy.pool_of(&self.doc.source);
        self.out.tell(&self.name.tenant, ("pool", pool), kind, data)
    }

    /// The `n`th shipment, counted from 1.
    pub fn shipment(&self, n: u16) -> Option<&Shipment> {
        usize::from(n).checked_sub(1).and_then(|i| self.body.shipments.get(i))
    }
}
