//! Days, weeks and months of the calendar.

use jiff::ToSpan;
use jiff::civil::Date;

/// A stretch of the calendar in which somebody is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A calendar day.
    Day,
    /// An ISO week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

crate::interactions::names!(Period { Day = "day", Week = "week", Month = "month" });

impl Period {
    /// The first day of the period that `day` is in.
    pub fn start_of(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
            Self::Month => day.first_of_month(),
        }
    }

    /// The first day of the next period.
    pub fn after(self, start: Date) -> Date {
        match self {
            Self::Day => start.saturating_add(1.day()),
            Self::Week => start.saturating_add(1.week()),
            Self::Month => start.saturating_add(1.month()),
        }
    }

    /// The starts of the periods that touch the days from `first` to before `end`.
    pub fn starts(self, first: Date, end: Date) -> impl Iterator<Item = Date> {
        let begin = Some(self.start_of(first)).filter(|start| *start < end);
        std::iter::successors(begin, move |start| {
            Some(self.after(*start)).filter(|next| next > start && *next < end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let day = date(2026, 11, 1);
        assert_eq!(Period::Week.start_of(day), date(2026, 10, 26));
        assert_eq!(Period::Month.start_of(day), day);
        let weeks: Vec<_> = Period::Week.starts(day, date(2026, 11, 9)).collect();
        assert_eq!(weeks, [date(2026, 10, 26), date(2026, 11, 2)]);
        assert_eq!(Period::Month.starts(day, day).count(), 0);
        assert_eq!(Period::Day.starts(Date::MAX, Date::MAX).count(), 0);
    }
}
