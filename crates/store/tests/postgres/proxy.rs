//! Stands between a store and its server, counts the store's statements, and cuts the connection where it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use store::Address;

/// Where the connection is cut. Once it was, those that follow go through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    Never,
    /// After so many statements of the store have reached the server, those that only prepare another included.
    After(usize),
    /// When COMMIT comes; it is lost.
    Commit,
    /// When COMMIT comes; it reaches the server so much later, and its answer is lost.
    CommitAnswer(Duration),
}

#[derive(Clone, Debug)]
pub struct Proxy {
    cut: Arc<Mutex<Cut>>,
    port: u16,
}

impl Proxy {
    /// Begins to listen in front of the private server of this binary.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = ownpg::shared().unwrap().folder().join(".s.PGSQL.5432");
        let proxy = Self { cut: Arc::new(Mutex::new(Cut::Never)), port };
        let cut = Arc::clone(&proxy.cut);
        thread::spawn(move || {
            for store in listener.incoming().flatten() {
                let (server, cut) = (server.clone(), Arc::clone(&cut));
                thread::spawn(move || carry(store, &server, &cut));
            }
        });
        proxy
    }

    /// The same schema, reached through here.
    pub fn address(&self, of: &Address) -> Address {
        let text =
            format!("postgres://{}@127.0.0.1:{}/postgres?schema={}", ownpg::USER, self.port, of.schema());
        Address::parse(&text).unwrap()
    }

    pub fn cut(&self, at: Cut) {
        *self.cut.lock().unwrap() = at;
    }

    /// Whether the planned cut has come.
    pub fn was_cut(&self) -> bool {
        *self.cut.lock().unwrap() == Cut::Never
    }
}

/// One message of the store: the first has no kind.
fn message(store: &mut TcpStream, first: bool) -> Option<Vec<u8>> {
    let mut head = vec![0; if first { 4 } else { 5 }];
    store.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes(head[head.len() - 4..].try_into().unwrap());
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    store.read_exact(&mut body).ok()?;
    head.extend(body);
    Some(head)
}

fn carry(mut store: TcpStream, server: &PathBuf, cut: &Mutex<Cut>) {
    let Ok(mut server) = UnixStream::connect(server) else { return };
    let back = (server.try_clone().unwrap(), store.try_clone().unwrap());
    thread::spawn(move || answers(back.0, back.1));
    let mut first = true;
    while let Some(said) = message(&mut store, first) {
        first = false;
        let mut planned = cut.lock().unwrap();
        let commit = said.starts_with(b"Q") && said[5..].starts_with(b"COMMIT");
        let whole = matches!(said.first(), Some(b'S' | b'Q'));
        match *planned {
            Cut::After(0) => *planned = Cut::Never,
            Cut::Commit if commit => *planned = Cut::Never,
            Cut::CommitAnswer(later) if commit => {
                *planned = Cut::Never;
                drop(planned);
                store.shutdown(Shutdown::Both).unwrap_or_default();
                thread::sleep(later);
                server.write_all(&said).unwrap();
                // The server must not see the end before it has seen the COMMIT through.
                thread::sleep(Duration::from_millis(300));
                return;
            }
            Cut::After(n) => {
                *planned = Cut::After(n - usize::from(whole));
                drop(planned);
                if server.write_all(&said).is_err() {
                    break;
                }
                continue;
            }
            _ => {
                drop(planned);
                if server.write_all(&said).is_err() {
                    break;
                }
                continue;
            }
        }
        break;
    }
    for end in [store.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)] {
        end.unwrap_or_default();
    }
}

fn answers(mut server: UnixStream, mut store: TcpStream) {
    let mut bytes = [0; 65_536];
    while let Ok(n @ 1..) = server.read(&mut bytes) {
        if store.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    store.shutdown(Shutdown::Both).unwrap_or_default();
}
