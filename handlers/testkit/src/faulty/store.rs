//! A store that fails when a test says so.

use super::Switch;
use async_trait::async_trait;
use domain::analytics::errors::Failures;
use domain::analytics::queries::QueryCounts;
use domain::analytics::series::Grouped;
use domain::analytics::{FeedbackRollup, InteractionRollup, OrderRollup};
use domain::audit::AuditEntry;
use domain::events::Event;
use domain::feedback::{Feedback, FeedbackFilter};
use domain::interactions::{Interaction, InteractionFilter};
use domain::keys::{ApiKey, SecretHash};
use domain::media::{Media, MediaFilter, NearDuplicate};
use domain::page::PageRequest;
use domain::pricing::{CostChange, DeploymentModel, ModelPrice, PriceFilter, PriceTable, PricedTurn};
use domain::reports::{Attempted, Delivery, DeliveryFilter, Report, ReportFilter, ReportKind};
use domain::sessions::{Session, SessionFilter};
use domain::usage::{SessionRange, UsageNumbers};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{
    Analytics, ApiKeys, AuditLog, Claimed, Completed, CreateOutcome, EventQuota, Events, EventsCreated,
    FeedbackCreated, FeedbackNumbers, FeedbackStore, FunnelNumbers, Funnels, Health, InteractionNumbers,
    Interactions, MediaClaim, MediaClaimed, MediaCreated, MediaFinished, MediaStore, NumbersQuery,
    PeriodQuery, PeriodRow, Prices, QueriesQuery, Refined, Removed, Reports, Retention, Sentiments,
    SeriesQuery, Sessions, SetPrice, Store, StoreError, TopQueries, UpdateOutcome, Usage, UsageQuery,
};
use uuid::Uuid;

/// A real store behind a switch.
pub struct FaultyStore {
    /// The store itself, which works whatever the switch says.
    pub inner: Arc<dyn Store>,
    /// What becomes of calls.
    pub switch: Switch,
    /// Whether it says that it has no open session.
    pub idle: AtomicBool,
}

impl FaultyStore {
    /// A store that works until a test says otherwise.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            switch: Switch::default(),
            idle: AtomicBool::new(false),
        }
    }

    async fn pass<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let away = || StoreError::Unavailable("the test says so".to_owned());
        let broken = || StoreError::Broken("the test says so".to_owned());
        self.switch.pass(work, away, broken).await
    }
}

/// Each of these methods is that of the store itself, behind the switch.
macro_rules! behind_the_switch {
    ($contract:ident { $($method:ident($($name:ident: $kind:ty),*) -> $answer:ty;)+ }) => {
        #[async_trait]
        impl $contract for FaultyStore {
            $(async fn $method(&self, $($name: $kind),*) -> Result<$answer, StoreError> {
                self.pass(self.inner.$method($($name),*)).await
            })+
        }
    };
}

behind_the_switch!(Interactions {
    create_interactions(interactions: Vec<Interaction>) -> Vec<CreateOutcome>;
    get_interaction(id: Uuid) -> Option<Interaction>;
    update_interaction(updated: Interaction, expected: i64) -> UpdateOutcome;
    list_interactions(filter: InteractionFilter, page: PageRequest) -> Vec<Interaction>;
    list_session_interactions(session_id: String, page: PageRequest) -> Vec<Interaction>;
});

behind_the_switch!(FeedbackStore {
    create_feedback(feedback: Feedback) -> FeedbackCreated;
    get_feedback(id: Uuid) -> Option<Feedback>;
    update_feedback(updated: Feedback, expected: i64) -> UpdateOutcome;
    list_feedback(filter: FeedbackFilter, page: PageRequest) -> Vec<Feedback>;
});

behind_the_switch!(MediaStore {
    create_media(media: Media) -> MediaCreated;
    get_media(id: Uuid) -> Option<Media>;
    list_media(filter: MediaFilter, page: PageRequest) -> Vec<Media>;
    claim_media(claim: MediaClaim) -> MediaClaimed;
    finish_media(finished: MediaFinished) -> bool;
    delete_media(id: Uuid, expected: i64) -> bool;
    near_duplicates(id: Uuid) -> Vec<NearDuplicate>;
});

