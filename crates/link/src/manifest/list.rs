//! Lists: asking a system what it says it has, to hold it against the hub's books.

use super::build::Build;
use super::{Encode, List, Plan};
use crate::http::Endpoint;
use formats::toml::{Fields, Node, nearest};
use retail::listing::ListKind;
use retail::time::Span;

impl List {
    /// Whether a connection is asked for it.
    pub fn wanted(&self, endpoint: &Endpoint) -> bool {
        super::wake::wanted(self.only_with.as_ref(), endpoint)
    }
}

impl Build<'_> {
    pub(crate) fn lists(&self, fields: &Fields<'_>, encode: Encode, timeout: Span) -> Vec<Option<List>> {
        let read = |name: &str, node: &Node<'_>| self.list(name, node, encode, timeout);
        fields.entries().iter().map(|(name, node)| read(name.value, node)).collect()
    }

    fn list(&self, name: &str, node: &Node<'_>, encode: Encode, timeout: Span) -> Option<List> {
        let kind = ListKind::parse(name);
        if kind.is_none() {
            let kinds = || ListKind::ALL.iter().map(|kind| kind.code());
            let hint =
                nearest(name, kinds()).map_or_else(|| kinds().collect::<Vec<_>>().join(", "), str::to_owned);
            node.fault(format!("there are no lists of {name}"), hint);
        }
        let mut fields = node.fields()?;
        let only_with = self.only_with(&mut fields);
        let timeout = fields.get("timeout").map_or(Some(timeout), |node| node.span_ms().map(Span));
        let call = self.call(&mut fields, encode);
        let page = self.optional(&mut fields, "page");
        let none_if = self.optional(&mut fields, "none_if");
        let rows = fields
            .need("rows", "rows = '.body.data[] | {id: .id, reference: .metadata.hub}': what an answer lists")
            .and_then(|node| self.program(&node));
        fields.done();
        Some(List {
            kind: kind?,
            only_with,
            call: call?,
            page: page?,
            none_if: none_if?,
            rows: rows?,
            plan: Plan::bare(timeout?),
        })
    }
}
