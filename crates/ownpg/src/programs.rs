//! PostgreSQL's programs, and the user who may run them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What is said where there are none.
const MISSING: &str = "PostgreSQL is not installed, and these tests do not pass without it: \
     apt-get install -y postgresql (bin/need-packages does that)";

#[derive(Debug)]
pub(crate) struct Programs {
    bin: PathBuf,
    /// User and group to run the server as, when we are root.
    owner: Option<(u32, u32)>,
}

impl Programs {
    /// The newest of Debian's versions, else what is in the path.
    pub(crate) fn find() -> Result<Self, String> {
        let bin = bin().ok_or(MISSING)?;
        let status =
            std::fs::read_to_string("/proc/self/status").map_err(|e| format!("/proc/self/status: {e}"))?;
        let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        let root = uid.and_then(|ids| ids.split_whitespace().nth(1)) == Some("0");
        let owner = if root { Some(unprivileged()?) } else { None };
        Ok(Self { bin, owner })
    }

    pub(crate) fn of(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    /// A program that must not run as root.
    pub(crate) fn command(&self, name: &str) -> Command {
        let program = self.of(name);
        let mut command = match self.owner {
            None => Command::new(program),
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
                command.args(["--clear-groups", "--"]).arg(program);
                command
            }
        };
        // Where the tests run may be closed to that user.
        command.current_dir("/");
        command
    }

    /// Makes a folder for the server's user alone.
    pub(crate) fn make_folder(&self, folder: &Path) -> Result<(), String> {
        use std::os::unix::fs::{DirBuilderExt as _, chown};
        let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
        std::fs::DirBuilder::new().mode(0o700).create(folder).map_err(failed)?;
        match self.owner {
            Some((user, group)) => chown(folder, Some(user), Some(group)).map_err(failed),
            None => Ok(()),
        }
    }
}

fn bin() -> Option<PathBuf> {
    let whole = |folder: &PathBuf| {
        ["postgres", "initdb", "psql", "pg_isready"].iter().all(|p| folder.join(p).is_file())
    };
    let version = |folder: &PathBuf| -> Option<u32> { folder.parent()?.file_name()?.to_str()?.parse().ok() };
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = installed.map(|entry| entry.path().join("bin")).filter(whole).collect();
    found.sort_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.pop().or_else(|| std::env::split_paths(&path).find(whole))
}

/// User and group number of whoever may run a server.
fn unprivileged() -> Result<(u32, u32), String> {
    let users = std::fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
    let find = |name: &str| {
        let mut fields =
            users.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(name))?;
        Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .ok_or_else(|| "there is no user postgres or nobody".to_owned())
}

/// What a program said, once it ended well.
pub(crate) fn ended(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(std::process::Stdio::null()).output().map_err(|e| format!("{name}: {e}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&done.stderr)))
}
