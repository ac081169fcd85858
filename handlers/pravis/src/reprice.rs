//! Pricing stored turns anew: an explicit job, each of whose changes stands in the audit log.
//!
//! It walks through the turns of a range in small units. A run that was broken off is run again: what is right already is
//! not changed.

use crate::app::App;
use crate::prices;
use domain::audit::AuditEntry;
use domain::pricing::{CostChange, PriceBook, PricedTurn};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Store, StoreError};
use uuid::Uuid;

/// Turns of one unit.
const UNIT: usize = 500;
/// Attempts at a unit whose turns others keep changing.
const ATTEMPTS: usize = 32;

/// Why turns could not be priced anew.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum RepriceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("some turns change too fast: run it again")]
    Busy,
}

/// What is to be priced anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reprice {
    /// Turns that start from here on,
    pub from: Timestamp,
    /// and before this.
    pub to: Timestamp,
    /// Only find out what would change.
    pub dry_run: bool,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repriced {
    /// Names the run in the audit log; none of a dry run.
    pub run: Option<Uuid>,
    /// First start of the range.
    pub from: Timestamp,
    /// First start after the range.
    pub to: Timestamp,
    /// Turns whose cost is not their client's.
    pub turns: u64,
    /// Those whose cost changed.
    pub changed: u64,
    /// Those whose cost is unknown, also now.
    pub unpriced: u64,
    /// The changes by provider and model.
    pub models: Vec<ModelChange>,
}

/// What changed for one model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ModelChange {
    /// Who runs the model, as the turns say it.
    pub provider: Option<String>,
    /// The model, as the turns say it.
    pub model: Option<String>,
    /// Turns whose cost changed.
    pub turns: u64,
    /// Those of them that had a cost before.
    pub priced_before: u64,
    /// Those of them that have one now.
    pub priced_after: u64,
    /// Sum of the costs before, in micro-dollars.
    pub before_micros: u64,
    /// Sum of the costs now, in micro-dollars.
    pub after_micros: u64,
}

/// A turn, and its new cost.
type Change = (PricedTurn, Option<u64>);

/// Prices the turns of a range by the prices of now, except those that their clients priced; `progress` is told after each
/// unit how many turns were looked at.
pub async fn reprice(
    app: &App,
    store: &dyn Store,
    asked: Reprice,
    actor: &str,
    progress: impl Fn(u64),
) -> Result<Repriced, RepriceError> {
    prices::load(app, store).await?;
    let book = prices::current(app);
    let work = Work {
        app,
        store,
        book: &book,
        asked,
        actor,
        run: app.new_id(),
    };
    let (mut turns, mut changed, mut unpriced) = (0, 0, 0);
    let (mut models, mut after) = (Models::default(), None);
    loop {
        let unit = store.list_priced_turns(asked.from, asked.to, after, UNIT).await?;
        let Some(last) = unit.last() else { break };
        after = Some((last.started_at, last.id));
        turns += unit.len() as u64;
        let changes = unit
            .into_iter()
            .filter_map(|turn| match book.cost(&turn.usage()) {
                cost if cost == turn.cost_micros => {
                    unpriced += u64::from(cost.is_none());
                    None
                }
                cost => Some((turn, cost)),
            });
        let changes: Vec<Change> = changes.collect();
        for change in work.apply(changes).await? {
            changed += 1;
            unpriced += u64::from(change.1.is_none());
            models.count(&change);
        }
        progress(turns);
    }
    Ok(Repriced {
        run: (!asked.dry_run).then_some(work.run),
        from: asked.from,
        to: asked.to,
        turns,
        changed,
        unpriced,
        models: models.0.into_values().collect(),
    })
}

/// What every unit of a run shares.
struct Work<'a> {
    app: &'a App,
    store: &'a dyn Store,
    book: &'a PriceBook,
    asked: Reprice,
    actor: &'a str,
    run: Uuid,
}

impl Work<'_> {
    /// Makes the changes, and gives those that were made. What others changed meanwhile is read and priced once more.
    async fn apply(&self, mut changes: Vec<Change>) -> Result<Vec<Change>, RepriceError> {
        if self.asked.dry_run {
            return Ok(changes);
        }
        for _ in 0..ATTEMPTS {
            if changes.is_empty() {
                return Ok(changes);
            }
            let replaced = changes.iter().map(|(turn, cost)| CostChange {
                id: turn.id,
                started_at: turn.started_at,
                version: turn.version,
                cost_micros: *cost,
            });
            let stale = self
                .store
                .reprice(replaced.collect(), self.audit(&changes))
                .await?;
            if stale.is_empty() {
                return Ok(changes);
            }
            changes.retain(|(turn, _)| !stale.contains(&turn.id));
            for id in stale {
                changes.extend(self.again(id).await?);
            }
        }
        Err(RepriceError::Busy)
    }

    /// The change that a turn needs by now.
    async fn again(&self, id: Uuid) -> Result<Option<Change>, RepriceError> {
        let turn = self.store.get_interaction(id).await?;
        let turn = turn.filter(|turn| turn.priced || turn.cost_micros.is_none());
        let Some(turn) = turn.map(PricedTurn::from) else {
            return Ok(None);
        };
        let cost = self.book.cost(&turn.usage());
        Ok((cost != turn.cost_micros).then_some((turn, cost)))
    }

    /// The entry that tells each change of a unit: id, cost before, cost now.
    fn audit(&self, changes: &[Change]) -> AuditEntry {
        let mut models = Models::default();
        changes.iter().for_each(|change| models.count(change));
        let models: Vec<ModelChange> = models.0.into_values().collect();
        let turns: Vec<Value> = changes
            .iter()
            .map(|(turn, cost)| json!([turn.id, turn.cost_micros, cost]))
            .collect();
        let Reprice { from, to, .. } = self.asked;
        let detail = json!({"run": self.run, "from": from, "to": to, "models": models, "turns": turns});
        let subject = format!("interactions {from}/{to}");
        AuditEntry::new(
            self.app.new_id(),
            self.app.now(),
            self.actor,
            "reprice",
            subject,
            detail,
        )
    }
}

/// Changes by provider and model.
#[derive(Default)]
struct Models(BTreeMap<(Option<String>, Option<String>), ModelChange>);

impl Models {
    fn count(&mut self, (turn, cost): &Change) {
        let key = (turn.provider.clone(), turn.model.clone());
        let model = self.0.entry(key).or_insert_with(|| ModelChange {
            provider: turn.provider.clone(),
            model: turn.model.clone(),
            ..ModelChange::default()
        });
        model.turns += 1;
        model.priced_before += u64::from(turn.cost_micros.is_some());
        model.priced_after += u64::from(cost.is_some());
        model.before_micros = model.before_micros.saturating_add(turn.cost_micros.unwrap_or(0));
        model.after_micros = model.after_micros.saturating_add(cost.unwrap_or(0));
    }
}
