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
    limit_heading: "This license is on as many computers as it may be",
    limit_heading_titled: "“{title}” is on as many computers as it may be",
    limit_one: "Its license may be on one computer at a time.",
    limit_many: "Its license may be on {limit} computers at the same time.",
    limit_none: "Its license may be on no computer any more.",
    holders_heading: "Where it is now",
    no_holders: "It is on no computer at the moment: try again to restore it.",
    seen: "last seen on {date}",
    release: "To use it on another computer, release one that you do not need any more: on any of your computers, type \
              the line below its name.",
    release_then: "Then restore again. The licenses of a computer that you release stay in your backups.",
    unconfirmed: "If you have just restored from a backup, this computer may also have to wait until another of your \
                  computers confirms it.",
    appeal: "If that does not help",
    appeal_how: "If none of these computers can be released, or one of them is not yours, ask {name}: {contact}",

    link_title: "Your licenses",
    link_heading: "Your licenses are waiting",
    link_how: "Restow takes them from this link. On the computer where you want to use them, type:",
    link_once: "The link works for one person. Opening this page has not used it; if you did not ask for it, close the \
                page and nothing happens.",
    link_next: "Afterwards make a backup, so that your licenses outlive this computer.",
    questions: "Questions? {contact}",

    missing_title: "Nothing here",
    missing_heading: "There is nothing here",
    missing_how: "Check that the whole address was copied.",
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
    limit_heading: "Diese Lizenz ist schon auf so vielen Computern wie erlaubt",
    limit_heading_titled: "„{title}“ ist schon auf so vielen Computern wie erlaubt",
    limit_one: "Die Lizenz darf auf einem Computer sein.",
    limit_many: "Die Lizenz darf auf {limit} Computern zugleich sein.",
    limit_none: "Die Lizenz darf auf keinem Computer mehr sein.",
    holders_heading: "Wo sie jetzt ist",
    no_holders: "Sie ist gerade auf keinem Computer: noch einmal wiederherstellen.",
    seen: "zuletzt gesehen am {date}",
    release: "Um sie auf einem anderen zu benutzen, einen freigeben, der nicht mehr gebraucht wird: auf irgendeinem \
              eigenen Computer die Zeile unter seinem Namen eingeben.",
    release_then: "Dann noch einmal wiederherstellen. Die Lizenzen eines freigegebenen Computers bleiben in den \
                   Sicherungen.",
    unconfirmed: "Nach dem Wiederherstellen aus einer Sicherung muss dieser Computer vielleicht auch warten, bis ein \
                  anderer eigener Computer ihn bestätigt.",
    appeal: "Wenn das nicht hilft",
    appeal_how: "Wenn keiner dieser Computer freigegeben werden kann oder einer davon fremd ist, hilft {name}: {contact}",

    link_title: "Lizenzen abholen",
    link_heading: "Hier warten Lizenzen",
    link_how: "Restow holt sie über diesen Link. Auf dem Computer, auf dem sie benutzt werden sollen, eingeben:",
    link_once: "Der Link gilt für eine Person. Diese Seite zu öffnen hat ihn nicht verbraucht; wer ihn nicht bestellt \
                hat, schließt die Seite, und nichts geschieht.",
    link_next: "Danach eine Sicherung machen, damit die Lizenzen diesen Computer überleben.",
    questions: "Fragen? {contact}",

    missing_title: "Hier ist nichts",
    missing_heading: "Hier ist nichts",
    missing_how: "Prüfen, ob die ganze Adresse kopiert wurde.",
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
