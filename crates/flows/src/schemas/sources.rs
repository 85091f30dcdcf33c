//! What the derives of a schema cannot see: which reader a member has, and under which other name it is taken.

use std::collections::BTreeMap;

/// Sources of the types that events are read as.
const SOURCES: [&str; 11] = [
    include_str!("../order/events.rs"),
    include_str!("../order/wishes.rs"),
    include_str!("../order/delivery.rs"),
    include_str!("../order/doc.rs"),
    include_str!("../order/prices.rs"),
    include_str!("../returns/events.rs"),
    include_str!("../refund/events.rs"),
    include_str!("../stock/messages.rs"),
    include_str!("../stock/reports.rs"),
    include_str!("../stock/spot.rs"),
    include_str!("../difference/events.rs"),
];

/// A member as its source has it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Member {
    /// `field::quantity`
    pub reader: Option<String>,
    /// The name that senders write, where another is kept.
    pub alias: Option<String>,
}

/// By struct and by the member's name in JSON.
#[derive(Debug)]
pub(super) struct Members(BTreeMap<(String, String), Member>);

impl Members {
    /// A member; one that its struct does not declare is another's, taken in by `flatten`.
    pub fn find(&self, of: &str, name: &str) -> Member {
        let own = self.0.get(&(of.to_owned(), name.to_owned()));
        let any = || self.0.iter().find(|((_, member), _)| member == name).map(|(_, found)| found);
        own.or_else(any).cloned().unwrap_or_default()
    }
}

/// Reads them all. Members of the same name in structs of the same name have the same reader, or it fails.
pub(super) fn members() -> Members {
    let mut all = BTreeMap::new();
    for source in SOURCES {
        let (mut of, mut attributes) = (None::<String>, String::new());
        for line in source.lines().map(str::trim) {
            if let Some(rest) = line.split("struct ").nth(1).filter(|_| line.starts_with("pub")) {
                let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
                of = line.ends_with('{').then(|| name.to_owned());
                attributes.clear();
            } else if line == "}" {
                of = None;
            } else if line.starts_with("#[serde(") || !attributes.is_empty() && !attributes.ends_with(")]") {
                attributes.push_str(line);
            } else if let (Some(of), Some((name, _))) = (&of, line.split_once(':'))
                && !line.starts_with("//")
            {
                let name = name.rsplit(' ').next().unwrap_or_default();
                let named = quoted(&attributes, "rename = ").unwrap_or_else(|| name.to_owned());
                let member = Member {
                    reader: quoted(&attributes, "deserialize_with = "),
                    alias: quoted(&attributes, "alias = "),
                };
                let reader =
                    |m: &Member| m.reader.as_deref().and_then(|r| r.rsplit("::").next().map(str::to_owned));
                if let Some(before) = all.insert((of.clone(), named.clone()), member.clone()) {
                    assert_eq!(
                        reader(&before),
                        reader(&member),
                        "two structs {of} have a member {named}, read in two ways"
                    );
                }
                attributes.clear();
            }
        }
    }
    Members(all)
}

fn quoted(attributes: &str, what: &str) -> Option<String> {
    Some(attributes.split(what).nth(1)?.strip_prefix('"')?.split('"').next()?.to_owned())
}

#[test]
fn readers_and_names_are_found() {
    let members = members();
    assert_eq!(members.find("Submitted", "total").reader.as_deref(), Some("field::total"));
    assert_eq!(members.find("Submitted", "number"), Member::default());
    assert_eq!(members.find("Deliver", "m").alias.as_deref(), Some("method"));
    assert_eq!(members.find("TransferLine", "lot").reader.as_deref(), Some("id"));
}
