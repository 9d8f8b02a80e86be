//! Folder with homes and a service for running the command.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use super::workshop;

/// Output and exit status of a command.
pub(crate) struct CommandOutput {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl CommandOutput {
    /// Returns the JSON objects. Each line must be one.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect()
    }

    pub(crate) fn error(&self) -> Value {
        let error: Value = serde_json::from_str(self.err.trim()).unwrap_or_else(|e| panic!("{}: {e}", self.err));
        error["error"].clone()
    }

    #[track_caller]
    pub(crate) fn expect_exit(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}\n{}", self.out, self.err);
        self
    }
}

/// Returns the member names of an object, sorted.
pub(crate) fn members(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

pub(crate) struct Sandbox {
    dir: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary();
        command.current_dir(self.dir.path()).env("RESTOW_HOME", self.path("home")).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.command(arguments).output().unwrap().into()
    }
}

pub(crate) fn binary() -> Command {
    isolated(env!("CARGO_BIN_EXE_restow"))
}

/// Returns a shell that runs a script with the environment of [`binary`].
pub(crate) fn shell() -> Command {
    isolated("sh")
}

/// Returns a program without input and without settings of the environment, in English.
fn isolated(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in ["RESTOW_HOME", "RESTOW_SERVICE_URL", "RESTOW_API_KEY", "LC_ALL", "LC_MESSAGES"] {
        command.env_remove(name);
    }
    command.env("LANG", "C").env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// Returns an LCP license document. This kind needs no service.
pub(crate) fn lcp(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{{"profile":"http://readium.org/lcp/basic-profile",
        "content_key":{{"algorithm":"x","encrypted_value":"x"}},"user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
        "links":[{{"rel":"publication","href":"https://p.example/{id}","title":"Book {id}"}}],
        "signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

/// Returns an LCP license with a valid signature under an unknown root. `seed` selects the key of the provider.
pub(crate) fn signed_lcp(id: &str, title: &str, provider: &str, seed: u8) -> String {
    let mut license = workshop::document("2021-06-01T00:00:00Z");
    (license["id"], license["provider"]) = (id.into(), provider.into());
    let publication = json!({"rel": "publication", "href": format!("{provider}/{id}"), "title": title});
    license["links"] = json!([{"rel": "hint", "href": "https://p.example/hint"}, publication]);
    let key = workshop::Key::p256(seed);
    let certificate = workshop::Form::provider(&key).sign(&workshop::Key::p256(1));
    String::from_utf8(workshop::signed(license, &certificate, &key)).unwrap()
}

/// Running service. Dropping it kills the process.
pub(crate) struct TestService {
    child: Child,
    pub(crate) url: String,
}

impl TestService {
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        sandbox.run(&["admin", "init", "shop", "--name", "Shop", "--url", &url]).expect_exit(0);
        let listen = format!("127.0.0.1:{port}");
        let service = Self::serve(sandbox, &["shop", "--listen", &listen]);
        assert_eq!(service.url, url);
        service
    }

    /// Runs `restow serve` and waits until it listens.
    pub(crate) fn serve(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut command = sandbox.command(&[&["serve", "--json"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let output: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: output["listening"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn wait(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Registers the home and issues a license with five plays per title. A title with “restricted” gives a
    /// restricted license.
    pub(crate) fn issue_licenses(&self, sandbox: &Sandbox, titles: &[&str]) -> Vec<String> {
        sandbox.run(&["service", "add", &self.url, "--yes"]).expect_exit(0);
        sandbox.run(&["computer", "register", "--name", "Mine"]).expect_exit(0);
        let issue = |(number, title): (usize, &&str)| {
            let key_id = key_id(number);
            let mut arguments =
                vec!["admin", "issue", "--service", "shop", "--key-id", &key_id, "--right", "Play=5", "--json"];
            if !title.is_empty() {
                arguments.extend(["--title", title]);
            }
            if !title.contains("restricted") && !title.is_empty() {
                arguments.push("--backup");
            }
            let issued = sandbox.run(&arguments).expect_exit(0).objects();
            let link = issued[0]["link"].as_str().unwrap();
            sandbox.run(&["acquire", link]).expect_exit(0);
            issued[0]["licenses"][0].as_str().unwrap().to_owned()
        };
        titles.iter().enumerate().map(issue).collect()
    }
}

impl Drop for TestService {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a key ID for a number.
pub(crate) fn key_id(number: usize) -> String {
    format!("09e091ab-f838-41d2-9e35-{number:012x}")
}

/// Returns all files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { paths.extend(files(&path)) } else { paths.push(path) }
    }
    paths
}
