//! Reading an estate file, its secrets and its connectors from disk.

use settings::{Estate, Fault, Resolver, Secret, SecretRef};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wiring::Wired;

/// Finds secrets where their references say; a relative path begins at the estate file's folder.
pub struct OnDisk<'a> {
    pub folder: &'a Path,
}

impl Resolver for OnDisk<'_> {
    fn resolve(&self, reference: &SecretRef) -> Result<Secret, String> {
        match reference {
            SecretRef::Env(name) => match std::env::var(name) {
                Ok(value) => Ok(Secret::new(&value)),
                Err(_) => Err(format!("the variable {name} is not set")),
            },
            SecretRef::File(path) => match std::fs::read_to_string(self.folder.join(path)) {
                Ok(text) => Ok(Secret::new(&text)),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

/// The estate file of a hub: the one given, else `estate.toml` in its data folder.
pub fn file_of(data: &Path, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| data.join("estate.toml"), Path::to_path_buf)
}

/// An estate as read, or everything that is wrong with it.
pub enum Reading {
    Good(Box<Estate>, Box<Wired>),
    Faults(Vec<Fault>),
}

/// Reads and puts together an estate. Connectors come from `connectors` where given, else those that ship.
///
/// # Errors
/// When a file cannot be read.
pub fn read(file: &Path, connectors: Option<&Path>) -> Result<Reading, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let estate = match settings::read(&file.display().to_string(), &text) {
        Ok(estate) => estate,
        Err(faults) => return Ok(Reading::Faults(faults)),
    };
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let secrets = match estate.secrets(&OnDisk { folder }) {
        Ok(secrets) => secrets,
        Err(faults) => return Ok(Reading::Faults(faults)),
    };
    if let Some(fault) = store_fault(&estate) {
        return Ok(Reading::Faults(vec![fault]));
    }
    let library = library(connectors)?;
    Ok(match wiring::wire(&estate, &secrets, &library) {
        Ok(wired) => Reading::Good(Box::new(estate), Box::new(wired)),
        Err(faults) => Reading::Faults(faults),
    })
}

/// What is wrong with the address of the estate's PostgreSQL. Whether it answers is found out by who connects.
fn store_fault(estate: &Estate) -> Option<Fault> {
    let text = estate.hub.store.as_str();
    let wrong = if text == "sqlite" { None } else { store::Address::parse(text).err() };
    wrong.map(|error| estate.fault("hub.store", error.what, error.remedy))
}

/// As [`read`], with the faults as an error's text.
///
/// # Errors
/// When the estate cannot be read or is at fault.
pub fn must_read(file: &Path, connectors: Option<&Path>) -> Result<(Estate, Wired), String> {
    match read(file, connectors)? {
        Reading::Good(estate, wired) => Ok((*estate, *wired)),
        Reading::Faults(faults) => {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(format!("the estate is at fault\n{}", lines.join("\n")))
        }
    }
}

/// The connectors that ship, or those of a folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn library(folder: Option<&Path>) -> Result<BTreeMap<String, link::Folder>, String> {
    let Some(folder) = folder else { return Ok(wiring::shipped()) };
    let mut library = BTreeMap::new();
    for entry in entries(folder)? {
        if entry.join("connector.toml").is_file()
            && let Some(name) = entry.file_name().and_then(|name| name.to_str())
        {
            let mut found = link::Folder::default();
            gather(&entry, &entry, &mut found)?;
            library.insert(name.to_owned(), found);
        }
    }
    Ok(library)
}

fn gather(root: &Path, folder: &Path, found: &mut link::Folder) -> Result<(), String> {
    for path in entries(folder)? {
        if path.is_dir() {
            gather(root, &path, found)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(|path| path.to_str()) {
            let text =
                std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            found.files.insert(name.to_owned(), text);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        paths.push(entry.map_err(fail)?.path());
    }
    paths.sort();
    Ok(paths)
}
