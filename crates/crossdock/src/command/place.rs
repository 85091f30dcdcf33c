//! Where a hub keeps what must survive: a file of its data folder, or a schema of a PostgreSQL.

use super::estate::{OnDisk, file_of};
use clap::Args;
use settings::{Resolver, SecretRef};
use std::convert::Infallible;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use store::{Address, FolderLock, Postgres, Reader, Sqlite, Store};

/// `--store`, for every command that reads or writes a hub's memory.
#[derive(Args, Clone, Debug, Default)]
pub struct StoreOption {
    /// Where the hub keeps what must survive: sqlite, or postgres:URL. Left out: what the estate says.
    #[arg(long, value_name = "sqlite|postgres:URL")]
    store: Option<Written>,
}

/// A store as somebody wrote it. It may hold a password, so nothing prints it.
#[derive(Clone)]
struct Written(String);

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written(***)")
    }
}

impl FromStr for Written {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// A place, its password found.
#[derive(Clone, Debug)]
pub enum Place {
    /// SQLite in the data folder.
    Folder(PathBuf),
    Postgres(Box<Address>),
}

impl StoreOption {
    /// The one rule: the option, else the estate, else SQLite in the data folder. The estate is the file given, else
    /// `estate.toml` in the data folder where there is one.
    ///
    /// # Errors
    /// When the address does not read, its password is not found, or the estate is at fault.
    pub fn place(&self, data: &Path, estate: Option<&Path>) -> Result<Place, String> {
        if let Some(place) = self.given(data)? {
            return Ok(place);
        }
        let file = file_of(data, estate);
        if estate.is_none() && !file.is_file() {
            return Ok(Place::Folder(data.to_owned()));
        }
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let estate = settings::read(&file.display().to_string(), &text).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!("the estate is at fault\n{}", lines.join("\n"))
        })?;
        read(&estate.hub.store, data, file.parent().unwrap_or_else(|| Path::new(".")))
    }

    /// As [`StoreOption::place`], with an estate that was read already from a file of `folder`.
    ///
    /// # Errors
    /// As there.
    pub fn place_of(&self, data: &Path, estate: &settings::Estate, folder: &Path) -> Result<Place, String> {
        match self.given(data)? {
            Some(place) => Ok(place),
            None => read(&estate.hub.store, data, folder),
        }
    }

    /// Whether a simulated hub keeps its partitions in SQLite, and not in memory.
    ///
    /// # Errors
    /// When another store was named.
    pub fn simulated(&self) -> Result<bool, String> {
        match self.store.as_ref().map(|Written(text)| text.as_str()) {
            None => Ok(false),
            Some("sqlite") => Ok(true),
            Some(_) => {
                Err("a simulated hub keeps its partitions in memory, or with --store sqlite in SQLite; \
                            servers are for runs of real processes"
                    .to_owned())
            }
        }
    }

    /// What the option alone says.
    ///
    /// # Errors
    /// As [`StoreOption::place`].
    pub fn given(&self, data: &Path) -> Result<Option<Place>, String> {
        let here = Path::new(".");
        self.store.as_ref().map(|Written(text)| read(text, data, here)).transpose()
    }
}

/// Reads a store as it is written. References to files begin at `folder`.
fn read(text: &str, data: &Path, folder: &Path) -> Result<Place, String> {
    if text == "sqlite" {
        return Ok(Place::Folder(data.to_owned()));
    }
    let address = Address::parse(text).map_err(|error| error.to_string())?;
    let Some(reference) = address.reference().and_then(SecretRef::parse) else {
        return Ok(Place::Postgres(Box::new(address)));
    };
    let password = OnDisk { folder }
        .resolve(&reference)
        .map_err(|why| format!("the password of {address}: {reference} gives no secret: {why}"))?;
    Ok(Place::Postgres(Box::new(address.with_password(password.expose()))))
}

impl Place {
    /// A reader, from any process, whether or not a hub runs.
    ///
    /// # Errors
    /// When there is no store, or it cannot be reached.
    pub fn reader(&self) -> Result<Box<dyn Reader>, String> {
        match self {
            Self::Folder(data) => Sqlite::open_reader(data).map(|r| Box::new(r) as Box<dyn Reader>),
            Self::Postgres(address) => Postgres::open_reader(address).map(|r| Box::new(r) as Box<dyn Reader>),
        }
        .map_err(|error| error.to_string())
    }

    /// The writer, and what keeps a second hub out of the data folder meanwhile.
    ///
    /// # Errors
    /// When another hub is in, or the store cannot be opened.
    pub fn writer(&self, data: &Path) -> Result<(Box<dyn Store>, Option<FolderLock>), String> {
        match self {
            Self::Folder(data) => Sqlite::open(data).map(|s| (Box::new(s) as Box<dyn Store>, None)),
            Self::Postgres(address) => FolderLock::take(data)
                .and_then(|lock| Ok((Box::new(Postgres::open(address)?) as Box<dyn Store>, Some(lock)))),
        }
        .map_err(|error| error.to_string())
    }

    /// The owner's name in a lease. In a folder the lock lets one process in at a time, so whoever is in may take up
    /// the lease of the one before, which is gone; the same holds for one data folder of one machine beside a
    /// PostgreSQL, which hubs of other folders and machines may share.
    pub fn node(&self, data: &Path) -> String {
        match self {
            Self::Folder(_) => "embedded".to_owned(),
            Self::Postgres(_) => {
                let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
                let folder = data.canonicalize().unwrap_or_else(|_| data.to_owned());
                format!("{}:{}", machine.trim(), folder.display())
            }
        }
    }
}

/// Where a rehearsal keeps its hub's memory.
#[derive(Debug)]
pub struct Rehearsed {
    pub address: Address,
    /// The schema was made up for this run: it goes with a temporary folder.
    made_up: bool,
}

impl Rehearsed {
    /// The schema named, which must be new, or one made up; `None` for SQLite.
    ///
    /// # Errors
    /// When the server cannot be reached, or the schema holds an earlier run.
    pub fn prepare(option: &StoreOption) -> Result<Option<Self>, String> {
        let Some(Place::Postgres(address)) = option.given(Path::new("."))? else { return Ok(None) };
        let made_up = !address.names_schema();
        let address = if made_up {
            let now = crate::driver::clock::now().0;
            address.with_schema(&format!("rehearsal_{now}_{}", std::process::id()))
        } else {
            *address
        };
        match Postgres::open_reader(&address) {
            Err(error) if error.code == "missing" && error.what == "there is no store" => {}
            Err(error) => return Err(error.to_string()),
            Ok(_) => {
                return Err(format!(
                    "{address} holds an earlier run: name another schema (schema=NAME), or none for a new one"
                ));
            }
        }
        Ok(Some(Self { address, made_up }))
    }

    /// What a rehearsal is told.
    pub fn told(&self) -> rehearsal::live::Postgres {
        let (address, password) = (self.address.without_password(), self.address.password());
        rehearsal::live::Postgres { address, password }
    }

    /// Removes what was made up, once nobody keeps the folder.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn remove(&self) -> Result<(), String> {
        if self.made_up { Postgres::remove(&self.address).map_err(|error| error.to_string()) } else { Ok(()) }
    }
}
