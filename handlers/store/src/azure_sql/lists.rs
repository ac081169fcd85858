//! Filtered lists of interactions, newest first.
//!
//! A shopper, a session or a rating has an index of its own. The other filters take few values each; for those the rollups
//! tell in which quarters the value occurs at all, and only these quarters of the time index are read, some at once and
//! then ever more; quarters that are not rolled up yet are read anyway. What is found are places in the order, so that
//! texts are read only for what is shown.

use super::AzureSqlStore;
use super::answers::{last, results};
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::interactions::{COLUMNS, from_row};
use crate::StoreError;
use domain::analytics::QUARTER;
use domain::interactions::{Interaction, InteractionFilter, Status};
use domain::page::PageRequest;
use domain::time::from_micros;
use jiff::Timestamp;

/// Quarters that are read first, and how many times more each time after.
const FIRST_QUARTERS: i64 = 16;
const GROWTH: i64 = 16;

/// Turns that pass the filter, one more than the page holds when more follow.
pub(super) async fn interactions(
    store: &AzureSqlStore,
    filter: &InteractionFilter,
    page: &PageRequest,
) -> Result<Vec<Interaction>, StoreError> {
    let mut conditions = conditions(filter);
    if let Some(last) = page.after {
        conditions.before(("i.started_at", "i.id"), last.at, last.key);
    }
    let limit = page.limit + 1;
    let ratings = filter.ratings();
    let own_index = if filter.session_id.is_some() {
        Some("interactions_by_session")
    } else if filter.user_id.is_some() {
        Some("interactions_by_user")
    } else {
        None
    };
    if let (None, Some(ratings)) = (own_index, &ratings) {
        if ratings.is_empty() {
            return Ok(Vec::new());
        }
        let top = conditions.bind(limit as i64);
        // One arm a rating, each in the order of its index.
        let arms: Vec<_> = ratings
            .clone()
            .map(|rating| {
                let places = places(
                    "interactions_by_rating",
                    &top,
                    &format!("i.rating = {rating}"),
                    &conditions,
                );
                format!("SELECT started_at, id FROM ({places}) r{rating}")
            })
            .collect();
        return read(store, shown(&arms.join(" UNION ALL "), &top), conditions).await;
    }
    if let Some(ratings) = ratings {
        conditions.all("i.rating >= {}", Some(*ratings.start()));
        conditions.all("i.rating <= {}", Some(*ratings.end()));
    }
    match (own_index, quarters_with(filter)) {
        (None, Some(quarters)) => read_quarters(store, filter, page, quarters, conditions).await,
        (index, _) => {
            let top = conditions.bind(limit as i64);
            let places = places(
                index.unwrap_or("interactions_by_time"),
                &top,
                "1 = 1",
                &conditions,
            );
            read(store, shown(&places, &top), conditions).await
        }
    }
}

/// What a row must hold.
fn conditions(filter: &InteractionFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.all("i.type = {}", filter.kind.map(|kind| kind.as_str()));
    conditions.all("i.status = {}", filter.status.map(|status| status.as_str()));
    conditions.all("i.model = {}", filter.model.clone());
    conditions.all("i.provider = {}", filter.provider.clone());
    conditions.all("i.user_id = {}", filter.user_id.clone());
    conditions.all(
        "i.session_seq = (SELECT session_seq FROM sessions WHERE session_id = {})",
        filter.session_id.clone(),
    );
    conditions.all("i.channel = {}", filter.channel.clone());
    conditions.all("i.locale = {}", filter.locale.clone());
    conditions.all("i.started_at >= {}", filter.from);
    conditions.all("i.started_at < {}", filter.to);
    conditions
}

/// The first places of an index that pass.
fn places(index: &str, top: &str, own: &str, conditions: &Conditions) -> String {
    format!(
        "SELECT TOP ({top}) i.started_at, i.id FROM interactions i WITH (INDEX({index}))
         WHERE {own}{} ORDER BY i.started_at DESC, i.id DESC",
        conditions.and()
    )
}

/// The turns at the first of `places`.
fn shown(places: &str, top: &str) -> String {
    let columns: Vec<_> = COLUMNS.split(", ").map(|column| format!("i.{column}")).collect();
    format!(
        "SELECT TOP ({top}) {} FROM ({places}) p
         JOIN interactions i ON i.started_at = p.started_at AND i.id = p.id
         ORDER BY i.started_at DESC, i.id DESC",
        columns.join(", ")
    )
}

async fn read(
    store: &AzureSqlStore,
    sql: String,
    conditions: Conditions,
) -> Result<Vec<Interaction>, StoreError> {
    let call = Call::safe("list_interactions", sql).with(conditions.values);
    store.all(call, from_row).await
}

