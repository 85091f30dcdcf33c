//! A small HTTP/1 client that keeps its connections.

use crate::live::error::LiveError;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(60);
/// How long a process may be away before it is given up: a hub that was killed reads its folder first.
const AWAY: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(20);

/// Speaks to one process.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    bearer: Option<String>,
    log: Option<PathBuf>,
}

/// An answer read whole.
pub(crate) struct Answer {
    pub status: u16,
    pub body: Bytes,
}

impl Http {
    /// `base` without a slash at its end; `log` is named when the process stays away.
    pub(crate) fn new(base: &str, bearer: Option<String>, log: Option<PathBuf>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, base: base.to_owned(), bearer, log }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// One try.
    async fn once(&self, method: Method, path: &str, body: Bytes) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(bearer) = &self.bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body)).map_err(|e| e.to_string())?;
        let talk = async {
            let answer = self.client.request(request).await.map_err(|e| chain(&e))?;
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.map_err(|e| e.to_string())?.to_bytes();
            Ok(Answer { status, body })
        };
        match tokio::time::timeout(ANSWER, talk).await {
            Ok(said) => said,
            Err(_) => Err(format!("no answer within {} s", ANSWER.as_secs())),
        }
    }

    /// Reads, trying again while the process is away or says 503.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, LiveError> {
        let since = Instant::now();
        loop {
            let cause = match self.once(Method::GET, path, Bytes::new()).await {
                Ok(answer) if answer.status != 503 => return Ok(answer),
                Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
                Err(cause) => cause,
            };
            if since.elapsed() > AWAY {
                return Err(self.away(path, cause));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads JSON.
    pub(crate) async fn get_json<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, LiveError> {
        let answer = self.get(path).await?;
        self.json(path, &answer)
    }

    /// Reads an answer as JSON; any status but 200 is an error.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        answer: &Answer,
    ) -> Result<T, LiveError> {
        let read = (answer.status == 200).then(|| serde_json::from_slice(&answer.body));
        match read {
            Some(Ok(value)) => Ok(value),
            Some(Err(e)) => Err(self.odd(path, answer, &format!("{e}: "))),
            None => Err(self.odd(path, answer, "")),
        }
    }

    /// Posts once. What is posted is not tried again, since it may have been done; the look-alikes do not die.
    pub(crate) async fn post<T: Serialize + ?Sized>(&self, path: &str, body: &T) -> Result<Bytes, LiveError> {
        let body = serde_json::to_vec(body).map_err(|e| self.away(path, e.to_string()))?;
        let said = self.once(Method::POST, path, body.into()).await;
        let answer = said.map_err(|cause| self.away(path, cause))?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(self.odd(path, &answer, "")) }
    }

    fn away(&self, path: &str, cause: String) -> LiveError {
        LiveError::NoAnswer { url: format!("{}{path}", self.base), cause, log: self.log.clone() }
    }

    fn odd(&self, path: &str, answer: &Answer, why: &str) -> LiveError {
        let shown: String = String::from_utf8_lossy(&answer.body).chars().take(500).collect();
        let url = format!("{}{path}", self.base);
        LiveError::Answer { url, status: answer.status, body: format!("{why}{shown}") }
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
