//! The commands of the demo.

use super::story::{Order, Story};

/// Command line of the demo. The folder is named, so that the demo prints no random path.
const LINE: &str = "demo --licenses 10 --restricted 2 --keep kept";

#[test]
fn demo_run_is_unchanged() {
    let mut story = Story::begin("demo").with(|normalizer| normalizer.hides_document_times = true);
    // The demo prints each of its commands with its exit status, and then the objects of the command.
    let objects = story.objects(LINE);
    let (summary, steps) = objects.split_last().unwrap();
    for step in steps.chunk_by(|_, next| next.get("command").is_none()) {
        let line = step[0]["command"].as_str().unwrap().strip_prefix("restow ").unwrap();
        let line = without_reason(&story.normalized(line));
        story.record(&line, &step[0]["exit"].to_string(), &step[1..], Order::Sorted);
    }
    story.record(LINE, "0", std::slice::from_ref(summary), Order::Printed);
    for arguments in ["--keep kept", "--restricted 40", "--licenses 9", "--computers 4"] {
        story.run(&format!("demo {arguments}"));
    }
    story.end();
}

/// Replaces the reason of a revocation, which is a text of the demo, by a placeholder.
fn without_reason(line: &str) -> String {
    let parts = line.split_once(" --reason '").and_then(|(head, rest)| Some((head, rest.split_once('\'')?.1)));
    parts.map_or_else(|| line.to_owned(), |(head, tail)| format!("{head} --reason '<text>'{tail}"))
}
