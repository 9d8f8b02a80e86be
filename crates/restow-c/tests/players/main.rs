//! Example players in C and Python, over the library as `scripts/install-c` installs it.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod stage;

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

use stage::{Stage, key_id, restricted, song};

/// Library of this build, installed once for all tests of this process.
static INSTALLED: LazyLock<PathBuf> = LazyLock::new(|| {
    let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("librestow");
    install(&[&prefix], None);
    prefix
});

/// Runs `scripts/install-c` with the libraries of this build.
fn install(arguments: &[&Path], libdir: Option<&str>) {
    assert!(install_command(arguments, libdir).status().unwrap().success());
}

fn install_command(arguments: &[&Path], libdir: Option<&str>) -> Command {
    let libraries = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let mut script = Command::new(crate_folder().join("../../scripts/install-c"));
    script.args(arguments).env("RESTOW_C_BUILT", libraries).env_remove("LIBDIR");
    script.envs(libdir.map(|libdir| ("LIBDIR", libdir)));
    script
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn libraries() -> PathBuf {
    INSTALLED.join("lib")
}

fn is_installed(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

/// Reports a test as skipped if one of the tools is missing.
fn skip_without(test: &str, tools: &[&str]) -> bool {
    let Some(tool) = tools.iter().find(|tool| !is_installed(tool)) else { return false };
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none_or(|set| set != "1"), "{test}: {tool} not found");
    println!("SKIPPED: {test}: {tool} not found");
    true
}

fn pkg_config(arguments: &[&str]) -> Vec<String> {
    let output = Command::new("pkg-config")
        .args(arguments)
        .arg("restow")
        .env("PKG_CONFIG_PATH", libraries().join("pkgconfig"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

/// Compiles the player with the flags of pkg-config, as a user of the library does.
fn compile(stage: &Stage, flags: &[String]) -> PathBuf {
    let player = stage.folder("build").join("player");
    let compiled = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-g", "-o"])
        .arg(&player)
        .arg(crate_folder().join("examples/player.c"))
        .args(flags)
        .status()
        .unwrap();
    assert!(compiled.success(), "the example does not compile");
    player
}

/// Timeout of a player.
const PLAYER_TIMEOUT: Duration = Duration::from_secs(300);

/// Runs a player on a computer and returns the lines of its output.
fn play(player: &dyn Fn() -> Command, home: &Path, location: &Path, menu: &[&str]) -> Vec<String> {
    let mut running = player().arg(home).arg(location).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all((menu.join("\n") + "\n").as_bytes()).unwrap();
    let (mut stdout, (sender, receiver)) = (running.stdout.take().unwrap(), mpsc::channel());
    std::thread::spawn(move || {
        let mut all = Vec::new();
        stdout.read_to_end(&mut all).unwrap();
        let _ = sender.send(all);
    });
    let Ok(output) = receiver.recv_timeout(PLAYER_TIMEOUT) else {
        running.kill().unwrap();
        panic!("the player did not end in 5 minutes: {menu:?}");
    };
    let (output, status) = (String::from_utf8(output).unwrap(), running.wait().unwrap());
    assert!(status.success(), "{status:?}: {output}");
    output.lines().map(str::to_owned).collect()
}

/// Story of a player on three computers.
fn story(stage: &Stage, player: &dyn Fn() -> Command) {
    let location = stage.folder("stick ü");
    let (song_1, song_9) = (key_id(1), key_id(9));
    let first = stage.computer("first");
    let ((link, license), (other, _)) = (stage.issue(song(1)), stage.issue(restricted(9)));
    let menu = [
        "l",
        &format!("a {link}"),
        &format!("a {other}"),
        "a https://shop.example/x#y",
        "l",
        &format!("t {song_9}"),
        &format!("p {song_1}"),
        &format!("u {song_1}"),
        &format!("u {song_9}"),
        "p nonsense",
        &format!("p {}", key_id(3)),
        "c",
        "b",
        "r",
    ];
    let output = play(player, &first, &location, &menu);
    let expected = [
        "Licenses that came: 1.",
        "Licenses that came: 1.",
        "This cannot be a link of a shop: it is not a link for licenses. Use the link from the message of the shop. To add a service only: restow service add ADDRESS",
        "Song 1: usable, 3 plays left",
        "Song 9: usable, cannot be backed up",
        "Song 9",
        "Playing.",
        "Counted one, 1 left.",
        "Counted nothing.",
        "The argument key_id has a value that is not allowed. See restow.h.",
        &format!(
            "There is no license for key ID {} on this computer. Restore it (restow restore {}), or get it from the shop or library.",
            key_id(3),
            restow_core::message::EXAMPLE_LOCATION
        ),
        "Song 9 cannot be backed up: denied_by_issuer",
        "Cancelled.",
        "Backed up: 0. Restored: 0. Here already: 0.",
        "Song 9 cannot be backed up: denied_by_issuer",
        "Backed up: 1. Restored: 0. Here already: 0.",
        "Backed up: 0. Restored: 0. Here already: 1.",
    ];
    assert_eq!(output, expected);

    // A computer is registered only after a question.
    let second = stage.computer("second");
    let asked = [
        &*format!("Shop at {}", stage.url),
        &*format!("with the fingerprint {}", stage.fingerprint),
        "May this computer be registered there? (y/n)",
    ];
    let declined = [
        "Shop was not asked.",
        "Song 1 did not come: needs_individualization",
        "This computer must be registered first.",
        "Backed up: 0. Restored: 0. Here already: 0.",
        "Song 1: pending, 1 plays left",
    ];
    let output = play(player, &second, &location, &["r", "n", "l"]);
    assert_eq!(output, [&asked[..], &declined].concat());

    // Uses counted on the first computer stay counted.
    let output = play(player, &second, &location, &["r", "y", &format!("p {song_1}"), &format!("p {song_1}")]);
    let used_up =
        format!("All uses of Play for key ID {song_1} are used up. Ask the shop or library that the file comes from.");
    let came = ["Backed up: 0. Restored: 1. Here already: 0.", "Playing.", &used_up];
    assert_eq!(output, [&asked[..], &came].concat());

    // The limit of two computers is exceeded.
    let output = play(player, &stage.computer("third"), &location, &["r", "y"]);
    assert_eq!(output[..3], asked);
    let refused = format!("Shop refused. See {}/restow/v1/limit/", stage.url);
    assert!(output[3].starts_with(&refused), "{}", output[3]);
    let expected = [
        "Song 1 did not come: limit",
        "The licenses may not be restored on this computer.",
        "Backed up: 0. Restored: 0. Here already: 0.",
    ];
    assert_eq!(output[4..], expected);

    // A refusal of the service is visible although the call succeeds.
    stage.revoke(license.clone());
    let output = play(player, &first, &location, &[&format!("a {link}"), &format!("p {song_1}")]);
    let expected = [
        "Licenses that came: 0.".to_owned(),
        format!("{license}: The service refused the license: revoked"),
        format!(
            "The license for key ID {song_1} was revoked: refunded. Ask the shop or library that the file comes from."
        ),
    ];
    assert_eq!(output, expected);
}

/// Player over the shared library.
fn shared(stage: &Stage) -> impl Fn() -> Command {
    let player = compile(stage, &pkg_config(&["--cflags", "--libs"]));
    move || {
        let mut command = Command::new(&player);
        command.env("LD_LIBRARY_PATH", libraries());
        command
    }
}

#[test]
fn install_below_package_root() {
    let package = tempfile::tempdir().unwrap();
    install(&[Path::new("/opt/restow"), package.path()], None);
    let prefix = package.path().join("opt/restow");
    let pkg_config_file = std::fs::read_to_string(prefix.join("lib/pkgconfig/restow.pc")).unwrap();
    assert!(pkg_config_file.contains("prefix=/opt/restow\n"), "{pkg_config_file}");
    assert!(pkg_config_file.contains(&format!("Version: {}\n", env!("CARGO_PKG_VERSION"))), "{pkg_config_file}");
    assert!(prefix.join("include/restow.h").is_file() && prefix.join("lib/librestow.a").is_file());
    let link = format!("{}restow{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    assert!(prefix.join("lib").join(&link).is_file());
    assert!(pkg_config_file.contains("libdir=/opt/restow/lib\n"), "{pkg_config_file}");

    let libdir = "/usr/lib/x86_64-linux-gnu";
    install(&[Path::new("/usr"), package.path()], Some(libdir));
    let libraries = package.path().join("usr/lib/x86_64-linux-gnu");
    let pkg_config_file = std::fs::read_to_string(libraries.join("pkgconfig/restow.pc")).unwrap();
    assert!(pkg_config_file.contains(&format!("libdir={libdir}\n")), "{pkg_config_file}");
    assert!(libraries.join(&link).is_file() && package.path().join("usr/include/restow.h").is_file());
    assert!(!package.path().join("usr/lib").join(link).exists());
}

#[test]
fn install_rejects_unsafe_folder_names() {
    let package = tempfile::tempdir().unwrap();
    for wrong in ["/opt/my restow", "/opt/a&b", "/opt/a|b", "/opt/a'b", "opt"] {
        for (prefix, libdir) in [(wrong, None), ("/opt", Some(wrong))] {
            let output = install_command(&[Path::new(prefix), package.path()], libdir).output().unwrap();
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code() == Some(2) && text.contains(wrong), "{wrong}: {text}");
        }
    }
    assert!(std::fs::read_dir(package.path()).unwrap().next().is_none());
}

#[test]
fn story_in_c() {
    if skip_without("story_in_c", &["cc", "pkg-config"]) {
        return;
    }
    let stage = Stage::new();
    story(&stage, &shared(&stage));
}

#[test]
fn story_in_c_linked_statically() {
    if skip_without("story_in_c_linked_statically", &["cc", "pkg-config"]) {
        return;
    }
    let stage = Stage::new();
    // Simulates an installation without a shared library.
    let alone = stage.folder("alone");
    std::fs::copy(libraries().join("librestow.a"), alone.join("librestow.a")).unwrap();
    let mut flags = pkg_config(&["--cflags", "--libs", "--static"]);
    flags.insert(0, format!("-L{}", alone.display()));
    flags.retain(|flag| *flag != format!("-L{}", libraries().display()));
    let player = compile(&stage, &flags);
    story(&stage, &|| Command::new(&player));
}

#[test]
fn story_in_c_under_valgrind() {
    if skip_without("story_in_c_under_valgrind", &["cc", "pkg-config", "valgrind"]) {
        return;
    }
    let stage = Stage::new();
    let player = shared(&stage);
    story(&stage, &|| {
        let player = player();
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--leak-check=full", "--error-exitcode=1"]);
        // Ignores "possibly" lost blocks: the standard library keeps an interior pointer for the main thread.
        valgrind.args(["--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect"]);
        valgrind.arg(player.get_program());
        valgrind.env("LD_LIBRARY_PATH", libraries());
        valgrind
    });
}

#[test]
fn python_player_prints_usage() {
    if skip_without("python_player_prints_usage", &["python3"]) {
        return;
    }
    let output = Command::new("python3").arg(crate_folder().join("examples/player.py")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim_end(), "usage: player.py HOME LOCATION");
}

#[test]
fn story_in_python() {
    if skip_without("story_in_python", &["python3"]) {
        return;
    }
    let stage = Stage::new();
    story(&stage, &|| {
        let mut player = Command::new("python3");
        let link = format!("{}restow{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        player.env("LIBRESTOW", libraries().join(link)).env("PYTHONUNBUFFERED", "1");
        player.arg(crate_folder().join("examples/player.py"));
        player
    });
}
