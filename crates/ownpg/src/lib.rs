//! A private PostgreSQL for a test binary or a bench: made from the installed programs in a temporary folder, reached
//! by a Unix socket in it, and gone with the process that started it, however that ends.
//!
//! It never falls back to a server that runs already and never lets a test pass without one: where PostgreSQL is not
//! installed, starting fails and says what to install. PostgreSQL refuses to run as root; root runs it as
//! `postgres`, or as `nobody`.
//!
//! **Must never know** what is stored in it. Only tests and benches may depend on it.

mod programs;

use programs::Programs;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The superuser, who needs no password.
pub const USER: &str = "crossdock";
/// A user who must bring [`PASSWORD`].
pub const GUARDED: &str = "guarded";
pub const PASSWORD: &str = "hush-hush-42";

/// How long a server may take to come up, recovery after a kill included.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the server, waits until nobody holds the other end of its input, and ends it: `keep` kills it as a crash
/// would, with all of its sessions, which would live on for a moment, and leaves its files; anything else removes them.
const KEEPER: &str = r#"
folder=$1; shift
"$@" & pg=$!
word=; read word
if [ "$word" = keep ]; then
  kill -STOP $pg
  own=
  for stat in /proc/[0-9]*/stat; do
    read -r pid rest 2>/dev/null <"$stat" || continue
    parent=${rest##*) }; parent=${parent#* }
    if [ "${parent%% *}" = $pg ]; then own="$own $pid"; fi
  done
  kill -KILL $own $pg; wait $pg
  for pid in $own; do
    until [ ! -e /proc/$pid ] || grep -q ') Z' /proc/$pid/stat 2>/dev/null; do sleep 0.01; done
  done
  exit 0
fi
kill -QUIT $pg; wait $pg
rm -rf "$folder"
"#;

/// A server of one's own. Dropping it ends it and removes its files.
#[derive(Debug)]
pub struct Server {
    programs: Programs,
    folder: PathBuf,
    keeper: Option<Child>,
    schemas: AtomicU64,
}

/// One server for the whole process.
///
/// # Errors
/// As [`Server::start`].
pub fn shared() -> Result<&'static Server, String> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[])).as_ref().map_err(Clone::clone)
}

impl Server {
    /// Makes a cluster and starts it, with settings such as `fsync=off` beside the defaults.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or what it says when it does not start.
    pub fn start(settings: &[&str]) -> Result<Self, String> {
        let programs = Programs::find()?;
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("crossdock-pg-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        programs.make_folder(&folder)?;
        let mut server = Self { programs, folder, keeper: None, schemas: AtomicU64::new(0) };
        server.make_cluster(settings)?;
        server.run()?;
        server.sql(&format!("CREATE ROLE {GUARDED} LOGIN SUPERUSER PASSWORD '{PASSWORD}'"))?;
        Ok(server)
    }

    /// The folder of its socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of a schema that nobody has used yet.
    #[must_use]
    pub fn fresh(&self) -> String {
        let n = self.schemas.fetch_add(1, Ordering::Relaxed);
        self.address(USER, &format!("own_{n}"))
    }

    /// The address of a schema for a user.
    #[must_use]
    pub fn address(&self, user: &str, schema: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{user}@{host}/postgres?schema={schema}")
    }

    /// Runs SQL as the superuser and gives its rows back, columns parted by `|`.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn sql(&self, sql: &str) -> Result<String, String> {
        let folder = self.folder.display().to_string();
        let arguments =
            ["-h", &folder, "-U", USER, "-d", "postgres", "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", sql];
        let said = programs::ended(Command::new(self.programs.of("psql")).args(arguments))?;
        Ok(said.trim_end().to_owned())
    }

    /// Kills it as a crash of its machine would. What was committed is on its disk.
    ///
    /// # Errors
    /// When it runs no more.
    pub fn kill(&mut self) -> Result<(), String> {
        let mut keeper = self.keeper.take().ok_or("it does not run")?;
        let told = keeper.stdin.take().map(|mut input| input.write_all(b"keep\n"));
        told.ok_or("it has no input")?.map_err(|e| e.to_string())?;
        keeper.wait().map(drop).map_err(|e| e.to_string())
    }

    /// Starts it again after [`Server::kill`].
    ///
    /// # Errors
    /// What it says when it does not start.
    pub fn run(&mut self) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let mut keeper = self.keep()?;
            while Instant::now() < end {
                if self.ready() {
                    self.keeper = Some(keeper);
                    return Ok(());
                }
                // Right after a kill the memory may still be held by what is ending: then it is tried again.
                if self.gone(&mut keeper) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            if Instant::now() >= end {
                let log = std::fs::read_to_string(self.log()).unwrap_or_default();
                return Err(format!("PostgreSQL does not start in {}:\n{log}", self.folder.display()));
            }
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn ready(&self) -> bool {
        let folder = self.folder.display().to_string();
        let arguments = ["-h", &folder, "-U", USER, "-q"];
        programs::ended(Command::new(self.programs.of("pg_isready")).args(arguments)).is_ok()
    }

    /// Whether the server ended before it was ready: its keeper, which waits for us, is told to leave the files.
    fn gone(&self, keeper: &mut Child) -> bool {
        let pid = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
        let alive = pid.lines().next().is_some_and(|pid| Path::new("/proc").join(pid).exists());
        if alive || !std::fs::read_to_string(self.log()).unwrap_or_default().contains("FATAL") {
            return false;
        }
        let told = keeper.stdin.take().map(|mut input| input.write_all(b"keep\n"));
        told.is_some_and(|told| told.is_ok()) && keeper.wait().is_ok()
    }

    fn make_cluster(&self, settings: &[&str]) -> Result<(), String> {
        let data = self.folder.join("data");
        let data = data.to_str().ok_or("the folder's name is no text")?;
        let how = ["-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        programs::ended(self.programs.command("initdb").args(how))?;
        let access = format!("local all {GUARDED} scram-sha-256\nlocal all all trust\n");
        std::fs::write(format!("{data}/pg_hba.conf"), access).map_err(|e| e.to_string())?;
        let mut text = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nmax_connections = 200\nshared_buffers = 64MB\n",
            self.folder.display()
        );
        for setting in settings {
            text.push_str(setting);
            text.push('\n');
        }
        let mut file = File::options().append(true).open(format!("{data}/postgresql.conf"));
        let file = file.as_mut().map_err(|e| e.to_string())?;
        file.write_all(text.as_bytes()).map_err(|e| e.to_string())
    }

    fn keep(&self) -> Result<Child, String> {
        let log = File::create(self.log()).map_err(|e| e.to_string())?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        let server = self.programs.command("postgres");
        Command::new("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&self.folder)
            .arg(server.get_program())
            .args(server.get_args())
            .arg("-D")
            .arg(self.folder.join("data"))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|e| format!("/bin/sh: {e}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match self.keeper.take() {
            Some(mut keeper) => {
                drop(keeper.stdin.take());
                // It removes the files; if it cannot be waited for it does so a little later.
                keeper.wait().map(drop).unwrap_or_default();
            }
            None => std::fs::remove_dir_all(&self.folder).unwrap_or_default(),
        }
    }
}
