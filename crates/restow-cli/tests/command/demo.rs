//! The demo: its counts, its random IDs, its replay, and the absence of content keys in its files.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use serde_json::Value;

use super::sandbox::{CommandOutput, Sandbox, binary, files, shell};

fn demo(arguments: &[&str]) -> CommandOutput {
    CommandOutput::from(binary().arg("demo").args(arguments).output().unwrap()).expect_exit(0)
}

fn key_ids(objects: &[Value], status: &str) -> BTreeSet<String> {
    let events = objects.iter().filter(|object| object["status"] == status);
    events.map(|event| event["key_id"].as_str().unwrap().to_owned()).collect()
}

/// Returns all key IDs of a run: scanned and restricted ones.
fn all_key_ids(objects: &[Value]) -> BTreeSet<String> {
    let scanned = objects.iter().filter_map(|object| object.get("key_ids")?.as_array()).flatten();
    let scanned = scanned.filter_map(|key| key.as_str().map(str::to_owned));
    scanned.chain(key_ids(objects, "RESTRICTED_LICENSE")).collect()
}

#[test]
fn demo_counts_match_and_keys_differ() {
    let runs = [(); 2].map(|()| demo(&["--licenses", "40", "--restricted", "7", "--json"]).objects());
    for objects in &runs {
        let restricted: Vec<&Value> =
            objects.iter().filter(|object| object["status"] == "RESTRICTED_LICENSE").collect();
        assert_eq!(restricted.len(), 7);
        assert_eq!(key_ids(objects, "RESTRICTED_LICENSE").len(), 7, "distinct key IDs");
        assert_eq!(restricted.iter().filter(|event| event["titles"] == serde_json::json!([])).count(), 1);
        assert_eq!(all_key_ids(objects).len(), 40);
        let facts = &objects.last().unwrap()["demo"];
        assert_eq!((&facts["ok"], &facts["facts"]["plays_left"]), (&Value::from(true), &Value::from(1)));
        let computers = facts["facts"]["computers"].as_array().unwrap();
        // In three parts: all unrestricted licenses but the revoked one, and that of the publication.
        assert_eq!((computers.len(), &computers[1]["restored"]), (5, &Value::from(33)));
    }
    assert!(all_key_ids(&runs[0]).is_disjoint(&all_key_ids(&runs[1])));
}

#[test]
fn unconfirmed_computers_reach_the_limit() {
    let objects = demo(&["--licenses", "12", "--restricted", "1", "--computers", "11", "--json"]).objects();
    assert_eq!(key_ids(&objects, "RESTRICTED_LICENSE").len(), 1);
    let facts = &objects.last().unwrap()["demo"]["facts"];
    let at_limit = facts["computers"].as_array().unwrap().iter().filter(|row| row["at_limit"] == true).count();
    assert_eq!((&facts["backed_up"], at_limit), (&Value::from(12), 6), "the fifth got through after the release");
    // The publication's license needs no service, so computers at the limit get it, too.
    let counts = |row: &Value| (row["restored"].as_u64(), row["books"].as_u64());
    let rows = facts["computers"].as_array().unwrap();
    assert!(rows.iter().filter(|row| row["at_limit"] == true).all(|row| counts(row) == (Some(1), Some(1))), "{rows:?}");
}

