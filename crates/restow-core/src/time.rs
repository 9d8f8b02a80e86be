//! Unix time, and clocks that a caller injects.
//!
//! An injected clock makes rules about time testable, and lets a home correct a wrong system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in seconds, without leap seconds. Negative before 1970.
pub type UnixTime = i64;

/// Source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the time of this clock, which may be wrong.
    fn now(&self) -> UnixTime;
}

/// Clock of the operating system. Times before 1970 are reported as 0.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Clock that the program sets, for tests. Clones share one time.
#[derive(Clone, Default, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Creates a clock with the time `now`.
    #[must_use]
    pub fn at(now: UnixTime) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    /// Sets the time.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now, Ordering::SeqCst);
    }

    /// Moves the time by a number of seconds, backward if negative.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        self.0.load(Ordering::SeqCst)
    }
}

/// First and last second of the years that RFC 3339 can write: 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const RFC_3339_RANGE: (UnixTime, UnixTime) = (-62_167_219_200, 253_402_300_799);

const SECONDS_PER_DAY: i64 = 86_400;

/// Parses the start of a period: a time with an offset, or a date, which means the first second of that day in UTC.
#[must_use]
pub fn parse_start(text: &str) -> Option<UnixTime> {
    let stated = parse_time(text).filter(|stated| stated.form != TimeForm::NoOffset)?;
    Some(stated.millis.div_euclid(1000))
}

/// Parses the end of a period: a time with an offset, or a date, which means the last second of that day in UTC.
#[must_use]
pub fn parse_end(text: &str) -> Option<UnixTime> {
    let start = parse_start(text)?;
    let is_day = parse_time(text).is_some_and(|stated| stated.form == TimeForm::DateOnly);
    Some(if is_day { start.saturating_add(SECONDS_PER_DAY - 1) } else { start })
}

/// Formats a time as RFC 3339 in UTC, such as `2024-09-26T17:53:16Z`.
///
/// RFC 3339 has the years 0000 to 9999. A time outside of them is formatted as the nearest time that is inside.
#[must_use]
pub fn rfc3339(time: UnixTime) -> String {
    let (first, last) = RFC_3339_RANGE;
    let time = time.clamp(first, last);
    let (year, month, day) = civil_from_days(time.div_euclid(SECONDS_PER_DAY));
    let second = time.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Time that a text states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatedTime {
    /// Unix milliseconds.
    pub millis: i64,
    /// Parts that the text leaves open.
    pub form: TimeForm,
}

/// Completeness of a time in a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TimeForm {
    /// Date, time and offset.
    Exact,
    /// Date and time without an offset. UTC is assumed.
    NoOffset,
    /// Date alone. The start of that day in UTC is assumed.
    DateOnly,
}

/// Parses a date with an optional time and offset.
///
/// The form is RFC 3339. Other forms that programs write are accepted where they have one meaning only: lower case, a
/// space before the time or the offset, a decimal comma, a fraction of any length, a missing second, the second 60, the
/// hour 24, the offsets `+0000`, `+00`, `UTC` and `GMT`, the name of a time zone in brackets after an offset, and years
/// of up to six digits.
#[must_use]
pub fn parse_time(text: &str) -> Option<StatedTime> {
    let mut rest = text.trim();
    let is_negative = rest.starts_with('-');
    rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let year = take_number(&mut rest, digits).filter(|_| (4..=6).contains(&digits))?;
    // A sign is only in the form of ISO 8601 for years of more than four digits.
    if digits == 4 && text.trim().starts_with(['+', '-']) {
        return None;
    }
    let month = take_part(&mut rest, '-', 1..=12)?;
    let day = take_part(&mut rest, '-', 1..=31)?;
    let year = if is_negative { year.checked_neg()? } else { year };
    let days = days_from_civil(year, month, day);
    if civil_from_days(days) != (year, month, day) {
        return None;
    }
    let midnight = days.checked_mul(SECONDS_PER_DAY)?;
    if rest.is_empty() {
        return Some(StatedTime { millis: midnight.checked_mul(1000)?, form: TimeForm::DateOnly });
    }
    rest = rest.strip_prefix(['T', 't']).or_else(|| rest.strip_prefix(char::is_whitespace).map(str::trim_start))?;
    let hour = take_number(&mut rest, 2)?;
    let minute = take_part(&mut rest, ':', 0..=59)?;
    let (mut second, mut millis) = (0, 0);
    if rest.starts_with(':') {
        second = take_part(&mut rest, ':', 0..=60)?;
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            // Digits after the third are less than a millisecond.
            let thousandths = fraction.get(..digits.min(3))?;
            millis = format!("{thousandths:0<3}").parse().ok().filter(|_| digits > 0)?;
            rest = fraction.get(digits..)?;
        }
    }
    let is_end_of_day = hour == 24 && minute == 0 && second == 0 && millis == 0;
    if hour > 23 && !is_end_of_day {
        return None;
    }
    let offset = parse_offset(rest.trim_start())?;
    let form = if offset.is_some() { TimeForm::Exact } else { TimeForm::NoOffset };
    let seconds = midnight.checked_add(hour * 3600 + minute * 60 + second)?.checked_sub(offset.unwrap_or(0))?;
    Some(StatedTime { millis: seconds.checked_mul(1000)?.checked_add(millis)?, form })
}

