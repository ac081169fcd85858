//! Everything that is not a client's request: timers, queues, blobs, events.
//!
//! [`TriggerTable`] says which function name runs which code; the rest of this module is how the host's call
//! reaches it.

mod deliver;
mod error;
mod media;
mod replay;
mod reports;
mod retention;
mod service;
mod sweep;
mod table;

use crate::app::App;
use std::time::Duration;

pub use error::TriggerError;
pub use replay::MAX_DEQUEUE_COUNT;
pub use table::TriggerTable;

/// A little less than `functionTimeout` in `host.json`, at which the host kills the program.
const DEADLINE: Duration = Duration::from_secs(9 * 60 + 30);

/// The trigger table: one line a trigger.
pub fn all() -> TriggerTable<App> {
    TriggerTable::new(DEADLINE)
        .on("deliver_report", deliver::deliver_report)
        .on("process_media", media::process_media)
        .on("process_media_blob", media::process_media_blob)
        .on("replay_ingest", replay::replay_ingest)
        .on("timer_daily_report", reports::timer_daily_report)
        .on("timer_monthly_report", reports::timer_monthly_report)
        .on("timer_retention", retention::timer_retention)
        .on("timer_sweep_spill", sweep::timer_sweep_spill)
        .on("timer_weekly_report", reports::timer_weekly_report)
}
