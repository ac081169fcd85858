//! Reports by webhook: signed, retried, sent once, and never to where they must not go.

use super::*;
use domain::reports::DeliveryState;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Instant;
use testkit::faulty::Fault;
use testkit::{HookCall, HookMood, HookStub, VaultStub, until};

/// A shop that tells `hook` of its reports.
async fn shop(hook: &HookStub) -> TestApp {
    let webhooks = format!("{}/s3cret-path|{SECRET}", hook.url());
    TestApp::with(&[
        ("PRAVIS_WEBHOOKS", webhooks.as_str()),
        ("PRAVIS_WEBHOOKS_ALLOW_PRIVATE", "true"),
        ("PRAVIS_PUBLIC_URL", "https://shop.example"),
    ])
    .await
}

/// The delivery of a scheduled report that was just made.
async fn delivery(app: &TestApp) -> Delivery {
    fire(app, "timer_weekly_report").await.unwrap();
    deliveries(app).await.remove(0)
}

async fn now(app: &TestApp) -> Delivery {
    deliveries(app).await.remove(0)
}

fn assert_signed(call: &HookCall) {
    let (id, timestamp) = (call.header("webhook-id"), call.header("webhook-timestamp"));
    let secret = b"0123456789abcdef0123456789abcdef";
    let expected = pravis::reports::signature(secret, id, timestamp.parse().unwrap(), &call.body);
    assert_eq!(call.header("webhook-signature"), expected);
    assert_eq!(call.header("content-type"), "application/json");
}

#[tokio::test]
async fn a_report_is_told_once_and_signed() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    assert_eq!((queued.state, queued.attempts), (DeliveryState::Queued, 0));
    assert_eq!(queued.target, format!("{}/…", hook.url()));
    let sent = messages(&app).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(trigger(&app, sent[0].body.clone()).await.as_deref(), Some("Sent"));
    let calls = hook.calls();
    let [call] = calls.as_slice() else {
        panic!("{calls:?}")
    };
    assert_signed(call);
    assert_eq!(call.path, "/s3cret-path");
    assert_eq!(call.header("webhook-id"), format!("msg_{}", queued.id.simple()));
    assert_eq!(
        call.header("webhook-timestamp"),
        app.clock().now().as_second().to_string()
    );
    let report = &reports(&app).await[0];
    let told = call.json();
    assert_eq!(told["type"], "report.ready");
    assert_eq!(told["data"]["report"], json!(report));
    assert_eq!(
        told["data"]["links"]["csv"],
        format!("https://shop.example/api/v1/reports/{}/csv", report.id)
    );
    let done = now(&app).await;
    assert_eq!(
        (done.state, done.status, done.attempts, done.next_at),
        (DeliveryState::Sent, Some(200), 1, None)
    );
    // The host delivers at least once.
    assert_eq!(
        trigger(&app, sent[0].body.clone()).await.as_deref(),
        Some("Nothing")
    );
    assert_eq!((hook.calls().len(), waiting(&app).await), (1, 0));
    assert_eq!(blobs(&app, "unfinished/").await, Vec::<String>::new());
}

#[tokio::test]
async fn many_messages_at_once_make_one_call() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    let attempts = (0..8).map(|_| attempt(&app, &queued));
    let delivered = futures::future::join_all(attempts).await;
    let sent = delivered.iter().filter(|one| **one == Delivered::Sent).count();
    assert_eq!((sent, hook.calls().len()), (1, 1), "{delivered:?}");
}

#[tokio::test]
async fn a_failed_call_is_made_again_under_its_id_when_its_time_has_come() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    messages(&app).await;
    hook.be(HookMood::Answers(500));
    assert_eq!(attempt(&app, &queued).await, Delivered::Failed);
    let failed = now(&app).await;
    assert_eq!(
        (failed.state, failed.status, failed.attempts),
        (DeliveryState::Failed, Some(500), 1)
    );
    let rest = failed.next_at.unwrap().duration_since(app.clock().now());
    assert_eq!(rest, SignedDuration::from_mins(1));
    assert_eq!(waiting(&app).await, 1, "the message of the next attempt");
    assert_eq!(attempt(&app, &queued).await, Delivered::Early);
    app.clock().advance(rest);
    hook.be(HookMood::Answers(204));
    assert_eq!(attempt(&app, &queued).await, Delivered::Sent);
    let calls = hook.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    assert_eq!(calls[0].body, calls[1].body);
    assert_ne!(
        calls[0].header("webhook-signature"),
        calls[1].header("webhook-signature")
    );
    calls.iter().for_each(assert_signed);
}

