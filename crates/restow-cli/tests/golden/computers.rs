//! Commands about services, computers and the licenses of a service.

use super::inputs::{key_id, song};
use super::service::{Service, sell};
use super::story::Story;

#[test]
fn computers_run_is_unchanged() {
    let mut story = Story::begin("computers");
    story.set("KEY_1", &key_id(1));
    story.set("KEY_2", &key_id(2));
    story.set("KEY_3", &key_id(3));
    story.write("rain.wma", song(1, "Rain"));
    story.write("hail.wma", song(9, "Hail"));
    let mut service = Service::open(&mut story, "shop");
    for line in ["computer register", "service add $URL", "service add $URL --yes", "service", "service list"] {
        story.run(line);
    }
    story.run("acquire rain.wma");
    story.run("computer show");
    story.run("computer register Shop --name Mine");
    story.run("computer register --name Mine");
    story.run("computer register nowhere");
    sell(&mut story, "RAIN", "--key-id $KEY_1 --title Rain --right Play=5 --backup");
    sell(&mut story, "SNOW", "--key-id $KEY_2 --title Snow --right Play");
    story.run("acquire $LINK");
    for line in ["acquire rain.wma", "acquire hail.wma", "acquire foo", "acquire $KEY_1"] {
        story.run(line);
    }
    story.run("scan rain.wma hail.wma");
    for line in ["licenses", "files", "file rain.wma", "can rain.wma --use", "can $KEY_1", "why rain.wma"] {
        story.run(line);
    }
    for line in ["why $KEY_2", "can hail.wma", "file hail.wma", "can $KEY_1 --action Copy"] {
        story.run(line);
    }

    story.folder("stick");
    for line in ["backup stick --dry-run", "backup stick", "backup stick", "backups stick", "show stick", "status"] {
        story.run(line);
    }
    story.run("export stick exported");
    story.run("verify stick");
    story.run("--home second verify stick");
    story.run("--home second restore stick --register");
    story.run("--home second service add $URL --yes");
    story.run("--home second restore stick --dry-run");
    story.run("--home second restore stick");
    story.run("--home second restore stick --register --name Second");
    story.run("--home second licenses");
    story.run("--home second can $KEY_1 --use");
    story.run("--home third service add $URL --yes");
    story.run("--home third computer register");
    story.run("--home third restore stick");
    story.run("--home third restore stick --adopt --register --name Third");
    story.run_sorted("computer");
    story.run("computer refuse Mine");
    story.run("computer confirm Second");
    story.run("computer confirm Nobody");
    sell(&mut story, "SLEET", "--key-id $KEY_3 --title Sleet --right Play --computers 1");
    story.run("--home second acquire $KEY_3");
    story.run("computer refuse Third");
    story.run("computer refuse Nobody");
    story.run("computer release Second");
    story.run("computer release Nobody");
    let computers = story.run_sorted("computer show");
    let computer = |name: &str| {
        let computers = computers[0]["computers"].as_array().unwrap();
        computers.iter().find(|computer| computer["name"] == name).unwrap()["computer"].as_str().unwrap().to_owned()
    };
    story.set("SECOND", &computer("Second")[..8]);
    story.run("computer release --yes -- $SECOND");
    story.run("computer withdraw-key -- $SECOND");
    story.run("computer withdraw-key Nobody");
    story.run("--home second licenses");
    story.run_sorted("--home second status");
    story.run("--home second refresh");

    story.run("refresh");
    story.run("admin revoke $RAIN --reason 'Refunded: 5 €' --service shop");
    story.run("refresh $RAIN");
    story.run("licenses");
    story.run("can $KEY_1");
    story.run("why $KEY_1");
    story.run_sorted("status");
    service.kill(&mut story);
    story.run_sorted("computer show");
    for line in ["refresh", "acquire hail.wma", "--home third restore stick"] {
        story.run(line);
    }
    service = Service::start(&mut story, "serve shop --listen $LISTEN");
    story.run("computer release Mine --withdraw-keys --yes");
    story.run_sorted("computer");
    story.run("service remove Shop");
    story.run("service remove Shop --yes");
    story.run("service remove Shop --yes");
    story.run("service list");
    story.run("licenses");
    drop(service);
    story.end();
}
