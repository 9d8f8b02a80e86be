//! The sample, `examples/backup_sample.c`: it compiles without warnings and runs on its own screen. The tests
//! check its list, its consent prompt, the page of a refusal, cancel, and close.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use restow::service::protocol::Terms;

use crate::client::{Platform, Wine, dist, skipped, wine};
use crate::stage::{Stage, restricted, song};

/// Timeout of every wait for the screen.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Virtual screen.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    /// Opens the screen, or returns the missing tool.
    fn open() -> Result<Self, &'static str> {
        Command::new("xdotool").arg("version").output().map_err(|_| "xdotool")?;
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| "Xvfb")?;
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Ok(Self { server, display: format!(":{}", number.trim()) })
    }

    fn xdotool(&self, arguments: &[&str]) -> bool {
        let mut xdotool = Command::new("xdotool");
        xdotool.args(arguments).env("DISPLAY", &self.display).stdout(Stdio::null()).stderr(Stdio::null());
        xdotool.status().unwrap().success()
    }
}

impl Drop for Screen {
    /// Programs on the screen end with it.
    fn drop(&mut self) {
        // The server removes its files when asked to end.
        let asked = Command::new("kill").arg(self.server.id().to_string()).status();
        if !asked.is_ok_and(|asked| asked.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

/// Running sample.
struct Sample<'a> {
    screen: &'a Screen,
    desktop: Option<Child>,
    log: PathBuf,
    pages: PathBuf,
}

impl<'a> Sample<'a> {
    fn start(wine: &Wine, screen: &'a Screen, stage: &Stage, home: &Path, arguments: &[&str]) -> Self {
        let (log, pages) = (stage.path("log.txt"), stage.path("pages.txt"));
        let _ = std::fs::remove_file(&log);
        // Browser, as Wine finds it.
        let browser = stage.folder("bin").join("xdg-open");
        std::fs::write(&browser, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{}'\n", pages.display())).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&browser).status().unwrap().success());
        let path = format!("{}:{}", stage.path("bin").display(), std::env::var("PATH").unwrap());
        let windows = |path: &Path| format!("Z:{}", path.display()).replace('/', "\\");
        let desktop = wine
            .command("explorer")
            .arg(format!("/desktop=sample{},1024x768", screen.display.replace(':', "-")))
            .arg(windows(&wine.folder().join("backup_sample.exe")))
            .args(arguments)
            .arg("/log")
            .arg(windows(&log))
            .env("DISPLAY", &screen.display)
            .env("PATH", path)
            .env("RESTOW_HOME", windows(home))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { screen, desktop: Some(desktop), log, pages }
    }

    /// Presses keys repeatedly, because no signal shows when a window accepts them.
    fn press(&self, keys: &[&str], expected: &str, is_done: impl Fn() -> bool) {
        let asked = Instant::now();
        while !is_done() {
            assert!(asked.elapsed() < TIMEOUT, "{keys:?} {expected:?}: {}", self.list());
            for key in keys {
                self.screen.xdotool(&["key", "--clearmodifiers", key]);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Presses keys until the list contains a text.
    fn press_until_listed(&self, keys: &[&str], shown: &str) {
        self.press(keys, shown, || self.list().contains(shown));
    }

    /// Presses keys until the browser receives a page.
    fn until_page(&self, keys: &[&str], page: &str) {
        self.press(keys, page, || std::fs::read_to_string(&self.pages).is_ok_and(|pages| pages.contains(page)));
    }

    /// Presses keys until a window exists.
    fn until_window(&self, keys: &[&str], title: &str) {
        self.press(keys, title, || self.screen.xdotool(&["search", "--name", title]));
    }

    /// Chooses a folder by typing its name.
    fn choose_folder(&self, command: &str, title: &str, folder: &str) {
        self.until_window(&[command], title);
        self.press(&[], title, || {
            self.screen.xdotool(&["key", "--clearmodifiers", "ctrl+a"]);
            self.screen.xdotool(&["type", "--clearmodifiers", folder]);
            self.screen.xdotool(&["key", "--clearmodifiers", "Return"]);
            !self.screen.xdotool(&["search", "--name", title])
        });
    }

    /// Returns the text of the list, with the answers to prompts.
    fn list(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default().replace('\r', "")
    }

    /// Closes the window and waits for the end of the program.
    fn close(mut self) -> String {
        let desktop = std::cell::RefCell::new(self.desktop.take().unwrap());
        self.press(&["alt+F4"], "the end", || desktop.borrow_mut().try_wait().unwrap().is_some());
        self.list()
    }
}

/// Compiles the sample as its first lines state, and runs a test with it on a screen, if available.
fn on_screen(test: &str, run: impl Fn(&Platform, &Wine, &Screen)) {
    static COMPILED: OnceLock<()> = OnceLock::new();
    let wine = match wine() {
        Ok(wine) => wine,
        Err(tool) => return skipped(test, tool, "RESTOW_REQUIRE_WINDOWS"),
    };
    COMPILED.get_or_init(|| compile(&wine.folder().join("backup_sample.exe")));
    match Screen::open() {
        Ok(screen) => run(&Platform::Wine(wine), wine, &screen),
        Err(tool) => skipped(test, tool, "RESTOW_REQUIRE_TOOLS"),
    }
}

fn compile(program: &Path) {
    let compiled = Command::new("x86_64-w64-mingw32-gcc")
        .args(["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-municode", "-mwindows", "-o"])
        .arg(program)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/backup_sample.c"))
        .arg("-L")
        .arg(dist("x86_64"))
        .args(["-lwmvcore", "-lole32", "-luuid", "-lshell32", "-lcomctl32", "-lgdi32"])
        .status()
        .unwrap();
    assert!(compiled.success(), "the sample does not compile");
}

const TITLED: &str = "Cannot be backed up\tSong 9\tIts license does not allow it.\n";
const UNTITLED: &str = "Some licenses cannot be backed up\tCAgICAgICAgICAgICAgICA==\tThey do not allow it.\n";

#[test]
fn sample_lists_restricted_licenses() {
    on_screen("sample_lists_restricted_licenses", |platform, wine, screen| {
        let stage = Stage::new();
        let shop = stage.shop();
        let (home, stick) = (stage.folder("home"), stage.folder("stick"));
        let location = platform.path(&stick);
        let untitled = Terms { title: None, ..restricted(8) };
        platform.acquire(&home, &shop, vec![song(1), untitled, restricted(9)]);

        let sample = Sample::start(wine, screen, &stage, &home, &[]);
        sample.choose_folder("ctrl+b", "Back up licenses to", &location);
        sample.press_until_listed(&[], "Backup finished");
        let done = sample.list();
        // Sorted by license ID, which is random.
        let orders = [[TITLED, UNTITLED], [UNTITLED, TITLED]].map(|[first, then]| {
            format!(
                "Backup started\t{location}\t\n{first}{then}\
                 Backup finished\t{location}\tThe licenses are backed up. Left out: 2.\n"
            )
        });
        assert!(orders.contains(&done), "{done}");
        // Tab also reaches the link, and its page is a web page.
        sample.until_page(&["Tab", "space"], "https://www.example.com/privacy");
        assert_eq!(sample.close(), done);

        let exists = format!("Backup failed\t{location}\tThere is a backup of this computer already. (0xC00D2742)\n");
        let sample = Sample::start(wine, screen, &stage, &home, &["/backup", &location]);
        sample.press_until_listed(&["n"], "Overwrite the backup?\t\tNo\n");
        assert_eq!(sample.close(), format!("{exists}Overwrite the backup?\t\tNo\n"));
        let sample = Sample::start(wine, screen, &stage, &home, &["/backup", &location]);
        sample.press_until_listed(&["y"], "Backup finished");
        assert_eq!(sample.close(), format!("{exists}Overwrite the backup?\t\tYes\n{done}"));
    });
}

#[test]
fn sample_asks_consent_and_opens_refusal_page() {
    on_screen("sample_asks_consent_and_opens_refusal_page", |platform, wine, screen| {
        let stage = Stage::new();
        let shop = stage.shop();
        let location = platform.path(&stage.folder("stick"));
        let first = stage.folder("first");
        let mut only_here = song(2);
        only_here.limit = Some(1);
        platform.acquire(&first, &shop, vec![song(1), only_here]);
        let sample = Sample::start(wine, screen, &stage, &first, &["/backup", &location]);
        sample.press_until_listed(&[], "Backup finished");
        sample.close();

        let second = stage.folder("second");
        platform.add_service(&second, &shop);
        let needs = "This computer must be registered first. Nothing was sent.";
        let asked = format!(
            "Registration needed\t\t{needs}\n\
             Restore started\t{location}\t\n\
             Restore failed\t{location}\t{needs} (0xC00D2728)\n\
             Register this computer?\t\t"
        );
        let sample = Sample::start(wine, screen, &stage, &second, &["/restore", &location]);
        // Help shows the privacy policy, and the prompt stays open.
        sample.until_window(&[], "Register this computer");
        sample.until_page(&["F1"], "https://www.example.com/privacy");
        sample.press_until_listed(&["n"], "Register this computer?\t\tNo\n");
        assert_eq!(sample.close(), format!("{asked}No\n"));

        let sample = Sample::start(wine, screen, &stage, &second, &["/restore", &location]);
        sample.press_until_listed(&["y"], "Restore finished in part");
        sample.until_page(&[], "/restow/v1/limit/");
        let list = sample.close();
        let page = std::fs::read_to_string(stage.path("pages.txt")).unwrap();
        let page = page.lines().find(|page| page.starts_with(&shop.url)).unwrap();
        let why = "The license service does not allow it. The page in your browser says why.";
        let part = "Some licenses were restored and some were not. Restore again later. (0xC00D275F)";
        assert_eq!(
            list,
            format!(
                "{asked}Yes\n\
                 Connecting to the license service\t\t\n\
                 Refused by the license service\t{page}\t{why}\n\
                 Disconnecting\t\t\n\
                 Restore started\t{location}\t\n\
                 Restore finished in part\t{location}\t{part}\n"
            )
        );
    });
}

#[test]
fn sample_closes_while_service_is_silent() {
    on_screen("sample_closes_while_service_is_silent", |platform, wine, screen| {
        let stage = Stage::new();
        let mut shop = stage.shop();
        let location = platform.path(&stage.folder("stick"));
        let first = stage.folder("first");
        platform.acquire(&first, &shop, vec![song(1)]);
        let sample = Sample::start(wine, screen, &stage, &first, &["/backup", &location]);
        sample.press_until_listed(&[], "Backup finished");
        sample.close();

        let second = stage.folder("second");
        platform.add_service(&second, &shop);
        shop.stop();
        // Accepts calls without an answer.
        let _silent = TcpListener::bind(shop.url.strip_prefix("http://").unwrap()).unwrap();
        let cancelled = format!("Restore cancelled\t{location}\tCancelled. Nothing was changed. (0xC00D2768)\n");
        for key in ["Escape", "alt+F4"] {
            let sample = Sample::start(wine, screen, &stage, &second, &["/restore", &location]);
            sample.press_until_listed(&["y"], "Connecting to the license service");
            sample.press_until_listed(&[key], "Restore cancelled");
            let list = sample.close();
            assert!(list.ends_with(&cancelled), "{key}: {list}");
        }
    });
}