/// Parses the offset at the end of a time, in seconds east of UTC. The inner result is `None` for an absent offset.
fn parse_offset(text: &str) -> Option<Option<i64>> {
    if text.is_empty() {
        return Some(None);
    }
    if ["z", "utc", "gmt"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Some(Some(0));
    }
    if let Some(zone) = text.strip_prefix(['Z', 'z']) {
        return is_zone_name(zone).then_some(Some(0));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut rest = text.strip_prefix(['+', '-'])?;
    let hours = take_number(&mut rest, 2)?;
    rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = if rest.starts_with(|c: char| c.is_ascii_digit()) { take_number(&mut rest, 2)? } else { 0 };
    let is_known_suffix = rest.is_empty() || rest.trim().eq_ignore_ascii_case("utc") || is_zone_name(rest);
    (hours <= 23 && minutes <= 59 && is_known_suffix).then_some(Some(sign * (hours * 3600 + minutes * 60)))
}

/// Returns true for the name of a time zone in brackets, as Java writes it after the offset.
fn is_zone_name(text: &str) -> bool {
    text.strip_prefix('[').and_then(|name| name.strip_suffix(']')).is_some_and(|name| !name.contains(['[', ']']))
}

/// Takes a number of `digits` digits from the start of a text.
fn take_number(rest: &mut &str, digits: usize) -> Option<i64> {
    let number = rest.get(..digits).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    *rest = rest.get(digits..)?;
    number.parse().ok()
}

/// Takes a separator and a number of two digits in a range from the start of a text.
fn take_part(rest: &mut &str, separator: char, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    *rest = rest.strip_prefix(separator)?;
    take_number(rest, 2).filter(|number| range.contains(number))
}

/// Returns the days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// A year begins in March here, so that the leap day is the last day of a year. 400 years have 146,097 days.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Returns the year, month and day of a number of days since 1970-01-01.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(text: &str) -> Option<(i64, TimeForm)> {
        parse_time(text).map(|stated| (stated.millis, stated.form))
    }

    #[test]
    fn dates_are_parsed_in_every_form() {
        const AT: i64 = 1_796_119_200_000;
        for text in [
            "2026-12-01T10:00:00Z",
            " 2026-12-01t10:00:00z ",
            "2026-12-01 10:00:00Z",
            "2026-12-01T10:00Z",
            "2026-12-01T10:00:00+00:00",
            "2026-12-01T10:00:00-00:00",
            "2026-12-01T10:00:00+0000",
            "2026-12-01T10:00:00+00",
            "2026-12-01T03:00:00-07:00",
            "2026-12-01T15:30:00+0530",
            "2026-12-01 10:00:00 UTC",
            "2026-12-01 10:00:00 +0000 UTC",
            "2026-12-01T11:00:00+01:00[Europe/Paris]",
            "2026-12-01T10:00:00Z[UTC]",
            "2026-12-01T10:00:00.000000000000000000Z",
            "2026-12-01T10:00:00,0Z",
            "2026-12-01T09:59:60Z",
        ] {
            assert_eq!(time_of(text), Some((AT, TimeForm::Exact)), "{text}");
        }
        assert_eq!(time_of("2026-12-01T10:00:00.1239Z"), Some((AT + 123, TimeForm::Exact)));
        assert_eq!(time_of("2026-12-01T10:00:00,5+00:00"), Some((AT + 500, TimeForm::Exact)));
        assert_eq!(time_of("2026-12-01T10:00:00"), Some((AT, TimeForm::NoOffset)));
        assert_eq!(time_of("2026-12-01 10:00"), Some((AT, TimeForm::NoOffset)));
        assert_eq!(time_of("2026-12-01"), Some((AT - 36_000_000, TimeForm::DateOnly)));
        assert_eq!(time_of("2026-11-30T24:00:00Z"), Some((AT - 36_000_000, TimeForm::Exact)));
        assert_eq!(time_of("1969-12-31T23:59:59.999Z"), Some((-1, TimeForm::Exact)));
    }

    #[test]
    fn text_without_one_meaning_is_refused() {
        for text in [
            "",
            " ",
            "2026",
            "2026-12",
            "2026-12-",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-12-1",
            "26-12-01",
            "+2026-12-01",
            "20261201",
            "1796119200",
            "never",
            "2026-12-01T",
            "2026-12-01T10",
            "2026-12-01T25:00:00Z",
            "2026-12-01T24:00:01Z",
            "2026-12-01T10:60:00Z",
            "2026-12-01T10:00:61Z",
            "2026-12-01T10:00:00.Z",
            "2026-12-01T10:00:00+24:00",
            "2026-12-01T10:00:00+1",
            "2026-12-01T10:00:00CET",
            "2026-12-01T10:00:00Zx",
            "2026-12-01T10:00:00+01:00[",
            "12/01/2026",
            "Tue, 01 Dec 2026 10:00:00 GMT",
            "\u{661}\u{662}\u{663}\u{664}-12-01",
        ] {
            assert_eq!(time_of(text), None, "{text}");
        }
    }

    #[test]
    fn extreme_years_are_printed_as_rfc_3339() {
        for (text, printed) in [
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59-07:00", "9999-12-31T23:59:59Z"),
            ("10000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
            ("+292278-08-17T07:12:55Z", "9999-12-31T23:59:59Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("-000001-12-31T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("2000-02-29T12:34:56Z", "2000-02-29T12:34:56Z"),
        ] {
            let stated = parse_time(text).unwrap();
            assert_eq!(rfc3339(stated.millis.div_euclid(1000)), printed, "{text}");
        }
        assert_eq!(rfc3339(i64::MAX), "9999-12-31T23:59:59Z");
        assert_eq!(rfc3339(i64::MIN), "0000-01-01T00:00:00Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn printed_times_are_parsed_back() {
        let (first, last) = RFC_3339_RANGE;
        for step in 0..=1000 {
            let time = first + (last - first) / 1000 * step;
            assert_eq!(time_of(&rfc3339(time)), Some((time * 1000, TimeForm::Exact)));
        }
    }
}
