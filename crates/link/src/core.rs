//! A compiled connector as its runs share it.

use crate::manifest::{Manifest, Signature, Way};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Core {
    pub manifest: Manifest,
    /// Operations by name.
    pub ops: BTreeMap<String, usize>,
    /// Every signature that some event asks for, once.
    pub signatures: Vec<Signature>,
    /// For each event, which of the signatures.
    pub signed_by: Vec<usize>,
    /// Events that pass through, by type.
    pub passing: BTreeMap<String, usize>,
}

impl Core {
    pub fn new(manifest: Manifest) -> Self {
        let ops = manifest.ops.iter().enumerate().map(|(n, op)| (op.name.clone(), n)).collect();
        let mut signatures: Vec<Signature> = Vec::new();
        let mut signed_by = Vec::new();
        let mut passing = BTreeMap::new();
        for (n, event) in manifest.events.iter().enumerate() {
            let at = signatures.iter().position(|known| *known == event.signature).unwrap_or_else(|| {
                signatures.push(event.signature.clone());
                signatures.len() - 1
            });
            signed_by.push(at);
            if matches!(event.way, Way::Passthrough(_)) {
                passing.insert(event.kind.clone(), n);
            }
        }
        Self { manifest, ops, signatures, signed_by, passing }
    }
}
