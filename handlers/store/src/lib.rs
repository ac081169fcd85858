//! Everything SQL. One contract per noun, whole units of work, two backends that keep them function by function.

mod analytics;
mod api_keys;
pub mod azure_sql;
mod error;
mod feedback;
mod health;
mod interactions;
mod migration;
mod retention;
mod sentiment;
mod sessions;
pub mod sqlite;

pub use analytics::{Analytics, FeedbackNumbers, InteractionNumbers, NumbersQuery};
pub use api_keys::ApiKeys;
pub use error::StoreError;
pub use feedback::{FeedbackCreated, FeedbackStore};
pub use health::Health;
pub use interactions::{CreateOutcome, Interactions, UpdateOutcome};
pub use migration::{Migrated, Standing};
pub use retention::{Removed, Retention};
pub use sentiment::{Claimed, Refined, Refinement, Sentiments};
pub use sessions::Sessions;

/// All that the program asks of a database. Every write is durable when its future is ready, and every read sees it.
pub trait Store:
    Analytics + ApiKeys + FeedbackStore + Health + Interactions + Retention + Sentiments + Sessions + Send + Sync
{
}

impl<
    T: Analytics
        + ApiKeys
        + FeedbackStore
        + Health
        + Interactions
        + Retention
        + Sentiments
        + Sessions
        + Send
        + Sync,
> Store for T
{
}