#[test]
fn lost_publication_is_readable_after_restore() {
    let objects = demo(&["--licenses", "12", "--restricted", "1", "--json"]).objects();
    let objects_of = |command: &str| {
        let index = objects.iter().position(|object| object["command"].as_str() == Some(command));
        let index = index.unwrap_or_else(|| panic!("nobody runs {command}")) + 1;
        objects[index..].iter().take_while(|object| object.get("command").is_none()).collect::<Vec<_>>()
    };
    let scanned = objects_of("restow --home computer-a scan library");
    let book = scanned.iter().find(|file| file["format"] == "epub").unwrap();
    assert_eq!((&book["protected"], &book["license_embedded"]), (&Value::from(true), &Value::from(true)));
    let imported = objects_of("restow --home computer-a import library");
    assert_eq!((imported.len(), &imported[0]["signature"]), (1, &Value::from("verified")));
    let put = objects_of("restow --home computer-b put-back downloads --yes");
    let put = put.iter().find(|object| object["put_back"] == "publication").unwrap();
    assert_eq!((&put["done"], &put["license_id"]), (&Value::from("written"), &imported[0]["license_id"]));
    let read = objects_of("restow --home computer-b can 'downloads/A Winter by the Sea.epub'");
    assert_eq!((&read[0]["allowed"], &read[0]["license_id"]), (&Value::from(true), &imported[0]["license_id"]));
    // The license was restored while the service was down.
    let restores: Vec<&Value> = objects.iter().filter(|object| object["status"] == "BACKUPRESTORE_END").collect();
    assert_eq!((&restores[2]["summary"]["restored"], &restores[2]["code"]), (&Value::from(1), &Value::from(27)));
}

#[test]
fn demo_output_has_titles_and_translations() {
    let out = demo(&[]).out;
    assert!(out.contains("Some licenses cannot be backed up: key ID "), "{out}");
    assert!(out.contains("$ restow --home computer-a backup stick"), "{out}");
    assert!(!out.contains("demo-") && !out.contains("column-"), "a text is missing: {out}");
    let german = demo(&["--lang", "de"]).out;
    assert!(german.contains("wurde widerrufen: Versehentlich verkauft") && !german.contains("revoked"), "{german}");
    assert!(!german.contains("demo-chapter") && !german.contains("column-"), "a text is missing: {german}");
}

/// Returns the forms of a leaked content key: raw, hexadecimal, and base64 at each of the three alignments.
fn forms(key: &[u8; 16]) -> Vec<Vec<u8>> {
    let mut forms = vec![key.to_vec(), HEXLOWER.encode(key).into_bytes(), HEXUPPER.encode(key).into_bytes()];
    for before in 0..3 {
        let padded = [&vec![0; before][..], key].concat();
        // These characters depend on bits of the key only.
        let characters = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        for encoding in [&BASE64, &BASE64URL] {
            forms.push(encoding.encode(&padded).as_bytes()[characters.clone()].to_vec());
        }
    }
    forms
}

/// Returns true if the bytes contain any of the forms.
fn contains_form(bytes: &[u8], forms: &[Vec<u8>], prefixes: &HashSet<[u8; 8]>) -> bool {
    bytes
        .windows(8)
        .enumerate()
        .any(|(at, window)| prefixes.contains(window) && forms.iter().any(|form| bytes[at..].starts_with(form)))
}

