//! The service as a child process on a fixed port.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::{Failure, io_failure, runner::CommandRunner, scenario_error, values};
use crate::output::{Tone, shell_word};

/// Running service. Dropping it kills the process.
pub(super) struct DemoService {
    child: Option<Child>,
    port: u16,
}

impl Drop for DemoService {
    fn drop(&mut self) {
        // There is no remedy for a child process that cannot be killed.
        let _ = self.kill();
    }
}

impl DemoService {
    /// Chooses a free port.
    pub(super) fn on_free_port() -> Result<Self, Failure> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = port.map_err(|error| scenario_error(format!("no port is free: {error}")))?.port();
        Ok(Self { child: None, port })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Starts the service and waits until it listens.
    pub(super) fn start(&mut self, runner: &mut CommandRunner) -> Result<(), Failure> {
        runner.check_interrupted()?;
        let listen = format!("127.0.0.1:{}", self.port);
        let arguments = ["serve", "shop", "--listen", &listen];
        let line = arguments.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ");
        let command = format!("restow {line} &");
        runner.ui.print_styled(Tone::Strong, "demo-command", values![command = command]);
        runner.script.start_service();
        let mut command = runner.command();
        command.args(arguments).arg("--json").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| io_failure(&runner.binary, &error))?;
        let out = child.stdout.take();
        self.child = Some(child);
        let mut first = String::new();
        let out = out.ok_or_else(|| scenario_error("the service has no output"))?;
        BufReader::new(out).read_line(&mut first).map_err(|error| scenario_error(format!("the service: {error}")))?;
        let listening: Value = serde_json::from_str(&first).unwrap_or_default();
        match listening.get("listening").and_then(Value::as_str) {
            Some(address) if address == self.url() => {
                runner.print_note("demo-listening", values![url = address]);
                Ok(())
            }
            _ => Err(scenario_error(format!("the service does not listen at {}: {first}", self.url()))),
        }
    }

    /// Kills the service, like a power failure.
    pub(super) fn kill(&mut self) -> Result<(), Failure> {
        if let Some(mut child) = self.child.take() {
            child
                .kill()
                .and_then(|()| child.wait())
                .map_err(|error| scenario_error(format!("the service: {error}")))?;
        }
        Ok(())
    }

    /// Kills the service, prints the command and records it.
    pub(super) fn kill_recorded(&mut self, runner: &mut CommandRunner) -> Result<(), Failure> {
        runner.ui.print_styled(Tone::Strong, "demo-command", values![command = "kill -KILL $!"]);
        runner.script.line("kill_service");
        self.kill()
    }

    /// Opens a page of the service.
    pub(super) fn page(url: &str) -> Result<String, Failure> {
        let config = ureq::Agent::config_builder().proxy(None).build();
        let answer = ureq::Agent::from(config).get(url).call();
        let page = answer.and_then(|mut answer| answer.body_mut().read_to_string());
        page.map_err(|error| scenario_error(format!("{url}: {error}")))
    }
}
