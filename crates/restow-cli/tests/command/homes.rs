//! Homes that are missing, that cannot be written, or that other processes use.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use restow::restorer::Backup;
use restow::{Home, Status};

use crate::sandbox::{CommandOutput, Sandbox, TestService, binary, files, key_id, lcp, signed_lcp};

/// Commands that only read. `LICENSE` is an ID, `STICK` a backup.
const READING: [&[&str]; 15] = [
    &["licenses"],
    &["status"],
    &["files"],
    &["why", "LICENSE"],
    &["can", "LICENSE"],
    &["export", "exported"],
    &["backups"],
    &["backups", "STICK"],
    &["show", "STICK"],
    &["verify", "STICK"],
    &["restore", "--dry-run", "STICK"],
    &["roots"],
    &["computer"],
    &["service"],
    &["provider"],
];

/// Commands that change the home, and the file that they name if they cannot.
const CHANGING: [(&[&str], &str); 6] = [
    (&["import", "other.lcpl"], "store.db"),
    (&["scan", "other"], "store.db"),
    (&["provider", "allow", "https://p.example"], "store.db"),
    (&["forget", "LICENSE", "--yes"], "store.db"),
    (&["roots", "add", "root.der"], "roots"),
    (&["restore", "STICK"], ""),
];

const LICENSE: &str = "11111111-1111-4111-8111-111111111111";

/// Creates the home `home` with one license, and a backup of it.
fn prepare(sandbox: &Sandbox) {
    let license = signed_lcp(LICENSE, "Book", "https://p.example", 7);
    std::fs::write(sandbox.path("one.lcpl"), license).unwrap();
    std::fs::write(sandbox.path("other.lcpl"), lcp("22222222-2222-4222-8222-222222222222")).unwrap();
    std::fs::write(sandbox.path("root.der"), workshop_root()).unwrap();
    sandbox.folder("stick");
    sandbox.folder("other");
    sandbox.run(&["import", "one.lcpl"]).expect_exit(0);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
}

fn workshop_root() -> Vec<u8> {
    let key = crate::workshop::Key::p256(1);
    crate::workshop::Form::root(&key).sign(&key)
}

/// Runs commands in a mount namespace after a script has mounted file systems. `None` if this system allows none.
struct Mounts<'a> {
    sandbox: &'a Sandbox,
    script: String,
    user: &'static [&'static str],
}

impl<'a> Mounts<'a> {
    /// Returns the mounts of a script, if they are possible here. `needs_root` is true for file systems on devices.
    fn new(sandbox: &'a Sandbox, script: &str, needs_root: bool) -> Option<Self> {
        let user: &[&str] = if needs_root { &["-m"] } else { &["-rm"] };
        let mounts = Self { sandbox, script: script.to_owned(), user };
        let works = mounts.command(&[]).output().is_ok_and(|output| output.status.success());
        if !works {
            println!("skipped: this system does not allow these mounts");
        }
        works.then_some(mounts)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let restow = binary().get_program().to_owned();
        let mut command = self.sandbox.command(&[]);
        let (script, run) = (&self.script, if arguments.is_empty() { "true" } else { "\"$0\" --home mounted \"$@\"" });
        let script = format!("set -e; {script}; {run}");
        let mut shell = Command::new("unshare");
        shell.args(self.user).args(["sh", "-c", &script]).arg(restow).args(arguments);
        shell.current_dir(command.get_current_dir().unwrap()).env("LANG", "C").stdin(std::process::Stdio::null());
        command.args(arguments);
        shell
    }

    fn run(&self, arguments: &[&str]) -> CommandOutput {
        let _ = std::fs::remove_dir_all(self.sandbox.path("exported"));
        self.command(&with_names(arguments)).output().unwrap().into()
    }

    #[track_caller]
    fn check(&self) {
        for arguments in READING {
            let output = self.run(arguments).expect_exit(0);
            if matches!(arguments[0], "licenses" | "show" | "export") {
                assert!(output.out.contains("Book"), "{arguments:?}: {}", output.out);
            }
        }
        for (arguments, file) in CHANGING {
            let output = self.run(arguments).expect_exit(1);
            let folder = self.sandbox.path("mounted");
            assert!(output.err.contains(folder.join(file).to_str().unwrap()), "{arguments:?}: {}", output.err);
            assert!(!output.err.contains("stick"), "the home is at fault, not the location: {}", output.err);
        }
    }
}

