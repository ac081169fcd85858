//! Reports by mail: to each reader once, by a mail server or by Azure Communication Services.

use super::*;
use domain::reports::DeliveryState;
use jiff::SignedDuration;
use testkit::{HookMood, HookStub, MailMood, MailServer, VaultStub, until};

const READERS: &str = "anna@shop.example, bert@shop.example,anna@shop.example";

/// A shop that sends its reports to two readers by this server.
async fn shop(server: &MailServer) -> TestApp {
    let url = format!("smtp://sh%40p:s3cret@{}?tls=none", server.address());
    TestApp::with(&[
        ("PRAVIS_REPORT_RECIPIENTS", READERS),
        ("PRAVIS_MAIL_FROM", "The Shop <reports@shop.example>"),
        ("PRAVIS_SMTP", url.as_str()),
    ])
    .await
}

async fn made(app: &TestApp) -> Vec<Delivery> {
    fire(app, "timer_weekly_report").await.unwrap();
    deliveries(app).await
}

async fn find(app: &TestApp, id: Uuid) -> Delivery {
    deliveries(app)
        .await
        .into_iter()
        .find(|delivery| delivery.id == id)
        .unwrap()
}

#[tokio::test]
async fn each_reader_gets_one_mail() {
    let server = MailServer::start();
    let app = shop(&server).await;
    assert_eq!(made(&app).await.len(), 2, "a reader who is named twice is one");
    for message in messages(&app).await {
        assert_eq!(trigger(&app, message.body.clone()).await.as_deref(), Some("Sent"));
        assert_eq!(trigger(&app, message.body).await.as_deref(), Some("Nothing"));
    }
    let mut mails = server.received();
    mails.sort_by(|one, other| one.to.cmp(&other.to));
    let to: Vec<_> = mails.iter().map(|mail| mail.to.join(",")).collect();
    assert_eq!(to, ["anna@shop.example", "bert@shop.example"]);
    let mail = &mails[0];
    assert_eq!(mail.from, "reports@shop.example");
    assert_eq!(
        mail.login.as_deref(),
        Some("PLAIN AHNoQHAAczNjcmV0"),
        "\\0sh@p\\0s3cret"
    );
    assert!(
        mail.header("From").contains("<reports@shop.example>"),
        "{}",
        mail.text
    );
    assert_eq!(mail.header("To"), "anna@shop.example");
    assert!(
        mail.header("Subject").starts_with("Weekly report 2026-W44: "),
        "{}",
        mail.text
    );
    let sent = deliveries(&app).await;
    assert!(
        sent.iter()
            .all(|one| one.state == DeliveryState::Sent && one.status == Some(250))
    );
    let ids: Vec<_> = sent
        .iter()
        .map(|one| format!("<{}@shop.example>", one.id))
        .collect();
    assert!(ids.contains(&mail.header("Message-ID")), "{}", mail.text);
    let shown: Vec<_> = sent.iter().map(|one| one.target.as_str()).collect();
    assert!(
        shown.contains(&"a…@shop.example") && shown.contains(&"b…@shop.example"),
        "{shown:?}"
    );
    for part in [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
    ] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
    assert!(mail.text.contains("weekly-2026-W44-r1.csv"));
    assert_eq!(blobs(&app, "unfinished/").await, Vec::<String>::new());
}

#[tokio::test]
async fn what_fails_for_now_comes_later_under_its_id() {
    let server = MailServer::start();
    let app = shop(&server).await;
    let first = made(&app).await.remove(0);
    for (mood, status) in [
        (MailMood::Answers("RCPT", "451 greylisted"), Some(451)),
        (MailMood::Answers("AUTH", "535 wrong s3cret"), Some(535)),
        (MailMood::Answers(".", "452 full"), Some(452)),
        (MailMood::Cuts("DATA"), None),
    ] {
        server.be(mood.clone());
        assert_eq!(attempt(&app, &first).await, Delivered::Failed, "{mood:?}");
        let failed = find(&app, first.id).await;
        assert_eq!(
            (failed.state, failed.status),
            (DeliveryState::Failed, status),
            "{mood:?}"
        );
        let reason = failed.reason.unwrap();
        assert!(
            !reason.contains("s3cret") && !reason.contains("greylisted"),
            "{reason}"
        );
        app.clock().advance(SignedDuration::from_hours(24));
    }
    server.be(MailMood::Takes);
    assert_eq!(attempt(&app, &first).await, Delivered::Sent);
    let mails = server.received();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        mails[0].header("Message-ID"),
        format!("<{}@shop.example>", first.id)
    );
}

