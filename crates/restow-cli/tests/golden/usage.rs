//! Mistakes in command lines.

use super::story::Story;

#[test]
fn usage_run_is_unchanged() {
    let mut story = Story::begin("usage");
    for line in [
        "",
        "nonsense",
        "backup",
        "backup a b",
        "backup x --keep 1",
        "backup x --name ''",
        "scan --nonsense",
        "restore x --generation many",
        "restore x --generation 0",
        "--lang fr status",
        "admin",
        "admin nonsense",
        "admin issue",
        "admin init",
        "admin revoke x --reason y",
        "can x --action 'a b'",
        "put-back x --license a --fetch",
        "put-back --issuer a",
        "refresh --issuer https://p.example",
        "admin rotate-key x --revoke --revoke-all",
        "export",
        "export x --set y",
        "computer nonsense",
        "computer release",
        "roots add",
        "serve x --listen nowhere",
        "demo --computers 4",
    ] {
        story.run(line);
    }
    assert!(!story.path("home").exists());
    story.end();
}
