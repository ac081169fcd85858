//! The tone of comments: found at once in process, and, where `PRAVIS_LANGUAGE_ENDPOINT` is set, refined afterwards by Azure AI
//! Language.
//!
//! What is to be refined stands in the database, so that nothing of it lives only in memory. There is no timer for it: who
//! stores a comment has just woken the database, and begins a task that asks for all that is due. What is left when
//! the process is killed, or when the service is away for long, is taken along by the next comment, or by
//! `timer_retention` at night.

mod answer;
mod client;
mod detection;
mod request;

use crate::app::{App, WeakApp};
use crate::config::Config;
use azure_core::credentials::TokenCredential;
use client::{Client, Failure};
use domain::feedback::Feedback;
use domain::sentiment::Reading;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Claimed, Refined, Refinement, Store, StoreError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Comments of one call: what the service takes at most.
const BATCH: usize = 10;
/// How long a comment waits for others to share its call.
const GATHER: Duration = Duration::from_secs(2);
/// How long a claim lasts: longer than a call and its tries may take.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);
/// How often a comment is claimed before it is given up.
const ATTEMPTS: i64 = 8;
/// Rest after the first failure; it doubles with each, up to [`LONGEST_REST`], unless the service wants more.
const REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(60 * 60);
/// The longest rest that the task waits for. Beyond, the next comment or the night goes on.
const WAIT: Duration = Duration::from_secs(90);

/// Judges the comment of new feedback. A short one is judged by the locale of its turn, which is then read.
pub(crate) async fn judge(
    app: &App,
    store: &dyn Store,
    mut feedback: Feedback,
) -> Result<Feedback, StoreError> {
    let Some(comment) = feedback.comment.take() else {
        return Ok(feedback);
    };
    let reading = Reading::of(&comment);
    let locale = if reading.needs_locale() {
        store.get_locale(feedback.interaction_id).await?
    } else {
        None
    };
    let judgement = reading.judged(locale.as_deref());
    // Without a letter there is no language to refine it by.
    let refined = app.refiner().is_on() && comment.chars().any(char::is_alphabetic);
    drop(reading);
    Ok(Feedback {
        refine_at: refined.then_some(feedback.created_at),
        sentiment: Some(judgement.sentiment),
        phrases: judgement.phrases,
        comment: Some(comment),
        ..feedback
    })
}

/// Sees to it that stored feedback is refined, if it is to be.
pub(crate) fn stored(app: &App, feedback: &Feedback) {
    if feedback.refine_at.is_some() {
        app.refiner().wake(app);
    }
}

/// Has Azure AI Language refine what is due; off without `PRAVIS_LANGUAGE_ENDPOINT`.
pub(crate) struct Refiner(Option<Arc<Shared>>);

struct Shared {
    client: Client,
    /// Comments that came since the task last began to look; 0 while there is no task.
    waiting: AtomicUsize,
    full: Notify,
    /// Until when the service wants to be left alone.
    rests_until: Mutex<Timestamp>,
}

/// What came of one call.
enum Round {
    /// There was nothing to do, or nothing that can be done now.
    Over,
    /// There may be more.
    More,
    /// The service wants to be left alone for so long.
    Rest(Duration),
}

impl Refiner {
    pub(crate) fn new(config: &Config, credential: &Arc<dyn TokenCredential>) -> Self {
        Self(config.language.as_ref().map(|language| {
            Arc::new(Shared {
                client: Client::new(&language.endpoint, Arc::clone(credential)),
                waiting: AtomicUsize::new(0),
                full: Notify::new(),
                rests_until: Mutex::new(Timestamp::MIN),
            })
        }))
    }

    /// Whether comments are to be refined.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Says that a comment was stored that is to be refined. Returns at once.
    pub(crate) fn wake(&self, app: &App) {
        let Some(shared) = &self.0 else { return };
        let before = shared.waiting.fetch_add(1, Ordering::AcqRel);
        if before == 0 {
            tokio::spawn(work(Arc::clone(shared), app.downgrade()));
        } else if before + 1 >= BATCH {
            shared.full.notify_one();
        }
    }

