//! All strings of the pages. Placeholders in braces receive escaped values.

use super::language::Language;

/// Strings of one language.
pub(super) struct Strings {
    pub(super) lang: &'static str,
    pub(super) months: [&'static str; 12],
    /// `{day}`, `{month}`, `{year}`
    pub(super) date: &'static str,

    pub(super) limit_title: &'static str,
    pub(super) limit_heading: &'static str,
    /// `{title}`
    pub(super) limit_heading_titled: &'static str,
    pub(super) limit_one: &'static str,
    /// `{limit}`
    pub(super) limit_many: &'static str,
    pub(super) limit_none: &'static str,
    pub(super) holders_heading: &'static str,
    pub(super) no_holders: &'static str,
    /// `{date}`
    pub(super) seen: &'static str,
    pub(super) release: &'static str,
    pub(super) release_then: &'static str,
    pub(super) unconfirmed: &'static str,
    pub(super) appeal: &'static str,
    /// `{name}`, `{contact}`
    pub(super) appeal_how: &'static str,

    pub(super) link_title: &'static str,
    pub(super) link_heading: &'static str,
    pub(super) link_how: &'static str,
    pub(super) link_once: &'static str,
    pub(super) link_next: &'static str,
    /// `{contact}`
    pub(super) questions: &'static str,

    pub(super) missing_title: &'static str,
    pub(super) missing_heading: &'static str,
    pub(super) missing_how: &'static str,
}

impl Strings {
    pub(super) const fn for_language(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }
}

const ENGLISH: Strings = Strings {
    lang: "en",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: "{day} {month} {year}",

    limit_title: "Too many computers",
    limit_heading: "The limit of computers for this license is reached",
    limit_heading_titled: "The limit of computers for “{title}” is reached",
    limit_one: "The license may be on 1 computer at a time.",
    limit_many: "The license may be on {limit} computers at the same time.",
    limit_none: "The license may not be on any computer any more.",
    holders_heading: "Computers with this license",
    no_holders: "No computer has this license now. Try again to restore it.",
    seen: "last seen on {date}",
    release: "To use the license on another computer, release a computer that you no longer need. On any of your \
              computers, type the line below its name.",
    release_then: "Then restore again. The licenses of the released computer stay in your backups.",
    unconfirmed: "If you have just restored from a backup, another of your computers may have to confirm this \
                  computer first.",
    appeal: "If this does not help",
    appeal_how: "If you cannot release any of these computers, or if one of them is not yours, ask {name}: {contact}",

    link_title: "Your licenses",
    link_heading: "Your licenses are ready",
    link_how: "Restow gets them with this link. On the computer where you want to use them, type:",
    link_once: "The link works for one person. Opening this page does not use it up. If you did not ask for this link, \
                close the page.",
    link_next: "Then make a backup, so that you keep your licenses if this computer is lost.",
    questions: "Questions? {contact}",

    missing_title: "Page not found",
    missing_heading: "This page does not exist",
    missing_how: "Check that you copied the whole address.",
};

const GERMAN: Strings = Strings {
    lang: "de",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: "{day}. {month} {year}",

    limit_title: "Zu viele Computer",
    limit_heading: "Die Höchstzahl an Computern für diese Lizenz ist erreicht",
    limit_heading_titled: "Die Höchstzahl an Computern für „{title}“ ist erreicht",
    limit_one: "Die Lizenz darf auf 1 Computer sein.",
    limit_many: "Die Lizenz darf auf {limit} Computern gleichzeitig sein.",
    limit_none: "Die Lizenz darf auf keinem Computer mehr sein.",
    holders_heading: "Computer mit dieser Lizenz",
    no_holders: "Zurzeit hat kein Computer diese Lizenz. Versuchen Sie noch einmal, sie wiederherzustellen.",
    seen: "zuletzt gesehen am {date}",
    release: "Um die Lizenz auf einem anderen Computer zu nutzen, geben Sie einen Computer frei, den Sie nicht mehr \
              brauchen: Tippen Sie auf einem Ihrer Computer die Zeile unter seinem Namen ein.",
    release_then: "Starten Sie dann die Wiederherstellung noch einmal. Die Lizenzen des freigegebenen Computers \
                   bleiben in Ihren Sicherungen.",
    unconfirmed: "Wenn Sie gerade aus einer Sicherung wiederhergestellt haben, muss vielleicht zuerst ein anderer \
                  Ihrer Computer diesen bestätigen.",
    appeal: "Wenn das nicht hilft",
    appeal_how: "Wenn Sie keinen dieser Computer freigeben können oder einer davon nicht Ihnen gehört, fragen Sie \
                 {name}: {contact}",

    link_title: "Ihre Lizenzen",
    link_heading: "Ihre Lizenzen stehen bereit",
    link_how: "Restow holt sie mit diesem Link. Tippen Sie auf dem Computer ein, auf dem Sie die Lizenzen nutzen möchten:",
    link_once: "Der Link gilt für eine Person. Das Öffnen dieser Seite verbraucht ihn nicht. Wenn Sie den Link nicht \
                angefordert haben, schließen Sie die Seite.",
    link_next: "Legen Sie danach eine Sicherung an, damit Ihre Lizenzen erhalten bleiben, falls dieser Computer \
                verloren geht.",
    questions: "Fragen? {contact}",

    missing_title: "Seite nicht gefunden",
    missing_heading: "Diese Seite gibt es nicht",
    missing_how: "Prüfen Sie, ob Sie die ganze Adresse kopiert haben.",
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the placeholders of a text in sorted order, because their order differs between languages.
    fn named(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        names.sort_unstable();
        names
    }

    /// Returns all strings by name. The pattern forces an update for each new field.
    fn texts(strings: &Strings) -> Vec<(&'static str, &'static str)> {
        macro_rules! all {
            ($($name:ident)*) => {{
                let Strings { lang: _, months: _, $($name),* } = strings;
                vec![$((stringify!($name), *$name)),*]
            }};
        }
        all! {
            date
            limit_title limit_heading limit_heading_titled limit_one limit_many limit_none
            holders_heading no_holders seen release release_then unconfirmed appeal appeal_how
            link_title link_heading link_how link_once link_next questions
            missing_title missing_heading missing_how
        }
    }

    #[test]
    fn languages_have_equal_placeholders() {
        for ((name, english), (_, german)) in texts(&ENGLISH).into_iter().zip(texts(&GERMAN)) {
            assert_eq!(named(english), named(german), "{name}");
            assert!(!english.is_empty() && !german.is_empty(), "{name}");
        }
        assert_eq!(named(ENGLISH.appeal_how), ["contact", "name"]);
    }
}
