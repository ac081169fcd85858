//! Points in time as `datetime2(7)`: days since 0001-01-01, and tenths of microseconds since midnight ([MS-TDS] 2.2.5.5.1.8).

use jiff::Timestamp;
use tiberius::time::{Date, DateTime2, Time};

const MICROS_OF_DAY: i64 = 86_400_000_000;
/// Days from 0001-01-01 to 1970-01-01.
const DAYS_TO_EPOCH: i64 = 719_162;
/// The last day that SQL Server knows, 9999-12-31.
const LAST_DAY: i64 = 3_652_058;

/// The point in time, cut to microseconds; what is before the year 1 is moved to its start.
pub(super) fn from_timestamp(at: Timestamp) -> DateTime2 {
    let micros = (at.as_microsecond() + DAYS_TO_EPOCH * MICROS_OF_DAY).max(0);
    let (day, of_day) = (micros / MICROS_OF_DAY, micros % MICROS_OF_DAY);
    let day = u32::try_from(day.min(LAST_DAY)).unwrap_or(0);
    let tenths = u64::try_from(of_day * 10).unwrap_or(0);
    DateTime2::new(Date::new(day), Time::new(tenths, 7))
}

/// The point in time in UTC, cut to microseconds.
pub(super) fn to_timestamp(at: DateTime2) -> Timestamp {
    let (increments, scale) = (at.time().increments(), u32::from(at.time().scale()));
    let of_day = match scale {
        0..=6 => increments.saturating_mul(10_u64.pow(6 - scale)),
        _ => increments / 10_u64.pow(scale.min(9) - 6),
    };
    let days = i64::from(at.date().days()) - DAYS_TO_EPOCH;
    let micros = (days * MICROS_OF_DAY).saturating_add(i64::try_from(of_day).unwrap_or(i64::MAX));
    domain::time::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_come_back_as_they_went() {
        for at in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00.000001Z",
            "1899-12-31T23:59:59.999999Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2026-11-02T12:34:56.123456Z",
            "9999-12-30T21:59:59.999999Z",
        ] {
            let at: Timestamp = at.parse().unwrap();
            assert_eq!(to_timestamp(from_timestamp(at)), at);
        }
    }

    #[test]
    fn what_is_before_the_year_1_becomes_its_start() {
        let first: Timestamp = "0001-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(to_timestamp(from_timestamp(Timestamp::MIN)), first);
        assert_eq!(from_timestamp(Timestamp::MAX).date().days(), LAST_DAY as u32 - 1);
    }

    #[test]
    fn any_scale_is_read() {
        let read = |increments, scale| {
            to_timestamp(DateTime2::new(Date::new(719_162), Time::new(increments, scale)))
        };
        let second = Timestamp::from_second(1).unwrap();
        for scale in 0..=7 {
            assert_eq!(read(10_u64.pow(u32::from(scale)), scale), second, "{scale}");
        }
    }
}
