//! The limit page as a browser shows it.

use std::process::Command;

use restow::Status;

use super::world::*;

#[test]
fn a_browser_shows_the_limit_page() {
    let test = "a_browser_shows_the_limit_page";
    if Command::new("chromium").arg("--version").output().is_err() {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: chromium not found");
        println!("SKIPPED: {test}: chromium not found");
        return;
    }
    let world = World::new();
    let shop = world.shop_with("Shop", |settings| settings.computers_per_license = 1);
    let a = world.home("a");
    shop.add_to(&a);
    let name = "Anna's <b>laptop</b>";
    restow::service::register(&a, &mut a.store().unwrap(), &shop.issuer, name, &never()).unwrap();
    restow::service::acquire::acquire_link(&a, &shop.issue(vec![song(1)]), &never()).unwrap();
    let location = world.location("stick");
    backup(&a, &location);
    let b = world.home("b");
    shop.add_to(&b);
    let (_, told) = restore_all(&b, &location);
    let url = told.iter().find_map(|status| match status {
        Status::ErrorWithUrl { url, .. } => Some(url.clone()),
        _ => None,
    });

    let profile = world.dir.path().join("profile");
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
