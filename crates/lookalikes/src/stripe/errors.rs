//! Stripe's error objects (docs.stripe.com/api/errors).

use crate::base::http::Response;
use serde::Serialize;
use serde_json::value::RawValue;

/// A refusal or a failure, as it is told and, where an idempotency key stands, kept.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<&'static str>,
    message: Box<str>,
    /// The intent that was in the wrong state, which Stripe shows with the error.
    intent: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Told<'a>,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_url: Option<String>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent: Option<&'a RawValue>,
    r#type: &'a str,
}

const INVALID: &str = "invalid_request_error";

impl Fault {
    fn new(status: u16, kind: &'static str, code: Option<&'static str>, message: String) -> Self {
        Self { status, kind, code, param: None, message: message.into(), intent: None }
    }

    pub(crate) fn invalid(code: &'static str, param: &'static str, message: String) -> Self {
        Self { param: Some(param), ..Self::new(400, INVALID, Some(code), message) }
    }

    /// The intent is not in a state for this (`payment_intent_unexpected_state`); the error holds the intent.
    pub(crate) fn state(message: String, intent: Vec<u8>) -> Self {
        let intent = String::from_utf8(intent).ok().and_then(|text| RawValue::from_string(text).ok());
        Self { intent, ..Self::new(400, INVALID, Some("payment_intent_unexpected_state"), message) }
    }

    pub(crate) fn refund(code: &'static str, message: String) -> Self {
        Self::new(400, INVALID, Some(code), message)
    }

    pub(crate) fn missing(what: &str, id: &str) -> Self {
        let fault = Self::new(404, INVALID, Some("resource_missing"), format!("No such {what}: '{id}'"));
        Self { param: Some("id"), ..fault }
    }

    pub(crate) fn no_route(method: &str, path: &str) -> Self {
        Self::new(404, INVALID, None, format!("Unrecognized request URL ({method}: /{path})."))
    }

    pub(crate) fn declined() -> Self {
        Self::new(402, "card_error", Some("card_declined"), "Your card was declined.".to_owned())
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "api_error", None, "An unknown error occurred".to_owned())
    }

    /// docs.stripe.com/rate-limits.
    pub(crate) fn rate_limited() -> Self {
        Self::new(429, INVALID, Some("rate_limit"), "Too many requests in a short time.".to_owned())
    }

    pub(crate) fn stranger() -> Self {
        Self::new(401, INVALID, None, "Invalid API Key provided".to_owned())
    }

    pub(crate) fn other_parameters(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. \
             Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    /// Whether the answer is kept under the idempotency key. What is refused in validation is not; a declined
    /// card and a failure of Stripe's own are.
    pub(crate) fn kept(&self) -> bool {
        self.status == 402 || self.status >= 500
    }

    pub(crate) fn response(&self) -> Response {
        let doc_url =
            self.code.map(|code| format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
        let told = Told {
            code: self.code,
            doc_url,
            message: &self.message,
            param: self.param,
            payment_intent: self.intent.as_deref(),
            r#type: self.kind,
        };
        Response::json(self.status, &Envelope { error: told })
    }

    pub(crate) fn into_response(self) -> Response {
        self.response()
    }
}
