//! Which languages comments are in, where we cannot tell: Azure AI Language is asked first, since it takes a comment without a
//! language for English. (`language: "auto"` is for its asynchronous jobs only.)

use serde::Deserialize;
use store::Claimed;

/// How sure the service must be.
const SURE: f64 = 0.5;

/// What the service answers.
#[derive(Deserialize)]
pub(super) struct Detected {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    documents: Vec<Found>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    id: String,
    detected_language: Language,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Language {
    iso6391_name: String,
    confidence_score: f64,
}

impl Detected {
    /// Notes the languages that were found. Names with a script or a region (`zh_chs`) are cut down to the language.
    pub(super) fn note(self, claimed: &mut [Claimed]) {
        for found in self.results.documents {
            let place = found.id.parse::<usize>().ok();
            let Some(one) = place.and_then(|place| claimed.get_mut(place)) else {
                continue;
            };
            let name = found.detected_language.iso6391_name;
            let code = name.split(['_', '-']).next().unwrap_or_default();
            // What it does not know it calls `(Unknown)`.
            let is_code = matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_lowercase());
            if one.language.is_none() && is_code && found.detected_language.confidence_score >= SURE {
                one.language = Some(code.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::Request;
    use super::*;
    use uuid::Uuid;

    fn claimed(languages: &[Option<&str>]) -> Vec<Claimed> {
        let one = |language: &Option<&str>| Claimed {
            id: Uuid::nil(),
            comment: "Danke!".to_owned(),
            language: language.map(str::to_owned),
            attempts: 1,
        };
        languages.iter().map(one).collect()
    }

    #[test]
    fn only_what_is_unknown_is_asked_for() {
        assert!(Request::of_language(&claimed(&[Some("en"), Some("de")])).is_none());
        insta::assert_json_snapshot!(Request::of_language(&claimed(&[Some("en"), None])), @r#"
        {
          "kind": "LanguageDetection",
          "parameters": {
            "modelVersion": "latest",
            "loggingOptOut": true
          },
          "analysisInput": {
            "documents": [
              {
                "id": "1",
                "text": "Danke!"
              }
            ]
          }
        }
        "#);
    }

    #[test]
    fn a_language_is_noted_where_the_service_is_sure() {
        let mut comments = claimed(&[None, None, None, None, Some("en"), None]);
        let found = |id: &str, name: &str, score: f64| {
            serde_json::json!({"id": id, "warnings": [],
                "detectedLanguage": {"name": "any", "iso6391Name": name, "confidenceScore": score}})
        };
        let documents = [
            found("0", "de", 1.0),
            found("1", "(Unknown)", 0.0),
            found("2", "it", 0.4),
            found("3", "zh_chs", 0.9),
            found("4", "fr", 1.0),
            found("9", "fr", 1.0),
            found("x", "fr", 1.0),
        ];
        let answer = serde_json::json!({"kind": "LanguageDetectionResults",
            "results": {"documents": documents, "errors": [], "modelVersion": "2022-10-01"}});
        serde_json::from_value::<Detected>(answer)
            .unwrap()
            .note(&mut comments);
        let languages: Vec<_> = comments.iter().map(|one| one.language.as_deref()).collect();
        assert_eq!(languages, [Some("de"), None, None, Some("zh"), Some("en"), None]);
    }
}
