//! How many calls a second the look-alikes answer: `cargo run --release -p lookalikes --example load -- [calls]`.
//! Callers and servers share the machine, so the figure is a lower bound.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use lookalikes::{WorldConfig, serve};
use std::error::Error;
use std::future::pending;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};

type Failed = Box<dyn Error + Send + Sync>;

const CALLERS: usize = 16;
const LINES: usize = 24;

/// A sales order of 24 lines, 2.6 KB.
fn sales_order(id: &str) -> String {
    let lines: Vec<String> = (0..LINES)
        .map(|n| {
            format!(
                r#"{{"line":"{n}","sku":"SKU-{n}","kind":"goods","quantity":6,"unit_price":"2.55","amount":1530,"tax":255}}"#
            )
        })
        .collect();
    format!(
        r#"{{"id":"{id}","number":"{id}","placed_at":"2011-10-10T08:00:00Z","currency":"GBP","lines":[{}],"total":36720}}"#,
        lines.join(",")
    )
}

async fn caller(address: String, name: usize, calls: usize) -> Result<(), Failed> {
    let stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut line, connection) = handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    for n in 0..calls {
        let id = format!("shop-{name}-{n}");
        let request = hyper::Request::put(format!("/erp/sales-orders/{id}"))
            .header("host", &address)
            .header("authorization", "Bearer lab-erp")
            .body(Full::new(Bytes::from(sales_order(&id))))?;
        let answer = line.send_request(request).await?;
        if answer.status() != 200 {
            return Err(format!("{id} was answered {}", answer.status()).into());
        }
        answer.into_body().collect().await?;
    }
    drop(line);
    driver.await??;
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let calls: usize = std::env::args().nth(1).map_or(Ok(50_000), |text| text.parse())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let server = tokio::spawn(serve(listener, WorldConfig::default(), pending()));
    let started = Instant::now();
    let callers: Vec<_> =
        (0..CALLERS).map(|name| tokio::spawn(caller(address.clone(), name, calls / CALLERS))).collect();
    for caller in callers {
        caller.await??;
    }
    let taken = started.elapsed();
    server.abort();
    let done = calls / CALLERS * CALLERS;
    let rate = u128::try_from(done)? * 1_000_000 / taken.as_micros().max(1);
    println!("{done} sales orders of {LINES} lines in {} ms: {rate} a second", taken.as_millis());
    Ok(())
}
