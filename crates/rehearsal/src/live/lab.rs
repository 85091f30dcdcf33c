//! A folder with a hub and its look-alikes, running.

use crate::live::Loaded;
use crate::live::error::LiveError;
use crate::live::estate::{self, Secrets};
use crate::live::faults;
use crate::live::http::Http;
use crate::live::hub_api::HubApi;
use crate::live::lab_api::LabApi;
use crate::live::process::{Process, Usage};
use crate::live::whole;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// What is needed to start.
#[derive(Clone, Debug)]
pub struct Start {
    /// The executable that has the commands `serve` and `lookalikes`.
    pub exe: PathBuf,
    /// A folder that is empty or not there yet.
    pub data: PathBuf,
    /// Decides the chance that the look-alikes have.
    pub seed: u64,
    /// Whether the look-alikes behave badly.
    pub faults: bool,
    /// Whether the estate has the roles too that a retailer may do without.
    pub whole: bool,
    /// Where the hub listens: `None` takes a free port.
    pub listen: Option<std::net::SocketAddr>,
    /// The hub's store, where it is not a file of the folder.
    pub postgres: Option<Postgres>,
}

/// A schema of a PostgreSQL that nobody has used yet.
#[derive(Clone)]
pub struct Postgres {
    /// As the estate takes it, without a password.
    pub address: String,
    pub password: Option<String>,
}

/// The password is not shown.
impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Both processes, running, and where they are. Dropping it kills them.
#[derive(Debug)]
pub struct Lab {
    /// `http://127.0.0.1:PORT` of the hub.
    pub hub_url: String,
    /// The same of the look-alikes; `/{system}/_ledger` is below it.
    pub lab_url: String,
    /// For the hub's `/v1`.
    pub api_token: String,
    /// The hub's data folder.
    pub data: PathBuf,
    /// The estate file.
    pub estate: PathBuf,
    pub(crate) hub: HubApi,
    pub(crate) world: LabApi,
    /// Whether the roles are there that a retailer may do without.
    pub(crate) whole: bool,
    pub(crate) processes: Arc<Mutex<Processes>>,
}

/// The processes and what those that are gone have used.
#[derive(Debug)]
pub(crate) struct Processes {
    exe: PathBuf,
    estate: PathBuf,
    data: PathBuf,
    listen: String,
    hub_log: PathBuf,
    hub: Process,
    _lookalikes: Process,
    before: Usage,
}

/// How long stock changes are gathered before they are published. Short where each day is waited out.
const PUBLISH_MS_YEAR: u64 = 15;
const PUBLISH_MS: u64 = 500;
/// Returned lines in a thousand that are not ours or unusable. A real year's cancellations were all granted.
const REJECTS: u32 = 10;
/// How long a hub may need to come back after it was killed, and the pause between two tries.
const COMES_BACK: Duration = Duration::from_secs(80);
const RESTART: Duration = Duration::from_millis(200);

/// Prepares the folder and starts look-alikes and hub.
///
/// # Errors
/// When the folder holds an earlier run or cannot be written, or a process does not start.
pub async fn start(with: &Start, loaded: &Loaded) -> Result<Lab, LiveError> {
    let data = prepare(&with.data)?;
    let secrets = Secrets::make(&data)?;
    let year = matches!(loaded, Loaded::Year(_));
    let listen = match with.listen {
        Some(address) if address.port() != 0 => address.to_string(),
        _ => free_port(&data)?,
    };
    let world_file = data.join("lookalikes.json");
    let rejects = if year { 0 } else { REJECTS };
    let mut world = estate::world(&secrets, &format!("http://{listen}"), with.seed, year, rejects);
    if with.whole {
        whole::world(&secrets, &mut world);
    }
    if with.faults {
        faults::spoil(&mut world);
    }
    write(&world_file, &world.to_string())?;
    let lab_log = data.join("lookalikes.log");
    let arguments = ["lookalikes".as_ref(), "--listen".as_ref(), "127.0.0.1:0".as_ref(), "--config".as_ref()];
    let arguments: Vec<&std::ffi::OsStr> = arguments.into_iter().chain([world_file.as_os_str()]).collect();
    let lookalikes = Process::start("look-alikes", &with.exe, &arguments, &lab_log).await?;
    let lab_url = lookalikes.url.clone();

    let estate_file = data.join("estate.toml");
    let publish = if year { PUBLISH_MS_YEAR } else { PUBLISH_MS };
    let store = estate::store(&data, with.postgres.as_ref())?;
    let mut text = estate::estate(&lab_url, &listen, &store, &loaded.policy(), publish, with.faults);
    if with.whole {
        text += &whole::connections(&lab_url, with.faults);
    }
    write(&estate_file, &text)?;
    let hub_log = data.join("hub.log");
    let hub = serve(&with.exe, &data, &estate_file, &listen, &hub_log).await?;
    let hub_url = hub.url.clone();
    let api_token = secrets.get("api_token").to_owned();
    let processes = Processes {
        exe: with.exe.clone(),
        estate: estate_file.clone(),
        data: data.clone(),
        listen,
        hub_log: hub_log.clone(),
        hub,
        _lookalikes: lookalikes,
        before: Usage::default(),
    };
    Ok(Lab {
        hub: HubApi(Http::new(&hub_url, Some(api_token.clone()), Some(hub_log))),
        world: LabApi(Http::new(&lab_url, None, Some(lab_log))),
        hub_url,
        lab_url,
        whole: with.whole,
        api_token,
        data,
        estate: estate_file,
        processes: Arc::new(Mutex::new(processes)),
    })
}

