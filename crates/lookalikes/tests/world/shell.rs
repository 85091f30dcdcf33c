use crate::shop::order;
use lookalikes::{WorldConfig, serve};
use serde_json::{Value, json};
use std::future::pending;
use std::io::{Read, Write};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, spawn_blocking};

/// One call over a connection of its own; none where the connection was cut without an answer.
fn ask(address: &str, method: &str, path: &str, token: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text.get(9..12)?.parse().ok()?;
    let (_, rest) = text.split_once("\r\n\r\n")?;
    Some((status, rest.to_owned()))
}

async fn call(
    address: &str,
    method: &'static str,
    path: &str,
    token: &'static str,
    body: String,
) -> Option<(u16, String)> {
    let (address, path) = (address.to_owned(), path.to_owned());
    spawn_blocking(move || ask(&address, method, &path, token, &body)).await.unwrap()
}

async fn started(change: impl FnOnce(&mut WorldConfig)) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut config = WorldConfig::default();
    change(&mut config);
    let served = tokio::spawn(async move { serve(listener, config, pending()).await.unwrap() });
    (address, served)
}

/// A hub that refuses the first webhook of each connection's life and takes the others: gives back what it got.
async fn hub(count: usize) -> (String, JoinHandle<Vec<(String, Vec<u8>)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let mut got = Vec::new();
        let mut refused = false;
        let (mut stream, _) = listener.accept().await.unwrap();
        while got.len() < count {
            let (head, body) = read(&mut stream).await;
            let status = if refused { "204 No Content" } else { "503 Service Unavailable" };
            stream
                .write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())
                .await
                .unwrap();
            if refused {
                got.push((head, body));
            }
            refused = true;
        }
        got
    });
    (address, task)
}

async fn read(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0u8; 4096];
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "the connection is to be kept open");
        bytes.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize = head
            .lines()
            .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned))
            .unwrap()
            .parse()
            .unwrap();
        if bytes.len() >= head.len() + 4 + length {
            return (head.to_owned(), bytes[head.len() + 4..].to_vec());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_go_to_the_hub_one_after_the_other_over_one_connection() {
    let (hub, got) = hub(3).await;
    let (address, served) = started(|c| {
        c.hub = format!("http://{hub}");
        c.shop.link.ordered = true;
    })
    .await;
    let body = json!({"orders": [order("1"), order("2"), order("3")]}).to_string();
    let (status, text) = call(&address, "POST", "/shop/_lab/orders", "", body).await.unwrap();
    assert_eq!(status, 200, "{text}");
    let got = got.await.unwrap();
    let ids: Vec<Value> =
        got.iter().map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap()["id"].clone()).collect();
    assert_eq!(ids, [json!(1), json!(2), json!(3)]);
    assert!(got[0].0.starts_with("POST /in/shop HTTP/1.1"), "{}", got[0].0);
    // The last 204 may still be on its way back.
    for _ in 0..200 {
        let (_, text) = call(&address, "GET", "/_lab/idle", "", String::new()).await.unwrap();
        let idle: Value = serde_json::from_str(&text).unwrap();
        if idle["pending"] == 0 && idle["in_flight"] == 0 {
            let (status, _) = call(&address, "POST", "/_lab/stop", "", String::new()).await.unwrap();
            assert_eq!(status, 200);
            tokio::time::timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the queue never became idle");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_cuts_the_connection_after_the_deed() {
    let (address, served) = started(|c| c.erp.habits.lost_after = 1000).await;
    let memo =
        json!({"reference": "r", "order": "o", "currency": "GBP", "total": 1, "lines": []}).to_string();
    assert_eq!(call(&address, "POST", "/erp/credit-memos", "wrong", memo.clone()).await.unwrap().0, 401);
    assert_eq!(call(&address, "POST", "/erp/credit-memos", "lab-erp", memo).await, None);
    let (status, ledger) =
        call(&address, "GET", "/erp/_ledger?after=0&limit=5", "", String::new()).await.unwrap();
    assert_eq!((status, ledger.lines().count()), (200, 1));
    served.abort();
}
