//! The demo: its numbers, its randomness, its replay, and that it leaves no content key anywhere.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use serde_json::Value;

use super::stage::{Said, Stage, binary, files};

fn demo(arguments: &[&str]) -> Said {
    Said::from(binary().arg("demo").args(arguments).output().unwrap()).exits(0)
}

fn key_ids(objects: &[Value], status: &str) -> BTreeSet<String> {
    let events = objects.iter().filter(|object| object["status"] == status);
    events.map(|event| event["key_id"].as_str().unwrap().to_owned()).collect()
}

/// All key IDs of a run: those scanned and the restricted ones.
fn all_key_ids(objects: &[Value]) -> BTreeSet<String> {
    let scanned = objects.iter().filter_map(|object| object.get("key_ids")?.as_array()).flatten();
    let scanned = scanned.filter_map(|key| key.as_str().map(str::to_owned));
    scanned.chain(key_ids(objects, "RESTRICTED_LICENSE")).collect()
}

#[test]
fn numbers_are_as_asked_and_key_ids_are_new() {
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
        assert_eq!(facts["facts"]["computers"].as_array().unwrap().len(), 5);
    }
    assert!(all_key_ids(&runs[0]).is_disjoint(&all_key_ids(&runs[1])));
}

#[test]
fn other_numbers() {
    let objects = demo(&["--licenses", "12", "--restricted", "1", "--computers", "11", "--json"]).objects();
    assert_eq!(key_ids(&objects, "RESTRICTED_LICENSE").len(), 1);
    let facts = &objects.last().unwrap()["demo"]["facts"];
    let at_limit = facts["computers"].as_array().unwrap().iter().filter(|row| row["at_limit"] == true).count();
    assert_eq!((&facts["backed_up"], at_limit), (&Value::from(12), 6), "the fifth got through after the release");
    // The book asks nobody: it came even to those that meet the limit.
    let came = |row: &Value| (row["restored"].as_u64(), row["books"].as_u64());
    let rows = facts["computers"].as_array().unwrap();
    assert!(rows.iter().filter(|row| row["at_limit"] == true).all(|row| came(row) == (Some(1), Some(1))), "{rows:?}");
}

#[test]
fn the_book_is_scanned_imported_lost_and_read_again() {
    let objects = demo(&["--licenses", "12", "--restricted", "1", "--json"]).objects();
    let of_command = |command: &str| {
        let begin = objects.iter().position(|object| object["command"].as_str() == Some(command));
        let begin = begin.unwrap_or_else(|| panic!("nobody runs {command}")) + 1;
        objects[begin..].iter().take_while(|object| object.get("command").is_none()).collect::<Vec<_>>()
    };
    let scanned = of_command("restow --home computer-a scan library");
    let book = scanned.iter().find(|file| file["format"] == "epub").unwrap();
    assert_eq!((&book["protected"], &book["license_embedded"]), (&Value::from(true), &Value::from(true)));
    let imported = of_command("restow --home computer-a import library");
    assert_eq!((imported.len(), &imported[0]["signature"]), (1, &Value::from("verified")));
    let put = of_command("restow --home computer-b put-back downloads");
    let put = put.iter().find(|object| object["put_back"] == "publication").unwrap();
    assert_eq!((&put["done"], &put["license_id"]), (&Value::from("written"), &imported[0]["license_id"]));
    let read = of_command("restow --home computer-b can 'downloads/A Winter by the Sea.epub'");
    assert_eq!((&read[0]["allowed"], &read[0]["license_id"]), (&Value::from(true), &imported[0]["license_id"]));
    // Nobody was asked for it: the service was dead.
    let restores: Vec<&Value> = objects.iter().filter(|object| object["status"] == "BACKUPRESTORE_END").collect();
    assert_eq!((&restores[2]["summary"]["restored"], &restores[2]["code"]), (&Value::from(1), &Value::from(27)));
}

#[test]
fn people_see_titles_and_the_generic_sentence() {
    let out = demo(&[]).out;
    assert!(out.contains("Some licenses cannot be backed up: key ID "), "{out}");
    assert!(out.contains("$ restow --home computer-a backup stick"), "{out}");
    assert!(!out.contains("demo-") && !out.contains("column-"), "a text is missing: {out}");
    let german = demo(&["--lang", "de"]).out;
    assert!(german.contains("wurde widerrufen: Versehentlich verkauft") && !german.contains("revoked"), "{german}");
    assert!(!german.contains("demo-chapter") && !german.contains("column-"), "a text is missing: {german}");
}

/// The forms a content key could leak in: as it is, in hex, in base64 at each of the three alignments.
fn forms(key: &[u8; 16]) -> Vec<Vec<u8>> {
    let mut forms = vec![key.to_vec(), HEXLOWER.encode(key).into_bytes(), HEXUPPER.encode(key).into_bytes()];
    for before in 0..3 {
        let padded = [&vec![0; before][..], key].concat();
        // Only characters that stand for bits of the key alone.
        let characters = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        for encoding in [&BASE64, &BASE64URL] {
            forms.push(encoding.encode(&padded).as_bytes()[characters.clone()].to_vec());
        }
    }
    forms
}

/// Whether any of the forms stands in the bytes.
fn holds(bytes: &[u8], forms: &[Vec<u8>], beginnings: &HashSet<[u8; 8]>) -> bool {
    bytes
        .windows(8)
        .enumerate()
        .any(|(at, window)| beginnings.contains(window) && forms.iter().any(|form| bytes[at..].starts_with(form)))
}

