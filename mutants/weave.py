"""Weaves every mutant that cargo-mutants names into one copy of the source, so that all of them are built at once:
each function begins with the question which mutant is on."""
import json
import re
import subprocess

SWITCH = """
#[doc(hidden)]
pub mod mutant {
    use std::{cell::RefCell, collections::HashSet, io::Write as _, sync::LazyLock};
    static ON: LazyLock<u32> =
        LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(u32::MAX));
    static REACH: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("MUTANT_REACH").ok());
    thread_local!(static SEEN: RefCell<HashSet<u32>> = RefCell::default());
    /// Which mutant is on. Notes that the test, which its thread is named after, came here.
    pub fn on(function: u32) -> u32 {
        if let Some(file) = REACH.as_ref() && SEEN.with_borrow_mut(|seen| seen.insert(function)) {
            let thread = std::thread::current();
            let line = format!("{} {function}\\n", thread.name().unwrap_or("?"));
            let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
            file.and_then(|mut file| file.write_all(line.as_bytes())).unwrap();
        }
        *ON
    }
}
"""
QUIET = re.compile(r"""//[^\n]*|/\*.*?\*/|r(#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'""", re.S)


def listed(root, packages, files):
    """The mutants, by number. Those of constants and of functions that cannot ask which mutant is on are set apart."""
    command = ["cargo", "mutants", "--list", "--json", "--dir", str(root)]
    command += [word for p in packages for word in ("-p", p)] + [word for f in files for word in ("-f", f)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout
    mutants = json.loads(told)
    for number, mutant in enumerate(mutants):
        mutant["id"] = number
    return mutants


class Source:
    """A file of the copy, with the functions that have mutants."""

    def __init__(self, root, name, mutants):
        self.path, self.name = root / name, name
        self.text = (root / name).read_text()
        self.starts = [0] + [m.end() for m in re.finditer("\n", self.text)]
        self.bare = QUIET.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), self.text)
        self.functions = {}
        self.apart = []
        for mutant in mutants:
            body = self.body(mutant)
            (self.apart if body is None else self.functions.setdefault(body, [])).append(mutant)
        # A function within a function: its mutants are for cargo-mutants itself.
        for inner in list(self.functions):
            if any(o[0] < inner[0] and inner[1] < o[1] for o in self.functions):
                self.apart += self.functions.pop(inner)

    def at(self, place):
        return self.starts[place["line"] - 1] + place["column"] - 1

    def body(self, mutant):
        """From the brace that opens the function to the one that closes it."""
        if not mutant["function"] or "impl " in mutant["function"]["return_type"]:
            return None
        begin, end = (self.at(mutant["function"]["span"][side]) for side in ("start", "end"))
        word = re.compile(r"\b(const\s+)?(?:unsafe\s+)?fn\b").search(self.bare, begin, end)
        if not word or word[1]:
            return None
        return self.bare.index("{", word.start(), end), end

    def woven(self, dropped, numbers):
        """The text with all mutants but the dropped, and the lines on which each of them stands."""
        out, done, lines = [], 0, {}
        line = 1

        def put(text):
            nonlocal line
            out.append(text)
            line += text.count("\n")

        for (begin, end), mutants in sorted(self.functions.items()):
            kept = [m for m in mutants if m["id"] not in dropped]
            put(self.text[done:begin])
            done = end
            number = numbers.setdefault((self.name, begin), len(numbers))
            if not kept:
                put(self.text[begin:end])
                continue
            put(f"{{ match crate::mutant::on({number}) {{\n")
            for mutant in kept:
                first = line
                start, stop = (self.at(mutant["span"][side]) for side in ("start", "end"))
                changed = self.text[begin:start] + mutant["replacement"] + self.text[stop:end]
                put(f"{mutant['id']} => {changed}\n")
                lines[mutant["id"]] = (first, line - 1)
                mutant["at"] = number
            put(f"_ => {self.text[begin:end]}\n}} }}")
        put(self.text[done:])
        return "".join(out), lines
