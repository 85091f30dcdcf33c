//! The hub that runs on a data folder, asked over HTTP.

use super::estate::{file_of, must_read};
use http_body_util::{BodyExt, Full};
use hyper::Method;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::path::Path;

/// Where it is, and the token that opens it.
pub struct RunningHub {
    url: String,
    token: String,
}

impl RunningHub {
    /// As `hub.json` in the folder says; the token is that of the estate given, else of `estate.toml` in the folder.
    ///
    /// # Errors
    /// When no hub ever ran there, or the estate gives no token.
    pub fn of(data: &Path, estate: Option<&Path>) -> Result<Self, String> {
        let (_, wired) = must_read(&file_of(data, estate), None)?;
        let token = wired.api_token.ok_or("the estate has no [hub] api_token")?;
        let told = data.join("hub.json");
        let hub = std::fs::read(&told).map_err(|error| format!("{}: {error}", told.display()))?;
        let hub: serde_json::Value = serde_json::from_slice(&hub).map_err(|error| error.to_string())?;
        // While a token is replaced there are two, parted by blanks; either opens.
        let token = token.expose().split_whitespace().next().unwrap_or_default().to_owned();
        Ok(Self { url: hub["url"].as_str().unwrap_or_default().to_owned(), token })
    }

    /// One small request, with a body where it needs one; gives status and body.
    ///
    /// # Errors
    /// When the hub does not answer.
    pub fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> Result<(u16, String), String> {
        let url = &self.url;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let client = Client::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
            let request = hyper::Request::builder()
                .method(method)
                .uri(format!("{url}{path}"))
                .header("authorization", format!("Bearer {}", self.token))
                .body(Full::from(body))
                .map_err(|error| error.to_string())?;
            let answer = client.request(request).await.map_err(|error| format!("{url}: {error}"))?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok((status, String::from_utf8_lossy(&body).into_owned()))
        })
    }
}
