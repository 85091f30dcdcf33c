//! The journal as a chain: positions, hashes, heads.

use crate::report::Findings;
use crate::rules;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One partition's chain so far.
#[derive(Clone, Debug, Default)]
struct Part {
    rows: u64,
    last: u64,
    hash: [u8; 32],
    head: Option<(u64, [u8; 32])>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    parts: BTreeMap<u16, Part>,
    exported: BTreeMap<(u16, u64), [u8; 32]>,
}

/// A row's place in the chain, and what it carries into it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub part: u16,
    pub pos: u64,
    pub case: u64,
    pub prev: u64,
    pub at: i64,
    pub body: &'a [u8],
}

/// A hash as people compare them: its first eight bytes.
pub(crate) fn short(hash: &[u8; 32]) -> String {
    hash.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// The hash of a row after a row whose hash was `previous`.
#[must_use]
pub(crate) fn hash_onto(previous: &[u8; 32], link: &Link<'_>) -> [u8; 32] {
    let mut h = Sha256::new();
    h.update(previous);
    for n in [link.pos, link.case, link.prev, link.at.cast_unsigned()] {
        h.update(n.to_be_bytes());
    }
    h.update(link.body);
    h.finalize().into()
}

impl Chain {
    pub fn exported(&mut self, part: u16, pos: u64, hash: [u8; 32]) {
        self.exported.insert((part, pos), hash);
    }

    pub fn head(&mut self, part: u16, pos: u64, hash: [u8; 32]) {
        self.parts.entry(part).or_default().head = Some((pos, hash));
    }

    /// Takes in the next row of a partition.
    pub fn row(&mut self, link: &Link<'_>, findings: &mut Findings) {
        let part = self.parts.entry(link.part).or_default();
        findings.checked(rules::JOURNAL_DENSE, 1);
        findings.checked(rules::JOURNAL_CHAIN, 1);
        if link.pos != part.last + 1 {
            findings.breach(
                rules::JOURNAL_DENSE,
                format!("partition {}", link.part),
                format!("row {} next", part.last + 1),
                format!("row {}", link.pos),
                format!("journal {}/{}", link.part, link.pos),
            );
        }
        part.rows += 1;
        part.last = link.pos;
        part.hash = hash_onto(&part.hash, link);
        if let Some(expected) = self.exported.get(&(link.part, link.pos)) {
            findings.checked(rules::JOURNAL_EXPORT, 1);
            if *expected != part.hash {
                findings.breach(
                    rules::JOURNAL_EXPORT,
                    format!("partition {}", link.part),
                    short(expected),
                    short(&part.hash),
                    format!("journal {}/{}", link.part, link.pos),
                );
            }
        }
    }

    pub fn finish(&self, findings: &mut Findings) {
        for (n, part) in &self.parts {
            let about = format!("partition {n}");
            let Some((pos, hash)) = part.head else {
                let found = format!("{} rows and no head", part.rows);
                findings.breach(rules::JOURNAL_DENSE, about, "a head", found, format!("head {n}"));
                continue;
            };
            if pos != part.last {
                let found = format!("row {}", part.last);
                findings.breach(
                    rules::JOURNAL_DENSE,
                    about.as_str(),
                    format!("row {pos} last"),
                    found,
                    format!("head {n}"),
                );
            }
            if hash != part.hash {
                let place = format!("head {n}, after {} rows", part.rows);
                findings.breach(rules::JOURNAL_CHAIN, about, short(&hash), short(&part.hash), place);
            }
        }
        for (part, pos) in self.exported.keys() {
            let last = self.parts.get(part).map_or(0, |p| p.last);
            if *pos > last {
                findings.checked(rules::JOURNAL_EXPORT, 1);
                findings.breach(
                    rules::JOURNAL_EXPORT,
                    format!("partition {part}"),
                    format!("row {pos}, which was there when the head was exported"),
                    format!("row {last} last"),
                    format!("journal {part}"),
                );
            }
        }
    }
}
