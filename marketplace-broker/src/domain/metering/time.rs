//! When usage happened, as publishers write it and as the marketplace writes it back (fulfillment.md 4.1): without a
//! zone it is UTC and stays without; Z stays Z; an offset is shifted to UTC and written `+00:00`; zeros at the end of
//! the fraction go. Called by the metering face and the store.

use std::fmt;

use jiff::{SignedDuration, Timestamp, civil, tz::Offset};

/// Digits of a fraction at most.
const FRACTION_MAX: usize = 9;

/// How an instant named its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// Not at all: UTC.
    Unnamed,
    /// `Z`.
    Zulu,
    /// An offset from UTC.
    Offset,
}

/// When usage happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageTime {
    /// In UTC, to the nanosecond.
    utc: civil::DateTime,
    at: Timestamp,
    zone: Zone,
}

/// When usage happened, and the text that said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentTime {
    /// When.
    pub time: UsageTime,
    /// As it was sent.
    pub text: String,
}

impl SentTime {
    /// Reads it as [`UsageTime::read`] does.
    pub fn read(text: String) -> Result<Self, NotATime> {
        Ok(Self { time: UsageTime::read(&text)?, text })
    }
}

/// A text that is no such time; `Display` says what to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no time: send ISO 8601 with date and time, in UTC (2027-01-31T08:30:00Z) or with an offset, and with 9 \
     digits of a fraction at most"
)]
pub struct NotATime;

impl UsageTime {
    /// Reads `YYYY-MM-DDThh:mm[:ss[.f]]`, then nothing, `Z` or `±hh:mm`.
    pub fn read(text: &str) -> Result<Self, NotATime> {
        if !text.is_ascii() {
            return Err(NotATime);
        }
        let (date, time) = text.split_once(['T', 't']).ok_or(NotATime)?;
        let (time, zone, offset) = split_zone(time)?;
        let local = day(date)?.to_datetime(time_of_day(time)?);
        let utc = local.checked_sub(SignedDuration::from_secs(offset.seconds().into()));
        let utc = utc.map_err(|_| NotATime)?;
        // The last hours of the year 9999 are further away than an instant goes; all that matters of them is that.
        let at = Offset::UTC.to_timestamp(utc).unwrap_or(Timestamp::MAX);
        Ok(Self { utc, at, zone })
    }

    /// The instant.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The UTC hour it falls into: usage of one dimension counts once in it (4.2).
    #[must_use]
    pub fn hour(&self) -> Timestamp {
        let second = self.at.as_second();
        let whole = second - second.rem_euclid(3600);
        // An instant before the epoch with a fraction counts seconds toward zero.
        let whole = if self.at.subsec_nanosecond() < 0 && second.rem_euclid(3600) == 0 {
            whole - 3600
        } else {
            whole
        };
        Timestamp::from_second(whole).unwrap_or(Timestamp::MIN)
    }
}

impl fmt::Display for UsageTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = (self.utc.date(), self.utc.time());
        write!(f, "{date}T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        let fraction = format!("{:09}", time.subsec_nanosecond());
        match fraction.trim_end_matches('0') {
            "" => {}
            digits => write!(f, ".{digits}")?,
        }
        f.write_str(match self.zone {
            Zone::Unnamed => "",
            Zone::Zulu => "Z",
            Zone::Offset => "+00:00",
        })
    }
}

/// The day that a text names, `YYYY-MM-DD` alone or with a time behind it: queries name days (4.4).
pub fn day_named(text: &str) -> Result<civil::Date, NotATime> {
    match day(text) {
        Ok(day) => Ok(day),
        Err(_) => Ok(UsageTime::read(text)?.utc.date()),
    }
}

fn day(text: &str) -> Result<civil::Date, NotATime> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    civil::Date::new(year, small(month)?, small(day)?).map_err(|_| NotATime)
}

fn time_of_day(text: &str) -> Result<civil::Time, NotATime> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if whole.len() == 8 => (whole, fraction),
        Some(_) => return Err(NotATime),
        None => (text, "0"),
    };
    let [hour, minute, second] = match whole.len() {
        5 => {
            let [hour, minute] = numbers(whole, ':', [2, 2])?;
            [hour, minute, 0]
        }
        _ => numbers(whole, ':', [2, 2, 2])?,
    };
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_empty() || fraction.len() > FRACTION_MAX || !digits {
        return Err(NotATime);
    }
    let nanos = format!("{fraction:0<9}").parse().map_err(|_| NotATime)?;
    civil::Time::new(small(hour)?, small(minute)?, small(second)?, nanos).map_err(|_| NotATime)
}

/// A time of day, how its zone is named, and the zone.
fn split_zone(text: &str) -> Result<(&str, Zone, Offset), NotATime> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Ok((time, Zone::Zulu, Offset::UTC));
    }
    let Some(place) = text.find(['+', '-']) else {
        return Ok((text, Zone::Unnamed, Offset::UTC));
    };
    let (time, offset) = text.split_at(place);
    let [hours, minutes] = numbers(&offset[1..], ':', [2, 2])?;
    if hours > 23 || minutes > 59 {
        return Err(NotATime);
    }
    let minutes = i64::from(hours) * 60 + i64::from(minutes);
    let minutes = if offset.starts_with('-') { -minutes } else { minutes };
    let offset = Offset::try_from(SignedDuration::from_mins(minutes)).map_err(|_| NotATime)?;
    Ok((time, Zone::Offset, offset))
}

