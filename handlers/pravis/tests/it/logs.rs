//! What is logged, and above all what is not.

use serde_json::json;
use std::cell::RefCell;
use std::io;
use std::sync::Once;
use testkit::{LanguageMood, LanguageStub, TestApp, feedback, id, turn, until};
use tracing::Level;

thread_local! {
    /// What this thread has logged since it began to record; none: it does not.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes into the log of the thread, if it records.
struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.iter_mut().for_each(|log| log.extend(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps everything that this thread logs from now on, however unimportant.
///
/// One subscriber for all threads, which is never dropped: `tracing` caches for all threads whether a place is of interest
/// to any subscriber, and subscribers that come and go beside each other miss records.
pub(crate) fn record() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(Level::TRACE)
            .with_writer(|| Writer)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LOG.set(Some(Vec::new()));
}

/// What was kept.
pub(crate) fn recorded() -> String {
    String::from_utf8(LOG.take().unwrap()).unwrap()
}

#[tokio::test]
async fn neither_keys_nor_what_people_say_or_are_called() {
    record();
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let said = json!({"id": id(1), "user_id": "shopper-17", "session_id": "session-17", "request_text": "secret wish",
        "response_text": "secret answer", "metadata": {"note": "secret note"}});
    admin
        .post("/api/v1/interactions", turn(said))
        .await
        .assert_status(201);
    let given = feedback(&json!(id(1)), json!({"comment": "secret opinion"}));
    admin.post("/api/v1/feedback", given).await.assert_status(201);
    let wrong = turn(json!({"user_id": 1, "model": "secret \u{0} model", "secret field": 1}));
    admin.post("/api/v1/interactions", wrong).await.assert_status(422);
    for path in [
        "/api/v1/users/shopper-17/interactions",
        "/api/v1/sessions/session-17",
        "/api/v1/interactions?user_id=shopper-17",
        "/api/v1/feedback?user_id=shopper-17",
        "/api/nothing/secret",
    ] {
        admin.get(path).await;
    }
    app.anonymous()
        .secret("pravis_secret")
        .get("/api/v1/sessions")
        .await
        .assert_status(401);
    let log = recorded();
    assert!(
        log.contains("/v1/users/{user_id}/interactions"),
        "routes are logged as templates"
    );
    for private in ["secret", "shopper-17", "session-17", admin.key()] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private}");
    }
}

/// Comments go to Azure AI Language, and nowhere else; its answers quote them.
#[tokio::test]
async fn nothing_of_comments_that_are_refined() {
    for mood in [
        LanguageMood::Answers,
        LanguageMood::Refuses(429, None),
        LanguageMood::Says("secret".to_owned()),
    ] {
        let language = LanguageStub::start();
        language.be(mood.clone());
        record();
        let app = TestApp::with_language(&language).await;
        let admin = app.admin().await;
        let made = turn(json!({"id": id(1), "locale": "en-GB"}));
        admin.post("/api/v1/interactions", made).await.assert_status(201);
        for comment in ["A secret good delivery.", "A secret that is unsupported."] {
            let given = feedback(&json!(id(1)), json!({"comment": comment}));
            admin.post("/api/v1/feedback", given).await.assert_status(201);
        }
        until("it was asked", async || !language.requests().is_empty()).await;
        let begin = app.clock().now();
        until("its answer was kept", async || {
            let due = app
                .store()
                .list_feedback(Default::default(), Default::default())
                .await
                .unwrap();
            due.iter().all(|own| {
                own.refine_at
                    .is_none_or(|at| at < begin + jiff::SignedDuration::from_mins(5))
            })
        })
        .await;
        let log = recorded();
        assert_eq!(
            log.contains("did not answer"),
            mood != LanguageMood::Answers,
            "{mood:?}"
        );
        let told = log
            .lines()
            .find(|line| line.contains("secret") || line.contains("seeded-token"));
        assert_eq!(told, None, "{mood:?}");
    }
}

#[tokio::test]
async fn ids_of_the_request_and_a_well_formed_trace() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    for (traceparent, taken) in [
        (format!("00-{TRACE}-b7ad6b7169203331-01"), true),
        (
            format!("cc-{TRACE}-b7ad6b7169203331-01-what-the-future-will-bring"),
            true,
        ),
        (format!("ff-{TRACE}-b7ad6b7169203331-01"), false),
        (format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()), false),
        (format!("00-{TRACE}-0000000000000000-01"), false),
        (format!("00-{TRACE}-b7ad6b7169203331"), false),
        (format!("00-{TRACE}0-b7ad6b7169203331-01"), false),
    ] {
        record();
        let app = TestApp::without_store(&[]);
        let caller = app
            .anonymous()
            .with("traceparent", &traceparent)
            .with("x-request-id", "req-17")
            .with("x-azure-functions-invocationid", "invocation-17");
        caller.get("/api/health/ready").await.assert_status(503);
        let log = recorded();
        let line = log.lines().find(|line| line.contains("\"answered\"")).unwrap();
        assert!(
            line.contains("\"req-17\"") && line.contains("\"invocation-17\""),
            "{line}"
        );
        assert_eq!(
            line.contains(&format!("\"{TRACE}\"")),
            taken,
            "{traceparent}: {line}"
        );
        assert!(taken || !line.contains("trace_id"), "{line}");
    }
}