async fn serve(
    exe: &Path,
    data: &Path,
    estate: &Path,
    listen: &str,
    log: &Path,
) -> Result<Process, LiveError> {
    let arguments = [
        "serve".as_ref(),
        "--data".as_ref(),
        data.as_os_str(),
        "--estate".as_ref(),
        estate.as_os_str(),
        "--listen".as_ref(),
        listen.as_ref(),
    ];
    Process::start("hub", exe, &arguments, log).await
}

/// Makes the folder; one that holds anything is left alone.
fn prepare(data: &Path) -> Result<PathBuf, LiveError> {
    std::fs::create_dir_all(data).map_err(|e| LiveError::file(data, &e))?;
    let data = data.canonicalize().map_err(|e| LiveError::file(data, &e))?;
    let mut entries = std::fs::read_dir(&data).map_err(|e| LiveError::file(&data, &e))?;
    if entries.next().is_some() { Err(LiveError::NotFresh(data)) } else { Ok(data) }
}

fn write(path: &Path, text: &str) -> Result<(), LiveError> {
    std::fs::write(path, text).map_err(|e| LiveError::file(path, &e))
}

/// A port that is free now: the hub must come back under the same one after it was killed.
fn free_port(data: &Path) -> Result<String, LiveError> {
    let taken = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    taken.map(|address| address.to_string()).map_err(|e| LiveError::file(data, &format!("no free port: {e}")))
}

impl Processes {
    /// SIGKILL, and a new hub on the same folder and port.
    pub(crate) async fn kill_hub(&mut self) -> Result<(), LiveError> {
        let used = self.hub.usage();
        self.hub.kill().await?;
        self.before.cpu_ms += used.cpu_ms;
        self.before.peak_rss_mb = self.before.peak_rss_mb.max(used.peak_rss_mb);
        // As whoever watches over processes would: started again until it stays. A hub may have to wait until the claim
        // of the one before has run out.
        let since = Instant::now();
        loop {
            match serve(&self.exe, &self.data, &self.estate, &self.listen, &self.hub_log).await {
                Ok(hub) => {
                    self.hub = hub;
                    return Ok(());
                }
                Err(error) if since.elapsed() > COMES_BACK => return Err(error),
                Err(_) => tokio::time::sleep(RESTART).await,
            }
        }
    }

    /// What all hubs have used together; the peak is that of the largest.
    pub(crate) fn hub_usage(&self) -> Usage {
        let now = self.hub.usage();
        Usage {
            cpu_ms: self.before.cpu_ms + now.cpu_ms,
            peak_rss_mb: self.before.peak_rss_mb.max(now.peak_rss_mb),
        }
    }
}

impl Lab {
    /// Ends both processes. The folder stays.
    ///
    /// # Errors
    /// When one of them cannot be ended.
    pub async fn stop(self) -> Result<(), LiveError> {
        self.processes.lock().await.hub.kill().await?;
        self.world.stop().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_anything_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        assert!(prepare(&inner).is_ok());
        let error = prepare(&folder.path().join("a")).unwrap_err();
        assert!(error.to_string().contains("earlier run"), "{error}");
    }
}