#[test]
fn demo_files_contain_no_content_key() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("kept");
    let output = demo(&["--json", "--keep", folder.to_str().unwrap()]);
    let ids: Vec<_> = all_key_ids(&output.objects()).iter().map(|text| text.parse().unwrap()).collect();
    let keys = restow_service::content_keys(&folder.join("shop"), &ids, &restow::SystemClock).unwrap();
    assert_eq!(keys.len(), 40);
    let forms: Vec<Vec<u8>> = keys.iter().flat_map(|key| forms(&key.key)).collect();
    let prefixes: HashSet<[u8; 8]> = forms.iter().map(|form| form[..8].try_into().unwrap()).collect();
    let planted = [b"x".as_slice(), BASE64.encode(&keys[3].key[..]).as_bytes(), b"y"].concat();
    assert!(contains_form(&planted, &forms, &prefixes), "the search finds what is there");
    assert!(
        !contains_form(output.out.as_bytes(), &forms, &prefixes)
            && !contains_form(output.err.as_bytes(), &forms, &prefixes)
    );
    let all = files(&folder);
    let names = |name: &str| all.iter().any(|path| path.ends_with(Path::new(name)));
    assert!(names("computer-b/store.db") && names("shop/service.db") && names("replay.sh"), "{all:?}");
    for path in all {
        assert!(!contains_form(&std::fs::read(&path).unwrap(), &forms, &prefixes), "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn kept_demo_can_be_replayed() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("kept");
    demo(&["--keep", folder.to_str().unwrap(), "--licenses", "12", "--restricted", "2"]);
    assert!(!folder.join("computer-a").exists() && folder.join("stick/Restow").is_dir());
    let replay = shell().arg(folder.join("replay.sh")).output().unwrap();
    let output = CommandOutput::from(replay).expect_exit(0);
    assert!(output.out.ends_with("done\n"), "{}", output.out);
    // Each replay uses a new folder.
    let replay = shell().arg(folder.join("replay.sh")).output().unwrap();
    CommandOutput::from(replay).expect_exit(0);
    assert!(folder.join("replay/stick/Restow").is_dir() && folder.join("replay-2/stick/Restow").is_dir());
    // The demo does not write into an existing folder.
    let second: CommandOutput = binary().args(["demo", "--json", "--keep"]).arg(&folder).output().unwrap().into();
    assert_eq!(second.expect_exit(1).error()["code"], "demo-folder");
}

/// With --keep, the lines after `$` are valid in a shell and repeat the demo.
#[cfg(unix)]
#[test]
fn printed_commands_work_in_shell() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("kept with blanks");
    let out = demo(&["--licenses", "12", "--restricted", "2", "--keep", folder.to_str().unwrap()]).out;
    let typed: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(typed[0], format!("cd '{}'", folder.display()));
    assert!(typed[1].starts_with("alias restow="), "{out}");
    let printed = typed.iter().filter(|line| line.starts_with("restow --home computer-b ")).count();
    // The function prints the words of each command instead of running it.
    let words = "restow() { for word; do printf '%s\\n' \"<$word>\"; done; }";
    let lines: Vec<&str> = typed.iter().copied().filter(|line| line.starts_with("restow ")).collect();
    let script = format!("{words}\n{}\nwait\n", lines.join("\n"));
    let output = CommandOutput::from(shell().args(["-c", &script]).output().unwrap()).expect_exit(0);
    assert!(output.out.contains("<Computer B>\n") && output.err.is_empty(), "{}{}", output.out, output.err);
    assert_eq!(output.out.matches("<computer-b>").count(), printed);
    // The first two lines make the kept files accessible.
    let script =
        format!("shopt -s expand_aliases 2>/dev/null\n{}\n{}\nrestow --home computer-b status\n", typed[0], typed[1]);
    let output = CommandOutput::from(shell().args(["-c", &script]).output().unwrap()).expect_exit(0);
    assert!(output.out.contains(" at risk"), "{}", output.out);
}

/// Ctrl-C reaches the demo and its children, or the demo alone. Both times the service ends and all files are
/// removed.
#[cfg(unix)]
#[test]
fn interrupted_demo_leaves_no_files() {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};
    for whole_group in [true, false] {
        let sandbox = Sandbox::new();
        let temporary = sandbox.folder("temporary");
        let mut command = binary();
        command.args(["demo", "--json", "--licenses", "300"]).env("TMPDIR", &temporary).process_group(0);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The service is running when the operator issues licenses.
        let link = lines.find_map(|line| {
            let object: Value = serde_json::from_str(&line.unwrap()).unwrap();
            object.get("link")?.as_str().map(str::to_owned)
        });
        let address = link.unwrap().trim_start_matches("http://").split('/').next().unwrap().to_owned();
        std::net::TcpStream::connect(&address).unwrap();
        let target = if whole_group { format!("-{}", child.id()) } else { child.id().to_string() };
        assert!(Command::new("kill").args(["-INT", "--", &target]).status().unwrap().success());
        lines.for_each(drop);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{whole_group}");
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "{whole_group}");
        assert!(std::net::TcpStream::connect(&address).is_err(), "{whole_group}");
    }
}
