//! The client in C and its platforms.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use restow::Home;
use restow::service::acquire::{acquire_link, look_up_service, trust};
use restow::service::protocol::Terms;
use restow::service::{AcquisitionLink, Cancel, register};

use crate::stage::Shop;

/// Timeout of the client. Longer than the timeouts inside the client, which have better messages.
const TIMEOUT: Duration = Duration::from_secs(900);

/// Platform of the client.
pub enum Platform {
    /// Native: over the shared library of this build, optionally in Valgrind.
    Native { client: PathBuf, valgrind: bool },
    /// Windows: over the DLL of `scripts/build-windows`, under Wine.
    Wine(&'static Wine),
}

/// Wine prefix with the client, the DLL and the command in one folder. It is kept, because its creation takes
/// long.
pub struct Wine {
    program: &'static str,
    folder: PathBuf,
    /// One test process at a time uses the prefix.
    _lock: File,
}

/// Returns a path in the form of programs under Wine.
pub fn wine_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

impl Wine {
    /// Returns the folder of the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns a command for a program of the folder or of Wine.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.program);
        let own = self.folder().join(program);
        command.arg(if own.exists() { own } else { program.into() }).env("WINEPREFIX", self.folder().join("prefix"));
        command.env("WINEDLLOVERRIDES", "wmvcore=n,b").env("WINEDEBUG", "-all");
        command
    }
}

/// Returns the available platforms. Reports the test as skipped for the others.
pub fn platforms(test: &str) -> Vec<Platform> {
    let mut found = Vec::new();
    match native() {
        Ok(client) => found.push(Platform::Native { client: client.clone(), valgrind: false }),
        Err(tool) => skipped(test, tool, "RESTOW_REQUIRE_TOOLS"),
    }
    match wine() {
        Ok(wine) => found.push(Platform::Wine(wine)),
        Err(tool) => skipped(test, tool, "RESTOW_REQUIRE_WINDOWS"),
    }
    found
}

/// Returns the native client in Valgrind. Reports the test as skipped without Valgrind.
pub fn valgrind(test: &str) -> Option<Platform> {
    let found = Command::new("valgrind").arg("--version").output().map_err(|_| "valgrind").and_then(|_| native());
    match found {
        Ok(client) => Some(Platform::Native { client: client.clone(), valgrind: true }),
        Err(tool) => {
            skipped(test, tool, "RESTOW_REQUIRE_TOOLS");
            None
        }
    }
}

/// Reports a test as skipped, or fails if the variable is 1.
pub fn skipped(test: &str, tool: &str, required: &str) {
    assert!(std::env::var_os(required).is_none_or(|set| set != "1"), "{test}: {tool} not found");
    println!("SKIPPED: {test}: {tool} not found");
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Returns the folder of this build's shared library.
fn libraries() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().to_owned()
}

/// Returns the client, compiled once, or the missing tool.
fn native() -> Result<&'static PathBuf, &'static str> {
    static NATIVE: OnceLock<Result<PathBuf, &str>> = OnceLock::new();
    NATIVE.get_or_init(compile_native).as_ref().map_err(|tool| *tool)
}

fn compile_native() -> Result<PathBuf, &'static str> {
    let libraries = libraries();
    let client = libraries.join("replay-client");
    // Another test process may be running the existing client.
    let new = libraries.join(format!("replay-client-{}", std::process::id()));
    let compiled = Command::new("cc")
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fshort-wchar", "-g", "-o"])
        .arg(&new)
        .arg(sources().join("replay.c"))
        .arg("-L")
        .arg(&libraries)
        .args(["-lwmvcore", "-lpthread"])
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .status()
        .map_err(|_| "cc")?;
    assert!(compiled.success(), "the client does not compile");
    std::fs::rename(new, &client).unwrap();
    Ok(client)
}

/// Returns the folder that `scripts/build-windows` writes.
pub fn dist(architecture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../dist/{architecture}-pc-windows-gnu"))
}

/// Returns the Wine of these tests, or the missing tool.
pub fn wine() -> Result<&'static Wine, &'static str> {
    static WINE: OnceLock<Result<Wine, &str>> = OnceLock::new();
    WINE.get_or_init(prepare_wine).as_ref().map_err(|tool| *tool)
}

/// Compiles the client for Windows and prepares Wine; or returns the missing tool.
fn prepare_wine() -> Result<Wine, &'static str> {
    let dist = dist("x86_64");
    if !dist.join("wmvcore.dll").exists() {
        return Err("dist/x86_64-pc-windows-gnu (scripts/build-windows)");
    }
    let is_there = |program: &&str| Command::new(program).arg("--version").output().is_ok();
    let program = ["wine64", "/usr/lib/wine/wine64", "wine"].into_iter().find(is_there).ok_or("wine64")?;
    let server = ["wineserver64", "/usr/lib/wine/wineserver64", "wineserver"].into_iter().find(is_there);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine");
    std::fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let prefix = folder.join("prefix");
    if let Some(server) = server.filter(|_| prefix.exists()) {
        // Ends the processes of a test that was killed. Fails without such processes.
        Command::new(server).arg("-k").env("WINEPREFIX", &prefix).output().unwrap();
    }
    // An incomplete prefix, or one of another Wine version, is created again.
    let (made_by, version) = (folder.join("made-by"), Command::new(program).arg("--version").output().unwrap().stdout);
    if std::fs::read(&made_by).ok().as_ref() != Some(&version) && prefix.exists() {
        std::fs::remove_dir_all(&prefix).unwrap();
    }
    for file in ["wmvcore.dll", "restow.exe", "wine/bcryptprimitives.dll"] {
        let from = dist.join(file);
        std::fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
    }
    for client in ["replay", "order_check", "unload"] {
        compile_for_windows("x86_64", client, &folder.join(client).with_extension("exe"), &dist)
            .ok_or("x86_64-w64-mingw32-gcc")?;
    }
    let wine = Wine { program, folder, _lock: lock };
    // Creates the prefix, once and by one program at a time.
    assert!(wine.command("restow.exe").arg("--version").output().unwrap().status.success());
    std::fs::write(made_by, version).unwrap();
    Ok(wine)
}

