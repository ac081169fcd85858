//! What the server does when it is asked.

use super::table::Table;
use std::time::Duration;

/// An error of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) number: u32,
    pub(super) message: String,
}

/// What becomes of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginReply {
    /// It is let in.
    Accept,
    /// It is refused.
    #[doc(hidden)]
    Refuse(u32, String),
    /// It has to go to another host and port.
    Route(String, u16),
    /// The server hangs up without a word.
    HangUp,
    /// The server says nothing at all.
    Stall,
}

impl LoginReply {
    /// It is refused with an error.
    pub fn refuse(number: u32, message: &str) -> Self {
        Self::Refuse(number, message.to_owned())
    }
}

/// What a statement is answered with: step by step, and then the end of the answer, unless the connection ends before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Table(Table),
    Fail(Fault),
    HangUp,
    Stall,
    Wait(Duration),
}

impl Reply {
    /// It was done, and there is nothing to tell.
    pub fn done() -> Self {
        Self::default()
    }

    /// One result set.
    pub fn rows(table: Table) -> Self {
        Self::done().then(Step::Table(table))
    }

    /// An error.
    pub fn error(number: u32, message: &str) -> Self {
        Self::done().and_error(number, message)
    }

    /// The server hangs up instead of answering.
    pub fn hang_up() -> Self {
        Self::done().and_hang_up()
    }

    /// The server says nothing.
    pub fn stall() -> Self {
        Self::done().and_stall()
    }

    /// Another result set after what comes before.
    pub fn and_rows(self, table: Table) -> Self {
        self.then(Step::Table(table))
    }

    /// An error after what comes before.
    pub fn and_error(self, number: u32, message: &str) -> Self {
        self.then(Step::Fail(Fault {
            number,
            message: message.to_owned(),
        }))
    }

    /// What comes before is sent, and then the server hangs up in the middle of its answer.
    pub fn and_hang_up(self) -> Self {
        self.then(Step::HangUp)
    }

    /// What comes before is sent, and then the server says nothing more.
    pub fn and_stall(self) -> Self {
        self.then(Step::Stall)
    }

    /// Time passes before what comes next.
    pub fn and_wait(self, wait: Duration) -> Self {
        self.then(Step::Wait(wait))
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
