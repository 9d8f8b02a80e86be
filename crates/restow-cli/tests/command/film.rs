//! A film that ffmpeg encrypts and plays: the packager's key is the key in the restored license.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use data_encoding::HEXLOWER;
use restow::license::Right;
use restow::service::Cancel;
use restow::usage::{ContentRef, UseDenied, open_content_key, open_content_key_online};
use restow::{Error, Home, KeyId};

use super::sandbox::{CommandOutput, Sandbox, TestService, key_id};

fn ffmpeg(sandbox: &Sandbox, arguments: &[&str]) -> CommandOutput {
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-v", "error"]).args(arguments);
    command.current_dir(sandbox.path("")).output().unwrap().into()
}

fn has_ffmpeg(test: &str) -> bool {
    if Command::new("ffmpeg").arg("-version").output().is_ok() {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: ffmpeg not found");
    println!("SKIPPED: {test}: ffmpeg not found");
    false
}

/// Returns the decoded frames: a line for each frame of picture and sound, with time, size and hash.
fn frames(sandbox: &Sandbox, input: &[&str]) -> BTreeSet<String> {
    let output = ffmpeg(sandbox, &[input, &["-f", "framemd5", "-"]].concat());
    output.out.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Opens the content key without a network, like a player.
fn open(sandbox: &Sandbox, key_id: &KeyId) -> Result<String, UseDenied> {
    let home = Home::open(sandbox.path("home")).unwrap();
    usage_error_of(open_content_key(&home, key_id, &Right::PLAY).map(|key| HEXLOWER.encode(key.as_slice())))
}

fn usage_error_of<T>(opened: Result<T, Error>) -> Result<T, UseDenied> {
    opened.map_err(|error| match error {
        Error::UseDenied(why) => why,
        other => panic!("{other:?}"),
    })
}

fn contains_key(folder: &Path, hex: &str) -> bool {
    let raw = HEXLOWER.decode(hex.as_bytes()).unwrap();
    let forms = [raw.as_slice(), hex.as_bytes()];
    super::sandbox::files(folder).iter().any(|path| {
        let bytes = std::fs::read(path).unwrap();
        forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == *form))
    })
}

#[test]
fn film_plays_with_restored_key() {
    if !has_ffmpeg("film_plays_with_restored_key") {
        return;
    }
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let (text, film) = (key_id(1), key_id(1).parse::<KeyId>().unwrap());

    // The operator packages a film before a license exists.
    let picture = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=2"];
    let sound = ["-f", "lavfi", "-i", "sine=duration=2", "-c:v", "mpeg4", "-c:a", "aac", "clear.mp4"];
    ffmpeg(&sandbox, &[&picture[..], &sound].concat()).expect_exit(0);
    let clear = frames(&sandbox, &["-i", "clear.mp4"]);
    assert!(clear.len() > 20, "{clear:?}");
    let key_objects = sandbox.run(&["admin", "content-key", "shop", &text, "--json"]).expect_exit(0).objects();
    let packaged = key_objects[0]["content_key"].as_str().unwrap().to_owned();
    let kid = text.replace('-', "");
    let encrypt = ["-c", "copy", "-encryption_scheme", "cenc-aes-ctr", "-encryption_kid", &kid, "-encryption_key"];
    ffmpeg(&sandbox, &[&["-i", "clear.mp4"][..], &encrypt, &[&packaged, "film.mp4"]].concat()).expect_exit(0);
    let decoded = |key: &str| frames(&sandbox, &["-decryption_key", key, "-i", "film.mp4"]);
    assert!(decoded(&packaged) == clear, "ffmpeg decrypts what it encrypted");

    // A customer gets a license, makes a backup, and loses the computer.
    sandbox.run(&["service", "add", &service.url, "--yes"]).expect_exit(0);
    sandbox.run(&["computer", "register", "--name", "Mine"]).expect_exit(0);
    let issue = ["admin", "issue", "--service", "shop", "--key-id", &text, "--right", "Play=5", "--backup", "--json"];
    let issued = sandbox.run(&issue).expect_exit(0).objects();
    sandbox.run(&["acquire", issued[0]["link"].as_str().unwrap()]).expect_exit(0);
    assert_eq!(open(&sandbox, &film), Ok(packaged.clone()), "the key it was packaged with");
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    std::fs::remove_dir_all(sandbox.path("home")).unwrap();

    // The new computer cannot play the film.
    sandbox.run(&["service", "add", &service.url, "--yes"]).expect_exit(0);
    assert_eq!(sandbox.run(&["can", &text, "--json"]).expect_exit(1).error()["code"], "no-license");
    assert_ne!(sandbox.run(&["can", "film.mp4", "--json"]).expect_exit(1).objects()[0]["allowed"], true);
    for (file, wrong_value) in [("film.mp4", false), ("clear.mp4", true)] {
        assert_ne!(sandbox.run(&["file", file, "--json"]).expect_exit(0).objects()[0]["protected"], wrong_value);
    }
    assert_eq!(open(&sandbox, &film), Err(UseDenied::NoLicense(ContentRef::Key(film.clone()))));
    let undecoded = frames(&sandbox, &["-i", "film.mp4"]);
    assert!(undecoded.is_disjoint(&clear), "what is encrypted is not to be seen: {undecoded:?}");

    // After the restore, all frames are decoded, with this key only.
    sandbox.run(&["restore", "stick", "--register", "--name", "New"]).expect_exit(0);
    sandbox.run(&["can", &text]).expect_exit(0);
    let opened = open(&sandbox, &film).unwrap();
    assert!(decoded(&opened) == clear, "frames as in the clear file");
    let other_key_objects =
        sandbox.run(&["admin", "content-key", "shop", &key_id(2), "--json"]).expect_exit(0).objects();
    let wrong_frames = decoded(other_key_objects[0]["content_key"].as_str().unwrap());
    assert!(wrong_frames.is_disjoint(&clear), "{wrong_frames:?}");
    for folder in ["home", "stick", "shop"] {
        assert!(!contains_key(&sandbox.path(folder), &opened), "{folder} holds the key in the clear");
    }

    // After the revocation, the film plays until this computer learns of it.
    let revoke = ["admin", "revoke", issued[0]["licenses"][0].as_str().unwrap(), "--reason", "refunded"];
    sandbox.run(&[&revoke[..], &["--service", "shop"]].concat()).expect_exit(0);
    let home = Home::open(sandbox.path("home")).unwrap();
    let revoked = Err(UseDenied::Revoked { content: ContentRef::Key(film.clone()), reason: "refunded".into() });
    assert_eq!(
        usage_error_of(open_content_key_online(&home, &film, &Right::PLAY, &Cancel::default()).map(drop)),
        revoked
    );
    drop(home);
    assert_eq!(open(&sandbox, &film).map(drop), revoked, "nor without the network");
    assert_eq!(sandbox.run(&["can", &text, "--json"]).expect_exit(1).error()["code"], "revoked");
    sandbox.run(&["restore", "stick"]).expect_exit(1);
    assert_eq!(open(&sandbox, &film).map(drop), revoked, "an old backup brings it back no more");
}
