//! What reads text that others wrote, each as a function of bytes. The same functions run under a fuzzer and, with a
//! bounded number of damaged inputs, in `crates/wiring/tests/fuzzed`. Each demands that nothing breaks off and that
//! what is refused says what and where.

use arbitrary::Unstructured;
use link::{Answer, Connector, Endpoint, Folder, InboundRequest, Intake, Mode, Next};
use rehearsal::trade::{ColumnMap, Trade};
use retail::envelope::{Class, Command, json};
use retail::time::Time;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// What one reader is held to.
pub type Target = fn(&[u8]);

/// All of them, by the name of their corpus.
pub const ALL: [(&str, Target); 6] = [
    ("webhook", webhook),
    ("manifest", manifest),
    ("settings", settings),
    ("jq", jq),
    ("csv", csv),
    ("column_map", column_map),
];

const NOW: Time = Time(1_767_607_200_000);
/// No command takes more steps than this, whatever its system answers.
const MOST_STEPS: usize = 200;

static CONNECTORS: LazyLock<Vec<Connector>> = LazyLock::new(|| {
    let compiled = wiring::shipped().into_values().map(|folder| Connector::compile(&folder, None));
    compiled.collect::<Result<_, _>>().unwrap_or_default()
});

fn endpoint() -> Endpoint {
    let secret = ["hook", "key", "token"].map(|name| (name.to_owned(), "whsec_c2VjcmV0".to_owned()));
    Endpoint {
        url: "https://example.com".to_owned(),
        conf: serde_json::json!({"source": "shop", "pool": "gb", "url": "https://example.com"}).into(),
        secret: BTreeMap::from(secret),
        ..Endpoint::default()
    }
}

/// The connector and the lines that a first line of text names, then everything after it: `stripe 200 charge`.
fn split(data: &[u8]) -> (Vec<&str>, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let first = std::str::from_utf8(&data[..end]).unwrap_or_default();
    (first.split(' ').collect(), data.get(end + 1..).unwrap_or_default())
}

fn connector(name: &str) -> &'static Connector {
    let connectors = &*CONNECTORS;
    assert!(!connectors.is_empty(), "the shipped connectors compile");
    let named = connectors.iter().find(|connector| connector.name() == name);
    named.unwrap_or_else(|| &connectors[name.len() % connectors.len()])
}

/// The connector's name on the first line, a header on each line up to an empty one, then the body. What its
/// signature keeps out is looked at as if it had passed.
pub fn webhook(data: &[u8]) {
    let (words, mut rest) = split(data);
    let connector = connector(words[0]);
    let mut headers = Vec::new();
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = rest.get(end + 1..).unwrap_or_default();
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_owned(), link::mask_header(name, value.to_owned())));
    }
    let body = link::mask_cards(rest);
    let request = InboundRequest { path: "/?topic=a%2", headers: &headers, body: &body };
    for taken in [
        connector.intake_as_sent(&request, rest, &endpoint(), NOW, "t"),
        connector.understand(&request, &endpoint(), NOW, "t"),
    ] {
        match taken {
            Intake::Refused { status, why, code } => {
                assert!((400..500).contains(&status) && !why.is_empty() && !code.is_empty());
            }
            Intake::Parked { key, code, why } => {
                assert!(!key.is_empty() && !code.is_empty() && !why.is_empty(), "{key:?} {code:?} {why:?}");
            }
            Intake::Taken { key, events, .. } => assert!(!key.is_empty() && !events.is_empty()),
            Intake::Ignored { why } => assert!(!why.is_empty()),
            Intake::Wakes { polls } => assert!(!polls.is_empty()),
        }
    }
}

/// A manifest; after a line `---` the `lib.jq` beside it.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (manifest, library) = text.split_once("\n---\n").unwrap_or((text, ""));
    let files = [("connector.toml", manifest), ("lib.jq", library)];
    let files = files.into_iter().filter(|(_, text)| !text.is_empty());
    let folder = Folder { files: files.map(|(name, text)| (name.to_owned(), text.to_owned())).collect() };
    if let Err(faults) = Connector::compile(&folder, None) {
        placed(&faults, &folder.files);
    }
}

/// The estate file.
pub fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(faults) = settings::read("estate.toml", text) {
        placed(&faults, &BTreeMap::from([("estate.toml".to_owned(), text.to_owned())]));
    }
}

