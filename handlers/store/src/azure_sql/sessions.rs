//! Sessions in Azure SQL, summed up from their turns when they are read.

use super::AzureSqlStore;
use super::call::Call;
use super::columns::Columns;
use super::conditions::Conditions;
use crate::{Sessions, StoreError};
use async_trait::async_trait;
use domain::page::PageRequest;
use domain::sessions::{Session, SessionFilter};
use domain::time::millis_between;
use tiberius::Row;

#[async_trait]
impl Sessions for AzureSqlStore {
    async fn list_sessions(
        &self,
        filter: SessionFilter,
        page: PageRequest<String>,
    ) -> Result<Vec<Session>, StoreError> {
        let mut conditions = Conditions::default();
        conditions.all(
            "EXISTS (SELECT 1 FROM session_users u WHERE u.user_id = {} AND u.session_seq = s.session_seq) AND EXISTS (
               SELECT 1 FROM interactions i WHERE i.session_seq = s.session_seq AND i.user_id = {})",
            filter.user_id,
        );
        conditions.all("s.started_at >= {}", filter.from);
        conditions.all("s.started_at < {}", filter.to);
        if let Some(last) = page.after {
            conditions.before(("s.started_at", "s.session_id"), last.at, last.key);
        }
        let limit = conditions.bind(page.limit as i64 + 1);
        let page = format!(
            "SELECT TOP ({limit}) s.session_seq, s.session_id, s.started_at FROM sessions s{}
             ORDER BY s.started_at DESC, s.session_id DESC",
            conditions.sql()
        );
        let call = Call::safe("list_sessions", sum_up(&page)).with(conditions.values);
        self.all(call, from_row).await
    }

    async fn get_session(&self, session_id: String) -> Result<Option<Session>, StoreError> {
        let call = Call::safe(
            "get_session",
            sum_up("SELECT session_seq, session_id, started_at FROM sessions WHERE session_id = @P1"),
        )
        .bind(session_id);
        self.first(call).await?.map(from_row).transpose()
    }
}

/// The sessions of `page`, each summed up from its turns.
fn sum_up(page: &str) -> String {
    format!(
        "SELECT p.session_id, t.interactions, t.started_at, t.last_started_at, t.ended_at, t.succeeded, t.failed,
           t.pending, t.tokens_input, t.tokens_output, t.cost_micros, t.unpriced, t.average_rating, t.feedback_count,
           l.user_id, f.channel
         FROM ({page}) p
         CROSS APPLY (
           SELECT COUNT(*) AS interactions, MIN(started_at) AS started_at, MAX(started_at) AS last_started_at,
             MAX(CASE WHEN completed_at > started_at THEN completed_at ELSE started_at END) AS ended_at,
             COUNT(CASE status WHEN N'succeeded' THEN 1 END) AS succeeded,
             COUNT(CASE status WHEN N'failed' THEN 1 END) AS failed,
             COUNT(CASE status WHEN N'pending' THEN 1 END) AS pending,
             SUM(tokens_input) AS tokens_input, SUM(tokens_output) AS tokens_output, SUM(cost_micros) AS cost_micros,
             COUNT(*) - COUNT(cost_micros) AS unpriced, AVG(CONVERT(float, rating)) AS average_rating,
             SUM(feedback_count) AS feedback_count
           FROM interactions WHERE session_seq = p.session_seq
         ) t
         OUTER APPLY (
           SELECT TOP (1) user_id FROM interactions WHERE session_seq = p.session_seq AND user_id IS NOT NULL
           ORDER BY started_at DESC, id DESC
         ) l
         OUTER APPLY (
           SELECT TOP (1) channel FROM interactions WHERE session_seq = p.session_seq ORDER BY started_at, id
         ) f
         WHERE t.interactions > 0
         ORDER BY p.started_at DESC, p.session_id DESC"
    )
}

fn from_row(row: Row) -> Result<Session, StoreError> {
    let mut columns = Columns::of(row);
    let session_id = columns.get()?;
    let interactions = columns.get()?;
    let started_at = columns.time()?;
    let last_started_at = columns.time()?;
    let end = columns.time()?;
    Ok(Session {
        session_id,
        started_at,
        last_started_at,
        duration_ms: Some(millis_between(started_at, end)).filter(|length| *length > 0.0),
        interactions,
        succeeded: columns.get()?,
        failed: columns.get()?,
        pending: columns.get()?,
        tokens_input: columns.get()?,
        tokens_output: columns.get()?,
        cost_micros: columns.get()?,
        unpriced: columns.get()?,
        average_rating: columns.get()?,
        feedback_count: columns.get()?,
        user_id: columns.get()?,
        channel: columns.get()?,
    })
}
