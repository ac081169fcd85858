//! What is asked of Azure AI Language: `:analyze-text` of its version 2023-04-01
//! (<https://learn.microsoft.com/rest/api/language/text-analysis-runtime/analyze-text>).

use serde::Serialize;
use store::Claimed;

/// Text elements of a document; a character is at least one, so cutting there is cutting early enough.
const CHARACTERS: usize = 5_120;

/// A request about documents.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request<'a> {
    kind: &'static str,
    parameters: Parameters,
    analysis_input: Input<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    model_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    opinion_mining: Option<bool>,
    /// Otherwise the service keeps texts for 48 hours.
    logging_opt_out: bool,
}

#[derive(Serialize)]
struct Input<'a> {
    documents: Vec<Document<'a>>,
}

#[derive(Serialize)]
struct Document<'a> {
    /// Its place in the request.
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    text: &'a str,
}

impl<'a> Request<'a> {
    /// Asks for the tone of comments.
    pub(super) fn of_tone(claimed: &'a [Claimed]) -> Self {
        let documents = claimed.iter().enumerate().map(Document::of);
        Self::new("SentimentAnalysis", Some(true), documents.collect())
    }

    /// Asks for the language of those comments of which none is known; none when there are none.
    pub(super) fn of_language(claimed: &'a [Claimed]) -> Option<Self> {
        let unknown = claimed
            .iter()
            .enumerate()
            .filter(|(_, one)| one.language.is_none());
        let documents: Vec<_> = unknown.map(Document::of).collect();
        (!documents.is_empty()).then(|| Self::new("LanguageDetection", None, documents))
    }

    fn new(kind: &'static str, opinion_mining: Option<bool>, documents: Vec<Document<'a>>) -> Self {
        Self {
            kind,
            parameters: Parameters {
                model_version: "latest",
                opinion_mining,
                logging_opt_out: true,
            },
            analysis_input: Input { documents },
        }
    }
}

impl<'a> Document<'a> {
    fn of((place, one): (usize, &'a Claimed)) -> Self {
        Self {
            id: place.to_string(),
            language: one.language.as_deref().map(language),
            text: cut(&one.comment),
        }
    }
}

/// The service knows Chinese by its script, and Norwegian as one language.
fn language(code: &str) -> &str {
    match code {
        "zh" => "zh-hans",
        "nb" | "nn" => "no",
        other => other,
    }
}

fn cut(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(CHARACTERS)
        .map_or(text.len(), |(end, _)| end);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_long_comment_is_cut_between_characters() {
        let comment = "é".repeat(6_000);
        assert_eq!(cut(&comment).chars().count(), 5_120);
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn what_is_sent() {
        let claimed = [("en", "It was fine."), ("zh", "很好")].map(|(language, comment)| Claimed {
            id: Uuid::nil(),
            comment: comment.to_owned(),
            language: Some(language.to_owned()),
            attempts: 1,
        });
        insta::assert_json_snapshot!(Request::of_tone(&claimed), @r#"
        {
          "kind": "SentimentAnalysis",
          "parameters": {
            "modelVersion": "latest",
            "opinionMining": true,
            "loggingOptOut": true
          },
          "analysisInput": {
            "documents": [
              {
                "id": "0",
                "language": "en",
                "text": "It was fine."
              },
              {
                "id": "1",
                "language": "zh-hans",
                "text": "很好"
              }
            ]
          }
        }
        "#);
    }
}
