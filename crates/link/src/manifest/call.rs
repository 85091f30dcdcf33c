//! One HTTP call of an operation.

use super::build::{Build, OWN_PROGRAM, Place};
use super::{Body, Call, Encode};
use formats::toml::Fields;

const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

impl Build<'_> {
    /// The call that `fields` describes: one of `get`, `post`, `put`, `patch`, `delete` with the path, and
    /// `query`, `body`, `headers` as needed.
    pub(crate) fn call(&self, fields: &mut Fields<'_>, encode: Encode) -> Option<Call> {
        for concept in ["call", "params", "bare", "keep"] {
            fields.unavailable(concept, OWN_PROGRAM);
        }
        let mut found = Vec::new();
        for (field, method) in METHODS {
            if let Some(node) = fields.get(field) {
                found.push((method, node));
            }
        }
        let query = self.optional(fields, "query");
        let body = fields.get("body");
        let headers = self.headers(fields.get("headers"));
        let (method, node) = match found.as_slice() {
            [one] => one.clone(),
            [] => {
                fields.fault("no call", "get, post, put, patch or delete = \"/path\"");
                return None;
            }
            [_, second, ..] => {
                second.1.fault("a second call in one place", "one of get, post, put, patch, delete");
                return None;
            }
        };
        let path = self.template(&node, Place::Path);
        if node.text().is_some_and(|text| !text.value.starts_with('/')) {
            node.fault("a path begins with a slash", "");
        }
        let body = match body {
            None => Some(Body::None),
            Some(node) if method == "GET" => {
                node.fault("GET has no body", "query");
                None
            }
            Some(node) if encode == Encode::None => {
                node.fault("there is no encoding for a body", "[http] encode = \"json\"");
                None
            }
            Some(node) if node.text().is_some_and(|text| text.value == "args") => {
                if encode != Encode::Json {
                    node.fault("the arguments as they are need encode = \"json\"", "a jq program");
                }
                Some(Body::Args)
            }
            Some(node) => self.program(&node).map(Body::Program),
        };
        Some(Call { method, path: path?, query: query?, body: body?, headers })
    }
}
