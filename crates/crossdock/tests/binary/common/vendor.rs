//! A vendor that answers as it is told and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the vendor was asked: method and path, and the key that makes it happen once.
pub type Asked = (String, String);

#[derive(Debug)]
struct Desk {
    status: u16,
    asked: Vec<Asked>,
}

/// A server on a free port. It serves until the test's process ends.
#[derive(Clone, Debug)]
pub struct Vendor {
    pub url: String,
    desk: Arc<Mutex<Desk>>,
}

impl Vendor {
    /// Starts one that answers everything with `status`.
    pub fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let vendor = Self { url, desk: Arc::new(Mutex::new(Desk { status, asked: Vec::new() })) };
        let serving = vendor.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (vendor, stream) = (serving.clone(), stream.unwrap());
                std::thread::spawn(move || vendor.serve(stream).unwrap_or_default());
            }
        });
        vendor
    }

    /// From now on it answers with `status`.
    pub fn say(&self, status: u16) {
        self.desk.lock().unwrap().status = status;
    }

    /// All that it was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.desk.lock().unwrap().asked.clone()
    }

    /// One request a connection. The hub breaking off is no concern of a vendor.
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let (mut first, mut length, mut key) = (String::new(), 0, String::new());
        reader.read_line(&mut first).ok()?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "idempotency-key" => value.clone_into(&mut key),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let what = first.rsplit_once(" HTTP/").map_or(first.trim(), |(what, _)| what).to_owned();
        let status = {
            let mut desk = self.desk.lock().unwrap();
            desk.asked.push((what, key));
            desk.status
        };
        let said = r#"{"ref":"SO-1","total":1530,"code":"no","message":"not now"}"#;
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", said.len());
        (&stream).write_all(format!("{head}{said}").as_bytes()).ok()
    }
}