    /// Refines what is due and not at work elsewhere, but not for longer than until `deadline`; how many calls that took.
    pub(crate) async fn catch_up(&self, app: &App, deadline: Instant) -> usize {
        let Some(shared) = &self.0 else { return 0 };
        let mut calls = 0;
        while Instant::now() < deadline {
            match shared.round(app).await {
                Round::Over => break,
                Round::More => {}
                Round::Rest(rest) if Instant::now() + rest < deadline => tokio::time::sleep(rest).await,
                Round::Rest(_) => break,
            }
            calls += 1;
        }
        calls
    }
}

/// Gathers comments and refines them, until none has come for a while. Ends with the app.
async fn work(shared: Arc<Shared>, app: WeakApp) {
    loop {
        // Which of the two it was does not matter.
        let _ = tokio::time::timeout(GATHER, shared.full.notified()).await;
        let seen = shared.waiting.load(Ordering::Acquire);
        loop {
            let Some(app) = app.upgrade() else { return };
            let round = shared.round(&app).await;
            drop(app);
            match round {
                Round::Over => break,
                Round::More => {}
                Round::Rest(rest) if rest <= WAIT => tokio::time::sleep(rest).await,
                Round::Rest(_) => break,
            }
        }
        // Whoever came since `seen` found that there is a task.
        let last = shared
            .waiting
            .compare_exchange(seen, 0, Ordering::AcqRel, Ordering::Acquire);
        if last.is_ok() {
            return;
        }
    }
}

impl Shared {
    /// One call for what is due, and what came of it into the store.
    async fn round(&self, app: &App) -> Round {
        if app.now() < *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) {
            return Round::Over;
        }
        // While the store is away there is nothing to be asked for: whoever comes when it is back goes on.
        let Some(store) = app.store_at_hand().await else {
            return Round::Over;
        };
        match self.try_round(app, &*store).await {
            Ok(round) => round,
            Err(error) => {
                tracing::warn!(%error, "comments cannot be refined now");
                Round::Over
            }
        }
    }

    async fn try_round(&self, app: &App, store: &dyn Store) -> Result<Round, StoreError> {
        let now = app.now();
        let claimed = store.claim_sentiments(now, now + CLAIM, BATCH).await?;
        if claimed.is_empty() {
            return Ok(Round::Over);
        }
        let (refined, round) = match self.client.ask(&claimed).await {
            Ok(refined) => (refined, Round::More),
            Err(failure) => {
                tracing::warn!(
                    reason = failure.reason,
                    comments = claimed.len(),
                    "Azure AI Language did not answer"
                );
                let rest = failure.rest.unwrap_or_default().max(REST);
                let until = app.now() + SignedDuration::try_from(rest).unwrap_or(CLAIM);
                *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
                put_off(app, &claimed, &failure)
            }
        };
        store.refine_sentiments(refined, app.now()).await?;
        Ok(round)
    }
}

/// Each comment is due again after a rest that grows with its attempts; after the last it is given up.
fn put_off(app: &App, claimed: &[Claimed], failure: &Failure) -> (Vec<Refined>, Round) {
    let mut longest = Duration::ZERO;
    let refined = claimed.iter().map(|one| {
        let doubled = REST * 2_u32.saturating_pow(u32::try_from(one.attempts - 1).unwrap_or(0).min(16));
        let rest = doubled.min(LONGEST_REST).max(failure.rest.unwrap_or_default());
        longest = longest.max(rest);
        let later = SignedDuration::try_from(rest).unwrap_or(CLAIM);
        let outcome = if one.attempts >= ATTEMPTS {
            Refinement::Never(failure.code.to_owned())
        } else {
            Refinement::Later(app.now() + later)
        };
        Refined { id: one.id, outcome }
    });
    (refined.collect(), Round::Rest(longest))
}