#[test]
fn missing_home_is_not_created() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    for arguments in READING {
        let arguments = arguments.iter().map(|argument| if *argument == "STICK" { "stick" } else { *argument });
        let arguments: Vec<&str> = ["--home", "none/such"].into_iter().chain(arguments).collect();
        sandbox.run(&arguments);
        assert!(!sandbox.path("none").exists(), "{arguments:?}");
    }
    assert!(sandbox.run(&["--home", "none/such", "licenses"]).expect_exit(0).out.contains("no licenses"));
    sandbox.run(&["--home", "none/such", "import", "one.lcpl"]).expect_exit(0);
    assert!(sandbox.path("none/such/store.db").is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn read_only_home_is_read() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    sandbox.folder("mounted");
    let script = "mount --bind home mounted; mount -o remount,ro,bind mounted";
    let Some(mounts) = Mounts::new(&sandbox, script, false) else { return };
    mounts.check();
    let backup = mounts.run(&["backup", "STICK"]).expect_exit(1);
    assert!(backup.err.contains(sandbox.path("mounted/operation.lock").to_str().unwrap()), "{}", backup.err);
    // A process that was killed leaves its log. The last changes are only there.
    let log = |name: &str| sandbox.path("home").join(name);
    let home = Home::open(sandbox.path("home")).unwrap();
    let mut writer = home.store().unwrap();
    restow::lcp_provider::allow(&home, "https://late.example", restow::store::TrustOrigin::Manual).unwrap();
    for memory in [true, false] {
        assert!(std::fs::metadata(log("store.db-wal")).unwrap().len() > 0);
        if !memory {
            let saved = std::fs::read(log("store.db-wal")).unwrap();
            let database = std::fs::read(log("store.db")).unwrap();
            drop(std::mem::replace(&mut writer, Home::open(sandbox.path("empty")).unwrap().store().unwrap()));
            std::fs::write(log("store.db"), database).unwrap();
            std::fs::write(log("store.db-wal"), saved).unwrap();
            assert!(!log("store.db-shm").exists());
        }
        let output = mounts.run(&["provider"]).expect_exit(0);
        assert!(output.out.contains("late.example"), "{memory}: {}", output.out);
    }
    mounts.check();
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_of_home_is_read() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    sandbox.folder("mounted");
    let fill = "cp -r home/. mounted; (cat /dev/zero > mounted/fill) 2>/dev/null || true";
    let tmpfs = format!("mount -t tmpfs -o size=2m restow mounted; {fill}");
    if let Some(mounts) = Mounts::new(&sandbox, &tmpfs, false) {
        mounts.check();
    }
    // SQLite writes one byte for each 4 KiB of its shared memory. Each amount of free space leaves another hole.
    for (block, free) in [(1024, 0), (1024, 9), (1024, 31), (1024, 33), (1024, 300), (4096, 0), (4096, 36)] {
        std::fs::write(sandbox.path("disk"), []).unwrap();
        let script = format!(
            "truncate -s 6M disk; mkfs.ext4 -qF -b {block} -O ^has_journal disk; mount -o loop disk mounted; {fill}; \
             sync; truncate -s -{free}K mounted/fill"
        );
        let Some(mounts) = Mounts::new(&sandbox, &script, true) else { return };
        for arguments in [&["licenses"][..], &["status"], &["can", LICENSE]] {
            mounts.run(arguments).expect_exit(0);
        }
        let changed = mounts.run(&["import", "other.lcpl"]).expect_exit(1);
        let folder = sandbox.path("mounted");
        assert!(changed.err.contains(folder.join("store.db").to_str().unwrap()), "{}", changed.err);
        assert!(changed.err.contains("no space"), "{}", changed.err);
    }
}

