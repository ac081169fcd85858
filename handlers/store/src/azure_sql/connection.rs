//! What the pool holds: places for a session, each filled when it is first used.

use super::connect::{self, Connected};
use super::error::SqlError;
use super::options::AzureSqlOptions;
use azure_core::time::OffsetDateTime;
use std::convert::Infallible;
use std::time::Duration;

/// A place for one session.
///
/// `bb8` connects in tasks of its own: they outlive the caller, and keep the reason of a failure from it. So what `bb8`
/// makes is an empty place, and whoever takes one logs in, within the caller's deadline.
#[derive(Default)]
pub(super) struct Connection {
    session: Option<Connected>,
    /// Set before each use, and cleared only after the whole answer was read. A query that was dropped or that failed
    /// leaves it set: the rest of its answer may be in the pipe, and its transaction open.
    busy: bool,
}

impl Connection {
    /// The session, for one use; logs in when there is none yet.
    pub(super) async fn begin(
        &mut self,
        options: &AzureSqlOptions,
        read_only: bool,
        patience: Duration,
    ) -> Result<&mut Connected, SqlError> {
        self.busy = true;
        match &mut self.session {
            Some(session) => Ok(session),
            empty => Ok(empty.insert(connect::connect(options, read_only, patience).await?)),
        }
    }

    /// The session that `begin` gave.
    pub(super) fn session(&mut self) -> Option<&mut Connected> {
        self.session.as_mut()
    }

    /// Says that nothing of the last use is left.
    pub(super) fn finish(&mut self) {
        self.busy = false;
    }

    fn has_ended(&self) -> bool {
        let ends = self.session.as_ref().and_then(|session| session.token_ends);
        ends.is_some_and(|ends| ends <= OffsetDateTime::now_utc())
    }
}

/// Makes the places, and says which of them are spent.
pub(super) struct Places;

impl bb8::ManageConnection for Places {
    type Connection = Connection;
    type Error = Infallible;

    async fn connect(&self) -> Result<Connection, Infallible> {
        Ok(Connection::default())
    }

    async fn is_valid(&self, _: &mut Connection) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.busy || connection.has_ended()
    }
}
