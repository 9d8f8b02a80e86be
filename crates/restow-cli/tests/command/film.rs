//! A file that another program encrypts and plays: what the operator packages it with is what a restored license opens.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use data_encoding::HEXLOWER;
use restow::license::Right;
use restow::service::Cancel;
use restow::usage::{Subject, UsageError, open_content_key, open_content_key_online};
use restow::{Error, Home, KeyId};

use super::stage::{Said, Shop, Stage, key_id};

fn ffmpeg(stage: &Stage, arguments: &[&str]) -> Said {
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-v", "error"]).args(arguments);
    command.current_dir(stage.path("")).output().unwrap().into()
}

fn there_is_ffmpeg(test: &str) -> bool {
    if Command::new("ffmpeg").arg("-version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: ffmpeg not found");
    println!("SKIPPED: {test}: ffmpeg not found");
    false
}

/// What ffmpeg decodes of the film: a line for each frame of picture and sound, with its time, size, and hash.
fn frames(stage: &Stage, input: &[&str]) -> BTreeSet<String> {
    let said = ffmpeg(stage, &[input, &["-f", "framemd5", "-"]].concat());
    said.out.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Opens the film's key as a player does, without any network.
fn open(stage: &Stage, key_id: &KeyId) -> Result<String, UsageError> {
    let home = Home::open(stage.path("home")).unwrap();
    told(open_content_key(&home, key_id, &Right::PLAY).map(|key| HEXLOWER.encode(key.as_slice())))
}

fn told<T>(opened: Result<T, Error>) -> Result<T, UsageError> {
    opened.map_err(|error| match error {
        Error::Usage(why) => why,
        other => panic!("{other:?}"),
    })
}

fn holds(folder: &Path, hex: &str) -> bool {
    let raw = HEXLOWER.decode(hex.as_bytes()).unwrap();
    let forms = [raw.as_slice(), hex.as_bytes()];
    super::stage::files(folder).iter().any(|path| {
        let bytes = std::fs::read(path).unwrap();
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == *form))
    })
}

#[test]
fn a_film_plays_with_the_key_of_a_restored_license() {
    if !there_is_ffmpeg("a_film_plays_with_the_key_of_a_restored_license") {
        return;
    }
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    let (text, film) = (key_id(1), key_id(1).parse::<KeyId>().unwrap());

    // The operator packages a film, before there is a license for it.
    let picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=2"];
    let sound = ["-f", "lavfi", "-i", "sine=duration=2", "-c:v", "mpeg4", "-c:a", "aac", "clear.mp4"];
    ffmpeg(&stage, &[&picture[..], &sound].concat()).exits(0);
    let clear = frames(&stage, &["-i", "clear.mp4"]);
    assert!(clear.len() > 20, "{clear:?}");
    let given = stage.run(&["admin", "content-key", "shop", &text, "--json"]).exits(0).objects();
    let packaged = given[0]["content_key"].as_str().unwrap().to_owned();
    let kid = text.replace('-', "");
    let encrypt = ["-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_kid", &kid, "-encryption_key"];
    ffmpeg(&stage, &[&["-i", "clear.mp4"][..], &encrypt, &[&packaged, "film.mp4"]].concat()).exits(0);
    let decoded = |key: &str| frames(&stage, &["-decryption_key", key, "-i", "film.mp4"]);
    assert!(decoded(&packaged) == clear, "ffmpeg decrypts what it encrypted");

    // A customer buys it, backs up, and loses the computer.
    stage.run(&["service", "add", &shop.url, "--yes"]).exits(0);
    stage.run(&["computer", "register", "--name", "Mine"]).exits(0);
    let issue = ["admin", "issue", "--service", "shop", "--key-id", &text, "--right", "Play=5", "--backup", "--json"];
    let issued = stage.run(&issue).exits(0).objects();
    stage.run(&["acquire", issued[0]["link"].as_str().unwrap()]).exits(0);
    assert_eq!(open(&stage, &film), Ok(packaged.clone()), "the key it was packaged with");
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    std::fs::remove_dir_all(stage.path("home")).unwrap();

    // The new one does not play it.
    stage.run(&["service", "add", &shop.url, "--yes"]).exits(0);
    assert_eq!(stage.run(&["can", &text, "--json"]).exits(1).error()["code"], "no-license");
    assert_ne!(stage.run(&["can", "film.mp4", "--json"]).exits(1).objects()[0]["allowed"], true);
    for (file, lie) in [("film.mp4", false), ("clear.mp4", true)] {
        assert_ne!(stage.run(&["file", file, "--json"]).exits(0).objects()[0]["protected"], lie);
    }
    assert_eq!(open(&stage, &film), Err(UsageError::NoLicense(Subject::Key(film.clone()))));
    let without = frames(&stage, &["-i", "film.mp4"]);
    assert!(without.is_disjoint(&clear), "what is encrypted is not to be seen: {without:?}");

    // After the restore it does: every frame, and with this key alone.
    stage.run(&["restore", "stick", "--register", "--name", "New"]).exits(0);
    stage.run(&["can", &text]).exits(0);
    let opened = open(&stage, &film).unwrap();
    assert!(decoded(&opened) == clear, "frames as in the clear file");
    let another = stage.run(&["admin", "content-key", "shop", &key_id(2), "--json"]).exits(0).objects();
    let wrong = decoded(another[0]["content_key"].as_str().unwrap());
    assert!(wrong.is_disjoint(&clear), "{wrong:?}");
    for place in ["home", "stick", "shop"] {
        assert!(!holds(&stage.path(place), &opened), "{place} holds the key in the clear");
    }

    // Revoked, it plays until this computer hears of it, and no longer.
    let revoke = ["admin", "revoke", issued[0]["licenses"][0].as_str().unwrap(), "--reason", "refunded"];
    stage.run(&[&revoke[..], &["--service", "shop"]].concat()).exits(0);
    let home = Home::open(stage.path("home")).unwrap();
    let revoked = Err(UsageError::Revoked { of: Subject::Key(film.clone()), reason: "refunded".into() });
    assert_eq!(told(open_content_key_online(&home, &film, &Right::PLAY, &Cancel::default()).map(drop)), revoked);
    drop(home);
    assert_eq!(open(&stage, &film).map(drop), revoked, "nor without the network");
    assert_eq!(stage.run(&["can", &text, "--json"]).exits(1).error()["code"], "revoked");
    stage.run(&["restore", "stick"]).exits(1);
    assert_eq!(open(&stage, &film).map(drop), revoked, "an old backup brings it back no more");
}
