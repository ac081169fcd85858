//! What shoppers ask for, in Azure SQL: days whose turns were written are recounted, then read with what the range has beside them.

mod recount;
mod rows;

use super::AzureSqlStore;
use super::answers::results;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::rollups::{ZONE, zone_of};
use super::rows::declare;
use crate::queries::{ATTEMPTS, overtaken};
use crate::{QueriesQuery, StoreError, TopQueries};
use async_trait::async_trait;
use domain::analytics::TimeRange;
use domain::analytics::queries::{QueryCounts, Tally, days_and_rests};
use recount::{DAYS, STANDING, sent};

pub(super) use recount::{LOCK, forget_day_sql};

/// Forgets all that is counted: the days are others.
pub(super) const FORGET_ALL: &str = "DELETE FROM query_rollups; DELETE FROM query_days;";

#[async_trait]
impl TopQueries for AzureSqlStore {
    async fn top_queries(&self, query: QueriesQuery) -> Result<Vec<(String, QueryCounts)>, StoreError> {
        for _ in 0..ATTEMPTS {
            let [zone] = results(self.pool.run(Call::safe("get_time_zone", ZONE)).await?)?;
            let Some(zone) = zone_of(zone)? else {
                return Err(StoreError::Unavailable(
                    "the shop's zone is being changed".to_owned(),
                ));
            };
            let (days, rests) = days_and_rests(query.range, &zone);
            recount::refresh(self, &days, &zone).await?;
            let mut beside = Tally::default();
            for rest in rests {
                rows::tally(&mut &self.pool, rest, &mut beside).await?;
            }
            let [found, forgotten, found_zone] =
                results(self.pool.run(read_call(&query, &days, &beside)).await?)?;
            if forgotten.is_empty() && zone_of(found_zone)?.as_ref() == Some(&zone) {
                let found = found.into_iter().map(|row| {
                    let mut columns = Columns::of(row);
                    Ok((columns.get()?, rows::counts(&mut columns)?))
                });
                return found.collect();
            }
        }
        Err(overtaken())
    }
}

/// Reads the queries, which of the days were forgotten since they were counted, and the zone that they are days of.
fn read_call(query: &QueriesQuery, days: &[TimeRange], beside: &Tally) -> Call {
    let of_query = beside.0.iter().filter(|(key, _)| query.asks_for(key));
    let mut bound = Conditions::default();
    let (days, rests) = (bound.bind(sent(days)), bound.bind(rows::sent(of_query)));
    let (limit, kind) = (bound.bind(query.limit as i64), bound.bind(query.kind.as_str()));
    bound.all("r.channel = {}", query.channel.as_ref());
    let sql = format!(
        "SET NOCOUNT ON;
         {days}
         {rests}
         SELECT TOP ({limit}) q.text, SUM(q.total), SUM(q.failed), SUM(q.without_results), MAX(q.last_seen) FROM (
           SELECT r.text, r.total, r.failed, r.without_results, r.last_seen
           FROM @days d JOIN query_rollups r ON r.day = d.day WHERE r.type = {kind}{channel}
           UNION ALL
           SELECT text, total, failed, without_results, last_seen FROM @rests) q
         GROUP BY q.text
         ORDER BY SUM(q.failed) + SUM(q.without_results) DESC, SUM(q.total) DESC, q.text;
         SELECT d.day {STANDING} WHERE w.written > 0 AND COALESCE(q.counted, 0) = 0;
         {ZONE}",
        days = declare("@days", DAYS, &days),
        rests = declare("@rests", rows::SHAPE, &rests),
        channel = bound.and(),
    );
    Call::safe("top_queries", sql).with(bound.values)
}
