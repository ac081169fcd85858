//! The tone of comments, as clients see it.

use domain::keys::Scope;
use insta::assert_json_snapshot;
use pravis::host::invoke::invoke;
use pravis::host::timer::TimerInfo;
use serde_json::{Value, json};
use testkit::{Caller, LanguageMood, LanguageStub, TestApp, feedback, id, over, turn, until};
use uuid::Uuid;

const PATH: &str = "/api/v1/feedback";

/// A caller who may do everything, and turns 1 to 3 in English, in German and without a locale.
async fn with_turns(app: &TestApp) -> Caller {
    let admin = app.admin().await;
    for (number, locale) in [(1, json!("en-GB")), (2, json!("de-DE")), (3, Value::Null)] {
        let turn = turn(json!({"id": id(number), "locale": locale}));
        admin.post("/api/v1/interactions", turn).await.assert_status(201);
    }
    admin
}

async fn say(caller: &Caller, number: u128, on: u128, comment: &str) -> Value {
    let sent = feedback(&json!(id(on)), json!({"id": id(number), "comment": comment}));
    let answer = caller.post(PATH, sent).await;
    answer.assert_status(201);
    answer.json()
}

async fn read(caller: &Caller, number: u128) -> Value {
    caller.get(&format!("{PATH}/{}", id(number))).await.json()
}

#[tokio::test]
async fn a_comment_is_judged_at_once() {
    let app = TestApp::new().await;
    let admin = with_turns(&app).await;
    let said = say(
        &admin,
        10,
        3,
        "The advice was not good, but the delivery was very fast and the dress is lovely!",
    )
    .await;
    assert_json_snapshot!(said["sentiment"], @r#"
    {
      "aspects": null,
      "label": "positive",
      "language": "en",
      "score": 0.6993,
      "source": "vader",
      "words": [
        {
          "weight": 2.8,
          "word": "lovely"
        },
        {
          "weight": -1.41,
          "word": "good"
        }
      ]
    }
    "#);
    assert_eq!(read(&admin, 10).await["sentiment"], said["sentiment"]);
    let silent = feedback(&json!(id(1)), json!({"rating": 5}));
    assert_eq!(admin.post(PATH, silent).await.at("/sentiment"), Value::Null);
}

#[tokio::test]
async fn what_cannot_be_judged_is_unknown_and_never_neutral() {
    let app = TestApp::new().await;
    let admin = with_turns(&app).await;
    for (number, (on, comment, label, language)) in [
        (2, "Zu langsam.", "unknown", json!("de")),
        (3, "Zu langsam.", "unknown", Value::Null),
        (1, "Danke!", "unknown", Value::Null),
        (
            3,
            "Die Beratung war gut, aber die Lieferung kam zu spät.",
            "unknown",
            json!("de"),
        ),
        (
            1,
            "Die Beratung war gut, aber die Lieferung kam zu spät.",
            "unknown",
            json!("de"),
        ),
        (1, "Great service!", "positive", json!("en")),
        (3, "Great service!", "unknown", Value::Null),
        (2, "Great service!", "unknown", json!("de")),
        (2, "😀", "positive", Value::Null),
        (1, "🪑", "unknown", Value::Null),
        (1, "I asked about the size chart.", "neutral", json!("en")),
    ]
    .into_iter()
    .enumerate()
    {
        let tone = say(&admin, 10 + number as u128, on, comment).await["sentiment"].clone();
        assert_eq!(
            (&tone["label"], &tone["language"]),
            (&json!(label), &language),
            "{comment}"
        );
        assert_eq!(tone["score"].is_null(), label == "unknown", "{comment}: {tone}");
    }
    let answer = admin.get("/api/v1/analytics/feedback").await;
    let counted = json!({"positive": 2, "neutral": 1, "negative": 0, "unknown": 8});
    assert_eq!(answer.at("/sentiment"), counted);
    let list = admin.get(&format!("{PATH}?sentiment=neutral")).await;
    let comments: Vec<_> = list
        .at("/items")
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["comment"].clone())
        .collect();
    assert_eq!(comments, ["I asked about the size chart."]);
    let wrong = admin.get(&format!("{PATH}?sentiment=good")).await;
    wrong.assert_status(422);
}