#[tokio::test]
async fn a_reader_that_is_not_there_is_given_up_and_the_other_gets_his() {
    let server = MailServer::start();
    let app = shop(&server).await;
    let both = made(&app).await;
    server.be(MailMood::Answers("RCPT", "550 no such user anna@shop.example"));
    assert_eq!(attempt(&app, &both[0]).await, Delivered::Dead);
    let dead = find(&app, both[0].id).await;
    assert_eq!(dead.reason.as_deref(), Some("the mail server refused it (550)"));
    assert_eq!(
        blobs(&app, "unfinished/").await.len(),
        1,
        "one is still to be sent"
    );
    server.be(MailMood::Takes);
    assert_eq!(attempt(&app, &both[1]).await, Delivered::Sent);
    assert_eq!(blobs(&app, "unfinished/").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_a_while() {
    let server = MailServer::start();
    let app = shop(&server).await;
    let first = made(&app).await.remove(0);
    server.be(MailMood::Hangs("DATA"));
    let (under_way, message) = (app.app().clone(), Message::new(first.report_id, first.id));
    let under_way =
        tokio::spawn(async move { pravis::reports::deliver(&under_way, &message).await.unwrap() });
    until("the command", async || {
        server.commands().iter().any(|one| one == "DATA")
    })
    .await;
    tokio::time::pause();
    let delivered = under_way.await.unwrap();
    tokio::time::resume();
    assert_eq!(delivered, Delivered::Failed);
}

#[tokio::test]
async fn without_a_word_about_tls_nothing_goes_in_the_clear() {
    let server = MailServer::start();
    let url = format!("smtp://shop:s3cret@{}", server.address());
    let app = TestApp::with(&[
        ("PRAVIS_REPORT_RECIPIENTS", "anna@shop.example"),
        ("PRAVIS_MAIL_FROM", "reports@shop.example"),
        ("PRAVIS_SMTP", url.as_str()),
    ])
    .await;
    let first = made(&app).await.remove(0);
    assert_eq!(attempt(&app, &first).await, Delivered::Failed);
    let commands = server.commands();
    assert!(
        !commands
            .iter()
            .any(|one| ["AUTH", "MAIL"].contains(&one.as_str())),
        "{commands:?}"
    );
}

#[tokio::test]
async fn a_password_that_was_changed_is_read_anew() {
    let (server, vault) = (MailServer::start(), VaultStub::start());
    let url = |password: &str| format!("smtp://shop:{password}@{}?tls=none", server.address());
    vault.set("smtp", &url("old"));
    let settings = [
        ("PRAVIS_REPORT_RECIPIENTS", "anna@shop.example"),
        ("PRAVIS_MAIL_FROM", "reports@shop.example"),
        ("PRAVIS_SMTP", "kv:smtp"),
    ];
    let app = TestApp::with_vault(&settings, &vault);
    app.open_store().await;
    let first = made(&app).await.remove(0);
    server.be(MailMood::Answers("AUTH", "535 wrong"));
    assert_eq!(attempt(&app, &first).await, Delivered::Failed);
    vault.set("smtp", &url("new"));
    until("the new password to be read", async || {
        app.clock().advance(SignedDuration::from_hours(24));
        if attempt(&app, &first).await == Delivered::Failed && vault.asked().len() > 1 {
            server.be(MailMood::Takes);
        }
        !server.received().is_empty()
    })
    .await;
    // \0shop\0new
    assert_eq!(server.received()[0].login.as_deref(), Some("PLAIN AHNob3AAbmV3"));
}

#[tokio::test]
async fn azure_sends_under_the_id_of_the_delivery() {
    let (azure, vault) = (HookStub::start(), VaultStub::start());
    let endpoint = azure.url();
    let settings = [
        ("PRAVIS_REPORT_RECIPIENTS", "anna@shop.example"),
        ("PRAVIS_MAIL_FROM", "DoNotReply@shop.example"),
        ("PRAVIS_ACS_ENDPOINT", endpoint.as_str()),
    ];
    let app = TestApp::with_vault(&settings, &vault);
    app.open_store().await;
    let first = made(&app).await.remove(0);
    for (status, delivered) in [
        (429, Delivered::Failed),
        (403, Delivered::Failed),
        (202, Delivered::Sent),
    ] {
        azure.be(HookMood::Answers(status));
        assert_eq!(attempt(&app, &first).await, delivered, "{status}");
        app.clock().advance(SignedDuration::from_hours(24));
    }
    let calls = azure.calls();
    assert_eq!(calls.len(), 3);
    for call in &calls {
        assert_eq!(call.path, "/emails:send?api-version=2023-03-31");
        assert_eq!(call.header("operation-id"), first.id.to_string());
        assert!(call.header("authorization").starts_with("Bearer "));
    }
    let mail = calls[2].json();
    assert_eq!(mail["senderAddress"], "DoNotReply@shop.example");
    assert_eq!(mail["recipients"]["to"][0]["address"], "anna@shop.example");
    assert_eq!(mail["attachments"][0]["name"], "weekly-2026-W44-r1.csv");
    assert!(
        mail["content"]["subject"]
            .as_str()
            .unwrap()
            .starts_with("Weekly report 2026-W44: ")
    );
    assert!(!mail["content"]["html"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn what_azure_calls_wrong_is_given_up() {
    let (azure, vault) = (HookStub::start(), VaultStub::start());
    let endpoint = azure.url();
    let settings = [
        ("PRAVIS_REPORT_RECIPIENTS", "anna@shop.example"),
        ("PRAVIS_MAIL_FROM", "DoNotReply@shop.example"),
        ("PRAVIS_ACS_ENDPOINT", endpoint.as_str()),
    ];
    let app = TestApp::with_vault(&settings, &vault);
    app.open_store().await;
    azure.be(HookMood::Answers(400));
    let first = made(&app).await.remove(0);
    assert_eq!(attempt(&app, &first).await, Delivered::Dead);
}
