//! Sends a report to one reader: one attempt a message, and the next message when the next attempt is due.
//!
//! An attempt is counted before it is made, and held for two minutes. What was sent but could not be noted is sent again under the
//! same id, by which the other side can tell. Every step may be repeated: a message that comes twice finds the delivery settled or held.

use super::message::{Ended, Message};
use super::place::{self, Format};
use super::readers::{self, Reader};
use super::{ReportError, mail, unfinished, webhook};
use crate::app::App;
use crate::spill::is_away;
use blobs::Storage;
use domain::reports::{Attempted, Delivery, Report};
use domain::time::truncated;
use jiff::SignedDuration;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::time::Instant;

/// How long one attempt is held: longer than any takes.
const HELD: SignedDuration = SignedDuration::from_mins(2);
/// How long one attempt may take.
const LONGEST: Duration = Duration::from_secs(75);
/// How long it waits for a store that wakes up.
const PATIENCE: Duration = Duration::from_secs(90);
/// When it looks again for a store that is away.
const AWAY: Duration = Duration::from_secs(60);
/// The longest that a message waits in one go.
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// The other side has the report.
    Sent,
    /// It is tried again.
    Failed,
    /// It is given up.
    Dead,
    /// It was settled before, or there is no such delivery.
    Nothing,
    /// It is not due yet, or another attempt is under way; the message comes again.
    Early,
    /// The store is away; the message comes again.
    Waits,
}

/// What became of an attempt on the other side.
pub(super) struct Outcome {
    pub(super) status: Option<u16>,
    /// Why it failed, and whether that will never change; none when it was taken.
    pub(super) failure: Option<(String, bool)>,
    /// How long the other side wants to be left alone.
    pub(super) rest: Option<SignedDuration>,
}

impl Outcome {
    pub(super) fn taken(status: u16) -> Self {
        Self {
            status: Some(status),
            failure: None,
            rest: None,
        }
    }

    /// Will be tried again.
    pub(super) fn failed(status: Option<u16>, reason: impl Into<String>) -> Self {
        Self {
            status,
            failure: Some((reason.into(), false)),
            rest: None,
        }
    }

    /// Will never work.
    pub(super) fn hopeless(status: Option<u16>, reason: impl Into<String>) -> Self {
        Self {
            status,
            failure: Some((reason.into(), true)),
            rest: None,
        }
    }
}

/// Does what a message asks for.
pub async fn deliver(app: &App, message: &Message) -> Result<Delivered, ReportError> {
    let storage = app.storage().await?;
    let Some(store) = app.store_by(Instant::now() + PATIENCE).await else {
        return wait(app, &*storage, message, AWAY, Delivered::Waits).await;
    };
    let store = store.patient().unwrap_or(store);
    match attempt(app, &*store, &*storage, message).await {
        Err(ReportError::Store(error)) if is_away(&error) => {
            wait(app, &*storage, message, AWAY, Delivered::Waits).await
        }
        delivered => delivered,
    }
}

async fn wait(
    app: &App,
    storage: &dyn Storage,
    message: &Message,
    rest: Duration,
    because: Delivered,
) -> Result<Delivered, ReportError> {
    let rest = rest.clamp(Duration::from_secs(1), LONGEST_REST);
    unfinished::send(app, storage, message, rest).await?;
    Ok(because)
}

async fn attempt(
    app: &App,
    store: &dyn Store,
    storage: &dyn Storage,
    message: &Message,
) -> Result<Delivered, ReportError> {
    let id = message.delivery;
    if let Some(Ended { attempt, attempted }) = &message.ended {
        let noted = store.end_delivery(id, *attempt, attempted.clone()).await?;
        return settle(app, store, storage, message, attempted.clone(), noted).await;
    }
    let (now, attempt) = (truncated(app.now()), app.new_id());
    let until = now.saturating_add(HELD).unwrap_or(now);
    let delivery = store.begin_delivery(id, attempt, now, until).await?;
    let Some(delivery) = delivery.filter(|delivery| !delivery.state.is_settled()) else {
        return Ok(Delivered::Nothing);
    };
    if !delivery.is_held_by(attempt) {
        let due = delivery.next_at.max(delivery.held_until).unwrap_or(now);
        let rest = Duration::try_from(due.duration_since(now)).unwrap_or_default();
        return wait(app, storage, message, rest, Delivered::Early).await;
    }
    let outcome = tokio::time::timeout(LONGEST, send(app, store, storage, &delivery)).await;
    let outcome = match outcome {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Outcome::failed(None, error.to_string()),
        Err(_) => Outcome::failed(None, "no answer in time"),
    };
    let attempted = attempted(app, &delivery, outcome);
    match store.end_delivery(id, attempt, attempted.clone()).await {
        Ok(noted) => settle(app, store, storage, message, attempted, noted).await,
        Err(error) => {
            let ended = Some(Ended { attempt, attempted });
            remember(
                app,
                storage,
                Message {
                    ended,
                    ..message.clone()
                },
                &error,
            )
            .await
        }
    }
}

