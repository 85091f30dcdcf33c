//! A client that sends exactly what it is told, one connection a request, and reads the answer whole.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    /// Its body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {}", self.body))
    }

    /// The stable code in its body.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// Header names and values.
pub type Headers = Vec<(String, String)>;

/// Sends a request with a body of known length.
pub fn send(url: &str, method: &str, path: &str, headers: &Headers, body: &[u8]) -> std::io::Result<Answer> {
    let mut headers = headers.clone();
    headers.push(("content-length".to_owned(), body.len().to_string()));
    exchange(url, method, path, &headers, body)
}

/// Sends a head and what follows it as they are, and reads the answer until the server closes.
pub fn exchange(
    url: &str,
    method: &str,
    path: &str,
    headers: &Headers,
    rest: &[u8],
) -> std::io::Result<Answer> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address)?;
    // Far beyond what a loaded machine needs; a hub that is gone answers with an error at once.
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(rest)?;
    let mut said = Vec::new();
    stream.read_to_end(&mut said)?;
    read(&said).ok_or_else(|| std::io::Error::other("the connection ended before the answer did"))
}

/// An answer as the hub writes them: with a length, never in chunks.
fn read(said: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(said);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let head = head.to_ascii_lowercase();
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    (body.len() == length).then(|| Answer { status, body: body.to_owned() })
}
