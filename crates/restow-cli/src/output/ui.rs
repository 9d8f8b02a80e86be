//! The output of one run of the command.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use restow::license::LicenseIdentity;
use restow::{Home, Message, UnixTime};
use serde::Serialize;
use serde_json::Value;

use super::local_time::LocalTime;
use super::shell::shell_word;
use super::sink::Sink;
use super::style::{Style, Tone};
use super::table::Table;
use crate::command_error::CommandError;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::texts::{Texts, Values, values};
use restow_core::message::EXAMPLE_LOCATION;
use restow_core::text::sanitize;

/// Maximum number of candidates that are listed for people.
const MAX_CANDIDATES: usize = 10;

/// Output of one run of the command: language, format and colors.
pub(crate) struct Ui {
    json: bool,
    texts: Texts,
    local_time: LocalTime,
    /// Backup location for suggested commands.
    location: Mutex<LocationHint>,
    out: Mutex<Sink>,
    out_style: Style,
    err_style: Style,
}

/// Source of the backup location in suggested commands.
#[derive(Default)]
pub(crate) enum LocationHint {
    /// No location is known.
    #[default]
    None,
    /// Location that the user named.
    Named(PathBuf),
    /// Last location that a home backed up to.
    OfHome(Home),
}

fn last_location(home: &Home) -> Option<String> {
    let store = home.store().ok()?;
    store.view().backups().ok()?.into_iter().next().map(|backup| backup.path)
}

/// Answer to one of several questions of the same kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Yes,
    No,
    /// Yes to this question and to all further ones of its kind.
    All,
    /// No to this question and to all further ones.
    None,
}

/// An object with its type as first member, and with further members.
#[derive(Serialize)]
struct TypedObject<'a, T> {
    #[serde(rename = "type")]
    object_type: &'a str,
    #[serde(flatten)]
    object: &'a T,
    #[serde(flatten)]
    members: Value,
}

/// Prints an object of a type of docs/json-output.md for programs: `print_object!(ui, "type", {"member": 1})`,
/// `print_object!(ui, "type", &object)`, or both. Without `--json`, nothing is evaluated.
macro_rules! print_object {
    ($ui:expr, $type:expr, {$($member:tt)*}) => { print_object!($ui, $type, &(), {$($member)*}) };
    ($ui:expr, $type:expr, $object:expr) => { print_object!($ui, $type, $object, null) };
    ($ui:expr, $type:expr, $object:expr, $members:tt) => {
        if $ui.is_json() {
            $ui.print_object($type, $object, serde_json::json!($members));
        }
    };
}
pub(crate) use print_object;

impl Ui {
    pub(crate) fn new(json: bool, texts: Texts) -> Self {
        Self {
            json,
            texts,
            local_time: LocalTime::of_system(),
            location: Mutex::default(),
            out: Mutex::new(Sink::stdout()),
            out_style: Style::for_stream(std::io::stdout().is_terminal()),
            err_style: Style::for_stream(std::io::stderr().is_terminal()),
        }
    }