#[tokio::test]
async fn a_summary_tells_what_feedback_is_about() {
    let app = TestApp::new().await;
    let admin = with_turns(&app).await;
    for (number, fields) in [
        (
            10,
            json!({"comment": "The delivery time is terrible.", "tags": ["shipping"], "rating": 1}),
        ),
        (
            11,
            json!({"comment": "Great dress, awful delivery time.", "tags": ["shipping", "fit"], "rating": 4}),
        ),
        (
            12,
            json!({"comment": "Die Lieferung war gut und der Mantel passt.", "tags": ["fit"]}),
        ),
        (13, json!({"rating": 3})),
    ] {
        let sent = over(feedback(&json!(id(1)), fields), json!({"id": id(number)}));
        admin.post(PATH, sent).await.assert_status(201);
    }
    let reader = app.caller(&[Scope::Read]).await;
    let answer = reader.get("/api/v1/analytics/feedback").await;
    assert_json_snapshot!(answer.at("/common"), @r#"
    {
      "complete": true,
      "counted": 3,
      "phrases": [
        {
          "count": 2,
          "mean_score": -0.10175000000000001,
          "phrase": "delivery time"
        }
      ],
      "tags": [
        {
          "average_rating": 4.0,
          "count": 2,
          "tag": "fit"
        },
        {
          "average_rating": 2.5,
          "count": 2,
          "tag": "shipping"
        }
      ]
    }
    "#);
}

/// Fires `timer_retention` as the host would.
async fn fire_nightly(app: &TestApp) {
    let info = TimerInfo {
        schedule_status: None,
        is_past_due: false,
    };
    let payload = info.payload("timer_retention", "timer", app.clock().now());
    let router = app.router();
    let fired = invoke(&router, "timer_retention", Uuid::now_v7(), payload.into_bytes());
    assert!(fired.await.is_ok());
}

/// Posts ten comments, which make a whole call.
async fn say_ten(admin: &Caller, comment: impl Fn(u128) -> String) {
    for number in 10..20 {
        say(admin, number, 1 + number % 2, &comment(number)).await;
    }
}

async fn refined(admin: &Caller, number: u128) -> bool {
    read(admin, number).await["sentiment"]["source"] == "azure"
}

#[tokio::test]
async fn azure_refines_comments_ten_at_a_time() {
    let language = LanguageStub::start();
    let app = TestApp::with_language(&language).await;
    let admin = with_turns(&app).await;
    let comment = |number| {
        if number % 2 == 0 {
            format!("The delivery is bad, I say {number}.")
        } else {
            format!("Die Lieferung ist good, sage ich {number}.")
        }
    };
    say_ten(&admin, comment).await;
    until("all are refined", async || refined(&admin, 19).await).await;
    let [german, english] = [11, 10].map(|number| read(&admin, number));
    let (german, english) = (german.await, english.await);
    assert_json_snapshot!([&german["sentiment"], &english["sentiment"]], @r#"
        [
          {
            "aspects": [],
            "label": "positive",
            "language": "de",
            "score": 0.97,
            "source": "azure",
            "words": []
          },
          {
            "aspects": [
              {
                "label": "negative",
                "target": "delivery"
              }
            ],
            "label": "negative",
            "language": "en",
            "score": -0.88,
            "source": "azure",
            "words": [
              {
                "weight": -2.5,
                "word": "bad"
              }
            ]
          }
        ]
        "#);
    assert_eq!(language.requests().len(), 1, "one call for all");
    assert_json_snapshot!(language.requests()[0]["parameters"], @r#"
    {
      "loggingOptOut": true,
      "modelVersion": "latest",
      "opinionMining": true
    }
    "#);
    let documents = language.requests()[0]["analysisInput"]["documents"].clone();
    assert_eq!(
        documents[0],
        json!({"id": "0", "language": "en", "text": comment(10)})
    );
    assert_eq!(documents[1]["language"], "de");
    assert_eq!(language.faults(), [] as [String; 0]);
    let answer = admin.get("/api/v1/analytics/feedback").await;
    assert_eq!(
        answer.at("/sentiment"),
        json!({"positive": 5, "neutral": 0, "negative": 5, "unknown": 0})
    );
}

#[tokio::test]
async fn azure_is_asked_for_the_language_that_we_cannot_tell() {
    let language = LanguageStub::start();
    let app = TestApp::with_language(&language).await;
    let admin = with_turns(&app).await;
    // Turn 3 has no locale.
    for number in 10..20 {
        let comment = if number % 2 == 0 { "Zu langsam." } else { "Danke!" };
        let said = say(&admin, number, 3, comment).await;
        assert_eq!(said["sentiment"]["language"], Value::Null, "{comment}");
    }
    until("all are told", async || due(&app, 19).await.is_none()).await;
    let (german, unknown) = (read(&admin, 10).await, read(&admin, 11).await);
    let tone = |feedback: &Value| {
        let tone = &feedback["sentiment"];
        (
            tone["source"].clone(),
            tone["language"].clone(),
            tone["label"].clone(),
        )
    };
    assert_eq!(tone(&german), (json!("azure"), json!("de"), json!("neutral")));
    assert_eq!(tone(&unknown), (json!("vader"), Value::Null, json!("unknown")));
    let requests = language.requests();
    let kinds: Vec<_> = requests.iter().map(|request| request["kind"].clone()).collect();
    assert_eq!(kinds, ["LanguageDetection", "SentimentAnalysis"]);
    let documents = |place: usize| requests[place]["analysisInput"]["documents"].as_array().unwrap();
    assert_eq!((documents(0).len(), documents(1).len()), (10, 5));
    assert!(documents(1).iter().all(|document| document["language"] == "de"));
    // What has no letter has no language.
    let silent = say(&admin, 30, 3, "👍👍").await;
    assert_eq!(silent["sentiment"]["source"], "vader");
    assert_eq!(due(&app, 30).await, None);
}

#[tokio::test]
async fn without_the_setting_no_comment_leaves() {
    let language = LanguageStub::start();
    let app = TestApp::new().await;
    let admin = with_turns(&app).await;
    say_ten(&admin, |number| format!("It is good, I say {number}.")).await;
    let until = app.clock().now() + jiff::SignedDuration::from_hours(24);
    assert_eq!(app.store().claim_sentiments(until, until, 10).await.unwrap(), []);
    assert_eq!(language.requests(), [] as [Value; 0]);
}

/// When a comment is to be refined.
async fn due(app: &TestApp, number: u128) -> Option<jiff::Timestamp> {
    let feedback = app.store().get_feedback(id(number).parse().unwrap()).await;
    feedback.unwrap().unwrap().refine_at
}

/// Whatever the service does: the comment was answered and stays judged, is due again, and is refined when all is well.
#[tokio::test]
async fn what_the_service_fails_at_is_done_later() {
    for (mood, rest) in [
        (LanguageMood::Refuses(429, Some(120)), 120),
        (LanguageMood::Refuses(500, None), 5),
        (LanguageMood::Refuses(503, Some(600)), 600),
        (LanguageMood::Refuses(429, Some(u64::MAX)), 86_400),
        (LanguageMood::Refuses(403, None), 3600),
        (LanguageMood::Refuses(400, None), 3600),
        (LanguageMood::Refuses(302, None), 3600),
        (LanguageMood::Says("no JSON".into()), 5),
        (
            LanguageMood::Says("{\"results\": {\"documents\": [{\"id\": 0}]}}".into()),
            5,
        ),
    ] {
        let language = LanguageStub::start();
        language.be(mood.clone());
        let app = TestApp::with_language(&language).await;
        let admin = with_turns(&app).await;
        let begin = app.clock().now();
        say_ten(&admin, |number| format!("It is good, I say {number}.")).await;
        let expected = Some(begin + jiff::SignedDuration::from_secs(rest));
        until(&format!("{mood:?} puts it off"), async || {
            due(&app, 10).await == expected
        })
        .await;
        assert_eq!(read(&admin, 10).await["sentiment"]["label"], "positive");
        fire_nightly(&app).await;
        assert_eq!(language.requests().len(), 1, "it is left alone after {mood:?}");

        // In the night, or with the next comment.
        language.be(LanguageMood::Answers);
        app.clock().advance(jiff::SignedDuration::from_secs(rest));
        fire_nightly(&app).await;
        for number in 10..20 {
            assert!(refined(&admin, number).await, "{mood:?}");
        }
    }
}

#[tokio::test]
async fn the_next_comment_takes_along_what_was_left() {
    let language = LanguageStub::start();
    language.be(LanguageMood::Refuses(429, Some(3600)));
    let app = TestApp::with_language(&language).await;
    let admin = with_turns(&app).await;
    let later = app.clock().now() + jiff::SignedDuration::from_hours(1);
    say_ten(&admin, |number| format!("It is good, I say {number}.")).await;
    until("it is put off", async || due(&app, 19).await == Some(later)).await;
    language.be(LanguageMood::Answers);
    app.clock().advance(jiff::SignedDuration::from_hours(1));
    say(&admin, 30, 1, "It is bad, I say.").await;
    until("all are refined", async || {
        refined(&admin, 19).await && refined(&admin, 30).await
    })
    .await;
}

#[tokio::test]
async fn a_document_that_is_refused_is_not_asked_for_again() {
    for (mood, comment) in [
        (LanguageMood::Answers, "This is unsupported, I say."),
        (LanguageMood::Mistakes, "It is good, I say."),
        (LanguageMood::Forgets, "It is good, I say."),
    ] {
        let language = LanguageStub::start();
        language.be(mood.clone());
        let app = TestApp::with_language(&language).await;
        let admin = with_turns(&app).await;
        say_ten(&admin, |_| comment.to_owned()).await;
        until(&format!("{mood:?} is told"), async || {
            due(&app, 19).await.is_none()
        })
        .await;
        assert!(!refined(&admin, 19).await, "{mood:?}");
        fire_nightly(&app).await;
        assert_eq!(language.requests().len(), 1, "{mood:?}");
    }
}

/// A service that never answers holds nobody up.
#[tokio::test]
async fn a_slow_service_delays_no_answer() {
    let language = LanguageStub::start();
    language.be(LanguageMood::Hangs);
    let app = TestApp::with_language(&language).await;
    let admin = with_turns(&app).await;
    say_ten(&admin, |number| format!("It is good, I say {number}.")).await;
    until("it is asked", async || language.requests().len() == 1).await;
    let begin = std::time::Instant::now();
    say(&admin, 30, 1, "It is bad, I say.").await;
    // The call may take 20 seconds.
    assert!(begin.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!(read(&admin, 30).await["sentiment"]["source"], "vader");
}
