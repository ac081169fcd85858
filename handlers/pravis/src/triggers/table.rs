//! Which function name runs which code.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::routing::post;

use super::TriggerError;
use super::service::serve;
use crate::host::answer::Answer;
use crate::host::envelope::Invocation;

type Running = Pin<Box<dyn Future<Output = Result<Answer, TriggerError>> + Send>>;

/// A trigger with its parameters' types erased.
pub(super) type Trigger<S> = Arc<dyn Fn(S, Invocation) -> Running + Send + Sync>;

/// The triggers by function name, over a state `S` that each of them is given.
pub struct TriggerTable<S> {
    triggers: BTreeMap<&'static str, Trigger<S>>,
    deadline: Duration,
}

impl<S: Clone + Send + Sync + 'static> TriggerTable<S> {
    /// An empty table. A trigger that takes longer than `deadline` has failed.
    ///
    /// Keep it a little below `functionTimeout`: past that the host kills the whole program without a word.
    pub fn new(deadline: Duration) -> Self {
        Self {
            triggers: BTreeMap::new(),
            deadline,
        }
    }

    /// Runs `trigger` for the function `name`, which is also the name of its folder.
    #[must_use]
    pub fn on<F, R>(mut self, name: &'static str, trigger: F) -> Self
    where
        F: Fn(S, Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Answer, TriggerError>> + Send + 'static,
    {
        self.triggers.insert(
            name,
            Arc::new(move |state, invocation| Box::pin(trigger(state, invocation))),
        );
        self
    }

    /// The function names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.triggers.keys().copied()
    }

    /// Serves `POST /<FunctionName>` for each of them. Other paths are left to the router that it is merged into.
    pub fn into_router(self, state: S) -> Router {
        let deadline = self.deadline;
        self.triggers
            .into_iter()
            .fold(Router::new(), |router, (name, trigger)| {
                let state = state.clone();
                let call = move |request: Request| serve(name, trigger, state, deadline, request);
                router.route(&format!("/{name}"), post(call))
            })
    }
}
