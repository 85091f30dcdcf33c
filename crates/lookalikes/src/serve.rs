//! The world behind HTTP/1: the one place of this crate with a clock, sockets and tasks.

use crate::base::http::Request;
use crate::base::system::System;
use crate::config::WorldConfig;
use crate::courier::{Bells, carry};
use crate::world::World;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Why the world could not go on listening.
#[derive(Debug)]
pub enum ServeError {
    /// The listener failed; the address may be gone.
    Accept(std::io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept(_) => f.write_str("the look-alikes' listener takes no more connections"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Accept(e) => Some(e),
        }
    }
}

/// The real clock, in milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Why a request ends without an answer: the bad habit `lost`, or a request that broke off.
#[derive(Debug)]
enum Cut {
    Lost,
    Broken(hyper::Error),
    Answer(hyper::http::Error),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("the answer is lost on purpose"),
            Self::Broken(_) => f.write_str("the request broke off"),
            Self::Answer(_) => f.write_str("the answer could not be put together"),
        }
    }
}

impl std::error::Error for Cut {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Lost => None,
            Self::Broken(e) => Some(e),
            Self::Answer(e) => Some(e),
        }
    }
}

/// Headers that some system reads; the rest need no copy.
const HEADERS: [&str; 4] = ["authorization", "idempotency-key", "content-type", "x-shopify-access-token"];

async fn answer(
    world: &World,
    bells: &Bells,
    ended: &Notify,
    incoming: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Cut> {
    let (head, body) = incoming.into_parts();
    let body = body.collect().await.map_err(Cut::Broken)?.to_bytes();
    let headers = HEADERS
        .iter()
        .filter_map(|name| {
            let value = head.headers.get(*name)?;
            Some(((*name).to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        })
        .collect();
    let path = head.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let request = Request { method: head.method.as_str().to_owned(), path, headers, body: body.into() };
    let response = world.handle(now(), &request);
    if request.method != "GET" {
        let prefix = request.path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        System::parse(prefix).map_or_else(|| bells.ring_all(), |system| bells.ring(system));
    }
    if world.stopping() {
        ended.notify_one();
    }
    if response.wait_ms > 0 {
        sleep(Duration::from_millis(response.wait_ms)).await;
    }
    if response.lost {
        return Err(Cut::Lost);
    }
    let mut out = hyper::Response::builder().status(response.status);
    for (name, value) in response.headers {
        out = out.header(name, value);
    }
    out.body(Full::new(Bytes::from(response.body))).map_err(Cut::Answer)
}

async fn converse(
    stream: TcpStream,
    world: Arc<World>,
    bells: Arc<Bells>,
    ended: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(|request| {
        let (world, bells, ended) = (Arc::clone(&world), Arc::clone(&bells), Arc::clone(&ended));
        async move { answer(&world, &bells, &ended, request).await }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service)
    );
    // An error here is a caller that went away, or an answer that was lost on purpose: both end the connection, and
    // there is nobody to tell.
    tokio::select! {
        ended = connection.as_mut() => drop(ended),
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }
}

/// Serves the world on a listener and delivers its webhooks to `config.hub`, until `stop` is ready or
/// `/_lab/stop` is called. Answers that are being written then have two seconds.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    config: WorldConfig,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let world = Arc::new(World::new(config));
    let bells = Arc::new(Bells::default());
    let ended = Arc::new(Notify::new());
    let (stopper, stopped) = watch::channel(false);
    let mut couriers = JoinSet::new();
    for system in System::ALL {
        couriers.spawn(carry(Arc::clone(&world), Arc::clone(&bells), system));
    }
    let mut talks = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            () = ended.notified() => break,
            Some(_) = talks.join_next(), if !talks.is_empty() => {}
            taken = listener.accept() => match taken {
                Ok((stream, _)) => {
                    // Small answers must not wait for more; where it cannot be set they are only slower.
                    stream.set_nodelay(true).unwrap_or_default();
                    let (world, bells, ended) = (Arc::clone(&world), Arc::clone(&bells), Arc::clone(&ended));
                    talks.spawn(converse(stream, world, bells, ended, stopped.clone()));
                }
                // Out of descriptors or a caller gone before it was taken: both pass.
                Err(e) if passes(&e) => sleep(Duration::from_millis(20)).await,
                Err(e) => return Err(ServeError::Accept(e)),
            }
        }
    }
    drop(listener);
    stopper.send_replace(true);
    let all = async { while talks.join_next().await.is_some() {} };
    timeout(Duration::from_secs(2), all).await.unwrap_or_default();
    couriers.shutdown().await;
    Ok(())
}

fn passes(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    // EMFILE and ENFILE have no kind of their own.
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
        || matches!(error.raw_os_error(), Some(23 | 24))
}
