//! Commands of the operator of a service.

use super::inputs::key_id;
use super::service::{Service, free_port, sell};
use super::story::Story;

#[test]
fn operator_run_is_unchanged() {
    let mut story = Story::begin("operator");
    story.set("KEY_1", &key_id(1));
    story.set("KEY_2", &key_id(2));
    let service = Service::open(&mut story, "shop");
    story.run("admin init shop --name Shop --url $URL");
    story.run("admin init other --name Other --url http://other.example");
    story.run(
        "admin init other --name Other --url https://other.example --contact help@other.example \
         --privacy-url https://other.example/privacy",
    );
    story.run("serve shop --listen 127.0.0.1:0");
    story.run("service add $URL --yes");
    story.run("computer register --name Mine");
    sell(&mut story, "RAIN", "--key-id $KEY_1 --title Rain --right Play=5 --backup --computers 2");
    story.write("terms.json", include_str!("terms.json"));
    let issued = story.run("admin issue terms.json --service shop");
    story.set("HAIL", issued[0]["licenses"][0].as_str().unwrap());
    for arguments in [
        "--key-id $KEY_2 --right Play=0",
        "--key-id $KEY_2 --right Plya=5",
        "--key-id $KEY_2 --backup",
        "--key-id $KEY_2 --right Play=-1",
        "--key-id $KEY_2 --right 'a b=5'",
        "--key-id $KEY_2 --right Play --right play",
        "--key-id $KEY_2 --key-id $KEY_2 --right Play",
        "--key-id $KEY_2 --right Play --title ' '",
        "--key-id song --right Play",
        "missing.json",
        "terms.json --backup",
        "",
    ] {
        story.run(&format!("admin issue --service shop {arguments}"));
    }
    for (number, terms) in [
        "[]",
        "{}",
        "[{",
        r#"[{"key_ids":["hex:00"]}]"#,
        r#"[{"key_ids":["hex:00"],"rights":{"Play":{}},"limits":4}]"#,
        r#"[{"key_ids":"hex:00","rights":{"Play":{}}}]"#,
        r#"[{"key_ids":["hex:00"],"rights":{"Play":{}},"expires":5}]"#,
        r#"[{"key_ids":["hex:00"],"rights":{"Play":{"from":10,"until":5}}}]"#,
    ]
    .into_iter()
    .enumerate()
    {
        story.write(&format!("terms-{number}.json"), terms);
        story.run(&format!("admin issue terms-{number}.json --service shop"));
    }

    let computer = story.run("computer show")[0].clone();
    story.set("HOLDER", computer["holder"].as_str().unwrap());
    story.set("COMPUTER", computer["computer"].as_str().unwrap());
    story.run("admin issue --service shop --key-id $KEY_2 --right Play --holder=$HOLDER");
    lists(&mut story);
    story.run("admin list computers --holder=$HOLDER --service shop");
    story.run("admin list computers --holder 000000 --service shop");
    story.run("admin list audit");
    story.run("admin list audit --url $URL");
    story.set("RESTOW_API_KEY", "wrong");
    story.run("admin list audit --url $URL");
    story.set("RESTOW_API_KEY", "");
    story.run("admin list nonsense --service shop");
    story.run(
        "admin issue --service shop --key-id $KEY_2 --right Play --reference A-17 --note 'By phone' --link-days 3 \
         --not-before 2999-01-01 --expires 2999-12-31",
    );
    story.run("admin list offers --search phone --service shop");
    story.run("admin withdraw-link A-17 --service shop");
    story.run("admin withdraw-link B-4 --service shop");
    story.run("admin limit $RAIN 3 --service shop");
    story.run("admin limit $RAIN 1001 --service shop");
    story.run("admin limit 0123456789abcdef0123456789abcdef 3 --service shop");
    story.run("admin revoke $HAIL --reason 'Sold by mistake' --service shop");
    story.run("admin revoke $HAIL --reason 'Sold by mistake' --service shop");
    story.run("admin revoke 0123456789abcdef0123456789abcdef --reason x --service shop");
    story.run("admin revoke $HAIL --reason ' ' --service shop");

    story.folder("stick");
    story.run("backup stick");
    story.run("--home second service add $URL --yes");
    story.run("--home second restore stick --register --name Second");
    story.run("admin confirm --service shop -- $HOLDER Second");
    story.run("admin confirm --service shop -- $HOLDER Nobody");
    story.run("admin release --waiting --service shop -- $HOLDER Second");
    story.run_sorted("computer");
    story.run("computer refuse Second");
    story.run("admin release --service shop -- $HOLDER Second");
    story.run("admin release --service shop -- $HOLDER Nobody");
    story.run("admin withdraw --service shop -- $HOLDER $COMPUTER");
    story.run("admin withdraw --service shop -- $HOLDER Nobody");
    story.run("admin content-key shop $KEY_1 hex:0A");
    story.run("admin content-key shop song.mp4");
    story.run("admin content-key nowhere $KEY_1");
    lists(&mut story);

    story.run("admin rotate-key shop");
    story.run("admin move shop $URL");
    service.stop(&mut story);
    story.run("admin list audit --service shop");
    story.rename("shop/root.key", "root.key");
    story.run("admin rotate-key shop");
    story.run("admin rotate-key shop --root other/root.key");
    story.run("admin rotate-key shop --root root.key");
    story.run("admin rotate-key shop --root root.key --revoke");
    story.run("admin rotate-key shop --root root.key --revoke-all");
    story.run("admin move shop ftp://x --root root.key");
    let port = free_port();
    story.set("NEW_URL", &format!("http://127.0.0.1:{port}"));
    story.run("admin move shop $NEW_URL --root root.key");
    let moved = Service::start(&mut story, "serve shop");
    story.run("service list");
    story.run("service add $NEW_URL --yes");
    story.run_sorted("computer");
    moved.stop(&mut story);
    story.run("serve nowhere");
    story.end();
}

fn lists(story: &mut Story) {
    for list in ["licenses", "computers", "holders", "offers"] {
        story.run_sorted(&format!("admin list {list} --service shop"));
    }
    story.run("admin list audit --service shop");
}
