//! How much single words weigh.

use super::function_words::is_function_word;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;
use utoipa::ToSchema;
use vader_parity::SentimentIntensityAnalyzer;

/// Built when the first comment is scored: its tables take 1.5 MB.
static ANALYZER: LazyLock<SentimentIntensityAnalyzer> = LazyLock::new(SentimentIntensityAnalyzer::new);

/// VADER's normalisation of a sum of valences `s`: `s / sqrt(s² + 15)`.
const ALPHA: f64 = 15.0;
/// Words that are shown.
const SHOWN: usize = 10;
/// Words that are weighed: a comment of 8 KiB may have thousands.
const WEIGHED: usize = 400;
/// Characters of a word that are kept.
const LENGTH: usize = 64;
/// How far before a word VADER looks for negations and words of degree.
const WINDOW: usize = 3;

/// A word that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    /// The word, in small letters.
    pub word: String,
    /// How much it weighs where it stands, negations and words of degree before it included: about -5 (negative) to 5
    /// (positive).
    pub weight: f64,
}

/// What VADER says of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score {
    /// From -1 to 1.
    pub(super) compound: f64,
    /// Whether it has a word of the lexicon at all.
    pub(super) has_tone: bool,
}

/// The valences of words, each looked up once.
#[derive(Default)]
pub(super) struct Valences(HashMap<String, f64>);

impl Valences {
    /// Scores a text.
    pub(super) fn score(&mut self, text: &str) -> Score {
        let scores = ANALYZER.polarity_scores(text);
        Score {
            compound: scores.compound,
            has_tone: scores.pos > 0.0 || scores.neg > 0.0,
        }
    }

    /// The valence of a word by itself, in small letters; 0 for one without tone.
    pub(super) fn alone(&mut self, word: &str) -> f64 {
        if is_function_word("en", word) {
            return 0.0;
        }
        if let Some(known) = self.0.get(word) {
            return *known;
        }
        let valence = sum_of(word);
        self.0.insert(word.to_owned(), valence);
        valence
    }

    /// The words of a text that have a tone, strongest first.
    pub(super) fn deciding(&mut self, text: &str) -> Vec<Word> {
        let tokens: Vec<&str> = text.split_whitespace().map(bare).take(WEIGHED).collect();
        let small: Vec<String> = tokens.iter().map(|token| token.to_lowercase()).collect();
        let alone: Vec<f64> = small.iter().map(|word| self.alone(word)).collect();
        let mut words: HashMap<&str, f64> = HashMap::new();
        for place in (0..tokens.len()).filter(|place| alone[*place] != 0.0) {
            let first = place.saturating_sub(WINDOW);
            let mut weight = if first == place {
                alone[place]
            } else {
                sum_of(&tokens[first..=place].join(" "))
            };
            if alone[first..place].iter().any(|before| *before != 0.0) {
                weight -= sum_of(&tokens[first..place].join(" "));
            }
            let weight = (weight * 100.0).round() / 100.0;
            let strongest = words.entry(&small[place]).or_default();
            if weight.abs() > strongest.abs() {
                *strongest = weight;
            }
        }
        let mut words: Vec<_> = words.into_iter().filter(|(_, weight)| *weight != 0.0).collect();
        words.sort_by(|(a_word, a), (b_word, b)| {
            let stronger = b.abs().partial_cmp(&a.abs()).unwrap_or(Ordering::Equal);
            stronger.then_with(|| a_word.cmp(b_word))
        });
        words.truncate(SHOWN);
        let shown = words.into_iter().map(|(word, weight)| Word {
            word: word.chars().take(LENGTH).collect(),
            weight,
        });
        shown.collect()
    }
}

/// The sum of valences that VADER normalised to the score of this text.
fn sum_of(text: &str) -> f64 {
    let compound = ANALYZER.polarity_scores(text).compound;
    // A score is rounded to four digits; nothing that is short enough to be asked for here gets to 1.
    let rest = (1.0 - compound * compound).max(1e-4);
    compound * (ALPHA / rest).sqrt()
}

/// A token without the punctuation around it, as VADER reads it: what is left of `:)` would be too short, so that stays.
fn bare(token: &str) -> &str {
    let stripped = token.trim_matches(|c: char| c.is_ascii_punctuation());
    if stripped.chars().nth(2).is_some() {
        stripped
    } else {
        token
    }
}
