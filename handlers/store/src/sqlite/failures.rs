//! Failed turns, from an index of just these.

use super::columns::Columns;
use crate::SeriesQuery;
use crate::analytics::FailureCounts;
use domain::analytics::errors::Failures;
use rusqlite::{Connection, ToSql};

/// Failures by type of error, model and bucket.
pub(super) fn failures(connection: &Connection, query: &SeriesQuery) -> rusqlite::Result<Vec<Failures>> {
    let values: Vec<_> = query.filter.conditions().collect();
    let conditions: String = (3..)
        .zip(&values)
        .map(|(place, (dimension, _))| format!(" AND {} = ?{place}", dimension.as_str()))
        .collect();
    let mut statement = connection.prepare_cached(&format!(
        "SELECT coalesce(error_type, ''), coalesce(model, ''), count(*), min(started_at), max(started_at)
         FROM interactions INDEXED BY interactions_failed
         WHERE status = 'failed' AND started_at >= ?1 AND started_at < ?2{conditions} GROUP BY 1, 2"
    ))?;
    let mut counts = FailureCounts::default();
    for (bucket, edges) in query.edges.windows(2).enumerate() {
        let (from, to) = (edges[0].as_microsecond(), edges[1].as_microsecond());
        let mut bound: Vec<&dyn ToSql> = vec![&from, &to];
        bound.extend(values.iter().map(|(_, value)| value as &dyn ToSql));
        let mut rows = statement.query(bound.as_slice())?;
        while let Some(row) = rows.next()? {
            let mut columns = Columns::of(row);
            let what = (columns.get()?, columns.get()?);
            counts.add(bucket, what, columns.get()?, (columns.time()?, columns.time()?));
        }
    }
    Ok(counts.into_vec())
}
