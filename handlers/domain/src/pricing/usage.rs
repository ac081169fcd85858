//! What of a turn its price depends on.

use super::Unit;
use crate::interactions::Interaction;
use jiff::Timestamp;

/// What a turn used, of which model, and when. Unknown figures are none.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "as in `Interaction`")]
pub struct Usage<'a> {
    pub started_at: Timestamp,
    pub provider: Option<&'a str>,
    pub model: Option<&'a str>,
    pub model_version: Option<&'a str>,
    pub deployment: Option<&'a str>,
    pub tokens_input: Option<u64>,
    pub tokens_output: Option<u64>,
    pub tokens_cached: Option<u64>,
    pub audio_seconds: Option<f64>,
    pub characters: Option<u64>,
    pub images: Option<u64>,
}

impl<'a> From<&'a Interaction> for Usage<'a> {
    fn from(turn: &'a Interaction) -> Self {
        Self {
            started_at: turn.started_at,
            provider: turn.provider.as_deref(),
            model: turn.model.as_deref(),
            model_version: turn.model_version.as_deref(),
            deployment: turn.deployment.as_deref(),
            tokens_input: turn.tokens_input,
            tokens_output: turn.tokens_output,
            tokens_cached: turn.tokens_cached,
            audio_seconds: turn.audio_seconds,
            characters: turn.characters,
            images: turn.images,
        }
    }
}

/// Millionths of a second: audio is paid for to the microsecond.
const MICROS: f64 = 1e6;

/// So many of a unit; audio in microseconds.
pub(super) type Used = (Unit, u64);

impl Usage<'_> {
    /// What was used and has to be paid for, zeros left out. None when the turn does not say what it used: no figure at all, or
    /// cached tokens without the tokens that they are a part of.
    pub(super) fn used(&self) -> Option<Vec<Used>> {
        let audio = self
            .audio_seconds
            .map(|seconds| (seconds * MICROS).round() as u64);
        let figures = [
            self.tokens_input,
            self.tokens_output,
            self.tokens_cached,
            audio,
            self.characters,
            self.images,
        ];
        if figures.iter().all(Option::is_none) {
            return None;
        }
        let cached = self.tokens_cached.unwrap_or(0);
        if cached > 0 && self.tokens_input.is_none() {
            return None;
        }
        let input = self.tokens_input.unwrap_or(0);
        let cached = cached.min(input);
        let used = [
            (Unit::InputToken, input - cached),
            (Unit::CachedInputToken, cached),
            (Unit::OutputToken, self.tokens_output.unwrap_or(0)),
            (Unit::AudioMinute, audio.unwrap_or(0)),
            (Unit::Character, self.characters.unwrap_or(0)),
            (Unit::Image, self.images.unwrap_or(0)),
        ];
        Some(used.into_iter().filter(|(_, count)| *count > 0).collect())
    }
}
