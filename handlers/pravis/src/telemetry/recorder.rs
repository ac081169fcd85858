//! What the program tells beside spans and log lines: numbers, and facts of finished turns.

use super::facts::Facts;
use super::metrics::{Metrics, Usage};
use domain::interactions::{Interaction, Status};
use serde_json::value::RawValue;

/// Takes numbers and facts; a clone takes them for the same telemetry.
#[derive(Clone, Default)]
pub struct Recorder {
    metrics: Metrics,
    facts: Facts,
}

/// What is kept of a turn while the store has it.
pub struct Note(Option<Finished>);

struct Finished {
    usage: Usage,
    row: Option<Vec<u8>>,
}

impl Recorder {
    pub(super) fn new(metrics: Metrics, facts: Facts) -> Self {
        Self { metrics, facts }
    }

    /// The instruments.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The way to Log Analytics.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Notes a turn that goes to the store.
    pub fn note(&self, turn: &Interaction) -> Note {
        let wanted = turn.status != Status::Pending && (self.metrics.are_on() || self.facts.are_on());
        Note(wanted.then(|| Finished {
            usage: Usage {
                operation: turn.kind.as_str(),
                provider: turn.provider.clone(),
                model: turn.model.clone(),
                input: turn.tokens_input,
                output: turn.tokens_output,
                cost_micros: turn.cost_micros,
            },
            row: self.facts.row(turn),
        }))
    }

    /// Tells of turns that are stored now, and were not before; `bytes` is what was sent to store them.
    pub fn stored(&self, notes: impl IntoIterator<Item = Note>, bytes: usize) {
        let mut items = 0;
        for note in notes {
            items += 1;
            self.finished(note);
        }
        if items > 0 {
            self.metrics.ingested(items, bytes as u64);
        }
    }

    /// Tells of a batch: all that was sent, and what of it is stored now and was not before.
    pub fn batch(&self, items: &[&RawValue], stored: Vec<Note>) {
        self.metrics.batch(items.len() as u64);
        self.stored(stored, items.iter().map(|item| item.get().len()).sum());
    }

    /// Tells of a turn that was changed: its facts are told once, when it finishes.
    pub fn updated(&self, before: &Interaction, after: &Interaction) {
        if before.status == Status::Pending {
            self.finished(self.note(after));
        }
    }

    fn finished(&self, note: Note) {
        let Note(Some(Finished { usage, row })) = note else {
            return;
        };
        self.metrics.finished(usage);
        if let Some(row) = row {
            self.facts.send(row);
        }
    }
}