behind_the_switch!(Events {
    create_events(events: Vec<Event>, quota: EventQuota) -> EventsCreated;
});

behind_the_switch!(Sentiments {
    get_locale(interaction_id: Uuid) -> Option<String>;
    claim_sentiments(now: Timestamp, until: Timestamp, limit: usize) -> Vec<Claimed>;
    refine_sentiments(refined: Vec<Refined>, now: Timestamp) -> ();
});

behind_the_switch!(Sessions {
    list_sessions(filter: SessionFilter, page: PageRequest<String>) -> Vec<Session>;
    get_session(session_id: String) -> Option<Session>;
});

behind_the_switch!(Analytics {
    failures(query: SeriesQuery) -> Vec<Failures>;
    interaction_numbers(query: NumbersQuery) -> InteractionNumbers;
    feedback_numbers(query: NumbersQuery) -> FeedbackNumbers;
    interaction_series(queries: Vec<SeriesQuery>) -> Vec<Grouped<InteractionRollup>>;
    feedback_series(queries: Vec<SeriesQuery>) -> Vec<Grouped<FeedbackRollup>>;
});

behind_the_switch!(Usage {
    count_sessions(range: SessionRange) -> i64;
    usage_numbers(query: UsageQuery) -> UsageNumbers;
    period_counts(query: PeriodQuery) -> Vec<PeriodRow>;
});

behind_the_switch!(TopQueries {
    top_queries(query: QueriesQuery) -> Vec<(String, QueryCounts)>;
});

behind_the_switch!(Funnels {
    funnel_numbers(query: NumbersQuery) -> FunnelNumbers;
    order_series(query: SeriesQuery) -> Grouped<OrderRollup>;
});

behind_the_switch!(Retention {
    remove_interactions_before(cutoff: Timestamp) -> Removed;
    remove_events_before(cutoff: Timestamp) -> u64;
});

behind_the_switch!(Prices {
    set_price(price: ModelPrice, audit: AuditEntry) -> SetPrice;
    ship_prices(prices: Vec<ModelPrice>, audit: AuditEntry) -> u64;
    price_table() -> PriceTable;
    list_prices(filter: PriceFilter, page: PageRequest) -> Vec<ModelPrice>;
    set_deployment_model(deployment: DeploymentModel, audit: AuditEntry) -> ();
    list_priced_turns(from: Timestamp, to: Timestamp, after: Option<(Timestamp, Uuid)>, limit: usize) -> Vec<PricedTurn>;
    reprice(changes: Vec<CostChange>, audit: AuditEntry) -> Vec<Uuid>;
});

behind_the_switch!(AuditLog {
    list_audit_log(page: PageRequest) -> Vec<AuditEntry>;
});

behind_the_switch!(Reports {
    claim_report(claim: Report) -> Report;
    create_report(report: Report) -> Report;
    complete_report(id: Uuid, run: Uuid, completed: Completed) -> bool;
    fail_report(id: Uuid, run: Uuid, failure: String) -> ();
    get_report(id: Uuid) -> Option<Report>;
    list_reports(filter: ReportFilter, page: PageRequest) -> Vec<Report>;
    list_scheduled_reports(kind: ReportKind, limit: usize) -> Vec<Report>;
    begin_delivery(id: Uuid, attempt: Uuid, now: Timestamp, until: Timestamp) -> Option<Delivery>;
    end_delivery(id: Uuid, attempt: Uuid, attempted: Attempted) -> bool;
    revive_deliveries(report_id: Uuid, now: Timestamp) -> u64;
    list_deliveries(filter: DeliveryFilter, page: PageRequest) -> Vec<Delivery>;
});

behind_the_switch!(ApiKeys {
    create_api_key(key: ApiKey) -> ();
    find_api_key(hash: SecretHash) -> Option<ApiKey>;
    list_api_keys() -> Vec<ApiKey>;
    revoke_api_key(id: Uuid, at: Timestamp) -> Option<ApiKey>;
    touch_api_key(id: Uuid, at: Timestamp) -> ();
});

#[async_trait]
impl Health for FaultyStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.pass(self.inner.ping()).await
    }

    fn is_idle(&self) -> bool {
        self.idle.load(Ordering::Relaxed)
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
