//! Files of `scripts/build-windows`: tables of the libraries, and the command.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::client::{compile_for_windows, dist, skipped, wine, wine_path};
use crate::stage::Stage;

/// DLLs that every Windows has. Any other import would fail on some computers.
const WINDOWS_DLLS: &[&str] = &[
    "advapi32.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "combase.dll",
    "crypt32.dll",
    "kernel32.dll",
    "ktmw32.dll",
    "msvcrt.dll",
    "ntdll.dll",
    "ole32.dll",
    "oleaut32.dll",
    "rpcrt4.dll",
    "shell32.dll",
    "user32.dll",
    "userenv.dll",
    "ws2_32.dll",
];

/// Functions that the SDK's headers declare.
const SDK_FUNCTIONS: &[&str] = &[
    "WMCheckURLExtension",
    "WMCheckURLScheme",
    "WMCreateBackupRestorer",
    "WMCreateEditor",
    "WMCreateIndexer",
    "WMCreateProfileManager",
    "WMCreateReader",
    "WMCreateSyncReader",
    "WMCreateWriter",
    "WMCreateWriterFileSink",
    "WMCreateWriterNetworkSink",
    "WMCreateWriterPushSink",
    "WMIsAvailableOffline",
    "WMIsContentProtected",
    "WMValidateData",
];

/// Output of objdump for a library.
struct Tables(String);

impl Tables {
    fn of(test: &str, library: &Path) -> Option<Self> {
        let objdump = "x86_64-w64-mingw32-objdump";
        let Ok(output) = Command::new(objdump).args(["-f", "-p"]).arg(library).output() else {
            skipped(test, objdump, "RESTOW_REQUIRE_WINDOWS");
            return None;
        };
        assert!(output.status.success(), "{}", library.display());
        Some(Self(String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// Returns the names in the export table.
    fn exports(&self) -> BTreeSet<&str> {
        let table = self.0.lines().skip_while(|line| !line.starts_with("[Ordinal/Name Pointer] Table")).skip(1);
        table.map_while(|line| line.split_once("] ")).map(|(_, name)| name.trim()).collect()
    }

    /// Returns the libraries in the import table, in lower case.
    fn imports(&self) -> BTreeSet<String> {
        self.0.lines().filter_map(|line| line.trim().strip_prefix("DLL Name: ")).map(str::to_lowercase).collect()
    }

    /// Returns the length of the relocations, in bytes.
    fn relocations(&self) -> u64 {
        let line = self.0.lines().find(|line| line.contains("Base Relocation Directory")).unwrap();
        u64::from_str_radix(line.split_whitespace().nth(3).unwrap(), 16).unwrap()
    }
}

#[test]
fn libraries_have_expected_exports() {
    let test = "libraries_have_expected_exports";
    let wines = Path::new("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/wmvcore.dll");
    let wines = if wines.exists() {
        Tables::of(test, wines)
    } else {
        skipped(test, "Wine's wmvcore.dll", "RESTOW_REQUIRE_WINDOWS");
        None
    };
    for (architecture, format) in [("x86_64", "pei-x86-64"), ("i686", "pei-i386")] {
        let library = dist(architecture).join("wmvcore.dll");
        if !library.exists() {
            skipped(
                test,
                &format!("dist/{architecture}-pc-windows-gnu (scripts/build-windows)"),
                "RESTOW_REQUIRE_WINDOWS",
            );
            continue;
        }
        let Some(ours) = Tables::of(test, &library) else { return };
        assert!(ours.0.contains(&format!("file format {format}")), "{architecture}");
        let exports = ours.exports();
        let missing = SDK_FUNCTIONS.iter().filter(|name| !exports.contains(**name)).collect::<Vec<_>>();
        assert!(missing.is_empty(), "{architecture}: {missing:?}");
        if let Some(wines) = &wines {
            assert!(exports.is_superset(&wines.exports()), "{architecture}: {exports:?}");
        }
        let strange: Vec<String> = ours
            .imports()
            .into_iter()
            .filter(|name| !WINDOWS_DLLS.contains(&name.as_str()) && !name.starts_with("api-ms-win-core-"))
            .collect();
        assert!(strange.is_empty(), "{architecture}: {strange:?}");
        assert!(ours.relocations() > 0, "{architecture}: it could not be loaded twice into one address space");
    }
    println!("SKIPPED: running the 32-bit library: a Wine of 32 bits is not looked for");
}

#[test]
fn program_of_32_bits_is_linked() {
    let test = "program_of_32_bits_is_linked";
    let dir = tempfile::tempdir().unwrap();
    let library = dist("i686");
    if !library.exists() {
        return skipped(test, "dist/i686-pc-windows-gnu (scripts/build-windows)", "RESTOW_REQUIRE_WINDOWS");
    }
    let program = dir.path().join("replay.exe");
    let Some(()) = compile_for_windows("i686", "replay", &program, &library) else {
        return skipped(test, "i686-w64-mingw32-gcc", "RESTOW_REQUIRE_WINDOWS");
    };
    let Some(tables) = Tables::of(test, &program) else { return };
    // Names of the DLL, not of the linker.
    assert!(tables.0.contains(" WMCreateBackupRestorer\n"), "{}", tables.0);
}

#[test]
fn library_stays_loaded_during_run() {
    let test = "library_stays_loaded_during_run";
    let wine = match wine() {
        Err(tool) => return skipped(test, tool, "RESTOW_REQUIRE_WINDOWS"),
        Ok(wine) => wine,
    };
    let stage = Stage::new();
    let (home, stick) = (wine_path(&stage.folder("home")), wine_path(&stage.folder("stick")));
    let mut command = wine.command("unload.exe");
    command.env("RESTOW_HOME", home).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = command.spawn().unwrap();
    writeln!(program.stdin.take().unwrap(), "{stick}").unwrap();
    let output = program.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert_eq!(text, "21 0x00000000\nunloaded\n27 0x00000000\nlet go\nstill loaded\n");
    assert!(output.status.success());
}

#[test]
fn demo_runs_on_windows() {
    let test = "demo_runs_on_windows";
    match wine() {
        Err(tool) => skipped(test, tool, "RESTOW_REQUIRE_WINDOWS"),
        Ok(wine) => {
            let demo = wine
                .command("restow.exe")
                .args(["demo", "--licenses", "40", "--restricted", "7", "--json"])
                .output()
                .unwrap();
            let output = String::from_utf8_lossy(&demo.stdout);
            assert!(demo.status.success(), "{output}{}", String::from_utf8_lossy(&demo.stderr));
            assert_eq!(output.matches(r#""status":"RESTRICTED_LICENSE""#).count(), 7, "{output}");
        }
    }
}
