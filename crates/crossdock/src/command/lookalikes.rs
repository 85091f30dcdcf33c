//! `crossdock lookalikes`: vendors' doubles over HTTP, in a process of their own.

use super::{Done, Out, say};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Runs the look-alike vendors: storefront, payment provider, ERP, order management, two warehouses, returns
/// platform. See crates/lookalikes/README.md for what they take.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  crossdock lookalikes --listen 127.0.0.1:9000 --config world.json")]
pub struct Lookalikes {
    /// Where to listen; port 0 takes a free one. The address is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Their configuration as JSON; what is left out has its default.
    #[arg(long)]
    config: Option<PathBuf>,
}

impl Lookalikes {
    pub fn run(self, _out: Out) -> Done {
        let config = match &self.config {
            None => lookalikes::WorldConfig::default(),
            Some(file) => {
                let text = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
                serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))?
            }
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| format!("the runtime did not start: {error}"))?;
        runtime.block_on(async {
            let listener = TcpListener::bind(self.listen)
                .await
                .map_err(|error| format!("cannot listen on {}: {error}", self.listen))?;
            let address = listener.local_addr().map_err(|error| error.to_string())?;
            say(&format!("listening http://{address}"))?;
            let stop = async {
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            lookalikes::serve(listener, config, stop).await.map_err(|error| error.to_string())?;
            Ok(ExitCode::SUCCESS)
        })
    }
}
