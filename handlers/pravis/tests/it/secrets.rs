//! Secrets of a vault: read, shared, rotated, and missed.

use futures::future::{FutureExt, join_all};
use pravis::config::StoreConfig;
use pravis::secrets::{Secret, SecretSetting};
use std::time::{Duration, Instant};
use store::azure_sql::ConnectionSource;
use testkit::{TestApp, VaultMood, VaultStub};

const KEY: &str = "the-first-hash-key";
const NEXT: &str = "the-second-hash-key";

/// A program that finds its hash key in the vault.
fn program(vault: &VaultStub) -> TestApp {
    TestApp::with_vault(&[("PRAVIS_HASH_KEY", "kv:hash-key")], vault)
}

fn hash_key(app: &TestApp) -> Secret {
    let config = app.app().config();
    app.app().access().secrets.of(config.hash_key.as_ref().unwrap())
}

async fn text(secret: &Secret) -> String {
    secret.current().await.unwrap().expose().to_owned()
}

/// Polls until `ready`, or fails.
async fn eventually(what: &str, mut ready: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !ready().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_secret_is_read_once_for_all_who_ask_at_once() {
    let vault = VaultStub::start();
    vault.set("hash-key", KEY);
    let secret = hash_key(&program(&vault));
    assert_eq!(vault.challenged(), 0, "nothing is asked before it is needed");
    let texts = join_all((0..32).map(|_| text(&secret))).await;
    assert!(texts.iter().all(|text| text == KEY), "{texts:?}");
    assert_eq!(vault.asked(), ["hash-key"]);
    assert_eq!(vault.challenged(), 1, "the vault was asked without a token first");
    let printed = format!("{secret:?} {:?}", secret.current().await);
    assert_eq!(printed, "Secret(kv:hash-key) Ok(***)");
    text(&secret).await;
    assert_eq!(vault.asked().len(), 1, "it is kept");
}

#[tokio::test]
async fn a_plain_secret_needs_no_vault() {
    let app = TestApp::without_store(&[("PRAVIS_HASH_KEY", KEY)]);
    let secret = hash_key(&app);
    assert_eq!(text(&secret).await, KEY);
    assert!(!secret.renew().await);
    assert!(app.app().access().secrets.is_empty());
}

#[tokio::test]
async fn a_rotated_secret_is_taken_when_the_old_one_is_refused() {
    let vault = VaultStub::start();
    vault.set("hash-key", KEY);
    let secret = hash_key(&program(&vault));
    assert_eq!(text(&secret).await, KEY);
    eventually("a second question", async || {
        assert!(!secret.renew().await, "it is the same");
        vault.asked().len() == 2
    })
    .await;
    vault.set("hash-key", NEXT);
    assert_eq!(text(&secret).await, KEY, "nobody has asked yet");
    eventually("the rest between two questions", async || secret.renew().await).await;
    let before = vault.asked().len();
    let renewed = join_all((0..32).map(|_| secret.renew())).await;
    assert!(
        renewed.iter().all(|renewed| *renewed),
        "who comes late is told, too"
    );
    assert!(vault.asked().len() <= before + 1, "{:?}", vault.asked());
    assert_eq!(text(&secret).await, NEXT);
}

#[tokio::test]
async fn a_rotated_secret_is_taken_by_and_by() {
    let vault = VaultStub::start();
    vault.set("hash-key", KEY);
    let app = program(&vault);
    let secret = hash_key(&app);
    let fresh = app.app().access().secrets.keep_fresh();
    assert_eq!(text(&secret).await, KEY);
    vault.set("hash-key", NEXT);
    eventually("the new value", async || text(&secret).await == NEXT).await;
    drop(fresh);
    // What was under way may end; then nobody asks any more.
    eventually("the end of the questions", async || {
        let before = vault.asked().len();
        tokio::time::sleep(Duration::from_millis(200)).await;
        vault.asked().len() == before
    })
    .await;
}

#[tokio::test]
async fn while_the_vault_is_away_what_was_read_stays() {
    let vault = VaultStub::start();
    vault.set("hash-key", KEY);
    let app = program(&vault);
    let secret = hash_key(&app);
    let _fresh = app.app().access().secrets.keep_fresh();
    assert_eq!(text(&secret).await, KEY);
    for mood in [
        VaultMood::Answers(500, String::new()),
        VaultMood::Forbids("ForbiddenByRbac"),
        VaultMood::Answers(200, r#"{"value": null}"#.to_owned()),
    ] {
        vault.be(mood);
        let asked = vault.asked().len();
        eventually("two questions", async || vault.asked().len() >= asked + 2).await;
        assert_eq!(text(&secret).await, KEY);
        assert!(!secret.renew().await);
    }
    vault.set("hash-key", NEXT);
    vault.be(VaultMood::Gives);
    eventually("the new value", async || text(&secret).await == NEXT).await;
}

#[tokio::test]
async fn a_vault_away_at_the_start_is_told_and_tried_again() {
    let vault = VaultStub::start();
    vault.set("hash-key", KEY);
    vault.be(VaultMood::Answers(503, String::new()));
    let app = program(&vault);
    app.open_store().await;
    let caller = app.anonymous();
    let begin = caller.get("/api/health/ready").await;
    begin.assert_status(503);
    assert_eq!(begin.at("/checks/2/name"), "secrets");
    assert_eq!(
        begin.at("/checks/2/detail"),
        "secret `hash-key` cannot be read: it is being read"
    );
    let _fresh = app.app().access().secrets.keep_fresh();
    eventually("the reason", async || {
        let answer = caller.get("/api/health/ready").await;
        answer.assert_status(503);
        assert_eq!(answer.at("/checks/0/status"), "ready");
        answer.at("/checks/2/detail")
            == "secret `hash-key` cannot be read: the vault does not answer: status 503"
    })
    .await;
    caller.get("/api/health/live").await.assert_status(200);
    vault.be(VaultMood::Gives);
    eventually("readiness", async || {
        caller.get("/api/health/ready").await.status() == 200
    })
    .await;
    let ready = caller.get("/api/health/ready").await;
    assert_eq!(ready.at("/checks/2/status"), "ready");
    vault.be(VaultMood::Answers(503, String::new()));
    let asked = vault.asked().len();
    eventually("a question", async || vault.asked().len() > asked).await;
    caller.get("/api/health/ready").await.assert_status(200);
}

#[tokio::test]
async fn each_refusal_has_its_own_words() {
    let vault = VaultStub::start();
    for (mood, words, advice) in [
        (VaultMood::Gives, "the vault does not have it", "make the secret"),
        (
            VaultMood::Forbids("ForbiddenByRbac"),
            "Key Vault Secrets User",
            "Key Vault Secrets User",
        ),
        (
            VaultMood::Forbids("AccessDenied"),
            "Key Vault Secrets User",
            "role",
        ),
        (
            VaultMood::Forbids("ForbiddenByFirewall"),
            "closed to this network",
            "firewall",
        ),
        (VaultMood::Forbids("SecretDisabled"), "disabled", "enable"),
        (
            VaultMood::Answers(403, "<html>".to_owned()),
            "Key Vault Secrets User",
            "role",
        ),
        (VaultMood::Answers(401, String::new()), "does not take", "tenant"),
        (
            VaultMood::Answers(400, "{".to_owned()),
            "status 400",
            "reaches the vault",
        ),
        (VaultMood::Answers(200, "{".to_owned()), "holds no value", "value"),
        (
            VaultMood::Answers(200, r#"{"value": ""}"#.to_owned()),
            "holds no value",
            "value",
        ),
        (
            VaultMood::Answers(200, r#"{"value": {"seeded": "seeded"}}"#.to_owned()),
            "holds no value",
            "value",
        ),
        (
            VaultMood::Answers(500, "seeded".to_owned()),
            "status 500",
            "reaches the vault",
        ),
        (VaultMood::Hangs, "no answer in time", "reaches the vault"),
    ] {
        vault.be(mood.clone());
        let error = hash_key(&program(&vault)).current().await.unwrap_err();
        let told = error.to_string();
        assert!(told.starts_with("secret `hash-key` cannot be read: "), "{told}");
        assert!(told.contains(words), "{mood:?}: {told}");
        assert!(!format!("{told}{error:?}").contains("seeded"), "{error:?}");
        assert!(error.reason.advice().contains(advice), "{mood:?}");
    }
}

#[tokio::test]
async fn who_gives_up_waiting_does_not_stop_the_question() {
    let vault = VaultStub::start();
    vault.set("hash-key", KEY);
    let secret = hash_key(&program(&vault));
    let gone = secret.current().now_or_never();
    assert!(gone.is_none(), "no answer comes at once");
    eventually("the answer", async || !vault.asked().is_empty()).await;
    assert_eq!(text(&secret).await, KEY);
    assert_eq!(vault.asked().len(), 1);
}

#[tokio::test]
async fn a_connection_string_is_a_secret_that_the_store_can_renew() {
    let vault = VaultStub::start();
    vault.be(VaultMood::Forbids("ForbiddenByRbac"));
    let app = TestApp::with_vault(&[("PRAVIS_STORE", "azure_sql"), ("PRAVIS_SQL", "kv:sql")], &vault);
    let StoreConfig::AzureSql(sql) = &app.app().config().store else {
        panic!("no Azure SQL")
    };
    let source: Box<dyn ConnectionSource> = Box::new(app.app().access().secrets.of(&sql.connection));
    let told = source.current().await.unwrap_err().to_string();
    assert!(
        told.contains("secret `sql` cannot be read") && told.contains("Key Vault Secrets User"),
        "{told}"
    );
    vault.be(VaultMood::Gives);
    vault.set("sql", "Server=one");
    eventually("the connection string", async || source.current().await.is_ok()).await;
    assert_eq!(source.current().await.unwrap(), "Server=one");
    vault.set("sql", "Server=two");
    eventually("another one", async || source.renew().await).await;
    assert_eq!(source.current().await.unwrap(), "Server=two");
}

#[tokio::test]
async fn a_reference_that_the_settings_do_not_have_is_no_secret() {
    let vault = VaultStub::start();
    let app = program(&vault);
    let other = TestApp::with_vault(&[("PRAVIS_HASH_KEY", "kv:other")], &vault);
    let setting: &SecretSetting = other.app().config().hash_key.as_ref().unwrap();
    let error = app.app().access().secrets.of(setting).current().await;
    assert!(error.unwrap_err().to_string().contains("PRAVIS_KEY_VAULT_URL"));
}
