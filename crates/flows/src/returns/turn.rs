//! One turn of a return while it is being decided.

use super::state::{Body, Doc, Line};
use crate::messages::Checked;
use crate::out::{Out, Res, To};
use crate::pending::Pending;
use crate::policy::{Policy, ReturnPolicy};
use books::Posting;
use hub::process::Fault;
use retail::envelope::{Class, Name};
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

pub(super) struct Turn<'a> {
    pub policy: &'a Policy,
    pub name: &'a Name,
    pub now: Time,
    /// When what is being decided happened.
    pub occurred: Time,
    /// What is known of it by now.
    pub doc: Arc<Doc>,
    /// What it was opened with.
    pub first: Arc<Doc>,
    pub body: Body,
    pub out: Out,
}

impl<'a> Turn<'a> {
    pub const fn rma(&self) -> &'a str {
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

    pub fn same(&self, rma: &str) -> Res {
        if rma == self.name.value {
            return Ok(());
        }
        let why = format!("it says {rma:?} and came under the name of {:?}", self.name.value);
        Err(Fault::new("return_differs", why))
    }

    /// Notes where the rules sent an order, and under which settings it was placed.
    pub fn placed_under(&mut self, order: u16, answer: &Checked) {
        if self.body.routes.is_empty() {
            self.body.routes.clone_from(&answer.routes);
            self.out.routes.clone_from(&answer.routes);
        }
        if answer.revision > 0 && !self.body.revisions.iter().any(|r| r.0 == order) {
            self.body.revisions.push((order, answer.revision));
        }
    }

    /// What was promised when the order was placed.
    pub fn promised(&self, order: u16) -> &'a ReturnPolicy {
        let revision = self.body.revisions.iter().find(|r| r.0 == order).map_or(0, |r| r.1);
        self.policy.promised(revision)
    }

    /// The position of a line that somebody named, unless nobody requested it.
    pub fn line(&self, id: &str) -> Option<u16> {
        self.doc.lines.iter().position(|l| l.id == id).and_then(|i| u16::try_from(i).ok())
    }

    /// The position of a line as a warehouse calls it: by its name, or by what it was called before it was requested.
    /// A warehouse may call two SKUs by one name; each is the line that is of it, where there is one.
    pub fn arrived(&self, line: &str, sku: &str) -> Option<u16> {
        let named = self.line(line);
        let fits = |i: &u16| self.body.sku(&self.doc, *i).is_none_or(|known| known == sku);
        let also = |l: &Line| l.also.as_deref() == Some(line) && l.sku.as_deref() == Some(sku);
        let called = || self.doc.lines.iter().position(also).and_then(|i| u16::try_from(i).ok());
        named.filter(fits).or_else(called).or(named)
    }

    /// What was requested of a line.
    pub fn wish(&self, line: u16) -> Option<&Line> {
        self.doc.lines.get(usize::from(line))
    }

    /// The same, to be changed: more has become known.
    pub fn learn(&mut self, line: u16) -> Option<&mut Line> {
        Arc::make_mut(&mut self.doc).lines.get_mut(usize::from(line))
    }

    /// Orders a command about this return and remembers that its end is to be heard.
    pub fn command<T: Serialize>(
        &mut self,
        (role, at): (&'static str, &str),
        op: &str,
        id: &str,
        args: &T,
    ) -> Res {
        let object = format!("return/{}", self.name.value);
        let class = if role == "returns" { Class::Status } else { Class::Fulfilment };
        let key = self.out.command(To { role, at, object: &object, class }, op, id, args)?;
        self.body.pending.insert(key, Pending::Sent);
        Ok(())
    }

    /// A message to an order.
    pub fn order<T: Serialize>(&mut self, order: u16, kind: &'static str, data: &T) -> Res {
        let id = self.body.orders.get(usize::from(order)).map_or("", |o| o.0.as_str());
        self.out.tell(&self.name.tenant, ("order", id), kind, data)
    }
}