#[cfg(unix)]
#[test]
fn home_of_other_user_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let chmod = |name: &str, mode| {
        std::fs::set_permissions(sandbox.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let other = |arguments: &[&str]| -> Option<CommandOutput> {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(binary().get_program());
        command.args(arguments).current_dir(sandbox.path("")).env("LANG", "C").env("RESTOW_HOME", sandbox.path("home"));
        let output = command.stdin(std::process::Stdio::null()).output().ok()?;
        Some(output.into())
    };
    chmod("", 0o755);
    chmod("home", 0o755);
    for file in files(&sandbox.path("home")) {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let Some(output) = other(&["--version"]).filter(|output| output.exit == 0) else {
        return println!("skipped: this user cannot become another one, or the other one cannot run the command");
    };
    assert!(output.out.contains("restow"));
    let output = other(&["licenses"]).unwrap().expect_exit(0);
    assert!(output.out.contains("Book"), "{}", output.out);
    let output = other(&["import", "other.lcpl"]).unwrap().expect_exit(1);
    assert!(output.err.contains("store.db: access is denied"), "{}", output.err);
    chmod("home/store.db", 0o600);
    let output = other(&["licenses"]).unwrap().expect_exit(1);
    assert!(output.err.contains("store.db cannot be read: access is denied"), "{}", output.err);
}

#[cfg(unix)]
#[test]
fn files_of_home_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
    for umask in ["000", "022", "077", "777"] {
        let sandbox = Sandbox::new();
        prepare(&sandbox);
        let run = |arguments: &str| {
            let script = format!("umask {umask}; \"$0\" --home new/home {arguments}");
            let mut shell = Command::new("sh");
            shell.args(["-c", &script]).arg(binary().get_program()).current_dir(sandbox.path("")).env("LANG", "C");
            shell.stdin(std::process::Stdio::null()).output().unwrap()
        };
        std::fs::create_dir(sandbox.path("new")).unwrap();
        for arguments in ["import one.lcpl", "roots add root.der", "backup stick", "restore stick", "scan other"] {
            let output: CommandOutput = run(arguments).into();
            output.expect_exit(0);
        }
        let home = sandbox.path("new/home");
        // The log and the shared memory exist while a store is open.
        let store = Home::open(&home).unwrap().store().unwrap();
        store.view().last_change().unwrap();
        assert!(home.join("store.db-wal").exists());
        let check = || {
            assert_eq!(mode(&home), 0o700, "umask {umask}");
            assert_eq!(mode(&home.join("roots")), 0o700, "umask {umask}");
            for file in files(&home) {
                assert_eq!(mode(&file), 0o600, "umask {umask}: {}", file.display());
            }
        };
        check();
        drop(store);
        // A home of an earlier version.
        for path in files(&home).into_iter().chain([home.clone(), home.join("roots")]) {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let output: CommandOutput = run("licenses").into();
        output.expect_exit(0);
        for path in files(&home).into_iter().chain([home.clone(), home.join("roots")]) {
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn shared_folder_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let folder = sandbox.folder("shared");
    std::fs::write(folder.join("letter.txt"), "").unwrap();
    for path in [&folder, &folder.join("letter.txt")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    sandbox.run(&["--home", "shared", "import", "one.lcpl"]).expect_exit(0);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("letter.txt"))), (0o755, 0o755));
    assert_eq!(mode(&folder.join("store.db")), 0o600);
}

#[test]
fn running_backup_stops_no_other_command() {
    let sandbox = Arc::new(Sandbox::new());
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Film"]);
    let stick = sandbox.folder("stick");
    let home = Home::open(sandbox.path("home")).unwrap();
    let running = sandbox.clone();
    // The backup has its snapshot of the store when it begins.
    let report = Backup::to(stick)
        .on_status(move |status: &Status| {
            if matches!(status, Status::Begin) {
                let used = |left: &str| {
                    let output = running.run(&["can", &key_id(0), "--use"]).expect_exit(0);
                    assert!(output.out.contains(left), "{}", output.out);
                };
                running.run(&["licenses"]).expect_exit(0);
                running.run(&["status"]).expect_exit(0);
                used("4");
                used("3");
                running.run(&["provider", "allow", "https://p.example"]).expect_exit(0);
                std::fs::write(running.path("done"), "").unwrap();
            }
        })
        .start(&home)
        .unwrap()
        .wait();
    assert!(report.is_ok(), "{report:?}");
    assert!(sandbox.path("done").exists(), "a panic in a callback does not end a run");
}

/// Replaces the placeholders in the arguments of a command.
fn with_names<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let replace = |argument: &&'a str| match *argument {
        "LICENSE" => LICENSE,
        "STICK" => "stick",
        other => other,
    };
    arguments.iter().map(replace).collect()
}

#[test]
fn running_change_stops_no_reading_command() {
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let mut store = Home::open(sandbox.path("home")).unwrap().store().unwrap();
    let change = store.change().unwrap();
    for arguments in READING {
        sandbox.run(&with_names(arguments)).expect_exit(0);
    }
    change.commit().unwrap();
}
