//! One connection in use.

use super::call::{Call, Repeat};
use super::connect::Driver;
use super::connection::{Connection, Places};
use super::error::SqlError;
use super::options::AzureSqlOptions;
use super::retry::Phase;
use crate::StoreError;
use bb8::PooledConnection;
use std::time::Duration;
use tiberius::{Query, Row};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;
use tracing::{Instrument, field};

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
        let done_before = self.done_something;
        let driver = usable(&mut self.connection, self.failed)?;
        let sending = traced(call, send(driver, call));
        self.done_something |= call.repeat == Repeat::Unsafe;
        self.failed = true;
        let answer = sending.await;
        match &answer {
            Ok(_) => self.failed = false,
            Err(error) if error.says_undone() => self.done_something = done_before,
            Err(_) => {}
        }
        answer
    }

    /// The driver's end, for work that is not made of calls. After an error there, the work must end with that error.
    pub(super) fn driver(&mut self) -> Result<&mut Driver, SqlError> {
        usable(&mut self.connection, self.failed)
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

fn usable(connection: &mut Connection, failed: bool) -> Result<&mut Driver, SqlError> {
    let again = || StoreError::Broken("a session was used again after it had failed".to_owned());
    let session = connection.session().filter(|_| !failed);
    Ok(&mut session.ok_or_else(again)?.driver)
}

/// Sends the call. An error in the middle of a batch ends it and undoes its transaction (`XACT_ABORT`), instead of going
/// on with the next statement.
async fn send(driver: &mut Driver, call: &Call) -> Result<Answer, SqlError> {
    let mut query = Query::new(format!("SET XACT_ABORT, NOCOUNT ON; {}", call.sql));
    for value in &call.values {
        query.bind(value);
    }
    let read = async { query.query(driver).await?.into_results().await };
    read.await.map_err(|error| SqlError::of(Phase::Statement, &error))
}

/// Within a span that tells the function's name, never the statement. The driver tells its own log what the server said,
/// values of rows included: it is not heard.
async fn traced(
    call: &Call,
    sending: impl Future<Output = Result<Answer, SqlError>>,
) -> Result<Answer, SqlError> {
    let span = tracing::info_span!(
        "sql",
        otel.kind = "client",
        otel.name = call.function,
        otel.status_code = field::Empty,
        db.system.name = "microsoft.sql_server",
        db.response.status_code = field::Empty,
    );
    let quiet = sending.with_subscriber(NoSubscriber::default());
    let answer = quiet.instrument(span.clone()).await;
    if let Err(error) = &answer {
        span.record("otel.status_code", "ERROR");
        if let Some(number) = error.number() {
            span.record("db.response.status_code", number);
        }
    }
    answer
}
