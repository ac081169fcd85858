//! Failed turns, from an index of just these.

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use super::rows::{Shape, declare, rows, time};
use crate::analytics::FailureCounts;
use crate::{SeriesQuery, StoreError};
use domain::analytics::errors::Failures;
use serde_json::json;

const BUCKETS: &Shape = &[
    ("number", "int"),
    ("first", "datetime2(7)"),
    ("after", "datetime2(7)"),
];

/// Failures by type of error, model and bucket.
pub(super) async fn failures(
    store: &AzureSqlStore,
    query: &SeriesQuery,
) -> Result<Vec<Failures>, StoreError> {
    let buckets = query.edges.windows(2).enumerate();
    let buckets = buckets.map(|(number, edges)| vec![json!(number), time(edges[0]), time(edges[1])]);
    let mut bound = Conditions::default();
    let parameter = bound.bind(rows(buckets));
    let conditions: String = query
        .filter
        .conditions()
        .map(|(dimension, value)| format!(" AND i.{} = {}", dimension.as_str(), bound.bind(value)))
        .collect();
    // The word stands in the statement: an index with a filter is not used for a parameter.
    let sql = format!(
        "SET NOCOUNT ON; {buckets}
         SELECT b.number, COALESCE(i.error_type, N''), COALESCE(i.model, N''), COUNT_BIG(*), MIN(i.started_at),
           MAX(i.started_at)
         FROM @buckets b JOIN interactions i ON i.started_at >= b.first AND i.started_at < b.after
         WHERE i.status = N'failed'{conditions}
         GROUP BY b.number, COALESCE(i.error_type, N''), COALESCE(i.model, N'');",
        buckets = declare("@buckets", BUCKETS, &parameter),
    );
    let mut counts = FailureCounts::default();
    for row in store
        .pool
        .run(Call::safe("failures", sql).with(bound.values))
        .await?
        .into_iter()
        .flatten()
    {
        let mut columns = Columns::of(row);
        let bucket = columns.get()?;
        let what = (columns.get()?, columns.get()?);
        counts.add(bucket, what, columns.get()?, (columns.time()?, columns.time()?));
    }
    Ok(counts.into_vec())
}
