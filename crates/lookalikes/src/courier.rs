//! Carries webhooks to the hub over connections that are kept open.

use crate::base::queue::Delivery;
use crate::base::system::System;
use crate::serve::now;
use crate::world::{World, lock};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// Shopify waits 5 s in all for an answer (vendors' facts); a lab waits longer, for a hub under a debugger.
const PATIENCE: Duration = Duration::from_secs(15);

type Line = SendRequest<Full<Bytes>>;

/// Open connections to one hub.
#[derive(Debug, Default)]
struct Lines {
    address: Mutex<String>,
    open: Mutex<Vec<Line>>,
}

/// Wakes the couriers of each system.
#[derive(Debug, Default)]
pub(crate) struct Bells([Notify; System::ALL.len()]);

impl Bells {
    /// Something may be due in a system.
    pub(crate) fn ring(&self, system: System) {
        if let Some(bell) = self.0.get(system as usize) {
            bell.notify_one();
        }
    }

    pub(crate) fn ring_all(&self) {
        System::ALL.into_iter().for_each(|system| self.ring(system));
    }

    async fn wait(&self, system: System) {
        if let Some(bell) = self.0.get(system as usize) {
            bell.notified().await;
        }
    }
}

/// Why a delivery got no answer.
type Broken = Box<dyn std::error::Error + Send + Sync>;

impl Lines {
    /// `host:port` of the hub's base address. Connections to another hub than before are given up.
    fn address(&self, hub: &str) -> String {
        let address = hub.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let mut last = lock(&self.address);
        if *last != address {
            last.clone_from(&address);
            lock(&self.open).clear();
        }
        address
    }

    async fn line(&self, address: &str) -> Result<Line, Broken> {
        loop {
            let Some(mut line) = lock(&self.open).pop() else { break };
            // An error: the hub has closed it meanwhile.
            if line.ready().await.is_ok() {
                return Ok(line);
            }
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (line, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // A connection that breaks shows as a failed delivery, which is sent again.
            drop(connection.await);
        });
        Ok(line)
    }

    async fn post(&self, hub: &str, delivery: &Delivery) -> Result<u16, Broken> {
        let address = self.address(hub);
        let mut line = self.line(&address).await?;
        let mut request = hyper::Request::post(&delivery.url_path).header("host", &address);
        for (name, value) in &delivery.headers {
            request = request.header(*name, value);
        }
        let answer = line.send_request(request.body(Full::new(delivery.body.clone()))?).await?;
        let status = answer.status().as_u16();
        answer.into_body().collect().await?;
        lock(&self.open).push(line);
        Ok(status)
    }
}

/// Delivers one system's webhooks until it is dropped.
pub(crate) async fn carry(world: Arc<World>, bells: Arc<Bells>, system: System) {
    let lines = Arc::new(Lines::default());
    loop {
        let deliveries = world.due_of(system, now());
        if matches!(system, System::WmsNorth | System::WmsSouth) {
            // What it ships is the carrier's from here on.
            bells.ring(System::Carrier);
        }
        if !deliveries.is_empty() {
            let hub: Arc<str> = world.hub().into();
            for delivery in deliveries {
                let (world, bells) = (Arc::clone(&world), Arc::clone(&bells));
                let (lines, hub) = (Arc::clone(&lines), Arc::clone(&hub));
                tokio::spawn(async move {
                    let answer = timeout(PATIENCE, lines.post(&hub, &delivery)).await;
                    let status = answer.ok().and_then(Result::ok);
                    world.delivered(delivery.id, now(), status);
                    bells.ring(system);
                });
            }
        }
        match world.next_due_of(system) {
            None => bells.wait(system).await,
            Some(due) => {
                let pause = u64::try_from(due.saturating_sub(now())).unwrap_or(0);
                if pause > 0 {
                    tokio::select! {
                        () = sleep(Duration::from_millis(pause)) => {}
                        () = bells.wait(system) => {}
                    }
                }
            }
        }
    }
}
