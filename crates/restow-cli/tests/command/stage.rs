//! A folder with homes, a service and the binary.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// What a command printed and how it ended.
pub(crate) struct Said {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// The JSON objects, one a line and nothing else.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect()
    }

    pub(crate) fn error(&self) -> Value {
        let error: Value = serde_json::from_str(self.err.trim()).unwrap_or_else(|e| panic!("{}: {e}", self.err));
        error["error"].clone()
    }

    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}\n{}", self.out, self.err);
        self
    }
}

/// The names of an object's members, sorted.
pub(crate) fn members(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

pub(crate) struct Stage {
    dir: tempfile::TempDir,
}

impl Stage {
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

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }
}

pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restow"));
    for name in ["RESTOW_HOME", "RESTOW_SERVICE_URL", "RESTOW_API_KEY", "LC_ALL", "LC_MESSAGES"] {
        command.env_remove(name);
    }
    command.env("LANG", "C").stdin(Stdio::null());
    command
}

/// An LCP license document, whose kind needs no service.
pub(crate) fn lcp(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{{"profile":"p",
        "content_key":{{"algorithm":"x","encrypted_value":"x"}},"user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
        "links":[{{"rel":"publication","href":"https://p.example/{id}","title":"Book {id}"}}],
        "signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

/// A running service; killed when dropped.
pub(crate) struct Shop {
    child: Child,
    pub(crate) url: String,
}

impl Shop {
    pub(crate) fn open(stage: &Stage) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        stage.run(&["admin", "init", "shop", "--name", "Shop", "--url", &url]).exits(0);
        let listen = format!("127.0.0.1:{port}");
        let shop = Self::serve(stage, &["shop", "--listen", &listen]);
        assert_eq!(shop.url, url);
        shop
    }

    /// `restow serve` with these arguments, when it listens.
    pub(crate) fn serve(stage: &Stage, arguments: &[&str]) -> Self {
        let mut command = stage.command(&[&["serve", "--json"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: said["listening"].as_str().unwrap().to_owned() }
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

    /// Registers the stage's home and gives it a license for each title: with a count, restricted if the title says so.
    pub(crate) fn sell(&self, stage: &Stage, titles: &[&str]) -> Vec<String> {
        stage.run(&["service", "add", &self.url, "--yes"]).exits(0);
        stage.run(&["computer", "register", "--name", "Mine"]).exits(0);
        let sell = |(number, title): (usize, &&str)| {
            let key_id = key_id(number);
            let mut arguments =
                vec!["admin", "issue", "--service", "shop", "--key-id", &key_id, "--right", "Play=5", "--json"];
            if !title.is_empty() {
                arguments.extend(["--title", title]);
            }
            if !title.contains("restricted") && !title.is_empty() {
                arguments.push("--backup");
            }
            let issued = stage.run(&arguments).exits(0).objects();
            let link = issued[0]["link"].as_str().unwrap();
            stage.run(&["acquire", link]).exits(0);
            issued[0]["licenses"][0].as_str().unwrap().to_owned()
        };
        titles.iter().enumerate().map(sell).collect()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A key ID by number.
pub(crate) fn key_id(number: usize) -> String {
    format!("09e091ab-f838-41d2-9e35-{number:012x}")
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