#[test]
fn no_content_key_is_left_anywhere() {
    let stage = Stage::new();
    let kept = stage.path("kept");
    let said = demo(&["--json", "--keep", kept.to_str().unwrap()]);
    let ids: Vec<_> = all_key_ids(&said.objects()).iter().map(|text| text.parse().unwrap()).collect();
    let keys = restow_service::content_keys(&kept.join("shop"), &ids, &restow::SystemClock).unwrap();
    assert_eq!(keys.len(), 40);
    let forms: Vec<Vec<u8>> = keys.iter().flat_map(|key| forms(&key.key)).collect();
    let beginnings: HashSet<[u8; 8]> = forms.iter().map(|form| form[..8].try_into().unwrap()).collect();
    let planted = [b"x".as_slice(), BASE64.encode(&keys[3].key[..]).as_bytes(), b"y"].concat();
    assert!(holds(&planted, &forms, &beginnings), "the search finds what is there");
    assert!(!holds(said.out.as_bytes(), &forms, &beginnings) && !holds(said.err.as_bytes(), &forms, &beginnings));
    let all = files(&kept);
    let names = |name: &str| all.iter().any(|path| path.ends_with(Path::new(name)));
    assert!(names("computer-b/store.db") && names("shop/service.db") && names("replay.sh"), "{all:?}");
    for path in all {
        assert!(!holds(&std::fs::read(&path).unwrap(), &forms, &beginnings), "{}", path.display());
    }
}

#[cfg(unix)]
#[test]
fn what_is_kept_can_be_replayed() {
    let stage = Stage::new();
    let kept = stage.path("kept");
    demo(&["--keep", kept.to_str().unwrap(), "--licenses", "12", "--restricted", "2"]);
    assert!(!kept.join("computer-a").exists() && kept.join("stick/Restow").is_dir());
    let replay = std::process::Command::new("sh").arg(kept.join("replay.sh")).output().unwrap();
    let said = Said::from(replay).exits(0);
    assert!(said.out.ends_with("done\n"), "{}", said.out);
    // Again and again, each time beside what was there.
    let replay = std::process::Command::new("sh").arg(kept.join("replay.sh")).output().unwrap();
    Said::from(replay).exits(0);
    assert!(kept.join("replay/stick/Restow").is_dir() && kept.join("replay-2/stick/Restow").is_dir());
    // A folder that exists is not written into.
    let again: Said = binary().args(["demo", "--json", "--keep"]).arg(&kept).output().unwrap().into();
    assert_eq!(again.exits(1).error()["code"], "demo-folder");
}

/// With --keep, what is printed behind `$` is what a shell takes: typed into one as it is, it plays the whole story again.
#[cfg(unix)]
#[test]
fn what_is_printed_can_be_typed() {
    let stage = Stage::new();
    let kept = stage.path("kept with blanks");
    let out = demo(&["--licenses", "12", "--restricted", "2", "--keep", kept.to_str().unwrap()]).out;
    let typed: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert_eq!(typed[0], format!("cd '{}'", kept.display()));
    assert!(typed[1].starts_with("alias restow="), "{out}");
    let printed = typed.iter().filter(|line| line.starts_with("restow --home computer-b ")).count();
    // A shell that says each word of what it would run instead of running it.
    let words = "restow() { for word; do printf '%s\\n' \"<$word>\"; done; }";
    let lines: Vec<&str> = typed.iter().copied().filter(|line| line.starts_with("restow ")).collect();
    let script = format!("{words}\n{}\nwait\n", lines.join("\n"));
    let said = Said::from(std::process::Command::new("sh").args(["-c", &script]).output().unwrap()).exits(0);
    assert!(said.out.contains("<Computer B>\n") && said.err.is_empty(), "{}{}", said.out, said.err);
    assert_eq!(said.out.matches("<computer-b>").count(), printed);
    // What is left can be looked at, from where the first two lines lead.
    let script =
        format!("shopt -s expand_aliases 2>/dev/null\n{}\n{}\nrestow --home computer-b status\n", typed[0], typed[1]);
    let said = Said::from(std::process::Command::new("sh").args(["-c", &script]).output().unwrap()).exits(0);
    assert!(said.out.contains("licenses are on this computer"), "{}", said.out);
}

/// Ctrl-C reaches the demo and its children, or the demo alone: either way the service ends and nothing is left.
#[cfg(unix)]
#[test]
fn interrupted_it_leaves_nothing() {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};
    for whole_group in [true, false] {
        let stage = Stage::new();
        let temporary = stage.folder("temporary");
        let mut command = binary();
        command.args(["demo", "--json", "--licenses", "300"]).env("TMPDIR", &temporary).process_group(0);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The service runs when its operator issues licenses.
        let link = lines.find_map(|line| {
            let object: Value = serde_json::from_str(&line.unwrap()).unwrap();
            object.get("link")?.as_str().map(str::to_owned)
        });
        let address = link.unwrap().trim_start_matches("http://").split('/').next().unwrap().to_owned();
        std::net::TcpStream::connect(&address).unwrap();
        let whom = if whole_group { format!("-{}", child.id()) } else { child.id().to_string() };
        assert!(Command::new("kill").args(["-INT", "--", &whom]).status().unwrap().success());
        lines.for_each(drop);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{whole_group}");
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "{whole_group}");
        assert!(std::net::TcpStream::connect(&address).is_err(), "{whole_group}");
    }
}
