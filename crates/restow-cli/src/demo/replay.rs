//! Shell script that repeats the demo.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Exit, Failure, io_failure};
use crate::output::shell_word;

/// Recorded steps as lines of a POSIX shell. Values that differ between runs are variables.
#[derive(Default)]
pub(super) struct Script {
    lines: String,
    /// Values and their variables.
    variables: Vec<(String, String)>,
    port: u16,
}

const PREAMBLE: &str = r#"#!/bin/sh
# Repeats the demo of Restow, each time in a new folder `replay`, `replay-2`, … beside this script. RESTOW names the
# binary, PORT the port.
set -u
cd "$(dirname "$0")" || exit 1
place=replay; number=1
while [ -e "$place" ]; do number=$((number + 1)); place=replay-$number; done
mkdir "$place" && cd "$place" || exit 1
echo "In $PWD:"
cp -R ../library ../downloads ../authority.pem ../terms.json . || exit 1

fail() { echo "FAILED: $*" >&2; exit 1; }
# expect STATUS ARGUMENTS…: runs a command, shows it, and keeps its output.
expect() {
    want=$1; shift
    echo "\$ restow $*"
    OUT=$("$RESTOW" "$@" --json 2>error.txt); got=$?
    printf '%s\n' "$OUT"
    [ "$got" = "$want" ] || { cat error.txt >&2; fail "restow $*: exit status $got instead of $want"; }
}
# The first text with this name in the last output; the license with this number.
field() { printf '%s\n' "$OUT" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }
license() { printf '%s\n' "$OUT" | sed -n 's/.*"licenses":\[\([^]]*\)\].*/\1/p' | tr -d '"' | tr ',' '\n' | sed -n "${1}p"; }
start_service() {
    rm -f serve.txt
    "$RESTOW" serve shop --listen "127.0.0.1:$PORT" --json >serve.txt &
    SERVICE=$!
    tries=0
    until grep -q listening serve.txt 2>/dev/null; do
        tries=$((tries + 1)); [ "$tries" -le 100 ] || fail "the service does not start"
        sleep 0.1
    done
}
kill_service() { kill -KILL "$SERVICE"; wait "$SERVICE" 2>/dev/null; SERVICE=; }
trap '[ -z "${SERVICE:-}" ] || kill "$SERVICE"' EXIT

"#;

impl Script {
    /// Sets the port of the service, which the user of the script can change.
    pub(super) fn port(&mut self, port: u16) {
        self.port = port;
        self.variables.push((format!("127.0.0.1:{port}"), "127.0.0.1:${PORT}".to_owned()));
    }

    /// Records a variable that is read from the output of the last command.
    pub(super) fn capture(&mut self, name: &str, value: &str, command: &str) {
        self.line(&format!("{name}=$({command})"));
        self.variables.push((value.to_owned(), format!("${{{name}}}")));
    }

    pub(super) fn run(&mut self, expected: Exit, arguments: &[&str]) {
        let words: Vec<String> = arguments.iter().map(|word| self.word(word)).collect();
        self.line(&format!("expect {} {}", expected.code(), words.join(" ")));
    }

    pub(super) fn start_service(&mut self) {
        self.line("start_service");
    }

    pub(super) fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.lines, "{line}");
    }

    fn word(&self, word: &str) -> String {
        // The longest value wins, because a link contains the port, too.
        let matches = self.variables.iter().filter(|(value, _)| word.contains(value.as_str()));
        match matches.max_by_key(|(value, _)| value.len()) {
            Some((value, variable)) => format!("\"{}\"", word.replace(value.as_str(), variable)),
            None => shell_word(word),
        }
    }
}

/// Writes the script.
pub(super) fn write(folder: &Path, binary: &Path, script: &Script) -> Result<PathBuf, Failure> {
    let path = folder.join("replay.sh");
    let binary = shell_word(&binary.to_string_lossy());
    let settings = format!("RESTOW=${{RESTOW:-{binary}}}\nPORT=${{PORT:-{}}}\n", script.port);
    let text = format!("{PREAMBLE}{settings}{}echo done\n", script.lines);
    fs::write(&path, text).map_err(|error| io_failure(&path, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(|error| io_failure(&path, &error))?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_variables() {
        let mut script = Script::default();
        script.port(4711);
        script.run(Exit::Done, &["service", "add", "http://127.0.0.1:4711", "--yes"]);
        script.capture("LINK", "http://127.0.0.1:4711/y#z", "field link");
        script.run(Exit::Partial, &["acquire", "http://127.0.0.1:4711/y#z", "a b"]);
        assert_eq!(
            script.lines,
            "expect 0 service add \"http://127.0.0.1:${PORT}\" --yes\nLINK=$(field link)\nexpect 3 acquire \"${LINK}\" 'a b'\n"
        );
    }
}
