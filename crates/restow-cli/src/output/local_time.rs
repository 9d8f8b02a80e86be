//! Times in the time zone of the user, in the form of the language.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use restow::{Message, UnixTime};

use crate::texts::{Texts, values};

/// Values of messages that are times in RFC 3339.
const TIME_VALUES: [&str; 8] = ["at", "before", "date", "from", "now", "since", "time", "until"];

/// Time zone of the user.
pub(crate) struct LocalTime {
    zone: TimeZone,
}

impl LocalTime {
    /// Returns the time zone of the system or of the variable `TZ`. Without a known zone, times are in UTC.
    pub(crate) fn of_system() -> Self {
        Self { zone: TimeZone::system() }
    }

    /// Formats a time to the minute.
    pub(crate) fn format(&self, texts: Texts, time: UnixTime) -> String {
        let Some((date, clock)) = self.parts(texts, time) else { return restow::rfc3339(time) };
        texts.text("date-time", values![date = date, clock = clock])
    }

    /// Formats the day of a time.
    pub(crate) fn format_day(&self, texts: Texts, time: UnixTime) -> String {
        self.parts(texts, time).map_or_else(|| restow::rfc3339(time), |(date, _)| date)
    }

    /// Returns a message with its times in the time zone of the user.
    pub(crate) fn localize(&self, texts: Texts, message: &Message) -> Message {
        let mut message = message.clone();
        for (name, value) in &mut message.values {
            let time = TIME_VALUES.contains(name).then(|| value.parse::<Timestamp>().ok()).flatten();
            if let Some(time) = time {
                *value = self.format(texts, time.as_second());
            }
        }
        message.cause = message.cause.map(|cause| Box::new(self.localize(texts, &cause)));
        message
    }

    /// Returns the date and the time of day; `None` for a time that has no local form, such as the year 9999 in UTC.
    fn parts(&self, texts: Texts, time: UnixTime) -> Option<(String, String)> {
        let local = Timestamp::from_second(time).ok()?.to_zoned(self.zone.clone());
        let year = u16::try_from(local.year()).ok()?;
        let month = i64::from(local.month());
        let date = values![day = local.day().to_string(), month = month, year = year.to_string()];
        let zone = if self.zone.is_unknown() { " UTC" } else { "" };
        let clock = format!("{:02}:{:02}{zone}", local.hour(), local.minute());
        Some((texts.text("date", date), clock))
    }
}

#[cfg(test)]
mod tests {
    use restow::Language;

    use super::*;

    /// 2026-12-01 22:30 in UTC.
    const TIME: UnixTime = 1_796_164_200;

    fn format(hours: i8, language: Language, time: UnixTime) -> String {
        let zone = TimeZone::fixed(jiff::tz::offset(hours));
        LocalTime { zone }.format(Texts::new(language), time)
    }

    #[test]
    fn times_follow_zone_and_language() {
        assert_eq!(format(0, Language::English, TIME), "1 Dec 2026, 22:30");
        assert_eq!(format(2, Language::English, TIME), "2 Dec 2026, 00:30");
        assert_eq!(format(-11, Language::German, TIME), "1.12.2026, 11:30");
        let unknown = LocalTime { zone: TimeZone::unknown() };
        assert_eq!(unknown.format(Texts::new(Language::English), TIME), "1 Dec 2026, 22:30 UTC");
        assert_eq!(unknown.format_day(Texts::new(Language::German), TIME), "1.12.2026");
    }

    #[test]
    fn times_without_local_form_are_rfc3339() {
        assert_eq!(format(2, Language::English, 253_402_300_799), "9999-12-31T23:59:59Z");
        assert_eq!(format(2, Language::English, i64::MAX), restow::rfc3339(i64::MAX));
    }

    #[test]
    fn only_times_of_messages_are_localized() {
        let zone = LocalTime { zone: TimeZone::fixed(jiff::tz::offset(1)) };
        let message = Message::from(&restow::Error::Cancelled)
            .with("until", restow::rfc3339(TIME))
            .with("title", restow::rfc3339(TIME))
            .with("time", "soon");
        let values = zone.localize(Texts::new(Language::English), &message).values;
        let values: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["1 Dec 2026, 23:30", "2026-12-01T22:30:00Z", "soon"]);
    }
}
