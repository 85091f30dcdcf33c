//! The HTTP server: intake for systems, a small API for people and programs.

use super::inflate::{Packed, gunzip};
use super::intake::{self, Verdict};
use super::partition::Waiting;
use super::{Running, lock};
use crate::api;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// The largest message that is taken in: an order of 2,000 lines is well below it.
const BODY_MAX: usize = 8 * 1024 * 1024;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

pub type Answer = Response<Full<Bytes>>;

/// What every request can reach.
pub struct Door {
    pub running: Arc<Running>,
    pub waiting: Vec<Arc<Mutex<Waiting>>>,
}

/// Serves until the hub stops.
pub async fn serve(listener: TcpListener, door: Arc<Door>) {
    let running = Arc::clone(&door.running);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            () = running.stop.notified() => return,
        };
        let stream = match stream {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Usually too many open files: those under way must end first.
                eprintln!("crossdock: a connection was not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let door = Arc::clone(&door);
                async move { Ok::<_, Infallible>(route(&door, request).await) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(ARRIVAL)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if served.is_err() {
                // The peer broke off or sent no HTTP; it has been told what can be told.
            }
        });
    }
}

async fn route(door: &Door, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    if let Some(connection) = path.strip_prefix("/in/") {
        if request.method() != Method::POST {
            return refuse(405, "method", "messages come by POST");
        }
        return take(door, connection, &path, request).await;
    }
    if path == "/health" {
        return json(200, b"{\"live\":true}".to_vec());
    }
    match path.strip_prefix("/v1/") {
        Some(rest) => api::answer(door, rest, request).await,
        None => refuse(404, "not_found", "there is nothing here"),
    }
}

async fn take(door: &Door, connection: &str, path: &str, request: Request<Incoming>) -> Answer {
    if lock(&door.running.failed).is_some() {
        return refuse(503, "stopping", "the hub is stopping; send it again");
    }
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if declared.is_some_and(|n: usize| n > BODY_MAX) {
        return refuse(413, "too_large", "a message may have 8 MiB");
    }
    let packed = match encoding(request.headers()) {
        Ok(packed) => packed,
        Err(name) => {
            return refuse(415, "encoded", &format!("messages are taken plain or as gzip, not as {name}"));
        }
    };
    let (parts, body) = request.into_parts();
    let body = match arrived(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let plain = match packed.then(|| gunzip(&body, BODY_MAX)) {
        None => None,
        Some(Ok(plain)) => Some(plain),
        Some(Err(Packed::TooLarge)) => {
            return refuse(413, "too_large", "a message may have 8 MiB once it is unpacked");
        }
        Some(Err(Packed::Broken(why))) => {
            return refuse(400, "broken", &format!("the gzip cannot be unpacked: {why}"));
        }
    };
    let headers = parts
        .headers
        .iter()
        .filter(|(name, _)| **name != CONTENT_ENCODING)
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let verdict =
        intake::take(&door.running, &door.waiting, connection, path, headers, intake::Sent { body, plain })
            .await;
    answer(&verdict)
}

/// A whole body, of bounded size and time, or why it is not taken.
pub async fn arrived(body: Incoming) -> Result<Vec<u8>, Answer> {
    match tokio::time::timeout(ARRIVAL, Limited::new(body, BODY_MAX).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes().to_vec()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => {
            Err(refuse(413, "too_large", "a message may have 8 MiB"))
        }
        Ok(Err(_)) => Err(refuse(400, "broken", "the message broke off")),
        Err(_) => Err(refuse(408, "slow", "the message did not arrive in time")),
    }
}

/// Whether the body is packed as gzip; anything else but plain is named.
fn encoding(headers: &hyper::HeaderMap) -> Result<bool, String> {
    let mut packed = false;
    for value in headers.get_all(CONTENT_ENCODING) {
        match &*String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase() {
            "gzip" | "x-gzip" if !packed => packed = true,
            "identity" => {}
            other => return Err(other.to_owned()),
        }
    }
    Ok(packed)
}

fn answer(verdict: &Verdict) -> Answer {
    let body = serde_json::json!({ "code": verdict.code, "message": verdict.message });
    let mut answer = json(verdict.status, body.to_string().into_bytes());
    if verdict.status == 503 {
        answer.headers_mut().insert(RETRY_AFTER, hyper::header::HeaderValue::from_static("1"));
    }
    answer
}

/// A JSON answer.
pub fn json(status: u16, body: Vec<u8>) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    answer
}

/// A refusal with a stable code.
pub fn refuse(status: u16, code: &str, message: &str) -> Answer {
    json(status, serde_json::json!({ "code": code, "message": message }).to_string().into_bytes())
}
