//! A hub's data folder, and the lock that admits one hub.

use crate::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

const LOCK: &str = "crossdock.lock";

/// Keeps other hubs out of a data folder until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    file: File,
}

impl Drop for FolderLock {
    /// Closing would not do: a child that was started a moment ago holds the same open file until it runs its own
    /// program, and the lock with it. What cannot be unlocked is closed next, which is the other way.
    fn drop(&mut self) {
        self.file.unlock().ok();
    }
}

impl FolderLock {
    /// Makes the folder where there is none and takes its lock.
    ///
    /// # Errors
    /// `in_use` while another process holds it (it is named), `io` for what the file system says.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        make(dir)?;
        Ok(Self { file: lock(dir)? })
    }
}

/// Makes the folder where there is none, for its owner only: it will hold what customers ordered.
fn make(dir: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir).map_err(|e| {
        StoreError::new(
            "io",
            format!("the folder cannot be made: {e}"),
            dir.display().to_string(),
            "make it by hand, or name a folder that the hub's user may write in",
        )
    })
}

/// Takes the folder's lock. The operating system gives it back when the process ends, however it ends.
fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let place = path.display().to_string();
    let io = |e: std::io::Error| {
        StoreError::new(
            "io",
            format!("the folder's lock cannot be taken: {e}"),
            place.clone(),
            "give the hub's user the right to read and write that folder",
        )
    };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::Error(e)) => return Err(io(e)),
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            let who = match file.read_to_string(&mut who) {
                Ok(_) if !who.trim().is_empty() => who.trim().to_owned(),
                _ => "another process".to_owned(),
            };
            return Err(StoreError::new(
                "in_use",
                format!("{who} writes in this folder, and only one may"),
                dir.display().to_string(),
                "stop that one first, or name another folder; commands that only read work meanwhile",
            ));
        }
    }
    file.set_len(0).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    writeln!(file, "process {}", std::process::id()).map_err(io)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_was_just_started_keeps_no_lock() {
        let dir = tempfile::TempDir::new().unwrap();
        let lock = FolderLock::take(dir.path()).unwrap();
        assert_eq!(FolderLock::take(dir.path()).unwrap_err().code, "in_use");
        // What a child has between its start and its own program: the same open file once more.
        let childs = lock.file.try_clone().unwrap();
        drop(lock);
        FolderLock::take(dir.path()).unwrap();
        drop(childs);
    }
}
