//! A License Management Service as a child process of a chapter.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::story::{Order, Story};

/// A running service. It is killed when it is dropped.
pub(crate) struct Service {
    child: Child,
}

impl Service {
    /// Makes the folder of a new service named “Shop”, and starts the service. `$URL` is its address.
    pub(crate) fn open(story: &mut Story, folder: &str) -> Self {
        let port = free_port();
        story.set("LISTEN", &format!("127.0.0.1:{port}"));
        story.set("URL", &format!("http://127.0.0.1:{port}"));
        story.run(&format!("admin init {folder} --name Shop --url $URL"));
        Self::start(story, &format!("serve {folder} --listen $LISTEN"))
    }

    /// Starts the service with a command line, and waits for its address.
    pub(crate) fn start(story: &mut Story, line: &str) -> Self {
        let mut child = story.command(line).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut listening = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut listening).unwrap();
        let listening: Value = serde_json::from_str(&listening).unwrap();
        story.record(line, "running", &[listening], Order::Printed);
        Self { child }
    }

    /// Kills the service, as a power cut does.
    pub(crate) fn kill(mut self, story: &mut Story) {
        story.remark("The service is killed.");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the service by a signal, and records its exit status.
    pub(crate) fn stop(mut self, story: &mut Story) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let status = self.child.wait().unwrap();
        story.remark(&format!("The service is terminated: exit {}", status.code().unwrap_or(-1)));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // The service may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Issues a license that may be backed up, and acquires it. Sets the variable `name` to its ID.
pub(crate) fn sell(story: &mut Story, name: &str, terms: &str) {
    let issued = story.run(&format!("admin issue --service shop {terms}"));
    story.set(name, issued[0]["licenses"][0].as_str().unwrap());
    story.set("LINK", issued[0]["link"].as_str().unwrap());
    story.run("acquire $LINK");
}
