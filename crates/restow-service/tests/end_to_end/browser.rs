//! The limit page in a browser.

use std::process::Command;

use restow::Status;

use super::fixture::*;

#[test]
fn browser_shows_limit_page() {
    let test = "browser_shows_limit_page";
    if Command::new("chromium").arg("--version").output().is_err() {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: chromium not found");
        println!("SKIPPED: {test}: chromium not found");
        return;
    }
    let fixture = Fixture::new();
    let service = fixture.service_with_settings("Shop", |settings| settings.computers_per_license = 1);
    let a = fixture.home("a");
    service.add_to_home(&a);
    let name = "Anna's <b>laptop</b>";
    restow::service::register(&a, &mut a.store().unwrap(), &service.issuer, name, &no_cancel()).unwrap();
    restow::service::acquire::acquire_link(&a, &service.issue(vec![playable(1)]), &no_cancel()).unwrap();
    let location = fixture.location("stick");
    backup(&a, &location);
    let b = fixture.home("b");
    service.add_to_home(&b);
    let (_, events) = restore_all(&b, &location);
    let url = events.iter().find_map(|status| match status {
        Status::ErrorWithUrl { url, .. } => Some(url.clone()),
        _ => None,
    });

    let profile = fixture.dir.path().join("profile");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--dump-dom", "--virtual-time-budget=5000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(url.unwrap())
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("Anna's &lt;b&gt;laptop&lt;/b&gt;"), "a name is text, whatever is in it: {page}");
    assert!(page.contains("help@shop.example"), "{page}");
}
