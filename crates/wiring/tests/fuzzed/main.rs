//! The targets of `fuzz/` with a bounded number of inputs: the kept ones as they are, and each damaged in many ways.
//! What once broke something is added to `fuzz/corpus`, so that it is looked at for ever.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // the targets are no test functions

#[path = "../../../../fuzz/src/targets.rs"]
mod targets;

use arbitrary::Unstructured;
use std::path::Path;

/// Damaged inputs for each target.
const DAMAGED: u32 = 4_000;

/// A fixed sequence of bytes (splitmix64).
fn luck(seed: u64) -> Vec<u8> {
    let word = |n: u64| {
        let mut z = seed.wrapping_mul(1_000).wrapping_add(n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).to_le_bytes()
    };
    (0..16).flat_map(word).collect()
}

fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn run(target: &str) {
    let (_, check) = targets::ALL.iter().find(|(name, _)| *name == target).unwrap();
    let kept = kept(target);
    assert!(!kept.is_empty(), "{target} has a corpus");
    let held = |input: &[u8]| {
        let broke = std::panic::catch_unwind(|| check(input)).is_err();
        assert!(!broke, "{target} breaks off at:\n{}\n{input:?}", String::from_utf8_lossy(input));
    };
    for input in &kept {
        held(input);
    }
    for n in 0..DAMAGED {
        let bytes = luck(u64::from(n));
        let mut luck = Unstructured::new(&bytes);
        let input = luck.choose(&kept).unwrap();
        held(&targets::damage(input, &kept, &mut luck).unwrap());
    }
}

#[test]
fn webhooks_are_taken_or_refused_with_a_reason() {
    run("webhook");
}

#[test]
fn manifests_are_compiled_or_each_fault_has_its_place() {
    run("manifest");
}

#[test]
fn settings_are_read_or_each_fault_has_its_place() {
    run("settings");
}

#[test]
fn whatever_a_system_answers_a_command_comes_to_an_outcome() {
    run("jq");
}

#[test]
fn files_of_invoices_are_read_or_refused_with_a_reason() {
    run("csv");
    run("column_map");
}

#[test]
fn every_target_has_a_test_and_a_fuzzer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let here = include_str!("main.rs");
    for (name, _) in targets::ALL {
        assert!(here.contains(&format!("run(\"{name}\")")), "{name} is not run here");
        assert!(root.join(format!("fuzz/fuzz_targets/{name}.rs")).is_file(), "{name} has no fuzzer");
    }
}
