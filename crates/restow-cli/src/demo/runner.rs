//! Child processes of this binary that run, show and record commands.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Exit, Failure, interrupt, io_failure, print_object, replay::Script, scenario_error};
use crate::output::{Tone, Ui, shell_word};
use crate::texts::{Values, values};

/// Time that a failure waits for the interrupt that may have caused it.
const INTERRUPT_TIMEOUT: Duration = Duration::from_secs(1);

/// Folder, binary and output of a demo.
pub(super) struct CommandRunner {
    pub(super) ui: Arc<Ui>,
    pub(super) folder: PathBuf,
    pub(super) script: Script,
    pub(super) binary: PathBuf,
    interrupted: Arc<AtomicBool>,
}

/// Output of a command.
pub(super) struct CommandResult {
    pub(super) objects: Vec<Value>,
    /// Error object from standard error.
    pub(super) error: Value,
}

impl CommandRunner {
    pub(super) fn new(ui: &Arc<Ui>, folder: &Path) -> Result<Self, Failure> {
        let binary = std::env::current_exe().map_err(|error| io_failure(Path::new("restow"), &error))?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = interrupted.clone();
        interrupt::set_handler(move || flag.store(true, Ordering::SeqCst));
        Ok(Self { ui: ui.clone(), folder: folder.to_owned(), script: Script::default(), binary, interrupted })
    }

    /// Creates a command without the user's environment variables.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(&self.folder).stdin(Stdio::null());
        for name in ["RESTOW_HOME", "RESTOW_SERVICE_URL", "RESTOW_API_KEY"] {
            command.env_remove(name);
        }
        command
    }

    /// Prints the commands to type first, so that the printed commands work in a shell.
    pub(super) fn print_location(&self) {
        let say = |line: &str| self.ui.print_styled(Tone::Strong, "demo-command", values![command = line]);
        say(&format!("cd {}", shell_word(&self.folder.to_string_lossy())));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let in_path = std::env::split_paths(&path).map(|folder| folder.join("restow")).find(|file| file.is_file());
        let same = in_path.and_then(|file| file.canonicalize().ok()) == self.binary.canonicalize().ok();
        if !same {
            say(&format!("alias restow={}", shell_word(&self.binary.to_string_lossy())));
        }
    }

    /// Shows and records a shell command. The caller performs its effect.
    pub(super) fn record_shell(&mut self, line: &str) {
        self.ui.print_styled(Tone::Strong, "demo-command", values![command = line]);
        self.script.line(line);
    }

    /// Waits for an interrupt after a failure, and then acts like
    /// [`check_interrupted`](Self::check_interrupted). The interrupt may reach the child process first.
    pub(super) fn check_interrupted_after_failure(&self) -> Result<(), Failure> {
        let start = Instant::now();
        while start.elapsed() < INTERRUPT_TIMEOUT && !self.interrupted.load(Ordering::SeqCst) {
            std::thread::sleep(INTERRUPT_TIMEOUT / 50);
        }
        self.check_interrupted()
    }

    /// Fails if the user interrupted the demo.
    pub(super) fn check_interrupted(&self) -> Result<(), Failure> {
        if self.interrupted.load(Ordering::SeqCst) {
            return Err(restow::Error::Cancelled.into());
        }
        Ok(())
    }

    /// Runs a command, prints it, and checks its exit status.
    pub(super) fn run(&mut self, expected: Exit, arguments: &[&str]) -> Result<CommandResult, Failure> {
        self.check_interrupted()?;
        let line = format!("restow {}", arguments.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "));
        self.ui.print_styled(Tone::Strong, "demo-command", values![command = line.as_str()]);
        self.ui.flush();
        self.script.run(expected, arguments);
        let output =
            self.command().args(arguments).args(["--json", "--lang", self.ui.texts().language().as_str()]).output();
        let output = output.map_err(|error| io_failure(&self.binary, &error))?;
        // The interrupt may reach the child process first.
        if is_interrupted(output.status) {
            self.interrupted.store(true, Ordering::SeqCst);
        }
        self.check_interrupted()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let objects = stdout.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>();
        let objects = objects.map_err(|error| scenario_error(format!("{line}: {error}")))?;
        let last = stderr.lines().last().unwrap_or_default();
        let error = serde_json::from_str::<Value>(last).unwrap_or_default().get("error").cloned().unwrap_or_default();
        let exit = output.status.code();
        print_object!(self.ui, "demo_command", {"command": line, "exit": exit});
        for object in &objects {
            self.ui.print_typed_object(object);
        }
        if exit != Some(expected.code().into()) {
            let exit = exit.map_or_else(|| "?".to_owned(), |code| code.to_string());
            return Err(scenario_error(format!("{line}: exit status {exit} instead of {}. {stderr}", expected.code())));
        }
        Ok(CommandResult { objects, error })
    }

    /// Prints a note below a command.
    pub(super) fn print_note(&self, id: &str, values: &Values<'_>) {
        if !self.ui.is_json() {
            self.ui.print_line(&format!("    {}", self.ui.text(id, values)));
            self.ui.flush();
        }
    }

    /// Prints the heading of a part.
    pub(super) fn print_chapter(&self, id: &str) {
        self.ui.blank_line();
        self.ui.print_styled(Tone::Good, id, values![]);
    }
}

/// Returns true if Ctrl-C ended a command.
fn is_interrupted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        const SIGINT: i32 = 2;
        if status.signal() == Some(SIGINT) {
            return true;
        }
    }
    status.code() == Some(Exit::Interrupted.code().into())
}

impl CommandResult {
    /// Returns the member of the first object that has it.
    pub(super) fn member(&self, name: &str) -> Result<&Value, Failure> {
        let value = self.objects.iter().find_map(|object| object.get(name));
        value.ok_or_else(|| scenario_error(format!("no `{name}` was printed")))
    }

    pub(super) fn text_member(&self, name: &str) -> Result<String, Failure> {
        let value = self.member(name)?;
        value.as_str().map(str::to_owned).ok_or_else(|| scenario_error(format!("`{name}` is {value}")))
    }

    /// Returns the status objects of a run.
    pub(super) fn events(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.objects.iter().filter_map(|object| Some((object.get("status")?.as_str()?, object)))
    }

    /// Returns a count from the summary of a run.
    pub(super) fn count(&self, name: &str) -> Result<u64, Failure> {
        let end = self.events().find(|(status, _)| *status == "BACKUPRESTORE_END").map(|(_, object)| object);
        let count = end.and_then(|end| end.get("summary")?.get(name)?.as_u64());
        count.ok_or_else(|| scenario_error(format!("the end has no `{name}`")))
    }

    pub(super) fn error_code(&self) -> &str {
        self.error.get("code").and_then(Value::as_str).unwrap_or_default()
    }
}
