//! Builds one request of an operation.

use crate::core::Core;
use crate::form;
use crate::http::HttpRequest;
use crate::json::write;
use crate::manifest::{Body, Call, Encode, Plan};
use crate::scene::Scene;
use crate::template::{Unfilled, percent};
use jaq_json::Val;
use retail::envelope::Outcome;

pub(crate) fn fault(code: &str, message: impl Into<String>) -> Outcome {
    Outcome::Fault { code: code.to_owned(), message: message.into() }
}

/// A mapping that failed, named by its field and file.
pub(crate) fn unmapped(failed: &crate::jq::Failed) -> Outcome {
    fault("mapping_failed", failed.to_string())
}

fn unfilled(what: &str, why: &Unfilled) -> Outcome {
    match why {
        Unfilled::Setting(name) => {
            fault("setting_missing", format!("{what} needs {name}, which the connection does not have"))
        }
        other => fault("mapping_failed", format!("{what}: {other}")),
    }
}

/// One call, ready to be sent. `params` are added to the query (a page; a call with a body reads them as `.page`
/// instead), `key` is the idempotency key.
pub(crate) fn build(
    core: &Core,
    plan: &Plan,
    call: &Call,
    scene: &Scene<'_>,
    params: Option<&Val>,
    key: Option<String>,
) -> Result<HttpRequest, Outcome> {
    let http = &core.manifest.http;
    let raw = |text: &str, out: &mut String| out.push_str(text);
    let mut url = http.base.fill(scene, raw).map_err(|why| unfilled("http.base", &why))?;
    url.truncate(url.trim_end_matches('/').len());
    let path = call.path.fill(scene, percent).map_err(|why| unfilled("the path", &why))?;
    if path.split(['/', '?']).any(|segment| segment == "." || segment == "..") {
        return Err(fault("mapping_failed", format!("the path {path} would climb out of its folder")));
    }
    url.push_str(&path);
    let mut query = match &call.query {
        Some(program) => {
            let value = scene.first(program).map_err(|failed| unmapped(&failed))?;
            form::encode(&value).map_err(|why| unmapped(&program.failed(why)))?
        }
        None => String::new(),
    };
    if let Some(params) = params.filter(|_| matches!(call.body, Body::None)) {
        let more =
            form::encode(params).map_err(|why| fault("mapping_failed", format!("the next page: {why}")))?;
        if !query.is_empty() && !more.is_empty() {
            query.push('&');
        }
        query.push_str(&more);
    }
    if !query.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&query);
    }
    let body = match &call.body {
        Body::None => None,
        Body::Args => Some(scene_args(scene)),
        Body::Program(program) => {
            let value = scene.first(program).map_err(|failed| unmapped(&failed))?;
            let text = if http.encode == Encode::Form { form::encode(&value) } else { write(&value) };
            Some(text.map_err(|why| unmapped(&program.failed(why)))?)
        }
    };
    let mut headers = Vec::with_capacity(6);
    headers.push(("Accept".to_owned(), "application/json".to_owned()));
    if body.is_some() {
        let kind = if http.encode == Encode::Form {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        };
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    if let (Some(name), Some(key)) = (&plan.key_header, key) {
        headers.push((name.clone(), key));
    }
    for (name, template) in http.headers.iter().chain(&call.headers) {
        let value = template.fill(scene, raw).map_err(|why| unfilled(&format!("the header {name}"), &why))?;
        headers.push((name.clone(), value));
    }
    if let Some((name, _)) = headers.iter().find(|(_, value)| value.chars().any(char::is_control)) {
        return Err(fault("mapping_failed", format!("the header {name} would hold a control character")));
    }
    Ok(HttpRequest {
        method: call.method,
        url,
        headers,
        body: body.unwrap_or_default().into_bytes(),
        timeout: plan.timeout,
    })
}

fn scene_args(scene: &Scene<'_>) -> String {
    use crate::template::Fill as _;
    scene.args().to_owned()
}
