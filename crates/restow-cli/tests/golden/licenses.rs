//! Commands about licenses, files and backups that need no service.

use std::fs;

use restow_media::build::{Compression, ZipBuilder};
use serde_json::json;

use super::inputs::{book, clear_book, root, signed_license, song, unsigned_license};
use super::story::Story;

#[test]
fn licenses_run_is_unchanged() {
    let mut story = Story::begin("licenses");
    let rights = json!({"print": 10, "copy": 0, "start": "2020-01-02T03:04:05Z", "end": "2999-01-01T00:00:00Z"});
    story.write("library/a.epub", book("urn:a", "Rain").license(&signed_license("a", &rights)).build());
    story.write("library/apart.epub", book("urn:a", "Rain").build());
    story.write("library/b.lcpl", signed_license("b", &json!({})));
    story.write("library/c.epub", book("urn:c", "Hail").build());
    story.write("library/clear.epub", clear_book("Free").build());
    story.write("library/notes.txt", "no license");
    story.write("library/song.wma", song(1, "Snow"));
    story.write("root.pem", root());
    let ended = json!({"end": "2001-01-01T00:00:00Z"});
    story.write("more/ended.lcpl", signed_license("ended", &ended));
    story.write("more/early.lcpl", signed_license("early", &json!({"start": "2998-01-01T00:00:00Z"})));
    story.write("more/unsigned.lcpl", unsigned_license("unsigned"));
    story.write("more/damaged.lcpl", &unsigned_license("damaged")[..90]);

    for line in ["licenses", "files", "status", "backups", "roots", "provider", "service", "computer"] {
        story.run(line);
    }
    story.run("roots add root.pem");
    story.run("scan library");
    story.run("import library more/ended.lcpl more/early.lcpl more/unsigned.lcpl more/damaged.lcpl");
    story.run("import library");
    story.run("licenses");
    story.run("licenses --check --user");
    story.run("files");
    story.run("status");
    for name in ["a.epub", "apart.epub", "b.lcpl", "c.epub", "clear.epub", "notes.txt", "song.wma", "missing"] {
        for command in ["file", "can", "why"] {
            story.run(&format!("{command} library/{name}"));
        }
    }
    for id in ["a", "b", "ended", "early", "unsigned"] {
        story.run(&format!("can {id}"));
        story.run(&format!("why {id}"));
    }
    for arguments in ["--action Print --use", "--action Copy", "--action Fly", "--action 'a b'"] {
        story.run(&format!("can a {arguments}"));
    }
    story.run("can hex:0a");
    story.run("why hex:0a");

    story.folder("stick");
    story.run("backup stick --dry-run");
    story.run("backup stick --name Mine");
    story.write("more/d.lcpl", signed_license("d", &json!({})));
    story.run("import more/d.lcpl");
    story.run("backup stick --keep 2");
    story.run("backups");
    story.run("backups stick");
    story.run("show stick");
    story.run("show stick --generation 1");
    story.run("show stick --generation 7");
    story.run("show stick --set 0000");
    story.run("verify stick");
    story.run("check stick");
    story.run("status");
    story.run("licenses");
    story.run("why a");
    story.run("export stick exported");
    story.run("export stick exported --generation 1");
    story.run("export exported-here");
    story.run("export stick");
    story.run("restore stick --dry-run");
    story.run("restore stick");
    for line in ["restore stick --dry-run", "restore stick --only a,none", "restore stick --only none", "restore stick"]
    {
        story.run(&format!("--home other {line}"));
    }
    story.run("--home other licenses");
    story.run("--home third restore stick --generation 1 --adopt --register --name Third");

    story.run("forget b");
    story.run("forget none");
    story.run("forget d --from stick");
    story.run("forget d --from stick --yes");
    story.run("forget d --from stick --yes");
    story.run("forget d");
    story.run("forget d --yes --issuer https://books.example");
    story.run("show stick");
    story.run("status");
    story.end();
}

