//! A small HTTP/1.1 client of its own for systems' ledgers: plain TCP, one request a connection, the answer read as a
//! stream of lines, so that a ledger of any length needs no memory.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Take, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Rows asked for at a time.
const PAGE: u64 = 50_000;
/// The longest that a system may be silent.
const PATIENCE: Duration = Duration::from_secs(60);
/// A longer line than this is no ledger row and no header.
const LONGEST: u64 = 1 << 20;

/// Why a ledger could not be fetched.
#[derive(Debug)]
pub enum FetchError {
    /// The address is not `http://host:port/prefix`.
    Address(String),
    /// The connection failed; what was being done.
    Io(String, std::io::Error),
    /// The system answered with another status than 200.
    Status(String, u16),
    /// The answer is not HTTP, or not JSON lines.
    Garbled(String, String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(url) => {
                write!(f, "{url:?} is no address of a ledger; write http://host:port/system")
            }
            Self::Io(url, e) => write!(f, "{url}: {e}; is the system running?"),
            Self::Status(url, status) => write!(f, "{url} answered {status}; check the token and the path"),
            Self::Garbled(url, why) => write!(f, "{url}: {why}; a ledger answers JSON lines over HTTP/1.1"),
        }
    }
}

impl std::error::Error for FetchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, e) => Some(e),
            Self::Address(_) | Self::Status(..) | Self::Garbled(..) => None,
        }
    }
}

/// The rows of one system's ledger, a JSON object each, in order.
#[derive(Debug)]
pub struct Ledger {
    base: String,
    token: String,
    after: u64,
    page: Option<Body>,
    rows_of_page: u64,
    over: bool,
}

/// All rows that a system's ledger has, page by page. `base` is the system's address, such as
/// `http://127.0.0.1:9000/erp`; an empty token sends none.
#[must_use]
pub fn fetch_ledger(base: &str, token: &str) -> Ledger {
    Ledger {
        base: base.trim_end_matches('/').to_owned(),
        token: token.to_owned(),
        after: 0,
        page: None,
        rows_of_page: 0,
        over: false,
    }
}

/// What a look-alike storefront shows as available, by SKU (`GET {base}/_lab/stock`).
///
/// # Errors
/// When it cannot be asked or its answer does not read.
pub fn fetch_shelves(base: &str, token: &str) -> Result<BTreeMap<String, i64>, FetchError> {
    #[derive(Deserialize)]
    struct Shelf {
        available: i64,
    }
    #[derive(Deserialize)]
    struct Stock {
        items: BTreeMap<String, Shelf>,
    }
    let url = format!("{}/_lab/stock", base.trim_end_matches('/'));
    let mut body = Body::get(&url, token)?;
    let mut text = Vec::new();
    body.read_to_end(&mut text).map_err(|e| FetchError::Io(url.clone(), e))?;
    let stock: Stock = serde_json::from_slice(&text).map_err(|e| FetchError::Garbled(url, e.to_string()))?;
    Ok(stock.items.into_iter().map(|(sku, shelf)| (sku, shelf.available)).collect())
}

impl Ledger {
    fn step(&mut self) -> Result<Option<String>, FetchError> {
        loop {
            let url = format!("{}/_ledger?after={}&limit={PAGE}", self.base, self.after);
            let page = match &mut self.page {
                Some(page) => page,
                None => {
                    self.rows_of_page = 0;
                    self.page.insert(Body::get(&url, &self.token)?)
                }
            };
            let mut line = Vec::new();
            let read = page.by_ref().take(LONGEST).read_until(b'\n', &mut line);
            let n = read.map_err(|e| FetchError::Io(url.clone(), e))?;
            if n == 0 {
                self.page = None;
                // A system may give fewer rows than were asked for: only an empty page is the end.
                if self.rows_of_page == 0 {
                    return Ok(None);
                }
                continue;
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            if line.is_empty() {
                continue;
            }
            self.rows_of_page += 1;
            let text =
                String::from_utf8(line).map_err(|e| FetchError::Garbled(url.clone(), e.to_string()))?;
            #[derive(Deserialize)]
            struct Numbered {
                n: u64,
            }
            let row: Numbered =
                serde_json::from_str(&text).map_err(|e| FetchError::Garbled(url.clone(), e.to_string()))?;
            if row.n <= self.after {
                return Err(FetchError::Garbled(url, format!("row {} follows row {}", row.n, self.after)));
            }
            self.after = row.n;
            return Ok(Some(text));
        }
    }
}

impl Iterator for Ledger {
    type Item = Result<String, FetchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let row = self.step().transpose();
        self.over = !matches!(row, Some(Ok(_)));
        row
    }
}

