//! The tone of a comment: how good or bad, in what language, because of which words, and about what.
//!
//! English is scored by VADER (Hutto and Gilbert, ICWSM 2014), a lexicon with rules for negation, degree, case and
//! punctuation. No lexicon of another language with a licence to ship stands here, so a comment in another language is
//! `unknown`, which is not `neutral`. Emoji and emoticons speak for themselves in any language.

mod function_words;
mod language;
mod phrases;
mod valence;

pub use valence::Word;

use crate::feedback::choice;
use crate::interactions::names;
use language::Language;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;
use valence::Valences;

/// From this score on a comment is positive, and from its negative on negative, as VADER publishes it.
const TONE: f64 = 0.05;

choice!(
    /// The tone of a comment. `unknown` where nobody can tell, which is not `neutral`.
    SentimentLabel { Positive = "positive", Neutral = "neutral", Negative = "negative", Unknown = "unknown" }
);
choice!(
    /// Who found out the tone: the program itself, or Azure AI Language.
    SentimentSource { Vader = "vader", Azure = "azure" }
);

/// The tone of a comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sentiment {
    /// From -1 (negative) to 1 (positive); null when the tone is unknown.
    pub score: Option<f64>,
    /// The score in a word.
    pub label: SentimentLabel,
    /// The language of the comment, ISO 639; null when it cannot be told.
    pub language: Option<String>,
    /// The words that decided, strongest first, at most 10.
    pub words: Vec<Word>,
    /// What the comment judges, and how, such as `delivery`: `negative`; null until Azure AI Language was asked.
    pub aspects: Option<Vec<Aspect>>,
    /// Who found it out.
    pub source: SentimentSource,
}

/// One thing that a comment judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Aspect {
    /// What is judged, in the words of the comment.
    pub target: String,
    /// How.
    pub label: SentimentLabel,
}

impl SentimentLabel {
    /// The label of a score from -1 to 1.
    pub fn of(score: f64) -> Self {
        if score >= TONE {
            Self::Positive
        } else if score <= -TONE {
            Self::Negative
        } else {
            Self::Neutral
        }
    }
}

/// What is made of a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Its tone.
    pub sentiment: Sentiment,
    /// What it is about: its key phrases, at most 24.
    pub phrases: Vec<String>,
}

/// A comment of which the language was looked for.
pub struct Reading<'a> {
    text: Cow<'a, str>,
    language: Language,
}

/// Judges a comment; `locale` is that of its turn, for comments that are too short to tell their language.
pub fn of(comment: &str, locale: Option<&str>) -> Judgement {
    Reading::of(comment).judged(locale)
}

impl<'a> Reading<'a> {
    /// Reads a comment.
    pub fn of(comment: &'a str) -> Self {
        let text = plain(comment);
        let language = language::of(&text);
        Self { text, language }
    }

    /// Whether the locale of the turn would help.
    pub fn needs_locale(&self) -> bool {
        self.language == Language::Unsure
    }

    /// Judges the comment. A locale is believed only where the text alone does not tell its language.
    pub fn judged(&self, locale: Option<&str>) -> Judgement {
        let (language, sure) = match self.language {
            Language::Sure(language) => (Some(language.to_owned()), true),
            Language::Unsure => (locale.and_then(language::of_locale), false),
            Language::Wordless => (None, false),
        };
        let mut valences = Valences::default();
        let english = language.as_deref() == Some("en");
        let score = (english || self.language == Language::Wordless)
            .then(|| valences.score(&self.text))
            // A text of which only its turn says that it is English, and that has no word that VADER knows, may as well
            // be in another language.
            .filter(|score| sure || score.has_tone);
        let phrases = language.as_deref().filter(|_| sure || score.is_some());
        let phrases = phrases.map_or_else(Vec::new, |code| phrases::of(&self.text, code, &mut valences));
        let sentiment = Sentiment {
            score: score.map(|score| score.compound),
            label: score.map_or(SentimentLabel::Unknown, |score| {
                SentimentLabel::of(score.compound)
            }),
            words: score.map_or_else(Vec::new, |_| valences.deciding(&self.text)),
            language: language.filter(|_| !english || score.is_some()),
            aspects: None,
            source: SentimentSource::Vader,
        };
        Judgement { sentiment, phrases }
    }
}

/// The text as the lexicon spells it: phones write curly apostrophes ("don’t"), and say after a heart that it is meant to be
/// a picture.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(['\u{2019}', '\u{fe0f}']) {
        Cow::Owned(text.replace('\u{2019}', "'").replace('\u{fe0f}', ""))
    } else {
        Cow::Borrowed(text)
    }
}
