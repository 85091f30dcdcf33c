//! The hub's asking of systems for what they did not post. A cursor moves only when every message of its page is on
//! disk, as in the real driver; a process that dies forgets where it stood and asks from the beginning.

use crate::canonical::SYSTEMS;
use crate::run::Run;
use crate::vendors::BASE;
use hub::io::{Input, Received, Reply, Understood};
use link::{Answer, Polled};
use lookalikes::Request;
use wiring::Wired;

/// How long the hub waits between two questions to a system while there is trade.
const PAUSE_MS: i64 = 600_000;

/// One question that is put again and again.
#[derive(Debug)]
pub struct Asking {
    connection: String,
    poll: String,
    /// When it is put next; none once all faults are over and the system has listed everything.
    at: Option<i64>,
    cursor: Option<String>,
    page: Option<Page>,
    /// Whether the question was put after the last fault.
    last: bool,
}

/// A page whose messages are on their way to disk.
#[derive(Debug)]
struct Page {
    cursor: Option<String>,
    more: bool,
    owed: u32,
}

/// Every question that the estate's connections want put.
pub fn asking(wired: &Wired) -> Vec<Asking> {
    let connections = wired.connections.iter();
    connections
        .flat_map(|(name, known)| {
            known.connector.polls_for(&known.endpoint).into_iter().map(move |p| (name, p.0))
        })
        .map(|(connection, poll)| Asking {
            connection: connection.clone(),
            poll: poll.to_owned(),
            at: None,
            cursor: None,
            page: None,
            last: false,
        })
        .collect()
}

/// The questions put to canonical vendors: each lists its events.
pub fn asking_plainly() -> Vec<Asking> {
    SYSTEMS
        .into_iter()
        .map(|system| Asking {
            connection: system.as_str().to_owned(),
            poll: "events".to_owned(),
            at: None,
            cursor: None,
            page: None,
            last: false,
        })
        .collect()
}

impl Run {
    /// A process begins: it knows no cursor and asks soon.
    pub fn ask_anew(&mut self) {
        for n in 0..self.asking.len() {
            let at = self.now + self.chance.between(1, PAUSE_MS);
            if let Some(asking) = self.asking.get_mut(n) {
                (asking.at, asking.cursor, asking.page) = (Some(at), None, None);
            }
        }
        self.asked.clear();
        self.told.clear();
    }

    /// When the next question is put.
    pub fn next_question(&self) -> Option<i64> {
        self.asking.iter().filter(|a| a.page.is_none()).filter_map(|a| a.at).min()
    }

    /// Whether every system has been asked since the last fault and has nothing more to say.
    pub fn all_asked(&self) -> bool {
        self.asking.iter().all(|a| a.last && a.at.is_none() && a.page.is_none())
    }

    /// The last fault is over: every system is asked once more.
    pub fn ask_for_the_last_time(&mut self) {
        for asking in &mut self.asking {
            asking.at = Some(self.now);
            asking.last = false;
        }
    }

    /// Puts every question that is due.
    pub fn ask(&mut self) {
        for n in 0..self.asking.len() {
            let due =
                self.asking.get(n).is_some_and(|a| a.page.is_none() && a.at.is_some_and(|at| at <= self.now));
            if due && self.up() {
                self.question(n);
            } else if due {
                self.later(n);
            }
        }
    }

    pub fn later(&mut self, n: usize) {
        let pause = if self.calm { 1_000 } else { self.chance.between(1, PAUSE_MS) };
        if let Some(asking) = self.asking.get_mut(n) {
            asking.page = None;
            asking.at = Some(self.now + pause);
        }
    }

