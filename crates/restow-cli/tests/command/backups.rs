//! Backups from outside: damage, missing locations, access modes, and license IDs with hyphens.

use std::fs;
use std::path::PathBuf;

use super::sandbox::{Sandbox, lcp, shell};

fn with_books(ids: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    for (number, id) in ids.iter().enumerate() {
        fs::write(library.join(format!("{number}.lcpl")), lcp(id)).unwrap();
    }
    sandbox.folder("stick");
    sandbox.run(&["import", "library"]).expect_exit(0);
    sandbox
}

fn files(sandbox: &Sandbox, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![sandbox.path("stick")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found
}

fn flip_pack(sandbox: &Sandbox) {
    let pack = files(sandbox, ".pack").remove(0);
    let mut bytes = fs::read(&pack).unwrap();
    bytes[40] ^= 1;
    fs::write(&pack, bytes).unwrap();
}

#[test]
fn damage_is_repaired_and_named() {
    let sandbox = with_books(&["a", "b"]);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    flip_pack(&sandbox);
    let output = sandbox.run(&["backup", "stick"]).expect_exit(0).out;
    assert!(output.contains("2 licenses were damaged in the backup and were written again:"), "{output}");
    assert!(output.contains("Book a") && output.contains("2 licenses are backed up"), "{output}");
    sandbox.run(&["verify", "stick"]).expect_exit(0);
    // The second license is only in the backup when the pack rots.
    sandbox.run(&["forget", "b", "--yes"]).expect_exit(0);
    flip_pack(&sandbox);
    let output = sandbox.run(&["backup", "stick"]).expect_exit(3);
    assert!(output.out.contains("1 license is backed up"), "{}", output.out);
    assert!(output.out.contains("Book b") && output.err.contains("does not have it"), "{}", output.err);
    let german = sandbox.run(&["--lang", "de", "backup", "stick"]).expect_exit(0).out;
    assert!(german.contains("1 Lizenz ist"), "{german}");
}

#[test]
fn set_without_store_is_counted() {
    let sandbox = with_books(&["a", "b"]);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(sandbox.path("home").join(name));
    }
    let output = sandbox.run(&["backup", "stick"]).expect_exit(0).out;
    assert!(output.contains("2 licenses are backed up") && output.contains("only in the backup"), "{output}");
    assert!(output.contains("restow restore stick"), "{output}");
    let end = sandbox.run(&["backup", "stick", "--json"]).expect_exit(0).objects().pop().unwrap();
    assert_eq!((&end["summary"]["backed_up"], &end["carried"]), (&2.into(), &2.into()));
}

#[test]
fn missing_backup_needs_new() {
    let sandbox = with_books(&["a"]);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    fs::remove_dir_all(sandbox.path("stick/Restow")).unwrap();
    for arguments in [&["backup", "stick"][..], &["backup", "stick", "--dry-run"]] {
        let output = sandbox.run(arguments).expect_exit(1);
        assert!(output.err.contains("generation 1") && output.err.contains("--new"), "{}", output.err);
        assert!(!output.out.contains("backed up"), "{}", output.out);
    }
    assert!(files(&sandbox, "").is_empty());
    sandbox.run(&["backup", "stick", "--new", "--dry-run"]).expect_exit(0);
    assert!(sandbox.run(&["backup", "stick", "--new"]).expect_exit(0).out.contains("generation 2"));
    sandbox.run(&["backup", "stick"]).expect_exit(0);
}

#[test]
fn removed_license_is_named_with_command() {
    let sandbox = with_books(&["a", "b"]);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    sandbox.run(&["forget", "b", "--from", "stick", "--yes"]).expect_exit(0);
    let output = sandbox.run(&["backup", "stick"]).expect_exit(0).out;
    assert!(output.contains("Book b") && output.contains("restow backup stick --include b"), "{output}");
    let end = sandbox.run(&["backup", "stick", "--json"]).expect_exit(0).objects().pop().unwrap();
    assert_eq!(end["left_out"][0]["license_id"], "b");
    let output = sandbox.run(&["backup", "stick", "--include", "b"]).expect_exit(0).out;
    assert!(output.contains("2 licenses are backed up") && !output.contains("--include"), "{output}");
}

