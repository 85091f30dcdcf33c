//! Where a PostgreSQL is, as an operator writes it, and how it is named without a secret.

use crate::StoreError;
use std::fmt;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// The schema of a hub that names none.
const SCHEMA: &str = "crossdock";
/// A server that does not answer the knock is away.
const KNOCK: Duration = Duration::from_secs(5);
/// A server that acknowledges nothing for so long is gone, although no one closed the connection.
const SILENCE: Duration = Duration::from_secs(15);

/// A database and a schema in it. Neither `Debug` nor `Display` shows a password.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Config,
    schema: String,
    /// Whether whoever wrote the address chose the schema.
    named: bool,
    reference: Option<String>,
    /// Whether commits that a power cut may lose are taken for good.
    pub(super) careless: bool,
}

impl Address {
    /// Reads `postgres://USER@HOST:PORT/DATABASE?…` (also with `postgres:` once more in front), where a host may be
    /// a folder of a Unix socket, percent-encoded or as `?host=/folder`. Beyond what libpq knows:
    /// `schema=NAME` (`crossdock` without), `password=env:NAME` or `password=file:PATH`, `durable=off`.
    ///
    /// # Errors
    /// `address` for a text that is none, `tls` for a server that could only be reached in the clear.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.strip_prefix("postgres:").filter(|rest| rest.starts_with("postgres")).unwrap_or(text);
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut theirs, mut schema, mut reference, mut careless) = (Vec::new(), None, None, false);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("schema", name)) => schema = Some(name.to_owned()),
                Some(("password", value)) if value.starts_with("env:") || value.starts_with("file:") => {
                    reference = Some(value.to_owned());
                }
                Some(("durable", "off")) => careless = true,
                Some(("durable", "on")) => careless = false,
                Some(("sslmode", mode)) if mode.starts_with("verify") => return Err(needs_tls(mode)),
                _ => theirs.push(pair),
            }
        }
        let url = if theirs.is_empty() { base.to_owned() } else { format!("{base}?{}", theirs.join("&")) };
        let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| {
            let cause = std::error::Error::source(&e).map(|c| format!(": {c}")).unwrap_or_default();
            wrong(format!("this is no address of a PostgreSQL: {e}{cause}"))
        })?;
        if !(base.starts_with("postgres://") || base.starts_with("postgresql://")) {
            return Err(wrong("this is no address of a PostgreSQL".to_owned()));
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("the address names no host".to_owned()));
        }
        if config.get_user().is_none() {
            return Err(wrong("the address names no user".to_owned()));
        }
        let schema = schema.or_else(|| search_path(&config));
        let (named, schema) = (schema.is_some(), schema.unwrap_or_else(|| SCHEMA.to_owned()));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=63).contains(&schema.len()) || !schema.chars().all(plain) {
            return Err(wrong("the schema's name is not 1 to 63 of a-z, 0-9 and underline".to_owned()));
        }
        check_tls(&config)?;
        config.connect_timeout(KNOCK).tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        if config.get_application_name().is_none() {
            config.application_name("crossdock");
        }
        Ok(Self { config, schema, named, reference, careless })
    }

    /// Where the password is to be found, as written: `env:NAME` or `file:PATH`. Whoever has the address resolves it.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }

    /// The same address with a password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// The password itself, for whoever connects by other means or keeps it as a secret of its own.
    #[must_use]
    pub fn password(&self) -> Option<String> {
        self.config.get_password().map(|p| String::from_utf8_lossy(p).into_owned())
    }

    /// The hub's own schema.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Whether the address names a schema; where it does not it is `crossdock`.
    #[must_use]
    pub const fn names_schema(&self) -> bool {
        self.named
    }

    /// The same database with another schema, of a-z, 0-9 and underline.
    #[must_use]
    pub fn with_schema(self, name: &str) -> Self {
        Self { schema: name.to_owned(), named: true, ..self }
    }

    /// Address, schema and durability as [`Address::parse`] reads them, without password or reference to one.
    #[must_use]
    pub fn without_password(&self) -> String {
        let durable = if self.careless { "durable=off&" } else { "" };
        format!("{}&{durable}schema={}", self.plain(), self.schema)
    }

    /// The address as any client of PostgreSQL reads it, without password.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut url = format!("postgres:///{}?", escaped(self.config.get_dbname().unwrap_or_default()));
        let mut add = |name: &str, value: &str| {
            url.push_str(&format!("{name}={}&", escaped(value)));
        };
        add("user", self.config.get_user().unwrap_or_default());
        let hosts: Vec<String> = self.config.get_hosts().iter().map(host).collect();
        if !hosts.is_empty() {
            add("host", &hosts.join(","));
        }
        let addresses: Vec<String> = self.config.get_hostaddrs().iter().map(ToString::to_string).collect();
        if !addresses.is_empty() {
            add("hostaddr", &addresses.join(","));
        }
        let ports: Vec<String> = self.config.get_ports().iter().map(ToString::to_string).collect();
        if !ports.is_empty() {
            add("port", &ports.join(","));
        }
        if let Some(options) = self.config.get_options() {
            add("options", options);
        }
        if self.config.get_ssl_mode() == SslMode::Disable {
            add("sslmode", "disable");
        }
        url.truncate(url.len() - 1);
        url
    }
}