/// Numbers of exactly so many digits, with a separator between them.
fn numbers<const N: usize>(
    text: &str,
    separator: char,
    lengths: [usize; N],
) -> Result<[i16; N], NotATime> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next().ok_or(NotATime)?;
        if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotATime);
        }
        *number = part.parse().map_err(|_| NotATime)?;
    }
    if parts.next().is_some() { Err(NotATime) } else { Ok(numbers) }
}

fn small(number: i16) -> Result<i8, NotATime> {
    i8::try_from(number).map_err(|_| NotATime)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_written_back_in_utc() {
        for (sent, written) in [
            ("2018-12-01T08:30:14", "2018-12-01T08:30:14"),
            ("2018-12-01T08:30", "2018-12-01T08:30:00"),
            ("2021-02-10T17:05:21.3602080Z", "2021-02-10T17:05:21.360208Z"),
            ("2021-02-10T17:05:21.000Z", "2021-02-10T17:05:21Z"),
            ("2021-02-10T17:05:21.10", "2021-02-10T17:05:21.1"),
            ("2021-02-10T09:05:21.3602080-08:00", "2021-02-10T17:05:21.360208+00:00"),
            ("2021-02-11T00:30:00+05:45", "2021-02-10T18:45:00+00:00"),
            ("2021-02-10T17:05:21+00:00", "2021-02-10T17:05:21+00:00"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
            ("2020-02-29t23:59:59z", "2020-02-29T23:59:59Z"),
        ] {
            let read = UsageTime::read(sent).unwrap();
            assert_eq!(read.to_string(), written, "{sent}");
            assert_eq!(UsageTime::read(written), Ok(read), "{sent}: written twice");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2021-02-10",
            "2021-02-10 17:05:21",
            "2021-02-30T00:00:00Z",
            "2021-2-1T0:0:0Z",
            "2021-02-10T24:00:00Z",
            "2021-02-10T17:60:00Z",
            "2021-02-10T17:05:60Z",
            "2021-02-10T17Z",
            "2021-02-10T17:05:21.Z",
            "2021-02-10T17:05:21.1234567891Z",
            "2021-02-10T17:05.5Z",
            "2021-02-10T17:05:21+0800",
            "2021-02-10T17:05:21+24:00",
            "2021-02-10T17:05:21+08:00Z",
            "2021-02-10T17:05:21 Z",
            "20210210T170521Z",
            "+2021-02-10T17:05:21Z",
            "1612976721",
            "2021-02-10T17:05:2\u{0661}Z",
            "9999-12-31T23:59:59-23:00",
            "2021-02-10T-7:05:21Z",
            "2021-02-10T17:05:21Z\u{0}",
        ] {
            assert_eq!(UsageTime::read(text), Err(NotATime), "{text:?}");
        }
    }

    #[test]
    fn an_hour_begins_with_its_first_instant_and_ends_before_the_next() {
        for (text, hour) in [
            ("2027-01-31T08:00:00Z", "2027-01-31T08:00:00Z"),
            ("2027-01-31T08:59:59.999999999Z", "2027-01-31T08:00:00Z"),
            ("2027-01-31T07:59:59.999999999Z", "2027-01-31T07:00:00Z"),
            ("2027-01-31T08:15:00+05:45", "2027-01-31T02:00:00Z"),
            ("1969-12-31T23:00:00Z", "1969-12-31T23:00:00Z"),
            ("1969-12-31T22:59:59.5Z", "1969-12-31T22:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:00:00Z"),
        ] {
            assert_eq!(UsageTime::read(text).unwrap().hour().to_string(), hour, "{text}");
        }
    }

    #[test]
    fn days_are_named_with_and_without_a_time() {
        for (text, day) in [
            ("2020-12-03", "2020-12-03"),
            ("2020-12-03T15:00", "2020-12-03"),
            ("2020-12-03T23:00:00-08:00", "2020-12-04"),
        ] {
            assert_eq!(day_named(text).unwrap().to_string(), day, "{text}");
        }
        for text in ["", "2020-12", "2020-13-01", "yesterday", "2020-12-03T"] {
            assert!(day_named(text).is_err(), "{text}");
        }
    }

    proptest! {
        /// Whatever the offset, the instant is the same, the hour holds it, and what is written reads as itself.
        #[test]
        fn an_offset_moves_the_words_and_never_the_instant(
            second in -62_000_000_000_i64..250_000_000_000,
            nanos in 0_i32..1_000_000_000,
            minutes in -1439_i32..1440,
        ) {
            let at = Timestamp::new(second, 0).unwrap()
                .checked_add(SignedDuration::from_nanos(i64::from(nanos))).unwrap();
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let local = offset.to_datetime(at);
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
            let (date, time) = (local.date(), local.time());
            prop_assume!(date.year() > 0);
            let sent = format!(
                "{date}T{:02}:{:02}:{:02}.{:09}{sign}{hours:02}:{rest:02}",
                time.hour(), time.minute(), time.second(), time.subsec_nanosecond(),
            );
            let read = UsageTime::read(&sent).unwrap();
            prop_assert_eq!(read.at(), at);
            let written = read.to_string();
            prop_assert!(written.ends_with("+00:00"));
            let whole = written.trim_end_matches("+00:00");
            prop_assert!(!whole.contains('.') || !whole.ends_with(['.', '0']));
            prop_assert_eq!(UsageTime::read(&written).unwrap(), read);
            let into = at.duration_since(read.hour());
            prop_assert!(into >= SignedDuration::ZERO && into < SignedDuration::from_hours(1));
        }
    }
}
