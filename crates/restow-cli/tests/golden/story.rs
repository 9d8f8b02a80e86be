//! A scripted run of the binary in a folder of its own, and its transcript.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::diff;
use super::normalizer::Normalizer;

/// Environment variable that makes the chapters write their transcripts.
const UPDATE: &str = "RESTOW_GOLDEN";

/// Order of the objects of one step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As the command prints them.
    Printed,
    /// Sorted between two events of a run, for commands that print objects by their random IDs.
    Sorted,
}

/// Chapter of the golden run.
pub(crate) struct Story {
    folder: tempfile::TempDir,
    chapter: &'static str,
    normalizer: Normalizer,
    /// Values of `$NAME` in command lines.
    variables: BTreeMap<String, String>,
    transcript: String,
}

impl Story {
    /// Begins a chapter in an empty folder.
    pub(crate) fn begin(chapter: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut normalizer = Normalizer::default();
        normalizer.hide_folder(&folder.path().canonicalize().unwrap());
        normalizer.hide_folder(folder.path());
        Self { folder, chapter, normalizer, variables: BTreeMap::new(), transcript: String::new() }
    }

    /// Returns the chapter with changed settings of its normalizer.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Normalizer)) -> Self {
        change(&mut self.normalizer);
        self
    }

    /// Returns the path of a file in the chapter's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a folder.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Writes a file, and its folder if that is missing.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Adds a remark about a change that no command makes.
    pub(crate) fn remark(&mut self, text: &str) {
        writeln!(self.transcript, "# {text}").unwrap();
    }

    /// Renames a file or folder.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        self.remark(&format!("mv {from} {to}"));
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// Sets a variable of command lines. The transcript shows its name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// Runs a command line and records it. Words are separated by spaces; `'…'` is one word.
    pub(crate) fn run(&mut self, line: &str) -> Vec<Value> {
        self.step(line, Order::Printed)
    }

    /// Runs a command line as [`run`](Self::run) does, and sorts its objects.
    pub(crate) fn run_sorted(&mut self, line: &str) -> Vec<Value> {
        self.step(line, Order::Sorted)
    }

    fn step(&mut self, line: &str, order: Order) -> Vec<Value> {
        let output = self.command(line).output().unwrap();
        let objects = objects(&output);
        let exit = output.status.code().unwrap();
        self.record(line, &exit.to_string(), &objects, order);
        self.record_error(&output);
        objects
    }

    /// Runs a command line that must succeed, without recording it.
    pub(crate) fn objects(&self, line: &str) -> Vec<Value> {
        let output = self.command(line).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        objects(&output)
    }

    /// Returns a text with placeholders for the values that differ between runs.
    pub(crate) fn normalized(&mut self, text: &str) -> String {
        self.normalizer.line(text)
    }

    /// Prepares the binary with a command line and nothing of the caller's environment.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_restow"));
        for name in ["RESTOW_SERVICE_URL", "RESTOW_API_KEY", "LC_ALL", "LC_MESSAGES"] {
            command.env_remove(name);
        }
        command.env("LANG", "C").env("TZ", "UTC").env("RESTOW_HOME", self.path("home")).stdin(Stdio::null());
        if let Some(key) = self.variables.get("RESTOW_API_KEY").filter(|key| !key.is_empty()) {
            command.env("RESTOW_API_KEY", key);
        }
        command.current_dir(self.folder.path()).arg("--json");
        command.args(words(line).iter().map(|word| self.expand(word)));
        command
    }

    fn expand(&self, word: &str) -> String {
        let mut word = word.to_owned();
        // `$ID_2` before `$ID`.
        for (name, value) in self.variables.iter().rev() {
            word = word.replace(&format!("${name}"), value);
        }
        word
    }

    /// Records a step with its objects. `exit` is a status, or `running`.
    pub(crate) fn record(&mut self, line: &str, exit: &str, objects: &[Value], order: Order) {
        writeln!(self.transcript, "$ restow {}\nexit {exit}", line.trim_end()).unwrap();
        for object in self.normalizer.objects(objects, order) {
            writeln!(self.transcript, "{object}").unwrap();
        }
    }

    fn record_error(&mut self, output: &Output) {
        let text = String::from_utf8(output.stderr.clone()).unwrap();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let error: Value = serde_json::from_str(line).unwrap();
            let error = self.normalizer.object(&error["error"]);
            writeln!(self.transcript, "error {error}").unwrap();
        }
        if text.lines().any(|line| !line.starts_with('{')) {
            writeln!(self.transcript, "error <text>").unwrap();
        }
    }

    /// Ends the chapter: compares its transcript with the checked-in one, or writes that.
    pub(crate) fn end(self) {
        let path = transcripts().join(format!("{}.txt", self.chapter));
        if is_updating() {
            fs::create_dir_all(transcripts()).unwrap();
            fs::write(&path, &self.transcript).unwrap();
            return;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if self.transcript != expected {
            let changes = diff::lines(&expected, &self.transcript);
            let update = format!("{UPDATE}=update cargo test -p restow-cli --test golden");
            panic!(
                "the golden run differs from {}:\n{changes}\nA deliberate change has an entry in CHANGELOG.md and is \
                 recorded by: {update}",
                path.display()
            );
        }
    }
}

/// Returns true if this run writes the transcripts.
pub(crate) fn is_updating() -> bool {
    std::env::var_os(UPDATE).is_some_and(|value| value == "update")
}

/// Folder of the checked-in transcripts.
pub(crate) fn transcripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/transcripts")
}

/// Parses the printed objects without the progress, which depends on the speed of the computer.
fn objects(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let objects = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")));
    objects.filter(|object: &Value| object.get("progress").is_none()).collect()
}

/// Splits a command line into words.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
