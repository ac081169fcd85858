//! One connection in use.

use super::call::{Call, Repeat};
use super::connect::Connected;
use super::connection::{Connection, Places};
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::retry::Phase;
use crate::StoreError;
use bb8::PooledConnection;
use std::time::Duration;
use tiberius::{Query, Row};
use tracing::Instrument;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

/// The rows of each result set.
pub(super) type Answer = Vec<Vec<Row>>;

/// A connection for several round trips. Work that fails, or is dropped, takes the connection with it, and with that its
/// open transaction and its locks.
pub(super) struct Session {
    connection: PooledConnection<'static, Places>,
    /// Whether a call ran, or may have run, that must not run twice.
    done_something: bool,
    failed: bool,
}

impl Session {
    pub(super) async fn begin(
        mut connection: PooledConnection<'static, Places>,
        options: &AzureSqlOptions,
        read_only: bool,
        patience: Duration,
    ) -> Result<Self, SqlError> {
        Connection::begin(&mut connection, options, read_only, patience).await?;
        Ok(Self {
            connection,
            done_something: false,
            failed: false,
        })
    }

    /// Sends the call and reads the whole answer. After an error the session is of no more use.
    pub(super) async fn run(&mut self, call: Call) -> Result<Answer, SqlError> {
        self.run_ref(&call).await
    }

    pub(super) async fn run_ref(&mut self, call: &Call) -> Result<Answer, SqlError> {
        let span = tracing::info_span!(
            "sql",
            otel.kind = "client",
            otel.name = call.function,
            db.system.name = "microsoft.sql_server"
        );
        let session = match self.connection.session() {
            Some(session) if !self.failed => session,
            _ => return Err(StoreError::Broken("a failed session was used again".to_owned()).into()),
        };
        let before = self.done_something;
        self.done_something |= call.repeat == Repeat::Unsafe;
        let quiet = send(session, call).with_subscriber(NoSubscriber::default());
        let answer = quiet.instrument(span).await;
        if let Err(error) = &answer {
            self.failed = true;
            // What the server refused was not done.
            self.done_something = before || (call.repeat == Repeat::Unsafe && !error.says_undone());
        }
        answer
    }

    /// Whether the work up to here may be done again.
    pub(super) fn is_repeatable(&self) -> bool {
        !self.done_something
    }

    /// Gives the connection back.
    pub(super) fn end(mut self) {
        if !self.failed {
            self.connection.finish();
        }
    }
}

async fn send(session: &mut Connected, call: &Call) -> Result<Answer, SqlError> {
    let mut query = Query::new(call.sql.as_ref());
    for value in &call.values {
        query.bind(value);
    }
    let read = async { query.query(&mut session.driver).await?.into_results().await };
    read.await.map_err(|error| SqlError::of(Phase::Statement, &error))
}
