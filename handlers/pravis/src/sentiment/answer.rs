//! What Azure AI Language answers.

use domain::sentiment::{Aspect, SentimentLabel};
use serde::Deserialize;
use store::{Claimed, Refined, Refinement};

/// Aspects of one comment.
const ASPECTS: usize = 20;
/// Characters of what an aspect is about.
const TARGET: usize = 64;

/// An answer to [`Request`](super::request::Request).
#[derive(Deserialize)]
pub(super) struct Answer {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    documents: Vec<Document>,
    #[serde(default)]
    errors: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    id: String,
    sentiment: Tone,
    confidence_scores: Confidence,
    #[serde(default)]
    sentences: Vec<Sentence>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Tone {
    Positive,
    Neutral,
    Negative,
    Mixed,
}

#[derive(Deserialize)]
struct Confidence {
    positive: f64,
    negative: f64,
}

#[derive(Deserialize)]
struct Sentence {
    #[serde(default)]
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    sentiment: Tone,
    text: String,
}

#[derive(Deserialize)]
struct Refused {
    id: String,
    error: Code,
}

#[derive(Deserialize)]
struct Code {
    code: String,
    #[serde(default)]
    innererror: Option<Box<Code>>,
}

impl Answer {
    /// What became of each of these; of those that the answer leaves out, what `otherwise` says.
    pub(super) fn into_refined(
        self,
        claimed: &[Claimed],
        otherwise: impl Fn(&Claimed) -> Refinement,
    ) -> Vec<Refined> {
        let mut outcomes: Vec<Option<Refinement>> = vec![None; claimed.len()];
        let known = self.results.documents.into_iter().map(|document| {
            let place = document.id.parse::<usize>().ok();
            let language = place.and_then(|place| claimed.get(place)?.language.clone());
            (place, document.refinement(language))
        });
        let refused = self.results.errors.into_iter().map(|refused| {
            let place = refused.id.parse::<usize>().ok();
            (place, Refinement::Never(refused.error.innermost()))
        });
        for (place, outcome) in known.chain(refused) {
            // An id that was not asked for is nobody's.
            if let Some(own) = place.and_then(|place| outcomes.get_mut(place)) {
                *own = Some(outcome);
            }
        }
        claimed
            .iter()
            .zip(outcomes)
            .map(|(one, outcome)| Refined {
                id: one.id,
                outcome: outcome.unwrap_or_else(|| otherwise(one)),
            })
            .collect()
    }
}

impl Document {
    /// The score is how much surer the service is of praise than of blame. What is mixed is as good as it is bad, whatever the
    /// sum says: its aspects tell more. It was read in `language`.
    fn refinement(self, language: Option<String>) -> Refinement {
        let score = self.confidence_scores.positive - self.confidence_scores.negative;
        let mut aspects: Vec<Aspect> = Vec::new();
        for target in self.sentences.into_iter().flat_map(|sentence| sentence.targets) {
            let aspect = Aspect {
                target: target.text.chars().take(TARGET).collect(),
                label: target.sentiment.label(),
            };
            if aspects.len() < ASPECTS && !aspects.contains(&aspect) {
                aspects.push(aspect);
            }
        }
        Refinement::Known {
            score: if score.is_finite() {
                score.clamp(-1.0, 1.0)
            } else {
                0.0
            },
            label: self.sentiment.label(),
            language,
            aspects,
        }
    }
}

impl Tone {
    fn label(self) -> SentimentLabel {
        match self {
            Self::Positive => SentimentLabel::Positive,
            Self::Neutral | Self::Mixed => SentimentLabel::Neutral,
            Self::Negative => SentimentLabel::Negative,
        }
    }
}

impl Code {
    /// The code that says most. It is a word; whatever else it may be is not kept, since it may quote the comment.
    fn innermost(self) -> String {
        let mut code = self;
        while let Some(inner) = code.innererror.take() {
            code = *inner;
        }
        let word = !code.code.is_empty() && code.code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if word && code.code.len() <= 128 {
            code.code
        } else {
            "Unknown".to_owned()
        }
    }
}
