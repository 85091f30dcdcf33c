//! Compiles jq, and finds the place in the manifest or the `.jq` file that a compile error means.

use super::{Data, Program, natives};
use bytes::Bytes;
use formats::toml::{Fault, Source};
use jaq_core::compile::Undefined;
use jaq_core::load::{self, Arena, File, Loader, parse::Def};
use jaq_core::native::run;
use jaq_core::{Compiler, defs as core_defs, funs as core_funs};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Filters that read a clock, a zone, the environment or the process: not for a pure mapping.
const GONE: [&str; 11] = [
    "now",
    "env",
    "localtime",
    "strflocaltime",
    "halt",
    "halt_error",
    "stderr",
    "stderr_empty",
    "debug",
    "debug_empty",
    "input_filename",
];

/// What link adds to jq in jq's own words: what needs the connection's settings.
const DEFS: &str = "def mapped($name; f): mapped($conf.maps[$name]; $name; f);";

/// The `.jq` files of a connector, and jq's own definitions, read once.
pub(crate) struct Library<'f> {
    files: &'f BTreeMap<String, String>,
    defs: Vec<Def<&'static str>>,
}

/// Where a program's text comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// The text in which positions are reported: the manifest, or the `.jq` file itself.
    pub source: Source<'a>,
    /// Where the program begins in it.
    pub start: usize,
    /// True when the program stands in it letter by letter, so that offsets add up.
    pub exact: bool,
    /// The manifest's field.
    pub path: &'a str,
}

impl Origin<'_> {
    fn fault(&self, offset: usize, message: String, hint: &str) -> Fault {
        let at = if self.exact { self.start + offset } else { self.start };
        self.source.fault(at, self.path, message, hint)
    }
}

impl<'f> Library<'f> {
    pub fn new(files: &'f BTreeMap<String, String>) -> Self {
        let own = load::parse(DEFS, |p| p.defs()).unwrap_or_default();
        let defs = core_defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(own);
        Self { files, defs: defs.filter(|def| !GONE.contains(&def.name)).collect() }
    }

    /// Compiles `code`, which may include other `.jq` files of the folder.
    pub fn compile(&self, code: &str, origin: Origin<'_>) -> Result<Program, Vec<Fault>> {
        let arena = Arena::default();
        let asks_conf = Cell::new(asks_conf(code));
        let read = |import: load::Import<'_, &str, String>| {
            let name = format!("{}.jq", import.path);
            match self.files.get(&name) {
                Some(text) => {
                    asks_conf.set(asks_conf.get() || self::asks_conf(text));
                    Ok(File { code: text.clone(), path: name })
                }
                None => Err(format!("there is no file {name} in this folder")),
            }
        };
        let main = File { code, path: String::new() };
        let modules =
            Loader::new(self.defs.iter().cloned()).with_read(read).load(&arena, main).map_err(|errors| {
                errors.into_iter().flat_map(|(file, wrong)| unread(&file, wrong, origin)).collect::<Vec<_>>()
            })?;
        let funs =
            core_funs().chain(jaq_std::funs()).chain(jaq_json::funs()).filter(|fun| !GONE.contains(&fun.0));
        let filter = Compiler::default()
            .with_funs(funs.chain(natives::all().into_iter().map(run::<Data>)))
            .with_global_vars(["$conf", "$key", "$now"])
            .compile(modules)
            .map_err(|errors| {
                let each = errors.into_iter().flat_map(|(file, wrong)| {
                    wrong
                        .into_iter()
                        .map(move |(name, what)| undefined(&file, name, &what, origin))
                        .collect::<Vec<_>>()
                });
                each.collect::<Vec<_>>()
            })?;
        let (line, _) = origin.source.place(origin.start);
        let (path, asks_conf) = (path(code), asks_conf.get());
        Ok(Program {
            filter,
            path,
            asks_conf,
            site: format!("{} ({}:{line})", origin.path, origin.source.file),
        })
    }
}

/// Whether a text may ask for the connection's settings, itself or by a definition of ours.
fn asks_conf(code: &str) -> bool {
    code.contains("$conf") || code.contains("mapped")
}

/// `.body.error.code` as its members, where a program is no more than that.
fn path(code: &str) -> Option<Vec<Bytes>> {
    let members = code.trim().strip_prefix('.')?.split('.');
    let named = |name: &str| {
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    members.map(|name| named(name).then(|| Bytes::copy_from_slice(name.as_bytes()))).collect()
}

/// Places a fault in the program itself or in the file that it includes.
fn place(file: &File<&str, String>, part: &str, origin: Origin<'_>, message: String, hint: &str) -> Fault {
    let offset = (part.as_ptr() as usize).saturating_sub(file.code.as_ptr() as usize).min(file.code.len());
    if file.path.is_empty() {
        origin.fault(offset, message, hint)
    } else {
        Source { file: &file.path, text: file.code }.fault(offset, origin.path, message, hint)
    }
}

fn unread(file: &File<&str, String>, wrong: load::Error<&str>, origin: Origin<'_>) -> Vec<Fault> {
    match wrong {
        load::Error::Io(missing) => missing
            .into_iter()
            .map(|(part, why)| {
                place(file, part, origin, why, "include \"name\" reads name.jq beside the manifest")
            })
            .collect(),
        load::Error::Lex(wrong) => wrong
            .into_iter()
            .map(|(expected, part)| {
                place(
                    file,
                    part,
                    origin,
                    format!("jq: expected {}, found {}", expected.as_str(), shown(part)),
                    "",
                )
            })
            .collect(),
        load::Error::Parse(wrong) => wrong
            .into_iter()
            .map(|(expected, part)| {
                place(
                    file,
                    part,
                    origin,
                    format!("jq: expected {}, found {}", expected.as_str(), shown(part)),
                    "",
                )
            })
            .collect(),
    }
}

fn undefined(file: &File<&str, String>, name: &str, what: &Undefined, origin: Origin<'_>) -> Fault {
    let hint = match (name, what) {
        ("now", _) => "$now, the time of this call as RFC 3339 text",
        (_, Undefined::Var) => "$conf, $key or $now",
        (name, _) if GONE.contains(&name) => "leave it out: a mapping depends on its input alone",
        _ => "",
    };
    let arity = match what {
        Undefined::Filter(n) if *n > 0 => format!("/{n}"),
        _ => String::new(),
    };
    place(file, name, origin, format!("jq: there is no {} {name}{arity}", what.as_str()), hint)
}

fn shown(part: &str) -> String {
    let part = part.trim();
    let start: String = part.chars().take(12).collect();
    match part.len() {
        0 => "the end".to_owned(),
        n if n > start.len() => format!("`{start}…`"),
        _ => format!("`{start}`"),
    }
}
