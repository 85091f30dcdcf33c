//! The settings that a hub has run under, numbered. Each text is kept as `revisions/0001.toml` in the data folder, since
//! what an order was promised is what stood there when it was placed; `revisions/index.json` says which texts there are.
//! Secrets are only named in an estate, so none is ever kept here.

use flows::policy::ReturnPolicy;
use retail::time::Time;
use serde::{Deserialize, Serialize};
use settings::{Estate, Revision};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The folder of revisions of one data folder.
pub struct Revisions {
    folder: PathBuf,
    index: Index,
}

#[derive(Default, Serialize, Deserialize)]
struct Index {
    /// The number of the text that was last run under; 0 for none.
    now: u32,
    revisions: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    revision: u32,
    /// [`Revision`] of the text.
    hash: String,
    since: Time,
}

impl Revisions {
    /// Reads which there are; none where the folder is new.
    ///
    /// # Errors
    /// When the index is there and cannot be read, or says nonsense: numbers would be given twice.
    pub fn open(data: &Path) -> Result<Self, String> {
        let folder = data.join("revisions");
        let file = folder.join("index.json");
        let index = match std::fs::read(&file) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", file.display()))?
            }
            Err(error) if error.kind() == ErrorKind::NotFound && !folder.join("0001.toml").exists() => {
                Index::default()
            }
            Err(error) => return Err(format!("{}: {error}; put the file back", file.display())),
        };
        Ok(Self { folder, index })
    }

    /// The number of a text, or the one that it would get, and whether it is new.
    pub fn number(&self, text: &str) -> (u32, bool) {
        let hash = Revision::of(text);
        match self.index.revisions.iter().find(|row| row.hash == hash.as_str()) {
            Some(row) => (row.revision, false),
            None => (1 + self.index.revisions.iter().map(|row| row.revision).max().unwrap_or(0), true),
        }
    }

    /// The number of the text that was last run under; 0 for none.
    pub fn now(&self) -> u32 {
        self.index.now
    }

    /// Keeps a text, on disk before anything is decided under it, and answers its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take(&mut self, text: &str, now: Time) -> Result<u32, String> {
        let (number, new) = self.number(text);
        if !new && self.index.now == number {
            return Ok(number);
        }
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| format!("{}: {error}", self.folder.display()))?;
        if new {
            self.write(&name(number), text.as_bytes())?;
            let hash = Revision::of(text).as_str().to_owned();
            self.index.revisions.push(Row { revision: number, hash, since: now });
        }
        self.index.now = number;
        let index = serde_json::to_vec_pretty(&self.index).map_err(|error| error.to_string())?;
        self.write("index.json", &index)?;
        Ok(number)
    }

    /// A kept estate.
    ///
    /// # Errors
    /// When its file is lost, was changed, or no longer reads.
    pub fn estate(&self, revision: u32) -> Result<Estate, String> {
        let file = self.folder.join(name(revision));
        let shown = file.display().to_string();
        let why = format!(
            "orders placed under revision {revision} of the settings keep what it promised; put the file back"
        );
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{shown}: {error}: {why}"))?;
        let kept = self.index.revisions.iter().find(|row| row.revision == revision);
        if kept.is_some_and(|row| row.hash != Revision::of(&text).as_str()) {
            return Err(format!("{shown} was changed since it was kept: {why}"));
        }
        settings::read(&shown, &text).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            format!("revision {revision} of the settings no longer reads\n{}", lines.join("\n"))
        })
    }

    /// What all revisions but one promise about returns.
    ///
    /// # Errors
    /// As [`Self::estate`].
    pub fn former(&self, but: u32) -> Result<BTreeMap<u32, ReturnPolicy>, String> {
        let others = self.index.revisions.iter().map(|row| row.revision).filter(|n| *n != but);
        others.map(|n| Ok((n, wiring::promises(&self.estate(n)?)))).collect()
    }

    /// A file is either as it was or whole.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let (file, fresh) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
        let written = File::create(&fresh)
            .and_then(|mut new| new.write_all(bytes).and_then(|()| new.sync_all()))
            .and_then(|()| std::fs::rename(&fresh, &file))
            .and_then(|()| File::open(&self.folder)?.sync_all());
        written.map_err(|error| format!("{}: {error}", file.display()))
    }
}

fn name(revision: u32) -> String {
    format!("{revision:04}.toml")
}
