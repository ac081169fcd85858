//! Finding spilled writes that no message names any more.

use super::TriggerError;
use crate::app::App;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;
use crate::spill::sweep::{Sweep, sweep};
use jiff::SignedDuration;
use std::time::Duration;
use tokio::time::Instant;

/// Younger writes are left to their messages.
const LEAST_AGE: SignedDuration = SignedDuration::from_mins(10);
/// How long a sweep goes on: well below the host's limit, since its last write may wait for the store for a while.
const LENGTH: Duration = Duration::from_secs(7 * 60);

/// Stores what was spilled a while ago and is still there.
pub(super) async fn timer_sweep_spill(app: App, invocation: Invocation) -> Result<Answer, TriggerError> {
    invocation.timer("timer")?;
    let limits = Sweep {
        least_age: LEAST_AGE,
        until: Some(Instant::now() + LENGTH),
    };
    let swept = sweep(&app, limits, &|name, replayed| {
        if let Err(error) = replayed {
            tracing::error!(
                target: "pravis::alert",
                event = "spill_poisoned",
                %error,
                blob = %name,
                "a spilled write cannot be stored; its blob stays, and the next sweep will try again"
            );
        }
    })
    .await?;
    tracing::info!(
        stored = swept.stored,
        dead = swept.dead,
        waiting = swept.waiting,
        failed = swept.failed,
        complete = swept.complete,
        oldest_s = swept.oldest_s,
        "spill swept"
    );
    Ok(Answer::done().log(serde_json::to_string(&swept)?))
}