/// Enough to find the place by, and no secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = &self.config;
        let hosts: Vec<String> = match c.get_hosts() {
            [] => c.get_hostaddrs().iter().map(ToString::to_string).collect(),
            hosts => hosts.iter().map(host).collect(),
        };
        write!(f, "PostgreSQL {}@{}", c.get_user().unwrap_or_default(), hosts.join(","))?;
        if let Some(port) = c.get_ports().first() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}, schema {}", c.get_dbname().unwrap_or_default(), self.schema)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn host(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    }
}

/// A value as it may stand in a query.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b',' | b':' => {
                char::from(b).to_string()
            }
            b => format!("%{b:02X}"),
        })
        .collect()
}

/// The first schema of `options=-csearch_path=…`.
fn search_path(config: &Config) -> Option<String> {
    let after = config.get_options()?.split_once("search_path=")?.1;
    let name = after.split([',', ' ']).next()?;
    Some(name.trim_matches('"').to_owned())
}

/// What customers ordered does not go over a network in the clear unless somebody says that it may.
fn check_tls(config: &Config) -> Result<(), StoreError> {
    if config.get_ssl_mode() == SslMode::Require {
        return Err(needs_tls("require"));
    }
    let here = |h: &Host| match h {
        Host::Unix(folder) => Path::new(folder).is_absolute(),
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    };
    let local = config.get_hosts().iter().all(here)
        && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
    if local || config.get_ssl_mode() == SslMode::Disable {
        return Ok(());
    }
    Err(StoreError::new(
        "tls",
        "the server is on another machine and this release does not encrypt its connection",
        "the address of the PostgreSQL",
        "use a Unix socket, loopback or a tunnel, or say sslmode=disable where the network is trusted",
    ))
}

fn needs_tls(mode: &str) -> StoreError {
    StoreError::new(
        "tls",
        format!("the address demands TLS (sslmode={mode}), which this release does not speak to PostgreSQL"),
        "the address of the PostgreSQL",
        "reach the server by a Unix socket, loopback or a tunnel, and leave sslmode out",
    )
}

fn wrong(what: String) -> StoreError {
    StoreError::new(
        "address",
        what,
        "the address of the PostgreSQL",
        "write postgres://USER@HOST:PORT/DATABASE?schema=NAME&password=env:NAME, or host=/FOLDER for a socket",
    )
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn code(text: &str) -> &'static str {
        Address::parse(text).unwrap_err().code
    }

    #[test]
    fn addresses_are_read_and_named_without_their_password() {
        for text in [
            "postgres://joe:hush@localhost:5433/shop?schema=hub_1",
            "postgres:postgres://joe:hush@localhost:5433/shop?schema=hub_1",
            "postgresql:///shop?user=joe&host=localhost&port=5433&password=hush&schema=hub_1",
            "postgres://joe:hush@127.0.0.1:5433/shop?options=-csearch_path%3Dhub_1",
        ] {
            let a = Address::parse(text).unwrap();
            assert_eq!((a.schema(), a.password().as_deref()), ("hub_1", Some("hush")), "{text}");
            let shown = format!("{a} {a:?} {}", a.without_password());
            assert!(!shown.contains("hush") && shown.contains("joe") && shown.contains("shop"), "{shown}");
            let again = Address::parse(&a.without_password()).unwrap();
            assert_eq!(again.to_string(), a.to_string());
        }
        let socket = Address::parse("postgres://joe@%2Frun%2Fpg/shop?password=env:PG&durable=off").unwrap();
        assert_eq!(
            (socket.reference(), socket.schema(), socket.careless),
            (Some("env:PG"), "crossdock", true)
        );
        let again = Address::parse(&socket.without_password()).unwrap();
        assert!(again.careless && again.to_string() == socket.to_string(), "{again}");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in [
            "postgres:",
            "mysql://joe:hush@localhost/x",
            "postgres://joe:hush@localhost/x?colour=red",
            "postgres://joe:hush@localhost/x?schema=Bad-Name",
            "postgres://joe:hush@localhost:port/x",
            "postgres:///x?user=joe",
            "postgres://localhost/x",
        ] {
            let refused = Address::parse(text).unwrap_err();
            assert_eq!(refused.code, "address", "{text}: {refused}");
            assert!(!refused.to_string().contains("hush"), "{refused}");
        }
    }

    #[test]
    fn nothing_goes_over_a_network_in_the_clear_unless_said() {
        assert_eq!(code("postgres://joe@db.example/x"), "tls");
        assert_eq!(code("postgres://joe@localhost/x?sslmode=require"), "tls");
        assert_eq!(code("postgres://joe@localhost/x?sslmode=verify-full"), "tls");
        assert_eq!(code("postgres://joe@localhost,10.0.0.7/x"), "tls");
        assert!(Address::parse("postgres://joe@db.example/x?sslmode=disable").is_ok());
        assert!(Address::parse("postgres://joe@[::1]/x").is_ok());
    }
}
