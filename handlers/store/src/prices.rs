//! The contract for prices.

use crate::StoreError;
use async_trait::async_trait;
use domain::audit::AuditEntry;
use domain::page::PageRequest;
use domain::pricing::{CostChange, DeploymentModel, ModelPrice, PriceFilter, PriceTable, PricedTurn};
use jiff::Timestamp;
use uuid::Uuid;

/// What became of a price that was to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetPrice {
    /// It holds from its start on, and the price before it until then.
    Set,
    /// The newest price of the same provider, model and unit begins then, and the new one does not begin after it.
    TooEarly(Timestamp),
}

/// Reads and writes of prices. History is never edited: at any time there is at most one price for a provider, model and unit,
/// and of a row nothing changes but its open end.
#[async_trait]
pub trait Prices {
    /// Ends the newest price of the same provider, model and unit where this one begins, and adds this one, which has no end,
    /// and the entry of the audit log. Changes of prices are made one after the other. Doing it again with the same id changes
    /// nothing.
    async fn set_price(&self, price: ModelPrice, audit: AuditEntry) -> Result<SetPrice, StoreError>;

    /// Adds those of `prices` that are later than all of the same provider, model and unit, ends the ones before them, and
    /// leaves alone what anyone but `shipped` has set a price for. The entry of the audit log is added where something was.
    /// Gives how many were added; doing it again adds none.
    async fn ship_prices(&self, prices: Vec<ModelPrice>, audit: AuditEntry) -> Result<u64, StoreError>;

    /// Every price and deployment.
    async fn price_table(&self) -> Result<PriceTable, StoreError>;

    /// Prices that pass the filter, by `effective_from` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_prices(
        &self,
        filter: PriceFilter,
        page: PageRequest,
    ) -> Result<Vec<ModelPrice>, StoreError>;

    /// Says which model a deployment runs, in place of what was said before, and adds the entry of the audit log.
    async fn set_deployment_model(
        &self,
        deployment: DeploymentModel,
        audit: AuditEntry,
    ) -> Result<(), StoreError>;

    /// At most `limit` turns that start within `from..to`, after the one that is named, and whose cost is not their client's:
    /// by `started_at`, then `id`.
    async fn list_priced_turns(
        &self,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<PricedTurn>, StoreError>;

    /// Replaces the costs of turns, all of them or none, and adds the entry of the audit log that tells of them: their versions
    /// rise, and their quarters become dirty. Gives the turns that no longer have the version of their change: with one of
    /// these nothing is done.
    async fn reprice(&self, changes: Vec<CostChange>, audit: AuditEntry) -> Result<Vec<Uuid>, StoreError>;
}
