//! A player's menu in few lines: back up, restore, may I play, play.
//!
//! `cargo run --example player -- HOME LOCATION`

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::PathBuf;

use restow::license::Right;
use restow::restorer::{Backup, Consent, Restore};
use restow::{Home, KeyId, Report, Status};

fn ask(question: &str) -> String {
    print!("{question} ");
    let _ = stdout().flush();
    let mut answer = String::new();
    let _ = stdin().lock().read_line(&mut answer);
    answer.trim().to_owned()
}

fn show(status: &Status) {
    match status {
        Status::RestrictedLicense(license) if license.titles.is_empty() => {
            println!("Some licenses cannot be backed up: {:?}", license.key_id.as_ref().map(KeyId::to_string));
        }
        Status::RestrictedLicense(license) => println!("{} cannot be backed up", license.titles.join(", ")),
        Status::ErrorWithUrl { url, .. } => println!("See {url}"),
        Status::End(report) => end(report),
        other => println!("{}", other.name()),
    }
}

fn end(report: &Report) {
    println!("{}: {:?}", report.result, report.summary);
    for lost in &report.not_restored {
        println!("not restored: {} ({:?})", lost.titles.join(", "), lost.why);
    }
}

fn restore(home: &Home, location: &PathBuf) -> Result<(), restow::Error> {
    let mut consent = Vec::new();
    for service in Restore::from(location).plan(home)?.services.into_iter().filter(|service| !service.registered) {
        println!("{} at {}, fingerprint {}", service.name, service.origin, service.issuer);
        if ask("Register this computer there? [y/N]") == "y" {
            consent.push(service.issuer);
        }
    }
    let _ = Restore::from(location).consent(Consent::Services(consent)).on_status(show).start(home)?.wait();
    Ok(())
}

fn main() -> Result<(), restow::Error> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(folder), Some(location)) = (arguments.next(), arguments.next()) else {
        println!("player HOME LOCATION");
        return Ok(());
    };
    let home = Home::open(folder)?;
    loop {
        let line = ask("b (back up), r (restore), p KEYID (play), q (quit):");
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("b", _) => drop(Backup::to(&location).on_status(show).start(&home)?.wait()),
            ("r", _) => restore(&home, &location)?,
            ("p", key_id) => match key_id.parse::<KeyId>() {
                Ok(key_id) => match restow::usage::open_content_key(&home, &key_id, &Right::PLAY) {
                    Ok(_key) => println!("playing; one use is taken where they are counted"),
                    Err(error) => println!("{error}. {}", error.help()),
                },
                Err(_) => println!("that is no key ID"),
            },
            _ => return Ok(()),
        }
    }
}
