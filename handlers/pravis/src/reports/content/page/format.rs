//! How numbers and times look, in English; what is not known is a dash.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What stands for what is not known.
pub(super) const UNKNOWN: &str = "—";

/// A number that may be unknown, in the words of `format`.
pub(super) fn or_dash<T>(value: Option<T>, format: impl Fn(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), format)
}

/// `1,234,567`.
pub(super) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        grouped.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `98.1%`; a share that is not quite all or nothing does not look like it.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if share < 1.0 && percent > 99.94 {
        ">99.9%".to_owned()
    } else if share > 0.0 && percent < 0.05 {
        "<0.1%".to_owned()
    } else if percent.abs() > 100.0 {
        format!("{}%", count(percent.round() as i64))
    } else {
        format!("{percent:.1}%")
    }
}

/// `850 ms`, `1.25 s`, `2 min 5 s`.
pub(super) fn millis(millis: f64) -> String {
    if millis < 9.95 {
        format!("{millis:.1} ms")
    } else if millis < 999.5 {
        format!("{millis:.0} ms")
    } else if millis < 9_995.0 {
        format!("{:.2} s", millis / 1000.0)
    } else if millis < 59_950.0 {
        format!("{:.1} s", millis / 1000.0)
    } else {
        let seconds = (millis / 1000.0).round() as i64;
        format!("{} min {} s", count(seconds / 60), seconds % 60)
    }
}

/// `$1,234.50` of millionths; below a cent as many places as it takes. Currencies whose sign others share go by
/// their code: `CHF 12.00`.
pub(super) fn money(micros: f64, currency: &str) -> String {
    let sign = if micros < 0.0 { "−" } else { "" };
    let micros = micros.abs();
    let amount = if micros >= 995_000.0 || micros == 0.0 {
        let cents = (micros / 10_000.0).round() as i64;
        format!("{}.{:02}", count(cents / 100), cents % 100)
    } else if micros >= 9_950.0 {
        format!("{:.3}", micros / 1e6)
    } else if micros < 1.0 {
        "0.000001".to_owned()
    } else {
        format!("{:.6}", micros / 1e6).trim_end_matches('0').to_owned()
    };
    let less = if micros > 0.0 && micros < 1.0 { "<" } else { "" };
    match symbol(currency) {
        Some(symbol) => format!("{sign}{less}{symbol}{amount}"),
        None => format!("{less}{currency} {sign}{amount}"),
    }
}

fn symbol(currency: &str) -> Option<char> {
    match currency {
        "USD" => Some('$'),
        "EUR" => Some('€'),
        "GBP" => Some('£'),
        _ => None,
    }
}

/// `4.37`.
pub(super) fn points(points: f64) -> String {
    format!("{points:.2}")
}

/// `Monday 23 November 2026, 06:05`.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%A %-d %B %Y, %H:%M")
        .to_string()
}

/// `Mon 16 Nov`.
pub(super) fn short_day(date: Date) -> String {
    date.strftime("%a %-d %b").to_string()
}

/// `Mon 16 Nov, 14:05`.
pub(super) fn short_moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b, %H:%M").to_string()
}

/// From one day to another, without saying twice what both share: `16–22 November 2026`.
pub(super) fn days(first: Date, last: Date) -> String {
    let full = |date: Date| date.strftime("%-d %B %Y").to_string();
    if first == last {
        first.strftime("%A %-d %B %Y").to_string()
    } else if first.year() != last.year() {
        format!("{} – {}", full(first), full(last))
    } else if first.month() != last.month() {
        format!("{} – {}", first.strftime("%-d %B"), full(last))
    } else {
        format!("{}–{}", first.day(), full(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn numbers_are_grouped() {
        for (number, shown) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
            (-12_345, "−12,345"),
            (i64::MIN, "−9,223,372,036,854,775,808"),
        ] {
            assert_eq!(count(number), shown);
        }
    }

    #[test]
    fn shares_do_not_round_to_all_or_nothing() {
        for (share, shown) in [
            (0.0, "0.0%"),
            (0.000_01, "<0.1%"),
            (0.981, "98.1%"),
            (0.999_9, ">99.9%"),
            (1.0, "100.0%"),
            (4.464, "446%"),
            (123.456, "12,346%"),
        ] {
            assert_eq!(percent(share), shown);
        }
    }

    #[test]
    fn times_and_money_keep_three_digits_or_so() {
        for (time, shown) in [
            (0.4, "0.4 ms"),
            (850.2, "850 ms"),
            (999.6, "1.00 s"),
            (1_250.0, "1.25 s"),
            (12_340.0, "12.3 s"),
            (125_000.0, "2 min 5 s"),
        ] {
            assert_eq!(millis(time), shown);
        }
        for (micros, shown) in [
            (0.0, "$0.00"),
            (0.4, "<$0.000001"),
            (150.0, "$0.00015"),
            (12_340.0, "$0.012"),
            (999_999.0, "$1.00"),
            (1_234_567_890_000.0, "$1,234,567.89"),
            (-2_500_000.0, "−$2.50"),
        ] {
            assert_eq!(money(micros, "USD"), shown);
        }
        assert_eq!(money(12e6, "EUR"), "€12.00");
        assert_eq!(money(-12e6, "CHF"), "CHF −12.00");
    }

    #[test]
    fn ranges_of_days_say_nothing_twice() {
        let nov = |day| date(2026, 11, day);
        assert_eq!(days(nov(16), nov(22)), "16–22 November 2026");
        assert_eq!(days(nov(22), nov(22)), "Sunday 22 November 2026");
        assert_eq!(days(date(2026, 10, 26), nov(1)), "26 October – 1 November 2026");
        assert_eq!(
            days(date(2025, 12, 29), date(2026, 1, 4)),
            "29 December 2025 – 4 January 2026"
        );
    }
}
