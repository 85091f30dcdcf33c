//! Sends what a connector run asks for and hands the answers back to it.

use super::clock;
use super::lease::Lease;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hub::io::{Dispatch, Mode};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use link::{Answer, HttpRequest, Next};
use retail::envelope::Outcome;
use retail::time::Span;
use std::sync::Arc;
use std::time::Duration;
use wiring::Wired;

/// The largest answer that is read.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// One pool of connections for all systems.
#[derive(Clone, Debug)]
pub struct Senders {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    wired: Arc<Wired>,
    /// Without it nothing is sent; none where nothing is sent for a partition.
    lease: Option<Arc<Lease>>,
}

impl Senders {
    pub fn new(wired: Arc<Wired>, lease: Option<Arc<Lease>>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        // Whether an address may be plain HTTP is the estate's choice; the roots are Mozilla's.
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .build(connector);
        Self { client, wired, lease }
    }

    /// One attempt at a command, from the first call to the last; and how long the system wants to be left alone.
    pub async fn attempt(&self, dispatch: Dispatch) -> (Outcome, Option<Span>) {
        let Some(connection) = self.wired.connections.get(&dispatch.system) else {
            let message = format!("the estate has no connection {}", dispatch.system);
            return (Outcome::Fault { code: "no_connection".to_owned(), message }, None);
        };
        let mode = match dispatch.mode {
            Mode::First => link::Mode::First,
            Mode::Find => link::Mode::Find,
        };
        let started =
            connection.connector.start(&dispatch.command, mode, &connection.endpoint, dispatch.renewed);
        let mut run = match started {
            Ok(run) => run,
            Err(outcome) => return (outcome, None),
        };
        let mut answer = None;
        loop {
            match run.next(answer.take(), clock::now()) {
                Next::Done(outcome) => return (outcome, run.pause()),
                Next::Send(request) => answer = Some(self.call(request).await),
            }
        }
    }

    /// One exchange.
    pub async fn call(&self, asked: HttpRequest) -> Answer {
        if self.lease.as_ref().is_some_and(|lease| !lease.holds()) {
            return Answer::NotSent { why: "the lease of the partitions has run out".to_owned() };
        }
        let pause = Duration::from_millis(asked.timeout.0.unsigned_abs());
        let request = match build(asked) {
            Ok(request) => request,
            Err(why) => return Answer::NotSent { why },
        };
        match tokio::time::timeout(pause, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Answer::Lost { why: format!("no answer within {} ms", pause.as_millis()) },
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = match self.client.request(request).await {
            Ok(response) => response,
            // Only a connection that was never made proves that nothing was sent.
            Err(error) if error.is_connect() => return Answer::NotSent { why: chain(&error) },
            Err(error) => return Answer::Lost { why: chain(&error) },
        };
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        match Limited::new(response.into_body(), ANSWER_MAX).collect().await {
            Ok(body) => {
                let body = link::mask_cards(&body.to_bytes()).into_owned();
                Answer::Response { status, headers, body }
            }
            Err(error) => Answer::Lost { why: format!("the answer broke off: {error}") },
        }
    }
}

fn build(asked: HttpRequest) -> Result<Request<Full<Bytes>>, String> {
    let uri: Uri = asked.url.parse().map_err(|error| format!("{} is no address: {error}", asked.url))?;
    let method = Method::from_bytes(asked.method.as_bytes()).map_err(|error| error.to_string())?;
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(asked.body))).map_err(|error| error.to_string())
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
