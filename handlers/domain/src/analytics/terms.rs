//! What feedback is about: the tags that were given, and the key phrases of what was said.

use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// Tags and phrases that are shown.
const SHOWN: usize = 20;
/// Feedback that is looked at: the newest of the range.
pub const LOOKED_AT: usize = 2_000;
/// Phrases among which repetitions are looked for.
const CANDIDATES: usize = 100;

/// The tags and phrases of one feedback, and how it judges.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// The tags that were given.
    pub tags: Vec<String>,
    /// The key phrases of its comment.
    pub phrases: Vec<String>,
    /// 1 to 5.
    pub rating: Option<u8>,
    /// Tone of the comment, from -1 to 1.
    pub score: Option<f64>,
}

/// How often a tag was given.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TagFigures {
    /// The tag.
    pub tag: String,
    /// Feedback with it.
    pub count: i64,
    /// Mean rating of those that have one, 1 to 5; null when none has.
    pub average_rating: Option<f64>,
}

/// How often something was mentioned.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PhraseFigures {
    /// One to three words, in small letters.
    pub phrase: String,
    /// Comments with it, at least 2.
    pub count: i64,
    /// Mean score of those of known tone, -1 to 1; null when there are none.
    pub mean_score: Option<f64>,
}

/// What feedback of a range is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct CommonTerms {
    /// The most used tags, at most 20.
    pub tags: Vec<TagFigures>,
    /// The most frequent key phrases, at most 20. One that only ever stands within a longer one of the list is left out.
    pub phrases: Vec<PhraseFigures>,
    /// Over how many feedbacks they were counted: the newest 2,000 of the range that have tags or key phrases, less what the
    /// filter leaves out.
    pub counted: i64,
    /// Whether those are all.
    pub complete: bool,
}

/// A count, and the mean of what is known.
#[derive(Default)]
struct Mean {
    count: i64,
    known: i64,
    sum: f64,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        self.count += 1;
        self.known += i64::from(value.is_some());
        self.sum += value.unwrap_or_default();
    }

    fn value(&self) -> Option<f64> {
        (self.known > 0).then(|| self.sum / self.known as f64)
    }
}

impl CommonTerms {
    /// Counts the terms of the newest feedbacks, each with whether it passes the filter. One more than [`LOOKED_AT`] of them
    /// says that there are others.
    pub fn of_newest(mut newest: Vec<(Terms, bool)>) -> Self {
        let complete = newest.len() <= LOOKED_AT;
        newest.truncate(LOOKED_AT);
        let passing = newest.into_iter().filter(|(_, passes)| *passes);
        Self::of(&passing.map(|(terms, _)| terms).collect::<Vec<_>>(), complete)
    }

    /// Counts the terms of these feedbacks, which are all that there are if `complete`.
    pub fn of(feedback: &[Terms], complete: bool) -> Self {
        let (mut tags, mut phrases): (HashMap<&str, Mean>, HashMap<&str, Mean>) = Default::default();
        for own in feedback {
            // What is said twice in one breath counts once.
            for tag in own.tags.iter().collect::<BTreeSet<_>>() {
                tags.entry(tag).or_default().add(own.rating.map(f64::from));
            }
            for phrase in own.phrases.iter().collect::<BTreeSet<_>>() {
                phrases.entry(phrase).or_default().add(own.score);
            }
        }
        phrases.retain(|_, mean| mean.count > 1);
        let mut tags: Vec<_> = tags.into_iter().collect();
        tags.sort_by(|(a_tag, a), (b_tag, b)| b.count.cmp(&a.count).then_with(|| a_tag.cmp(b_tag)));
        let tags = tags.into_iter().take(SHOWN).map(|(tag, mean)| TagFigures {
            tag: tag.to_owned(),
            count: mean.count,
            average_rating: mean.value(),
        });
        Self {
            tags: tags.collect(),
            phrases: most_said(phrases),
            counted: feedback.len() as i64,
            complete,
        }
    }
}

fn most_said(phrases: HashMap<&str, Mean>) -> Vec<PhraseFigures> {
    let words = |phrase: &str| phrase.split(' ').count();
    let mut phrases: Vec<_> = phrases.into_iter().collect();
    phrases.sort_by(|(a_phrase, a), (b_phrase, b)| {
        let longer = || words(b_phrase).cmp(&words(a_phrase));
        b.count
            .cmp(&a.count)
            .then_with(longer)
            .then_with(|| a_phrase.cmp(b_phrase))
    });
    phrases.truncate(CANDIDATES);
    let mut shown: Vec<PhraseFigures> = Vec::new();
    for (phrase, mean) in phrases {
        let said = shown
            .iter()
            .any(|longer| longer.count == mean.count && holds(&longer.phrase, phrase));
        if !said {
            shown.push(PhraseFigures {
                phrase: phrase.to_owned(),
                count: mean.count,
                mean_score: mean.value(),
            });
        }
    }
    shown.truncate(SHOWN);
    shown
}

/// Whether all words of `part` stand next to each other in `whole`.
fn holds(whole: &str, part: &str) -> bool {
    format!(" {whole} ").contains(&format!(" {part} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(phrases: &[&str], score: f64) -> Terms {
        Terms {
            phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
            score: Some(score),
            ..Terms::default()
        }
    }

    #[test]
    fn a_phrase_within_another_is_told_only_where_it_also_stands_alone() {
        let common = CommonTerms::of(
            &[
                said(&["delivery", "delivery time", "time"], -0.5),
                said(&["delivery", "delivery time", "time"], 0.0),
                said(&["delivery"], -0.25),
                said(&["once"], 1.0),
            ],
            true,
        );
        let phrases: Vec<_> = common
            .phrases
            .iter()
            .map(|own| (own.phrase.as_str(), own.count))
            .collect();
        assert_eq!(phrases, [("delivery", 3), ("delivery time", 2)]);
        assert_eq!(common.phrases[0].mean_score, Some(-0.25));
    }

    #[test]
    fn a_tag_counts_once_a_feedback() {
        let tagged = |rating| Terms {
            tags: vec!["b".into(), "b".into(), "a".into()],
            rating,
            ..Terms::default()
        };
        let common = CommonTerms::of(&[tagged(Some(4)), tagged(None), tagged(Some(1))], false);
        let tags: Vec<_> = common
            .tags
            .iter()
            .map(|own| (own.tag.as_str(), own.count, own.average_rating))
            .collect();
        assert_eq!(tags, [("a", 3, Some(2.5)), ("b", 3, Some(2.5))]);
        assert_eq!((common.counted, common.complete), (3, false));
        assert_eq!(CommonTerms::of(&[], true).tags, []);
    }
}