#[tokio::test]
async fn after_eight_attempts_it_is_given_up_and_listed() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let admin = app.admin().await;
    let queued = delivery(&app).await;
    hook.be(HookMood::Answers(503));
    for _ in 0..7 {
        assert_eq!(attempt(&app, &queued).await, Delivered::Failed);
        app.clock().advance(SignedDuration::from_hours(24));
    }
    assert_eq!(attempt(&app, &queued).await, Delivered::Dead);
    assert_eq!(attempt(&app, &queued).await, Delivered::Nothing);
    assert_eq!(hook.calls().len(), 8);
    let shown = admin.get(&format!("/api/v1/reports/{}", queued.report_id)).await;
    assert_eq!(shown.at("/deliveries/0/state"), "dead");
    assert_eq!(shown.at("/deliveries/0/status"), 503);
    assert_eq!(shown.at("/deliveries/0/reason"), "the endpoint answered 503");
    assert_eq!(shown.at("/status"), "ready", "the report itself is not lost");
    assert!(!shown.text().contains("s3cret"), "{}", shown.text());
}

#[tokio::test]
async fn an_endpoint_that_asks_for_a_rest_gets_it() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    hook.be(HookMood::Busy("600".to_owned()));
    assert_eq!(attempt(&app, &queued).await, Delivered::Failed);
    let rest = now(&app).await.next_at.unwrap().duration_since(app.clock().now());
    assert_eq!(rest, SignedDuration::from_mins(10));
    app.clock().advance(SignedDuration::from_secs(599));
    assert_eq!(attempt(&app, &queued).await, Delivered::Early);
    app.clock().advance(SignedDuration::from_secs(1));
    // Nobody is left alone for longer than a day.
    hook.be(HookMood::Busy("400000".to_owned()));
    assert_eq!(attempt(&app, &queued).await, Delivered::Failed);
    let rest = now(&app).await.next_at.unwrap().duration_since(app.clock().now());
    assert_eq!(rest, SignedDuration::from_hours(24));
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_and_only_once() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    messages(&app).await;
    hook.be(HookMood::Answers(410));
    assert_eq!(attempt(&app, &queued).await, Delivered::Dead);
    assert_eq!(blobs(&app, "unfinished/").await, Vec::<String>::new());
    hook.be(HookMood::Answers(200));
    let resend = async |report| {
        pravis::reports::resend(app.app(), &*app.store(), report)
            .await
            .unwrap()
    };
    assert_eq!(resend(Uuid::now_v7()).await, None);
    assert_eq!(resend(queued.report_id).await, Some(1));
    let again = now(&app).await;
    assert_eq!(
        (again.state, again.attempts, again.status, again.reason.as_deref()),
        (DeliveryState::Queued, 0, None, None)
    );
    assert_eq!(
        blobs(&app, "unfinished/").await.len(),
        1,
        "who is killed now is found"
    );
    // Asked for twice: the message of the second is one too many, and does nothing.
    assert_eq!(resend(queued.report_id).await, Some(0));
    let mut told = Vec::new();
    for message in messages(&app).await {
        told.push(trigger(&app, message.body).await.unwrap());
    }
    assert_eq!(told, ["Sent", "Nothing"]);
    let calls = hook.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    assert_eq!(blobs(&app, "unfinished/").await, Vec::<String>::new());
    // What was sent is not sent again.
    assert_eq!(resend(queued.report_id).await, Some(0));
    assert_eq!((waiting(&app).await, hook.calls().len()), (0, 2));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_given_up_at_once() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    hook.be(HookMood::Answers(410));
    assert_eq!(attempt(&app, &queued).await, Delivered::Dead);
    assert_eq!(now(&app).await.status, Some(410));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (hook, other) = (HookStub::start(), HookStub::start());
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    hook.be(HookMood::Redirects(other.url()));
    assert_eq!(attempt(&app, &queued).await, Delivered::Failed);
    assert_eq!((hook.calls().len(), other.calls().len()), (1, 0));
    assert_eq!(now(&app).await.status, Some(302));
}

#[tokio::test]
async fn an_answer_that_never_ends_is_not_read() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    hook.be(HookMood::Floods);
    let begun = Instant::now();
    assert_eq!(attempt(&app, &queued).await, Delivered::Sent);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_left_after_a_while() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    hook.be(HookMood::Hangs);
    let (under_way, message) = (app.app().clone(), Message::new(queued.report_id, queued.id));
    let under_way =
        tokio::spawn(async move { pravis::reports::deliver(&under_way, &message).await.unwrap() });
    until("the call", async || hook.calls().len() == 1).await;
    // The rest of the fifteen seconds need not be waited for.
    tokio::time::pause();
    let delivered = under_way.await.unwrap();
    tokio::time::resume();
    assert_eq!(delivered, Delivered::Failed);
    assert_eq!(
        now(&app).await.reason.as_deref(),
        Some("the endpoint did not answer in time")
    );
}

