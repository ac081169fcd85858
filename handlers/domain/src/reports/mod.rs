//! Reports that come by themselves: which stretch of time each is about, and what becomes of it.

pub mod content;
mod delivery;
mod new;
mod period;
mod report;

pub use delivery::{Attempted, Channel, Delivery, DeliveryFilter, DeliveryState, Target};
pub use new::NewReport;
pub use period::{InvalidPeriod, Period, ReportKind};
pub use report::{DocumentSizes, MOST_ATTEMPTS, Report, ReportFilter, ReportStatus, SCHEDULED};

/// Characters of a text about a report that are kept.
const LINE: usize = 200;

/// The begin of a text, as long as a line of a report's record is.
pub fn line(text: &str) -> String {
    text.chars().take(LINE).collect()
}