/// The body of an answer: by its length, in chunks, or up to the end of the connection.
#[derive(Debug)]
enum Framed {
    Length(Take<BufReader<TcpStream>>),
    Chunks { from: BufReader<TcpStream>, left: u64, over: bool },
}

#[derive(Debug)]
struct Body {
    framed: BufReader<Framed>,
}

impl Body {
    fn get(url: &str, token: &str) -> Result<Self, FetchError> {
        let address = || FetchError::Address(url.to_owned());
        let io = |e| FetchError::Io(url.to_owned(), e);
        let rest = url.strip_prefix("http://").ok_or_else(address)?;
        let (host, path) = rest.split_once('/').ok_or_else(address)?;
        if host.is_empty() || path.contains(char::is_whitespace) {
            return Err(address());
        }
        let socket = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let mut stream = TcpStream::connect(socket).map_err(io)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(io)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(io)?;
        let shown =
            if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n{shown}Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).map_err(io)?;
        Self::answer(url, BufReader::new(stream))
    }

    fn answer(url: &str, mut from: BufReader<TcpStream>) -> Result<Self, FetchError> {
        let garbled = |why: &str| FetchError::Garbled(url.to_owned(), why.to_owned());
        let io = |e| FetchError::Io(url.to_owned(), e);
        let status = header(&mut from).map_err(io)?;
        let code =
            status.strip_prefix("HTTP/1.").and_then(|s| s.get(2..5)).and_then(|s| s.parse::<u16>().ok());
        let code = code.ok_or_else(|| garbled("the answer is not HTTP/1"))?;
        let (mut length, mut chunked) = (None, false);
        loop {
            let line = header(&mut from).map_err(io)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| garbled("a header without a colon"))?;
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(
                    value.trim().parse::<u64>().map_err(|_| garbled("a content length that is no number"))?,
                );
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.trim().eq_ignore_ascii_case("chunked");
            }
        }
        if code != 200 {
            return Err(FetchError::Status(url.to_owned(), code));
        }
        let framed = if chunked {
            Framed::Chunks { from, left: 0, over: false }
        } else {
            Framed::Length(from.take(length.unwrap_or(u64::MAX)))
        };
        Ok(Self { framed: BufReader::with_capacity(1 << 16, framed) })
    }
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.framed.read(into)
    }
}

impl BufRead for Body {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.framed.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.framed.consume(n);
    }
}

impl Read for Framed {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Length(body) => {
                let n = body.read(into)?;
                let cut = n == 0 && !into.is_empty() && body.limit() > 0 && body.limit() < u64::MAX >> 1;
                if cut { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(n) }
            }
            Self::Chunks { over: true, .. } => Ok(0),
            Self::Chunks { from, left, over } => {
                if *left == 0 {
                    let size = header(from)?;
                    let size = size.split(';').next().unwrap_or_default().trim();
                    *left = u64::from_str_radix(size, 16).map_err(std::io::Error::other)?;
                    if *left == 0 {
                        *over = true;
                        return Ok(0);
                    }
                }
                let most = usize::try_from(*left).unwrap_or(usize::MAX).min(into.len());
                let n = from.read(into.get_mut(..most).unwrap_or_default())?;
                if n == 0 && most > 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                *left -= n as u64;
                if *left == 0 {
                    header(from)?;
                }
                Ok(n)
            }
        }
    }
}

/// A line that ends with CR LF, without them.
fn header(from: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    from.take(LONGEST).read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