#[test]
fn import_run_is_unchanged() {
    let mut story = Story::begin("import");
    let license = |id| signed_license(id, &json!({}));
    let apart = book("urn:a", "Rain");
    let package = apart.clone().license(&license("book")).build();
    let archive = ZipBuilder::new()
        .entry("b.epub", &package, Compression::Stored)
        .entry("c.lcpl", &license("c"), Compression::Deflated)
        .entry("empty.lcpl", b"", Compression::Stored)
        .build();
    // Bit 0 of the flags, in both headers, means that the entry is encrypted.
    let mut locked = ZipBuilder::new().entry("c.lcpl", &license("c"), Compression::Stored).build();
    let directory = locked.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    (locked[6], locked[directory + 8]) = (1, 1);
    let status = br#"{"id":"a","status":"active","message":"fine","updated":{},"links":[]}"#;
    let files: [(&str, &[u8]); 12] = [
        ("apart.epub", &apart.build()),
        ("book.epub", &package),
        ("broken.epub", &package[..package.len() - 9]),
        ("cut.lcpl", &license("cut")[..90]),
        ("empty.lcpl", b""),
        ("locked.zip", &locked),
        ("more.zip", &archive),
        ("nested.zip", &ZipBuilder::new().entry("inner.zip", &archive, Compression::Stored).build()),
        ("notes.tar.gz", &[0x1F, 0x8B, 8, 0]),
        ("notes.zip", &ZipBuilder::new().entry("notes.txt", b"no license", Compression::Stored).build()),
        ("photos.zip", b"PK\x03\x04 and no more"),
        ("status.json", status),
    ];
    for (name, bytes) in files {
        story.write(&format!("books/{name}"), bytes);
        story.run(&format!("import books/{name}"));
    }
    story.run("--home other import books");
    story.run("import nowhere");
    story.remark("Two providers use one ID, and two IDs have one prefix.");
    let text = String::from_utf8(unsigned_license("0123456789")).unwrap();
    story.write("one.lcpl", &text);
    story.write("two.lcpl", text.replace("https://books.example", "https://other.example"));
    story.write("three.lcpl", unsigned_license("0123457777"));
    story.run("import one.lcpl two.lcpl three.lcpl");
    for arguments in ["can 012345", "why 0123457", "can 0123456789", "forget 0123457", "forget 0123456789 --yes"] {
        story.run(arguments);
    }
    story.run("forget 0123456789 --issuer https://other.example --yes");
    story.run("forget 0123456789 --yes");
    story.end();
}

#[test]
fn put_back_run_is_unchanged() {
    let mut story = Story::begin("put-back");
    for id in ["a", "b", "c"] {
        story.write(&format!("{id}.lcpl"), signed_license(id, &json!({})));
        story.run(&format!("import {id}.lcpl"));
    }
    story.run("put-back");
    story.write("library/rain.epub", book("urn:1", "Rain").license(&signed_license("a", &json!({}))).build());
    story.run("scan library");
    story.remark("The book loses its license.");
    story.write("library/rain.epub", book("urn:1", "Rain").build());
    story.write("library/guess.epub", book("urn:2", "Book b").build());
    story.write("clear.epub", clear_book("Book b").build());
    story.run("put-back library");
    story.run("put-back library --dry-run");
    story.run("put-back library --yes");
    story.run("put-back library");
    story.run("put-back");
    story.run("put-back library --fetch");
    story.run("put-back library/guess.epub --license b");
    story.run("put-back library/guess.epub --license a");
    story.run("put-back library/guess.epub --license a --yes");
    story.run("put-back library/guess.epub --license b --issuer https://books.example --yes");
    story.remark("A license in a book and one beside it are replaced by others.");
    story.write("library/rain.epub", book("urn:1", "Rain").license(b"{}").build());
    story.write("library/rain.lcpl", signed_license("a", &json!({"print": 5})));
    story.run("put-back library --yes");
    story.write("library/rain.epub", book("urn:1", "Rain").license(&signed_license("a", &json!({"print": 5}))).build());
    story.run("put-back library --yes");
    let cut = fs::read(story.path("library/rain.epub")).unwrap();
    story.remark("A book is cut off.");
    story.write("library/rain.epub", &cut[..cut.len() / 2]);
    story.run("put-back library --yes");
    for arguments in [
        "library/rain.epub --license a",
        "clear.epub --license a",
        "library/rain.epub --license none",
        "library/guess.epub",
        "nowhere",
        "--license a",
    ] {
        story.run(&format!("put-back {arguments}"));
    }
    story.end();
}
