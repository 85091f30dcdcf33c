//! Where customer service works: cases that are opened and closed.

use super::{idle, same, vendor};
use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::system::System;
use crate::config::WorldConfig;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The state of the service desk.
#[derive(Debug)]
pub(crate) struct Service {
    desk: Desk,
    /// By note: whether it is still open.
    cases: BTreeMap<Box<str>, bool>,
}

#[derive(Deserialize)]
struct Note {
    id: String,
    about: String,
    #[serde(default)]
    order: String,
    code: String,
    #[serde(default)]
    cause: String,
    #[serde(default)]
    next_step: String,
    state: String,
}

impl Service {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        let desk = Desk::new(System::Service, config);
        Self { desk, cases: BTreeMap::new() }
    }

    fn note(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let path = call.path();
        let ("PUT", ["case-notes", id, state]) = (call.method, path.as_slice()) else {
            return Err(Response::not_found("cases are noted by PUT /case-notes/{id}/{state}"));
        };
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let note: Note = call.json()?;
        same(id, &note.id)?;
        same(state, &note.state)?;
        let kind = match (note.state.as_str(), self.cases.get(*id)) {
            ("opened", None) if note.cause.is_empty() || note.next_step.is_empty() => {
                let why = "a case is opened with its cause and next step";
                return Err(Response::refuse(422, "missing_member", why));
            }
            ("opened", None) => Kind::CaseOpened,
            ("closed", Some(true)) => Kind::CaseClosed,
            ("closed", _) => {
                return Err(Response::refuse(409, "not_open", &format!("there is no open case '{id}'")));
            }
            _ => return Err(Response::refuse(422, "unknown_state", "a case is opened, then closed")),
        };
        self.cases.insert((*id).into(), kind == Kind::CaseOpened);
        let head =
            Head { reference: id, order: &note.order, id: &note.about, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).worded(kind, &note.code, None);
        Ok(self.desk.written.done(call, "CASE", None))
    }
}

impl Vendor for Service {
    vendor!(note);
    idle!();
}
