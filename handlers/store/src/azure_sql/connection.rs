//! What the pool holds: places for a session, each filled when it is first used.

use super::connect::{self, Connected};
use super::error::SqlError;
use super::options::AzureSqlOptions;
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
    /// Gets the session ready for one use; logs in when there is none yet.
    pub(super) async fn begin(
        &mut self,
        options: &AzureSqlOptions,
        read_only: bool,
        patience: Duration,
    ) -> Result<(), SqlError> {
        self.busy = true;
        if self.session.is_none() {
            self.session = Some(connect::connect(options, read_only, patience).await?);
        }
        Ok(())
    }

    /// The session that `begin` got ready.
    pub(super) fn session(&mut self) -> Option<&mut Connected> {
        self.session.as_mut()
    }

    /// Says that nothing of the last use is left.
    pub(super) fn finish(&mut self) {
        self.busy = false;
    }
}

/// Makes the places, and says which of them are spent.
pub(super) struct Places;

/// Why a place is given up: the server hung up, or the token ended that opened its session.
#[derive(Debug)]
pub(super) struct Spent;

impl bb8::ManageConnection for Places {
    type Connection = Connection;
    type Error = Spent;

    async fn connect(&self) -> Result<Connection, Spent> {
        Ok(Connection::default())
    }

    async fn is_valid(&self, connection: &mut Connection) -> Result<(), Spent> {
        let usable = connection.session.as_ref().is_none_or(Connected::is_usable);
        usable.then_some(()).ok_or(Spent)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.busy
    }
}