/// Every fault says what is wrong, and names a place that is in its file.
fn placed(faults: &[link::Fault], files: &BTreeMap<String, String>) {
    assert!(!faults.is_empty(), "refused without a word");
    for fault in faults {
        assert!(!fault.message.is_empty() && !fault.file.is_empty(), "{fault:?}");
        let Some(text) = files.get(&fault.file) else { continue };
        let lines: Vec<&str> = text.split('\n').collect();
        assert!(fault.line >= 1 && fault.line <= lines.len(), "{fault} is on none of {} lines", lines.len());
        let columns = lines[fault.line - 1].chars().count() + 1;
        assert!(fault.column >= 1 && fault.column <= columns, "{fault} is in none of {columns} columns");
    }
}

/// A connector, an operation and statuses on the first line; then the command's arguments, and after each line `---`
/// the body of an answer. Whatever a system answers, a command comes to an outcome.
pub fn jq(data: &[u8]) {
    let (words, rest) = split(data);
    let connector = connector(words[0]);
    let ops = connector.ops();
    let wanted = words.get(1).copied().unwrap_or_default();
    let Some(op) = connector.op(wanted).or_else(|| ops.get(wanted.len() % ops.len().max(1))) else { return };
    let text = String::from_utf8_lossy(rest);
    let mut parts = text.split("\n---\n");
    let args = parts.next().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let Ok(args) = json(&args.unwrap_or_default()) else { return };
    let bodies: Vec<&str> = parts.collect();
    let statuses: Vec<u16> = words.iter().skip(2).filter_map(|word| word.parse().ok()).collect();
    let command = Command {
        role: "erp".to_owned(),
        at: String::new(),
        op: op.name.clone(),
        object: "o".to_owned(),
        key: "k".to_owned(),
        class: Class::Status,
        args,
    };
    for mode in [Mode::First, Mode::Find] {
        let Ok(mut run) = connector.start(&command, mode, &Arc::new(endpoint()), None) else { continue };
        let mut answer = None;
        for step in 0.. {
            assert!(step < MOST_STEPS, "{} of {} never ends", op.name, connector.name());
            match run.next(answer.take(), NOW) {
                Next::Done(_) => break,
                Next::Send(_) => {
                    answer = Some(Answer::Response {
                        status: statuses.get(step % statuses.len().max(1)).copied().unwrap_or(200),
                        headers: Vec::new(),
                        body: bodies
                            .get(step % bodies.len().max(1))
                            .map_or(Vec::new(), |b| b.as_bytes().to_vec()),
                    });
                }
            }
        }
    }
}

/// A file of invoice lines.
pub fn csv(data: &[u8]) {
    let Ok(map) = ColumnMap::parse(MAP) else { panic!("the map of this target reads") };
    if let Err(error) = Trade::read(data, map) {
        assert!(!error.to_string().is_empty());
    }
}

/// A map of columns, and after a line `---` a file of invoice lines.
pub fn column_map(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (map, file) = text.split_once("\n---\n").unwrap_or((text, ""));
    match ColumnMap::parse(map) {
        Ok(map) => {
            if let Err(error) = Trade::read(file.as_bytes(), map) {
                assert!(!error.to_string().is_empty());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

const MAP: &str = include_str!("../../crates/rehearsal/maps/online-retail.toml");

/// A damaged input: `luck` says where, and by what of `others`.
pub fn damage(input: &[u8], others: &[Vec<u8>], luck: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let mut bytes = input.to_vec();
    for _ in 0..=luck.int_in_range(0..=3)? {
        let at = luck.int_in_range(0..=bytes.len())?;
        let end = luck.int_in_range(at..=bytes.len().min(at + 40))?;
        match luck.int_in_range(0..=6)? {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            3 => bytes.insert(at, *luck.choose(b"{}[]\",:=.#'\\\n\r\t -+e019\x00\x7f\xff\xc3")?),
            4 => {
                let word: &[u8] = luck.choose(&WORDS)?;
                drop(bytes.splice(at..end, word.iter().copied()));
            }
            5 => {
                let other = luck.choose(others)?;
                let from = luck.int_in_range(0..=other.len())?;
                let to = luck.int_in_range(from..=other.len().min(from + 60))?;
                drop(bytes.splice(at..at, other[from..to].iter().copied()));
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << luck.int_in_range(0..=7)?;
                }
            }
        }
    }
    Ok(bytes)
}

/// What parsers stumble over.
const WORDS: [&[u8]; 20] = [
    b"null",
    b"-0",
    b"1e400",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"0.0000000000000000000000000000001",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":{\"a\":",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"\xf0\x9f\x98\x80",
    b"9999-12-31T23:59:59.999999999Z",
    b"0000-00-00T00:00:00Z",
    b"2026-02-29 24:60:60",
    b"\"\"",
    b"{}",
    b"[]",
    b"true",
    b"4242424242424242",
    b"%00",
];
