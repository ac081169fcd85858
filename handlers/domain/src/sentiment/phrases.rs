//! What a comment is about: runs of words between function words and punctuation, after RAKE (Rose and others, 2010).
//!
//! Of each run all parts of one to three words are phrases, so that "late delivery" and "slow delivery" both count for
//! "delivery". A single word that only says how good something is ("great") is none.

use super::function_words::{is_function_word, is_known};
use super::valence::Valences;

/// Phrases of one comment.
const MOST: usize = 24;
/// Words of a phrase.
const WORDS: usize = 3;
/// Letters of a word.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=32;

/// The phrases of a text, each once, in small letters and in the order of the text. None where the function words of the
/// language are not known.
pub(super) fn of(text: &str, language: &str, valences: &mut Valences) -> Vec<String> {
    let mut phrases: Vec<String> = Vec::new();
    if !is_known(language) {
        return phrases;
    }
    for run in runs(text, language) {
        for (start, length) in (0..run.len()).flat_map(|start| (1..=WORDS).map(move |length| (start, length)))
        {
            if phrases.len() == MOST {
                return phrases;
            }
            let Some(words) = run.get(start..start + length) else {
                break;
            };
            let phrase = words.join(" ");
            let opinion = length == 1 && language == "en" && valences.alone(&phrase) != 0.0;
            if !opinion && !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
    }
    phrases
}

/// Words that stand together.
fn runs(text: &str, language: &str) -> Vec<Vec<String>> {
    let mut runs = vec![Vec::new()];
    let cut = |runs: &mut Vec<Vec<String>>| {
        if runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(Vec::new());
        }
    };
    // What English contracts is a function word; what others elide is one before a word: "l'assistante".
    let inside = |c: char| c.is_alphanumeric() || c == '-' || (c == '\'' && language == "en");
    for part in text.split_inclusive(|c: char| !inside(c)) {
        let word = part.trim_end_matches(|c: char| !inside(c));
        let small = word.trim_matches(['\'', '-']).to_lowercase();
        if is_content(&small, language) {
            if let Some(run) = runs.last_mut() {
                run.push(small);
            }
        } else if !word.is_empty() {
            cut(&mut runs);
        }
        if part.ends_with(|c: char| !inside(c) && !c.is_whitespace()) {
            cut(&mut runs);
        }
    }
    runs
}

/// Neither a function word, nor a number, nor something too short or too long to say anything.
fn is_content(word: &str, language: &str) -> bool {
    LETTERS.contains(&word.chars().count())
        && word.chars().any(char::is_alphabetic)
        && !word.contains('\'')
        && !is_function_word(language, word)
}
