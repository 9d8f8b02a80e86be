//! Menu of a player: back up, restore, check the right to play, play.
//!
//! `cargo run --example player -- HOME LOCATION`

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::PathBuf;

use restow::lcp_provider::parse_origin;
use restow::license::Right;
use restow::restorer::{Backup, Restore, ServiceConsent};
use restow::{Home, KeyId, Language, Status};

fn ask(question: &str) -> String {
    print!("{question} ");
    let _ = stdout().flush();
    let mut answer = String::new();
    let _ = stdin().lock().read_line(&mut answer);
    answer.trim().to_owned()
}

fn title_or(titles: &[String], fallback: &str) -> String {
    if titles.is_empty() { fallback.to_owned() } else { titles.join(", ") }
}

fn show(status: &Status) {
    match status {
        Status::RestrictedLicense(license) => {
            let key_id = license.key_id.as_ref().map(KeyId::to_string).unwrap_or_default();
            println!("  {} cannot be backed up.", title_or(&license.titles, &format!("A license for key ID {key_id}")));
        }
        Status::ErrorWithUrl { service, url, .. } => println!("{service} refused some; see {url}"),
        Status::End(report) => {
            for lost in &report.not_restored {
                println!("  {} did not come: {}.", title_or(&lost.titles, &lost.identity.license_id), lost.reason);
            }
            let sum = &report.summary;
            println!("Backed up: {}. Restored: {}. Here already: {}.", sum.backed_up, sum.restored, sum.already_here);
            if let Some(message) = &report.error {
                println!("Not all went well: {}", message.text_with_help(Language::English));
            }
        }
        _ => {}
    }
}

fn restore(home: &Home, location: &PathBuf) -> Result<(), restow::Error> {
    let plan = Restore::from(location).plan(home)?;
    let (mut services, mut providers) = (Vec::new(), Vec::new());
    for service in plan.services.iter().filter(|service| !service.registered) {
        println!("{} at {}, fingerprint {}", service.name, service.origin, service.issuer);
        if ask("Register this computer there? [y/N]") == "y" {
            services.push(service.issuer.clone());
        }
    }
    for provider in plan.providers.iter().filter(|provider| !provider.allowed && !provider.manual_only) {
        println!("{} at {}", provider.name.as_deref().unwrap_or("A provider"), provider.origin);
        if ask("Ask it about its licenses? [y/N]") == "y" {
            providers.push(parse_origin(&provider.origin)?);
        }
    }
    let plan = plan.consent(ServiceConsent::Services(services)).ask_providers(providers);
    let _ = plan.on_status(show).start(home)?.wait();
    Ok(())
}

fn play(home: &Home, key_id: &str) -> Result<(), restow::Error> {
    let Ok(key_id) = key_id.parse::<KeyId>() else { return Ok(()) };
    let _key = restow::usage::open_content_key(home, &key_id, &Right::PLAY)?;
    println!("Playing. One use is taken where they are counted.");
    Ok(())
}

fn main() -> Result<(), restow::Error> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(|| "home".into());
    let location = arguments.next().unwrap_or_else(|| ".".into());
    let home = Home::open(folder)?;
    loop {
        let line = ask("b (back up), r (restore), p KEYID (play), q (quit):");
        let result = match line.split_once(' ').unwrap_or((&line, "")) {
            ("b", _) => Backup::to(&location).on_status(show).start(&home).map(|run| drop(run.wait())),
            ("r", _) => restore(&home, &location),
            ("p", key_id) => play(&home, key_id),
            _ => return Ok(()),
        };
        if let Err(error) = result {
            println!("That did not work: {error}. {}", error.help());
        }
    }
}