    /// Returns true if the output is JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) const fn texts(&self) -> &Texts {
        &self.texts
    }

    pub(crate) fn text(&self, id: &str, values: &Values<'_>) -> String {
        let with_location = || {
            let values = [values, values![location = self.location()]].concat();
            self.texts.text(id, &values)
        };
        self.texts.find(id, values).unwrap_or_else(with_location)
    }

    /// Formats a time to the minute, in the time zone of the user.
    pub(crate) fn time(&self, time: UnixTime) -> String {
        self.local_time.format(self.texts, time)
    }

    /// Formats the day of a time, in the time zone of the user.
    pub(crate) fn day(&self, time: UnixTime) -> String {
        self.local_time.format_day(self.texts, time)
    }

    /// Returns a message for display: with a location for suggested commands, and for people with local times.
    fn prepared(&self, message: &Message) -> Message {
        let message = self.with_location(message);
        if self.json { message } else { self.local_time.localize(self.texts, &message) }
    }

    /// Sets the backup location for suggested commands. A location that the user named precedes those of the home.
    pub(crate) fn set_location(&self, hint: LocationHint) {
        let mut location = self.location.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*location, LocationHint::Named(_)) {
            *location = hint;
        }
    }

    /// Returns the location for suggested commands, quoted for a shell.
    fn location(&self) -> String {
        let location = match &*self.location.lock().unwrap_or_else(PoisonError::into_inner) {
            LocationHint::Named(location) => Some(location.to_string_lossy().into_owned()),
            LocationHint::OfHome(home) => last_location(home),
            LocationHint::None => None,
        };
        location.map_or_else(|| EXAMPLE_LOCATION.to_owned(), |location| shell_word(&location))
    }

    /// Adds the location for suggested commands to a message.
    fn with_location(&self, message: &Message) -> Message {
        let is_complete = message.values.iter().any(|(name, _)| *name == "location");
        if is_complete { message.clone() } else { message.clone().with("location", self.location()) }
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        // After a panic in another thread, half a line may be missing at most.
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if the reader closed the output, so that further output is useless.
    pub(crate) fn is_closed(&self) -> bool {
        self.sink().is_closed()
    }

    /// Prints a line on standard output.
    pub(crate) fn print_line(&self, line: &str) {
        self.sink().line(line.as_bytes());
    }

    /// Prints a line with a secret on standard output. `line` ends with a line break.
    pub(crate) fn print_secret(&self, line: &[u8]) {
        self.sink().secret(line);
    }

    /// Prints a text for people on standard output.
    pub(crate) fn print(&self, id: &str, values: &Values<'_>) {
        self.print_styled(Tone::Plain, id, values);
    }

    /// Prints a text like [`print`](Self::print), in a style.
    pub(crate) fn print_styled(&self, tone: Tone, id: &str, values: &Values<'_>) {
        if !self.json {
            self.print_line(&self.out_style.paint(tone, &self.text(id, values)));
        }
    }

    /// Prints an empty line for people.
    pub(crate) fn blank_line(&self) {
        if !self.json {
            self.print_line("");
        }
    }

    /// Prints an object with its type and further members. The macro [`print_object`] calls this function. Call
    /// [`flush`](Self::flush) if the object must be visible at once.
    pub(crate) fn print_object(&self, object_type: &str, object: &impl Serialize, members: Value) {
        self.print_typed_object(&TypedObject { object_type, object, members });
    }

    /// Prints an object that has its type already.
    pub(crate) fn print_typed_object(&self, object: &impl Serialize) {
        if self.json
            && let Ok(line) = serde_json::to_vec(object)
        {
            self.sink().line(&line);
        }
    }

    pub(crate) fn flush(&self) {
        self.sink().flush();
    }

    pub(crate) fn print_table(&self, table: &Table) {
        if !self.json {
            for line in table.lines(self.out_style) {
                self.print_line(&line);
            }
        }
    }

    /// Prints the first lines of a list for people, and the number of lines that are missing from `count`.
    pub(crate) fn print_list(&self, lines: impl IntoIterator<Item = String>, count: u64) {
        let mut more = count;
        for line in lines {
            if !self.json {
                self.print_line(&line);
            }
            more = more.saturating_sub(1);
        }
        if more > 0 {
            self.print("list-more", values![count = more]);
        }
    }

    /// Returns a text as a line of a list.
    pub(crate) fn list_item(&self, text: &str) -> String {
        self.text("list-item", values![text = text])
    }

    /// Prints a line on standard error.
    pub(crate) fn eprint(&self, line: &str) {
        self.flush();
        // There is no stream left for a failure of standard error.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Prints a warning for people on standard error. Programs find the problem in the objects.
    pub(crate) fn warn(&self, id: &str, values: &Values<'_>) {
        if !self.json {
            self.eprint(&self.err_style.paint(Tone::Warning, &self.text(id, values)));
        }
    }

    /// Returns the message and the help of a failure.
    pub(crate) fn failure_text(&self, failure: &Failure) -> (String, String) {
        let text = self.message(&failure.message);
        let text = match &failure.place {
            Some(place) => format!("{}: {text}", sanitize(place)),
            None => text,
        };
        (text, self.prepared(&failure.message).help(self.texts.language()).unwrap_or_default())
    }

    /// Returns the text of a message in the user's language.
    pub(crate) fn message(&self, message: &Message) -> String {
        self.prepared(message).text(self.texts.language())
    }

    /// Returns the text of a message as part of a longer sentence.
    pub(crate) fn clause(&self, message: &Message) -> String {
        self.prepared(message).clause(self.texts.language())
    }

    /// Returns the text of a message followed by its help, if there is one.
    pub(crate) fn message_with_help(&self, message: &Message) -> String {
        self.prepared(message).text_with_help(self.texts.language())
    }

    /// Prints each warning on a line of its own.
    pub(crate) fn print_warnings(&self, messages: &[Message]) {
        for message in messages {
            self.warn("run-warning", values![text = self.message_with_help(message)]);
        }
    }

    /// Prints a failure on standard error.
    pub(crate) fn print_failure(&self, failure: &Failure) {
        let (message, help) = self.failure_text(failure);
        if self.json {
            let hr = failure.hresult.to_string();
            let mut error =
                serde_json::json!({"code": failure.message.code, "hr": hr, "message": message, "help": help});
            if let Some(members) = error.as_object_mut().filter(|_| !failure.candidates.is_empty()) {
                let candidate = |(identity, titles): &(LicenseIdentity, Vec<String>)| {
                    serde_json::json!({
                        "license_id": identity.license_id, "issuer": identity.issuer, "titles": titles,
                    })
                };
                members.insert("candidates".to_owned(), failure.candidates.iter().map(candidate).collect());
            }
            self.eprint(&serde_json::json!({"type": "error", "error": error}).to_string());
            return;
        }
        let label = self.text("error-label", values![]);
        self.eprint(&format!("{} {message}", self.err_style.paint(Tone::Bad, &label)));
        if !help.is_empty() {
            self.eprint(&format!("  {help}"));
        }
        for (identity, titles) in failure.candidates.iter().take(MAX_CANDIDATES) {
            let (license, issuer) = (identity.license_id.as_str(), identity.issuer.as_str());
            let line = match titles.first() {
                Some(title) => {
                    self.text("candidate", values![title = title.as_str(), license = license, issuer = issuer])
                }
                None => self.text("candidate-untitled", values![license = license, issuer = issuer]),
            };
            self.eprint(&line);
        }
    }

    /// Returns true if a user can be asked: both standard input and standard error are terminals.
    pub(crate) fn can_ask(&self) -> bool {
        !self.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question. An empty answer and the end of input mean no. All questions of the command
    /// use this function.
    pub(crate) fn ask(&self, id: &str, values: &Values<'_>) -> bool {
        self.read_answer(id, values, "answer-hint").is_some_and(|answer| self.is_answer(&answer, "answer-yes"))
    }

    /// Asks a question like [`ask`](Self::ask), with answers for all further questions of the same kind.
    pub(crate) fn ask_each(&self, id: &str, values: &Values<'_>) -> Reply {
        let Some(answer) = self.read_answer(id, values, "answer-hint-each") else { return Reply::No };
        let replies = [("answer-yes", Reply::Yes), ("answer-all", Reply::All), ("answer-none", Reply::None)];
        let reply = replies.into_iter().find(|(words, _)| self.is_answer(&answer, words));
        reply.map_or(Reply::No, |(_, reply)| reply)
    }

    /// Returns true if an answer is one of the words of a text.
    fn is_answer(&self, answer: &str, words: &str) -> bool {
        !answer.is_empty() && self.text(words, values![]).split(' ').any(|word| word == answer)
    }

    /// Prints a question with a hint about the answers, and reads the answer. Returns `None` without a terminal and at
    /// the end of input.
    fn read_answer(&self, id: &str, values: &Values<'_>, hint: &str) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        interrupt::restore_default_handler();
        self.flush();
        let (question, answers) = (self.text(id, values), self.text(hint, values![]));
        let _ = write!(std::io::stderr(), "{} {answers} ", self.err_style.paint(Tone::Strong, &question));
        let mut answer = String::new();
        if !matches!(std::io::stdin().read_line(&mut answer), Ok(1..)) {
            // The next output starts on a new line.
            let _ = writeln!(std::io::stderr());
            return None;
        }
        Some(answer.trim().to_lowercase())
    }

    /// Returns true if `yes` is set or the user agrees on a terminal. Without both, the result is a usage
    /// error.
    pub(crate) fn confirm_or_yes(&self, yes: bool, id: &str, values: &Values<'_>) -> Result<bool, Failure> {
        if yes {
            return Ok(true);
        }
        if !self.can_ask() {
            return Err(Failure::new(CommandError::NeedsYes).with("question", self.text(id, values)).exit(Exit::Usage));
        }
        Ok(self.ask(id, values))
    }

    /// Flushes the output and returns the final exit status. A full disk turns success into failure, a closed
    /// reader does not.
    pub(crate) fn finish(&self, exit: Exit) -> Exit {
        let error_text = {
            let mut sink = self.sink();
            sink.flush();
            sink.error_text()
        };
        match error_text {
            None => exit,
            Some(why) => {
                self.print_failure(&Failure::new(CommandError::Output).with("reason", why));
                if exit == Exit::Done { Exit::Failed } else { exit }
            }
        }
    }
}
