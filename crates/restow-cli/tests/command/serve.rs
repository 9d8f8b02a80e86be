//! `restow serve`: the process and its warnings.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::sandbox::Sandbox;
#[cfg(target_os = "linux")]
use super::sandbox::TestService;

/// A core dump would contain keys. Each connection is an open file.
#[test]
#[cfg(target_os = "linux")]
fn served_process_dumps_no_core() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", service.pid())).unwrap();
    let limit = |name: &str| -> Vec<String> {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().take(2).map(str::to_owned).collect()
    };
    assert_eq!(limit("Max core file size"), ["0", "0"]);
    let files = limit("Max open files");
    assert_eq!(files[0], files[1]);
}

#[test]
fn address_open_to_network_warns() {
    let sandbox = Sandbox::new();
    sandbox.run(&["admin", "init", "shop", "--name", "Shop", "--url", "https://shop.example"]).expect_exit(0);
    let profile = sandbox.path("shop/service.json");
    let text = std::fs::read_to_string(&profile).unwrap();
    for (listen, proxies, language, expected) in [
        ("127.0.0.1:0", "[]", "en", None),
        ("[::1]:0", "[]", "en", None),
        ("0.0.0.0:0", "[]", "en", Some("without TLS")),
        ("0.0.0.0:0", "[]", "de", Some("ohne TLS")),
        ("0.0.0.0:0", "[\"10.0.0.0/8\"]", "en", None),
    ] {
        std::fs::write(&profile, text.replace("\"trusted_proxies\": []", &format!("\"trusted_proxies\": {proxies}")))
            .unwrap();
        let mut command = sandbox.command(&["serve", "shop", "--listen", listen, "--lang", language]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        std::io::copy(&mut output, &mut std::io::sink()).unwrap();
        let warning = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        if listen.starts_with('[') && line.is_empty() {
            eprintln!("SKIPPED: IPv6 loopback not available");
            continue;
        }
        assert_eq!(expected.map(|text| warning.contains(text)), expected.map(|_| true), "{warning}");
        assert_eq!(expected.is_none(), warning.is_empty(), "{warning}");
    }
}
