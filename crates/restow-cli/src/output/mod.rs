//! What the command prints: sentences and tables for people, one JSON object a line for programs. Results go to standard
//! output; complaints, questions and progress to standard error.

mod events;
mod format;
mod license;
mod progress;
mod sink;
mod style;
mod table;
mod words;

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use restow::Note;
use serde::Serialize;

pub(crate) use events::{Reporter, restricted_line, restricted_text};
pub(crate) use format::{amounts, clean, fingerprint, quoted, shell_word, short_id, size, time, titled, validity};
pub(crate) use license::{LicenseObject, ProviderSaid, User};
pub(crate) use progress::Progress;
pub(crate) use style::{Style, Tone};
pub(crate) use table::{Align, Table};
pub(crate) use words::of_parts;

use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::texts::{Texts, Values, values};
use sink::Sink;

/// How this run of the command speaks.
pub(crate) struct Ui {
    json: bool,
    texts: Texts,
    out: Mutex<Sink>,
    out_style: Style,
    err_style: Style,
}

impl Ui {
    pub(crate) fn new(json: bool, texts: Texts) -> Self {
        Self {
            json,
            texts,
            out: Mutex::new(Sink::stdout()),
            out_style: Style::of(std::io::stdout().is_terminal()),
            err_style: Style::of(std::io::stderr().is_terminal()),
        }
    }

    /// True when programs read the output.
    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    pub(crate) const fn texts(&self) -> &Texts {
        &self.texts
    }

    pub(crate) fn text(&self, id: &str, values: &Values<'_>) -> String {
        self.texts.text(id, values)
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        // A panic elsewhere leaves at worst half a line.
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when nobody reads the output any more: listing on is of no use.
    pub(crate) fn is_closed(&self) -> bool {
        self.sink().is_closed()
    }

    /// A line on standard output, as it is.
    pub(crate) fn line(&self, line: &str) {
        self.sink().line(line.as_bytes());
    }

    /// A line with a secret in it, its end included, on standard output.
    pub(crate) fn secret(&self, line: &[u8]) {
        self.sink().secret(line);
    }

    /// A text for people on standard output.
    pub(crate) fn say(&self, id: &str, values: &Values<'_>) {
        self.tell(Tone::Plain, id, values);
    }

    /// As [`say`](Self::say), in a tone.
    pub(crate) fn tell(&self, tone: Tone, id: &str, values: &Values<'_>) {
        if !self.json {
            self.line(&self.out_style.paint(tone, &self.text(id, values)));
        }
    }

    /// An empty line for people.
    pub(crate) fn gap(&self) {
        if !self.json {
            self.line("");
        }
    }

    /// An object for programs. What must be seen at once, as it happens, is followed by [`flush`](Self::flush).
    pub(crate) fn object(&self, object: &impl Serialize) {
        if self.json
            && let Ok(line) = serde_json::to_vec(object)
        {
            self.sink().line(&line);
        }
    }

    pub(crate) fn flush(&self) {
        self.sink().flush();
    }

    pub(crate) fn table(&self, table: &Table) {
        if !self.json {
            for line in table.lines(self.out_style) {
                self.line(&line);
            }
        }
    }

    /// A line on standard error.
    pub(crate) fn complain(&self, line: &str) {
        self.flush();
        // Nobody can be told that standard error does not work.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    /// Something that went wrong without stopping the command; programs find it in their objects.
    pub(crate) fn warn(&self, id: &str, values: &Values<'_>) {
        if !self.json {
            self.complain(&self.err_style.paint(Tone::Warning, &self.text(id, values)));
        }
    }

    /// The words for a failure: what, and what to do next.
    pub(crate) fn words(&self, failure: &Failure) -> (String, String) {
        let words = words::of_failure(&self.texts, failure);
        let message = words.0.unwrap_or_else(|| clean(&failure.message).into_owned());
        (message, words.1.unwrap_or_else(|| clean(&failure.help).into_owned()))
    }

    /// The words for something the library says.
    pub(crate) fn note(&self, note: &Note) -> String {
        words::of_note(&self.texts, note)
    }

    /// The words for something the library says, and what to do next where there is an advice for it.
    pub(crate) fn advice(&self, note: &Note) -> String {
        words::with_help(&self.texts, note)
    }

    /// Notes that stopped nothing, each on a line of its own.
    pub(crate) fn notes(&self, notes: &[Note]) {
        for note in notes {
            self.warn("run-warning", values![text = self.advice(note)]);
        }
    }

    /// Says what failed, on standard error.
    pub(crate) fn failure(&self, failure: &Failure) {
        let (message, help) = self.words(failure);
        if self.json {
            let hr = failure.hresult.to_string();
            let error =
                serde_json::json!({"error": {"code": failure.code, "hr": hr, "message": message, "help": help}});
            self.complain(&error.to_string());
            return;
        }
        let label = self.text("error-label", values![]);
        self.complain(&format!("{} {message}", self.err_style.paint(Tone::Bad, &label)));
        if !help.is_empty() {
            self.complain(&format!("  {help}"));
        }
    }

    /// True when a question can be asked and answered.
    pub(crate) fn can_ask(&self) -> bool {
        !self.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question that is answered by yes or no; no is what an empty answer and the end of the input mean. Every
    /// question is asked here.
    pub(crate) fn ask(&self, id: &str, values: &Values<'_>) -> bool {
        if !self.can_ask() {
            return false;
        }
        interrupt::ends_the_program();
        self.flush();
        let (question, answers) = (self.text(id, values), self.text("answer-hint", values![]));
        let _ = write!(std::io::stderr(), "{} {answers} ", self.err_style.paint(Tone::Strong, &question));
        let mut answer = String::new();
        if !matches!(std::io::stdin().read_line(&mut answer), Ok(1..)) {
            // What is said next begins its own line.
            let _ = writeln!(std::io::stderr());
            return false;
        }
        let yes = self.text("answer-yes", values![]);
        let answer = answer.trim().to_lowercase();
        !answer.is_empty() && yes.split(' ').any(|word| word == answer)
    }

    /// Sees to it that somebody agreed: by `--yes`, or asked on a terminal. Without both it is wrong usage.
    pub(crate) fn agreed(&self, yes: bool, id: &str, values: &Values<'_>) -> Result<bool, Failure> {
        if yes {
            return Ok(true);
        }
        if !self.can_ask() {
            return Err(Failure::own("needs-yes").with("question", self.text(id, values)).exit(Exit::Usage));
        }
        Ok(self.ask(id, values))
    }

    /// Writes out what is left; a full disk turns success into failure, a closed pipe does not.
    pub(crate) fn finish(&self, exit: Exit) -> Exit {
        let fault = {
            let mut sink = self.sink();
            sink.flush();
            sink.fault()
        };
        match fault {
            None => exit,
            Some(why) => {
                self.failure(&Failure::own("output").with("why", why));
                if exit == Exit::Done { Exit::Failed } else { exit }
            }
        }
    }
}