    fn question(&mut self, n: usize) {
        let calm = self.calm;
        let Some(asking) = self.asking.get_mut(n) else { return };
        asking.last = calm;
        let (connection, poll, cursor) =
            (asking.connection.clone(), asking.poll.clone(), asking.cursor.clone());
        if self.setup.canonical {
            self.question_plainly(n, &connection, cursor.as_deref());
            return;
        }
        let Some(known) = self.wired.connections.get(&connection).cloned() else { return };
        let request = match known.connector.poll(&poll, cursor.as_deref(), &known.endpoint, self.clock()) {
            Ok(request) => request,
            Err(why) => {
                self.failures.push(format!("{connection} cannot be asked: {why}"));
                return;
            }
        };
        let path = request.url.strip_prefix(BASE).unwrap_or(&request.url).to_owned();
        let asked =
            Request { method: request.method.to_owned(), path, headers: request.headers, body: request.body };
        let response = self.handle(&asked);
        let slow = i64::try_from(response.wait_ms).unwrap_or(i64::MAX) > request.timeout.0;
        let answer = if response.lost || slow || self.chance.strikes(self.faults.answer_lost) {
            Answer::Lost { why: "simulated: cut".to_owned() }
        } else {
            let headers = response.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            Answer::Response { status: response.status, headers: headers.collect(), body: response.body }
        };
        match known.connector.polled(&poll, cursor.as_deref(), &known.endpoint, self.clock(), answer) {
            Polled::Failed { why, .. } => {
                self.mark("poll_failed");
                self.note(|| format!("asked {connection} {poll}: {why}"));
                self.later(n);
            }
            Polled::Page { messages, cursor, more } => {
                self.note(|| format!("asked {connection} {poll}: {} messages", messages.len()));
                self.page(n, cursor, more);
                for message in messages {
                    let now = self.clock();
                    let Some((key, understood)) = wiring::polled(&self.wired, &connection, &message, now)
                    else {
                        continue;
                    };
                    let headers = wiring::kept_headers(&message.headers);
                    self.found(n, &connection, &key, &headers, &message.body, understood);
                }
                self.page_done(n);
            }
        }
    }

    /// A page has come.
    pub fn page(&mut self, n: usize, cursor: Option<String>, more: bool) {
        if let Some(asking) = self.asking.get_mut(n) {
            asking.page = Some(Page { cursor, more, owed: 0 });
        }
    }

    /// A message of a page.
    pub fn found(
        &mut self,
        n: usize,
        connection: &str,
        key: &str,
        headers: &str,
        body: &[u8],
        understood: Understood,
    ) {
        self.mark("listed");
        for (part, understood) in wiring::split(&self.wired.flows, understood, self.setup.parts) {
            self.token += 1;
            self.asked.insert(self.token, n);
            self.told.insert(self.token, (part, connection.to_owned(), key.to_owned()));
            if let Some(page) = self.asking.get_mut(n).and_then(|a| a.page.as_mut()) {
                page.owed += 1;
            }
            let received = Received {
                token: Some(self.token),
                stored: None,
                connection: connection.to_owned(),
                key: key.to_owned(),
                headers: headers.to_owned(),
                body: body.to_owned(),
                understood,
                reopened: Vec::new(),
            };
            self.give(part, Input::Received(Box::new(received)));
        }
    }

    /// The hub has a message of a page on disk, or has no room for it.
    pub fn page_reply(&mut self, n: usize, reply: &Reply) {
        if *reply != Reply::Taken {
            self.later(n);
            return;
        }
        if let Some(page) = self.asking.get_mut(n).and_then(|a| a.page.as_mut()) {
            page.owed = page.owed.saturating_sub(1);
        }
        self.page_done(n);
    }

    pub fn page_done(&mut self, n: usize) {
        let Some(asking) = self.asking.get_mut(n) else { return };
        let Some(page) = asking.page.take_if(|page| page.owed == 0) else { return };
        let moved = page.cursor.is_some() && page.cursor != asking.cursor;
        asking.cursor = page.cursor.or(asking.cursor.take());
        if page.more && moved {
            asking.at = Some(self.now);
        } else if self.calm && asking.last {
            asking.at = None;
        } else {
            self.later(n);
        }
    }
}
