//! The price book of this process, as the store has it.
//!
//! The first write after the store was opened waits for it. From then on it is read again at most once a minute, beside the
//! requests that use it and never by a timer, which would keep a database awake. While the store was never there, the prices
//! that come with the program are used; what is spilled then is priced anew when it is stored.

use crate::app::App;
use crate::error::ApiError;
use crate::spill::attempt;
use domain::Fault;
use domain::audit::AuditEntry;
use domain::pricing::{DeploymentModel, ModelPrice, NewDeployment, NewPrice, PriceBook, SHIPPED, shipped};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{SetPrice, Store, StoreError};
use tokio::time::{Instant, timeout_at};

/// How old the book may be before a request has it read again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// Prices that are set within this time are set at once: clocks of processes differ.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(5);
/// Attempts at a price that holds from now on, which others keep overtaking.
const ATTEMPTS: usize = 32;

/// The book, and when it was last asked for.
pub(crate) struct Prices {
    book: RwLock<Arc<PriceBook>>,
    standing: Mutex<Standing>,
    /// One reads at a time, so that an older answer never takes the place of a newer one.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Default)]
struct Standing {
    /// Whether it was ever read from the store.
    loaded: bool,
    /// When it was last asked for, whatever came of it.
    asked: Option<Timestamp>,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            book: RwLock::new(Arc::new(PriceBook::new(shipped::table()))),
            standing: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        }
    }
}

impl Prices {
    fn current(&self) -> Arc<PriceBook> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn standing(&self) -> Standing {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_standing(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    /// Whether it is time to ask again; then it counts as asked.
    fn is_due(&self, now: Timestamp) -> bool {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let due = standing
            .asked
            .is_none_or(|asked| now.duration_since(asked) >= FRESH);
        if due {
            standing.asked = Some(now);
        }
        due
    }
}

/// The book to price by. Waits for the store only where it was never read from it, and no longer than `until`.
pub(crate) async fn book(app: &App, until: Instant) -> Arc<PriceBook> {
    let prices = app.prices();
    if !prices.standing().loaded {
        first(app, until).await;
    } else if prices.is_due(app.now()) {
        let app = app.clone();
        tokio::spawn(async move {
            if let Some(store) = app.store_at_hand().await
                && let Err(error) = load(&app, &*store).await
            {
                tracing::warn!(%error, "the prices could not be read again");
            }
        });
    }
    prices.current()
}

async fn first(app: &App, until: Instant) {
    let prices = app.prices();
    if app.store_at_hand().await.is_none() {
        return;
    }
    let Ok(_alone) = timeout_at(until, prices.reading.lock()).await else {
        return;
    };
    // A store that is there and refuses is not asked at each write.
    if prices.standing().loaded || !prices.is_due(app.now()) {
        return;
    }
    let read = attempt(app, until, |store| async move { Ok(read(app, &*store).await?) });
    match read.await {
        Ok(Some(())) => {}
        // It is away: the first write after it is back asks again.
        Ok(None) => prices.set_standing(Standing::default()),
        Err(error) => tracing::error!(%error, "the prices could not be read"),
    }
}

/// The book as it is at hand.
pub(crate) fn current(app: &App) -> Arc<PriceBook> {
    app.prices().current()
}

/// Reads the book from the store, now.
pub(crate) async fn load(app: &App, store: &dyn Store) -> Result<(), StoreError> {
    let _alone = app.prices().reading.lock().await;
    read(app, store).await
}

/// Reads the book from the store where that was not done yet, so that the store has the prices that come with the program.
pub(crate) async fn loaded(app: &App, store: &dyn Store) -> Result<(), StoreError> {
    if app.prices().standing().loaded {
        return Ok(());
    }
    load(app, store).await
}

async fn read(app: &App, store: &dyn Store) -> Result<(), StoreError> {
    let now = app.now();
    let mut table = store.price_table().await?;
    let due = shipped::due(&table, now);
    if !due.is_empty() {
        let detail = json!({"prices": due.len()});
        let audit = AuditEntry::new(app.new_id(), now, SHIPPED, "ship_prices", "model_prices", detail);
        store.ship_prices(due, audit).await?;
        table = store.price_table().await?;
    }
    let book = Arc::new(PriceBook::new(table));
    let prices = app.prices();
    *prices.book.write().unwrap_or_else(PoisonError::into_inner) = book;
    prices.set_standing(Standing {
        loaded: true,
        asked: Some(now),
    });
    Ok(())
}

/// Sets a price. Shared by the operation and the command line.
pub(crate) async fn set_price(
    app: &App,
    store: &dyn Store,
    new: NewPrice,
    actor: &str,
) -> Result<ModelPrice, ApiError> {
    new.validate()?;
    loaded(app, store).await?;
    let from_now_on = new.effective_from.is_none();
    let mut price = new.into_price(app.new_id(), actor, app.now());
    for _ in 0..ATTEMPTS {
        let subject = format!("{} {} {}", price.provider, price.model, price.unit.as_str());
        let audit = AuditEntry::new(app.new_id(), app.now(), actor, "set_price", subject, json!(price));
        let newest = match store.set_price(price.clone(), audit).await? {
            SetPrice::Set => {
                if let Err(error) = load(app, store).await {
                    tracing::warn!(%error, "the prices could not be read again");
                }
                return Ok(price);
            }
            SetPrice::TooEarly(newest) => newest,
        };
        if !from_now_on || newest.duration_since(app.now()) > SAME_MOMENT {
            let detail = format!("takes a time after {newest}, when the newest price begins");
            return Err(Fault::invalid("/effective_from", detail).into());
        }
        // Another price was set in the same moment.
        price.effective_from = newest + SignedDuration::from_micros(1);
    }
    Err(ApiError::StoreUnavailable(
        "the price changes too fast".to_owned(),
    ))
}

/// Says which model a deployment runs.
pub(crate) async fn set_deployment_model(
    app: &App,
    store: &dyn Store,
    new: NewDeployment,
    actor: &str,
) -> Result<DeploymentModel, ApiError> {
    new.validate()?;
    let deployment = new.into_deployment(actor, app.now());
    let (subject, detail) = (deployment.deployment.clone(), json!(deployment));
    let audit = AuditEntry::new(
        app.new_id(),
        app.now(),
        actor,
        "set_deployment_model",
        subject,
        detail,
    );
    store.set_deployment_model(deployment.clone(), audit).await?;
    Ok(deployment)
}