/// The rollups that tell in which quarters the most telling filter finds its value; `{}` stands for the value. The indexes
/// of the rollups are filtered: they serve statements that name tier and grouping as they do.
fn quarters_with(filter: &InteractionFilter) -> Option<(&'static str, Option<&str>)> {
    let by = |condition, value| Some((condition, value));
    if let Some(model) = &filter.model {
        by("grouping_id = 3 AND model = {}", Some(model.as_str()))
    } else if let Some(locale) = &filter.locale {
        by("grouping_id = 5 AND locale = {}", Some(locale.as_str()))
    } else if let Some(provider) = &filter.provider {
        by("grouping_id = 2 AND provider = {}", Some(provider.as_str()))
    } else if filter.status == Some(Status::Failed) {
        by("grouping_id = 0 AND failed > 0", None)
    } else if filter.status == Some(Status::Pending) {
        by("grouping_id = 0 AND pending > 0", None)
    } else if let Some(channel) = &filter.channel {
        by("grouping_id = 4 AND channel = {}", Some(channel.as_str()))
    } else if let Some(kind) = filter.kind {
        by("grouping_id = 1 AND type = {}", Some(kind.as_str()))
    } else if filter.status == Some(Status::Succeeded) {
        by("grouping_id = 0 AND succeeded > 0", None)
    } else {
        None
    }
}

/// The first turns, some quarters after others, newest first, until there are enough.
async fn read_quarters(
    store: &AzureSqlStore,
    filter: &InteractionFilter,
    page: &PageRequest,
    (condition, value): (&'static str, Option<&str>),
    conditions: Conditions,
) -> Result<Vec<Interaction>, StoreError> {
    let oldest = filter
        .from
        .map(|from| from_micros(from.as_microsecond() - QUARTER));
    let mut newest = page.after.map(|last| last.at).into_iter().chain(filter.to).min();
    let mut quarters = FIRST_QUARTERS;
    let limit = page.limit + 1;
    let mut found: Vec<Interaction> = Vec::new();
    loop {
        let call = quarters_call(
            &conditions,
            condition,
            value,
            (oldest, newest),
            quarters,
            limit - found.len(),
        );
        let [read, turns] = results(store.pool.run(call).await?)?;
        for row in turns {
            found.push(from_row(row)?);
        }
        let mut columns = Columns::of(last(vec![read])?);
        let (count, last): (i64, Option<Timestamp>) = (columns.get()?, columns.optional_time()?);
        if found.len() >= limit || count < quarters {
            return Ok(found);
        }
        // The quarters are in order, and whole: what follows is older than the last one.
        newest = last.map(|last| from_micros(last.as_microsecond() - 1));
        quarters = quarters.saturating_mul(GROWTH);
    }
}

fn quarters_call(
    conditions: &Conditions,
    condition: &'static str,
    value: Option<&str>,
    (oldest, newest): (Option<Timestamp>, Option<Timestamp>),
    quarters: i64,
    limit: usize,
) -> Call {
    let mut rolled = Conditions::beside(conditions.values.clone());
    rolled.all("bucket > {}", oldest);
    rolled.all("bucket <= {}", newest);
    let within = rolled.and();
    let condition = match value {
        Some(value) => condition.replace("{}", &rolled.bind(value)),
        None => condition.to_owned(),
    };
    let (quarters, top) = (rolled.bind(quarters), rolled.bind(limit as i64));
    let places = format!(
        "SELECT TOP ({top}) i.started_at, i.id
         FROM @quarters q JOIN interactions i WITH (INDEX(interactions_by_time))
           ON i.started_at >= q.bucket AND i.started_at < DATEADD(minute, 15, q.bucket)
         WHERE 1 = 1{} ORDER BY i.started_at DESC, i.id DESC",
        conditions.and()
    );
    Call::safe(
        "list_interactions",
        format!(
            "SET NOCOUNT ON;
             DECLARE @quarters TABLE (bucket datetime2(7) NOT NULL PRIMARY KEY);
             INSERT INTO @quarters (bucket)
             SELECT TOP ({quarters}) bucket FROM (
               SELECT bucket FROM interaction_rollups WHERE tier = 0 AND {condition}{within}
               UNION
               SELECT bucket FROM rollup_buckets WHERE kind = N'interactions' AND written > rolled{within}
             ) b ORDER BY bucket DESC;
             SELECT COUNT(*), MIN(bucket) FROM @quarters;
             {};",
            shown(&places, &top)
        ),
    )
    .with(rolled.values)
}