/// A location without a backup of this computer causes no question.
#[test]
fn forget_checks_set_before_question() {
    let sandbox = with_books(&["a"]);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let other = |arguments: &[&str]| {
        let home = sandbox.path("other");
        sandbox.run(&[arguments, &["--json", "--home", home.to_str().unwrap()]].concat())
    };
    other(&["import", "library"]).expect_exit(0);
    assert_eq!(other(&["forget", "a", "--from", "stick"]).expect_exit(1).error()["code"], "backup-no-own-set");
    sandbox.folder("empty");
    assert_eq!(other(&["forget", "a", "--from", "empty"]).expect_exit(1).error()["code"], "backup-none-here");
}

#[test]
fn ids_with_hyphen_are_no_options() {
    let ids = ["-abc", "-hello", "--json-", "plain"];
    let sandbox = with_books(&ids);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for id in ids {
        for arguments in [&["why", id][..], &["can", id], &["refresh", id, "--yes"], &["refresh", "--yes", "plain", id]]
        {
            let output = sandbox.run(arguments);
            assert!(
                !output.err.contains("argument") && !output.err.contains("There is no"),
                "{arguments:?}: {}",
                output.err
            );
        }
        for arguments in [
            &["renew", id, "--yes"][..],
            &["return", "--yes", id],
            &["put-back", "library/0.lcpl", "--license", id, "--yes"],
        ] {
            let output = sandbox.run(arguments).expect_exit(1);
            assert!(
                !output.err.contains("argument") && !output.err.contains("There is no"),
                "{arguments:?}: {}",
                output.err
            );
        }
        sandbox.run(&["restore", "stick", "--only", id]).expect_exit(0);
        sandbox.run(&["restore", "stick", "--only", &format!("plain,{id}")]).expect_exit(0);
        sandbox.run(&["backup", "stick", "--include", id]).expect_exit(0);
        sandbox.run(&["forget", id, "--from", "stick", "--yes"]).expect_exit(0);
        sandbox.run(&["backup", "stick", "--include", id]).expect_exit(0);
        sandbox.run(&["forget", id, "--yes"]).expect_exit(0);
        assert_eq!(
            sandbox.run(&["restore", "stick", "--only", id]).expect_exit(0).out.matches("1 license was").count(),
            1
        );
    }
}

#[test]
fn export_into_location_is_refused() {
    let sandbox = with_books(&["a"]);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let before = files(&sandbox, "").len();
    for folder in ["stick", "stick/Restow", "stick/Restow/new", "stick/Restow/sets"] {
        for arguments in [&["export", folder][..], &["export", "stick", folder]] {
            let error = sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(2).error();
            assert_eq!(error["code"], "export-into-backup", "{arguments:?}");
        }
    }
    assert_eq!(files(&sandbox, "").len(), before);
    sandbox.run(&["export", "stick", "stick/files"]).expect_exit(0);
}

#[cfg(unix)]
#[test]
fn backup_modes_ignore_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    for (umask, option, file, folder) in
        [("000", "", 0o600, 0o700), ("077", "--shared", 0o644, 0o755), ("777", "", 0o600, 0o700)]
    {
        let sandbox = with_books(&["a"]);
        let words = sandbox.command(&["backup", "stick"]);
        let line = format!("umask {umask}; '{}' backup stick {option}", words.get_program().to_str().unwrap());
        let output =
            shell().args(["-c", &line]).current_dir(sandbox.path("")).env("RESTOW_HOME", sandbox.path("home")).output();
        assert!(output.unwrap().status.success() || umask == "777", "{umask}");
        let modes = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for path in files(&sandbox, "") {
            assert_eq!(modes(&path), file, "{umask}: {}", path.display());
            let mut parents = path.ancestors().skip(1).take_while(|parent| !parent.ends_with("stick"));
            assert!(parents.all(|parent| modes(&parent.to_path_buf()) == folder), "{umask}: {}", path.display());
        }
    }
}
