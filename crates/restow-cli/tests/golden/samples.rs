//! Files made by others, read from `../shared` beside the project.

use std::fs;
use std::path::{Path, PathBuf};

use super::story::Story;

/// Returns a folder of `../shared`, or `None` if it is absent.
fn shared(name: &str, test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if folder.is_dir() {
        return Some(folder.canonicalize().unwrap());
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_SAMPLES").is_none(), "../shared/{name} not found");
    println!("SKIPPED: {test}: ../shared/{name} not found");
    None
}

/// Copies a folder into the story, and returns the names of its files in order.
fn copy(story: &Story, from: &Path, below: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            names.extend(copy(story, &path, &name));
        } else {
            story.write(&name, fs::read(&path).unwrap());
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn samples_run_is_unchanged() {
    let Some(folder) = shared("samples", "samples_run_is_unchanged") else { return };
    let mut story = Story::begin("samples").with(|normalizer| normalizer.keeps_ids = true);
    let names = copy(&story, &folder, "samples");
    story.run("scan samples");
    for name in &names {
        story.run(&format!("file {name}"));
        story.run(&format!("import {name}"));
    }
    story.run("files");
    story.run("licenses --check --user");
    for name in &names {
        story.run(&format!("can {name}"));
        story.run(&format!("why {name}"));
    }
    story.end();
}

#[test]
fn field_run_is_unchanged() {
    let Some(folder) = shared("field", "field_run_is_unchanged") else { return };
    let mut story = Story::begin("field").with(|normalizer| normalizer.keeps_ids = true);
    let names = copy(&story, &folder, "field");
    story.run("roots add field/root.pem");
    // Licenses of these files end soon. The results of `can` and `why` would depend on the day.
    for name in &names {
        story.run(&format!("file {name}"));
        story.run(&format!("import {name}"));
    }
    story.end();
}
