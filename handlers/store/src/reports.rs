//! The contract for reports and their deliveries.

use crate::StoreError;
use async_trait::async_trait;
use domain::page::PageRequest;
use domain::reports::{Attempted, Delivery, DeliveryFilter, DocumentSizes, Report, ReportFilter, ReportKind};
use jiff::Timestamp;
use uuid::Uuid;

/// What becomes of a report when its documents are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Completed {
    /// When its numbers were read.
    pub generated_at: Timestamp,
    /// Its figures in a line.
    pub headline: String,
    /// How long its documents are.
    pub sizes: DocumentSizes,
    /// Who is to get it.
    pub deliveries: Vec<Delivery>,
}

/// Reads and writes of reports.
#[async_trait]
pub trait Reports {
    /// Claims a revision of the report on a period: stores `claim`; or, where there is one of its revision already whose claim
    /// has lapsed at `claim.created_at`, or that failed, takes that over for `claim.claimed_by` until `claim.claimed_until`, unless
    /// it was begun [`domain::reports::MOST_ATTEMPTS`] times. One whose last claim has lapsed is failed then.
    ///
    /// Gives the report as it stands then: it is the caller's when [`Report::is_held_by`] its run. Of many claims at once one wins.
    async fn claim_report(&self, claim: Report) -> Result<Report, StoreError>;

    /// Stores `report` as the next revision of its period, whatever its own says, and gives it with its number: at least 2, since the
    /// first one is the schedule's. The same id again gives what is stored.
    async fn create_report(&self, report: Report) -> Result<Report, StoreError>;

    /// Makes the report ready and stores its deliveries, as one unit, if `run` holds it; false when another one took it over. A
    /// second call of the same run is no error and changes nothing.
    async fn complete_report(&self, id: Uuid, run: Uuid, completed: Completed) -> Result<bool, StoreError>;

    /// Notes why the report could not be made, if `run` holds it.
    async fn fail_report(&self, id: Uuid, run: Uuid, failure: String) -> Result<(), StoreError>;

    /// The report with this id.
    async fn get_report(&self, id: Uuid) -> Result<Option<Report>, StoreError>;

    /// Reports that pass the filter, by `created_at` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_reports(&self, filter: ReportFilter, page: PageRequest) -> Result<Vec<Report>, StoreError>;

    /// The scheduled reports on the latest periods of a kind, latest first.
    async fn list_scheduled_reports(&self, kind: ReportKind, limit: usize)
    -> Result<Vec<Report>, StoreError>;

    /// Begins the attempt `attempt` at a delivery if it is due at `now` and no other attempt is under way, and counts it; until
    /// `until` no other one begins. Gives the delivery as it stands then: it is the caller's when [`Delivery::is_held_by`] its
    /// attempt.
    async fn begin_delivery(
        &self,
        id: Uuid,
        attempt: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Delivery>, StoreError>;

    /// Notes what became of the attempt `attempt`; false when another one has begun since.
    async fn end_delivery(&self, id: Uuid, attempt: Uuid, attempted: Attempted) -> Result<bool, StoreError>;

    /// Begins the dead deliveries of a report anew: queued, due at `now`, never tried. Gives how many there were; whatever an attempt
    /// of before still has to say of them comes too late.
    async fn revive_deliveries(&self, report_id: Uuid, now: Timestamp) -> Result<u64, StoreError>;

    /// Deliveries that pass the filter, by `created_at` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        page: PageRequest,
    ) -> Result<Vec<Delivery>, StoreError>;
}