/// Compiles a client for Windows with the import library in `dist`. Returns `None` without a compiler.
pub fn compile_for_windows(architecture: &str, client: &str, program: &Path, dist: &Path) -> Option<()> {
    let compiled = Command::new(format!("{architecture}-w64-mingw32-gcc"))
        .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(program)
        .arg(sources().join(client).with_extension("c"))
        .arg("-L")
        .arg(dist)
        .args(["-lwmvcore", "-Wl,-Bstatic", "-lpthread", "-static-libgcc"])
        .status()
        .ok()?;
    assert!(compiled.success(), "{client} does not compile for Windows");
    Some(())
}

impl Platform {
    /// Returns a path in the form of the platform.
    pub fn path(&self, path: &Path) -> String {
        match self {
            Self::Native { .. } => path.display().to_string(),
            Self::Wine(_) => wine_path(path),
        }
    }

    /// Adds the service of a shop manually, as its private address requires.
    pub fn add_service(&self, home: &Path, shop: &Shop) {
        match self {
            Self::Native { .. } => {
                let key_set = look_up_service(&shop.url, &Cancel::default()).unwrap();
                trust(&Home::open(home).unwrap(), &key_set).unwrap();
            }
            Self::Wine(_) => self.command(home, &["service", "add", &shop.url, "--yes"]),
        }
    }

    /// Registers the computer of the home with a shop and acquires licenses.
    pub fn acquire(&self, home: &Path, shop: &Shop, licenses: Vec<Terms>) {
        self.add_service(home, shop);
        let link = shop.issue(licenses);
        match self {
            Self::Native { .. } => {
                let (home, never) = (Home::open(home).unwrap(), Cancel::default());
                let link = AcquisitionLink::parse(&link).unwrap();
                register(&home, &mut home.store().unwrap(), &link.issuer, "computer", &never).unwrap();
                assert_eq!(acquire_link(&home, &link, &never).unwrap().refused, []);
            }
            Self::Wine(_) => {
                self.command(home, &["computer", "register", "--name", "computer"]);
                self.command(home, &["acquire", &link]);
            }
        }
    }

    /// Runs `restow.exe`.
    fn command(&self, home: &Path, arguments: &[&str]) {
        let Self::Wine(wine) = self else { unreachable!("the library is at hand") };
        let output = wine.command("restow.exe").arg("--home").arg(self.path(home)).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Compares the header of the tests with the SDK's header, where available.
    pub fn compare_headers(&self) {
        if let Self::Wine(wine) = self {
            let output = wine.command("order_check.exe").output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        }
    }

    /// Replays a sequence and compares the output with the transcript. `values` replace names in braces.
    pub fn replay(&self, sequence: &str, home: &Path, values: &[(&str, &str)]) {
        let transcript = std::fs::read_to_string(sources().join(format!("sequences/{sequence}.txt"))).unwrap();
        let no_place = "0xC00D1137";
        let filled = values
            .iter()
            .chain([&("no place", no_place)])
            .fold(transcript, |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        let commands: String =
            filled.lines().filter_map(|line| line.strip_prefix("> ")).map(|c| format!("{c}\n")).collect();
        let output = self.run(&commands, home);
        let output: Vec<String> = output.lines().map(replace_url).collect();
        assert_eq!(output, filled.lines().collect::<Vec<_>>(), "{sequence}");
    }

    /// Runs commands that must fail; returns the output.
    pub fn fails(&self, commands: &str, home: &Path) -> String {
        let (output, succeeded) = self.start(commands, home);
        assert!(!succeeded, "{output}");
        output
    }

    fn run(&self, commands: &str, home: &Path) -> String {
        let (output, succeeded) = self.start(commands, home);
        assert!(succeeded, "{output}");
        output
    }

    /// Runs the client; returns its output and success.
    fn start(&self, commands: &str, home: &Path) -> (String, bool) {
        let mut command = match self {
            Self::Native { client, valgrind: false } => Command::new(client),
            Self::Native { client, valgrind: true } => {
                let mut command = Command::new("valgrind");
                command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
                command.args(["--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect"]);
                command.arg(client);
                command
            }
            Self::Wine(wine) => wine.command("replay.exe"),
        };
        command.env("RESTOW_HOME", self.path(home)).env("RESTOW_LOG", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = command.spawn().unwrap();
        running.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
        let (mut stdout, (tell, output)) = (running.stdout.take().unwrap(), mpsc::channel());
        std::thread::spawn(move || {
            let mut all = Vec::new();
            stdout.read_to_end(&mut all).unwrap();
            let _ = tell.send(all);
        });
        let Ok(output) = output.recv_timeout(TIMEOUT) else {
            running.kill().unwrap();
            panic!("the client did not end in 15 minutes: {commands}");
        };
        (String::from_utf8(output).unwrap().replace('\r', ""), running.wait().unwrap().success())
    }
}

/// Replaces the address of a page, which differs between runs.
fn replace_url(line: &str) -> String {
    match (line.find("http://127.0.0.1:"), line.rfind(' ')) {
        (Some(from), Some(to)) if line[from..to].contains("/restow/v1/limit/") => {
            format!("{}{{url}}{}", &line[..from], &line[to..])
        }
        _ => line.to_owned(),
    }
}