#[tokio::test]
async fn nothing_goes_to_private_addresses() {
    let hook = HookStub::start();
    // A name, since addresses are refused as settings already.
    let webhooks = format!("https://localhost:{}/|{SECRET}", hook.port());
    let app = TestApp::with(&[("PRAVIS_WEBHOOKS", webhooks.as_str())]).await;
    let queued = delivery(&app).await;
    assert_eq!(attempt(&app, &queued).await, Delivered::Dead);
    assert_eq!(
        now(&app).await.reason.as_deref(),
        Some("its name leads to a private address")
    );
    assert_eq!(hook.calls().len(), 0);
}

#[tokio::test]
async fn what_was_sent_but_not_noted_is_noted_later_and_not_sent_again() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    messages(&app).await;
    app.store_faults().script({
        let mut calls = 0;
        move || {
            calls += 1;
            // Begin, read; and then the end cannot be told.
            if calls > 2 { Fault::Away } else { Fault::None }
        }
    });
    assert_eq!(attempt(&app, &queued).await, Delivered::Waits);
    app.store_faults().set(Fault::None);
    assert_eq!(
        (hook.calls().len(), now(&app).await.state),
        (1, DeliveryState::Queued)
    );
    assert_eq!(waiting(&app).await, 1, "the message that knows");
    assert_eq!(trigger(&app, hidden(&app)).await.as_deref(), Some("Sent"));
    assert_eq!(
        (hook.calls().len(), now(&app).await.state),
        (1, DeliveryState::Sent)
    );
}

/// The one message, although it is to be seen only in a minute: local queues are a file a message.
fn hidden(app: &TestApp) -> Vec<u8> {
    let queue = app.app().config().data_dir.join("storage/queues/pravis-deliver");
    let mut files: Vec<_> = std::fs::read_dir(queue).unwrap().collect();
    assert_eq!(files.len(), 1);
    std::fs::read(files.remove(0).unwrap().path()).unwrap()
}

#[tokio::test]
async fn an_attempt_of_a_killed_process_is_made_again_under_its_id() {
    let hook = HookStub::start();
    let app = shop(&hook).await;
    let queued = delivery(&app).await;
    let begun = app.clock().now();
    let held = begun + SignedDuration::from_mins(2);
    let begin = app
        .store()
        .begin_delivery(queued.id, Uuid::now_v7(), begun, held)
        .await;
    assert_eq!(begin.unwrap().unwrap().attempts, 1);
    assert_eq!(attempt(&app, &queued).await, Delivered::Early);
    app.clock().advance(SignedDuration::from_mins(2));
    assert_eq!(attempt(&app, &queued).await, Delivered::Sent);
    assert_eq!((hook.calls().len(), now(&app).await.attempts), (1, 2));
}

#[tokio::test]
async fn a_reader_that_the_settings_name_no_more_gets_nothing() {
    let vault = VaultStub::start();
    let (hook, other) = (HookStub::start(), HookStub::start());
    let settings = [
        ("PRAVIS_WEBHOOKS", "kv:webhooks"),
        ("PRAVIS_WEBHOOKS_ALLOW_PRIVATE", "true"),
    ];
    vault.set("webhooks", &format!("{}/|{SECRET}", hook.url()));
    let app = TestApp::with_vault(&settings, &vault);
    app.open_store().await;
    let _fresh = app.app().access().secrets.keep_fresh();
    let queued = delivery(&app).await;
    vault.set("webhooks", &format!("{}/|{SECRET}", other.url()));
    let asked = vault.asked().len();
    until("the vault to be asked again", async || {
        vault.asked().len() > asked + 1
    })
    .await;
    assert_eq!(attempt(&app, &queued).await, Delivered::Dead);
    assert_eq!((hook.calls().len(), other.calls().len()), (0, 0));
}

#[tokio::test]
async fn a_message_of_another_form_is_a_failure() {
    let app = TestApp::new().await;
    for body in ["", "{}", "null", r#"{"report": 1, "delivery": 2}"#] {
        assert_eq!(trigger(&app, body.as_bytes().to_vec()).await, None, "{body}");
    }
    let unknown = Message::new(Uuid::nil(), Uuid::nil());
    let body = serde_json::to_vec(&unknown).unwrap();
    assert_eq!(trigger(&app, body).await.as_deref(), Some("Nothing"));
}