/// Keeps what became of an attempt in a message, since the store could not be told.
async fn remember(
    app: &App,
    storage: &dyn Storage,
    message: Message,
    error: &StoreError,
) -> Result<Delivered, ReportError> {
    tracing::warn!(%error, delivery = %message.delivery, "the store does not know the end of an attempt yet");
    wait(app, storage, &message, AWAY, Delivered::Waits).await
}

fn attempted(app: &App, delivery: &Delivery, outcome: Outcome) -> Attempted {
    let (delivery_id, channel, tried) = (delivery.id, delivery.channel.as_str(), delivery.attempts);
    let status = outcome.status;
    match outcome.failure {
        None => {
            tracing::info!(delivery = %delivery_id, channel, status, "a report was sent");
            Attempted::sent(status, app.now())
        }
        Some((reason, hopeless)) => {
            let attempted = Attempted::failed(tried, hopeless, status, &reason, app.now());
            let attempted = attempted.after_rest(outcome.rest.unwrap_or_default());
            tracing::warn!(delivery = %delivery_id, channel, status, reason, "a report was not sent");
            if attempted.next_at.is_none() {
                tracing::error!(
                    target: "pravis::alert",
                    event = "report_undelivered",
                    delivery = %delivery_id,
                    channel,
                    status,
                    "a report is given up for one of its readers"
                );
            }
            attempted
        }
    }
}

/// Does what follows from an attempt whose end is noted.
async fn settle(
    app: &App,
    store: &dyn Store,
    storage: &dyn Storage,
    message: &Message,
    attempted: Attempted,
    noted: bool,
) -> Result<Delivered, ReportError> {
    if !noted {
        // Another attempt has begun since, and has a message of its own.
        return Ok(Delivered::Nothing);
    }
    if let Some(next) = attempted.next_at {
        let rest = Duration::try_from(next.duration_since(app.now())).unwrap_or_default();
        return wait(
            app,
            storage,
            &Message::new(message.report, message.delivery),
            rest,
            Delivered::Failed,
        )
        .await;
    }
    if unfinished::open(store, message.report).await?.is_empty() {
        place::note_finished(storage, message.report).await?;
    }
    Ok(if attempted.reason.is_none() {
        Delivered::Sent
    } else {
        Delivered::Dead
    })
}

async fn send(
    app: &App,
    store: &dyn Store,
    storage: &dyn Storage,
    delivery: &Delivery,
) -> Result<Outcome, ReportError> {
    let Some(reader) = readers::of(app, delivery).await? else {
        return Ok(Outcome::hopeless(None, "the settings name this reader no more"));
    };
    let Some(report) = store.get_report(delivery.report_id).await? else {
        return Ok(Outcome::hopeless(None, "the report is gone"));
    };
    match reader {
        Reader::Webhook(endpoint) => Ok(webhook::call(app, &endpoint, delivery, &report).await),
        Reader::Mail(config, address) => {
            let (html, csv) = (
                text(storage, &report, Format::Html).await?,
                text(storage, &report, Format::Csv).await?,
            );
            let Some((html, csv)) = html.zip(csv) else {
                return Ok(Outcome::hopeless(None, "the documents of the report are gone"));
            };
            mail::send(app, config, address, delivery, &report, html, csv).await
        }
    }
}

async fn text(storage: &dyn Storage, report: &Report, format: Format) -> Result<Option<String>, ReportError> {
    let document = place::document(storage, report, format).await?;
    Ok(document.map(|(bytes, _)| String::from_utf8_lossy(&bytes).into_owned()))
}
