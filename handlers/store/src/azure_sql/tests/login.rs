//! Who gets in, and with what.

use super::super::connection_string::Target;
use super::super::{AzureSqlOptions, ConnectionSource};
use super::{Bench, once, options, safe};
use crate::StoreError;
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use testkit::tds::{LoginReply, Reply, Server};

/// Gives out `token-0`, `token-1`, …, each for as long as it was told.
#[derive(Debug)]
struct Tokens {
    given: AtomicUsize,
    seconds: i64,
}

#[async_trait]
impl TokenCredential for Tokens {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://database.windows.net/.default"]);
        let number = self.given.fetch_add(1, Ordering::Relaxed);
        let ends = OffsetDateTime::now_utc() + Duration::seconds(self.seconds);
        Ok(AccessToken::new(format!("token-{number}"), ends))
    }
}

async fn by_token(seconds: i64) -> Bench {
    let server = Server::start().await;
    let options = AzureSqlOptions {
        credential: Some(Arc::new(Tokens {
            given: AtomicUsize::new(0),
            seconds,
        })),
        ..options(server.connection_string())
    };
    Bench::on(server, options, |_| {})
}

fn tokens(bench: &Bench) -> Vec<String> {
    let logins = bench.server.logins();
    logins.into_iter().filter_map(|login| login.token).collect()
}

#[tokio::test]
async fn each_session_logs_in_with_a_token_of_its_own() {
    let bench = by_token(3_600).await;
    bench.pool.run(safe()).await.unwrap();
    bench.pool.run(safe()).await.unwrap();
    assert_eq!(tokens(&bench), ["token-0"]);
    bench.server.then(Reply::hang_up());
    bench.pool.run(safe()).await.unwrap();
    assert_eq!(tokens(&bench), ["token-0", "token-1"]);
    let login = bench.server.logins().remove(0);
    assert_eq!((login.user.as_str(), login.password.as_str()), ("", ""));
    assert_eq!(
        (login.database.as_str(), login.application.as_str()),
        ("pravis", "pravis")
    );
    assert!(!login.read_only);
}

#[tokio::test]
async fn a_session_is_not_used_beyond_its_token() {
    let bench = by_token(-1).await;
    bench.pool.run(once()).await.unwrap();
    bench.pool.run(once()).await.unwrap();
    assert_eq!(tokens(&bench), ["token-0", "token-1"]);
    bench.server.until_open_sessions(1).await;
}

#[tokio::test]
async fn a_token_does_not_leave_where_nothing_is_encrypted() {
    let server = Server::start().await;
    let options = AzureSqlOptions {
        credential: Some(Arc::new(Tokens {
            given: AtomicUsize::new(0),
            seconds: 60,
        })),
        ..options(format!("{};Encrypt=false", server.connection_string()))
    };
    let bench = Bench::on(server, options, |_| {});
    let error = bench.pool.run(safe()).await.unwrap_err();
    assert!(error.to_string().contains("Encrypt must be on"), "{error}");
    assert_eq!((bench.server.logins(), bench.waits()), (vec![], vec![]));
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_told_nothing() {
    let server = Server::start_in_the_open().await;
    let options = options(server.connection_string_of("app", "password"));
    let bench = Bench::on(server, options, |_| {});
    let error = bench.pool.run(safe()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("does not allow the requested encryption"),
        "{error}"
    );
    assert_eq!((bench.server.logins(), bench.waits()), (vec![], vec![]));
}

#[tokio::test]
async fn a_server_with_anybodys_certificate_is_told_nothing() {
    let server = Server::start().await;
    let connection = server.connection_string_of("app", "password");
    let options = options(format!("{connection};TrustServerCertificate=false"));
    let bench = Bench::on(server, options, |_| {});
    let error = bench.pool.run(safe()).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(why) if why.contains("certificate was rejected")),
        "{error}"
    );
    assert_eq!((bench.server.logins(), bench.waits()), (vec![], vec![]));
}

#[tokio::test]
async fn an_identity_without_a_token_is_asked_again() {
    #[derive(Debug)]
    struct Mute;
    #[async_trait]
    impl TokenCredential for Mute {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Credential,
                "no endpoint",
            ))
        }
    }
    let server = Server::start().await;
    let options = AzureSqlOptions {
        credential: Some(Arc::new(Mute)),
        ..options(server.connection_string())
    };
    let bench = Bench::on(server, options, |_| {});
    let error = bench.pool.run(safe()).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(why) if why.contains("the identity gives no token: no endpoint"))
    );
    assert!(bench.waits().len() > 2);
}

/// A password that was rotated: the second one is the right one.
struct Rotated {
    server: String,
    current: Mutex<&'static str>,
    renewed: Arc<AtomicUsize>,
    next: &'static str,
}

#[async_trait]
impl ConnectionSource for Rotated {
    async fn current(&self) -> Result<String, StoreError> {
        let password = *self.current.lock().unwrap();
        Ok(format!("{};User ID=app;Password={password}", self.server))
    }

    async fn renew(&self) -> bool {
        self.renewed.fetch_add(1, Ordering::Relaxed);
        std::mem::replace(&mut *self.current.lock().unwrap(), self.next) != self.next
    }
}

async fn rotated(next: &'static str) -> (Bench, Arc<AtomicUsize>) {
    let server = Server::start().await;
    server.on_login(|login| match login.password.as_str() {
        "new" => LoginReply::Accept,
        _ => LoginReply::refuse(18456, "Login failed for user 'app'."),
    });
    let renewed = Arc::new(AtomicUsize::new(0));
    let source = Rotated {
        server: server.connection_string(),
        current: Mutex::new("old"),
        renewed: Arc::clone(&renewed),
        next,
    };
    let options = AzureSqlOptions {
        connection: Arc::new(source),
        ..options(String::new())
    };
    (Bench::on(server, options, |_| {}), renewed)
}

#[tokio::test]
async fn a_rotated_password_is_taken_without_a_restart() {
    let (bench, renewed) = rotated("new").await;
    bench.pool.run(once()).await.unwrap();
    let passwords: Vec<_> = bench
        .server
        .logins()
        .into_iter()
        .map(|login| login.password)
        .collect();
    assert_eq!(passwords, ["old", "new"]);
    assert_eq!((renewed.load(Ordering::Relaxed), bench.waits()), (1, vec![]));
}

#[tokio::test]
async fn a_password_that_stays_wrong_is_asked_for_once_and_not_tried_again() {
    for (next, logins) in [("wrong, too", 2), ("old", 1)] {
        let (bench, renewed) = rotated(next).await;
        let error = bench.pool.run(safe()).await.unwrap_err().to_string();
        assert!(
            error.contains("18456") && error.contains("--grant-identity"),
            "{error}"
        );
        assert!(!error.contains(next), "{error}");
        assert_eq!(
            (bench.server.logins().len(), renewed.load(Ordering::Relaxed)),
            (logins, 1)
        );
        assert!(bench.waits().is_empty());
    }
}

#[tokio::test]
async fn each_missing_right_has_its_own_message() {
    for (number, expected) in [
        (
            18456,
            "needs a user in the database: run `pravis migrate --grant-identity",
        ),
        (40615, "add a firewall rule"),
        (916, "check its name, and give the identity a user"),
    ] {
        let bench = Bench::new().await;
        bench.server.then_login(LoginReply::refuse(number, "No."));
        let error = bench.pool.run(safe()).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Unavailable(why) if why.contains(expected)),
            "{error}"
        );
    }
    for (number, expected) in [
        (229, "db_datareader, db_datawriter and EXECUTE"),
        (208, "run `pravis migrate`"),
        (40544, "raise its largest size"),
    ] {
        let bench = Bench::new().await;
        bench.server.then(Reply::error(number, "No."));
        let error = bench.pool.run(safe()).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Unavailable(why) if why.contains(expected)),
            "{error}"
        );
        assert_eq!(bench.server.round_trips(), 1);
    }
}

#[tokio::test]
async fn a_login_follows_the_gateway_once() {
    let node = Server::start().await;
    let bench = Bench::new().await;
    let port = node.address().port();
    bench
        .server
        .on_login(move |_| LoginReply::Route("127.0.0.1\\node".to_owned(), port));
    bench.pool.run(once()).await.unwrap();
    assert_eq!((bench.server.round_trips(), node.round_trips()), (0, 1));
    assert_eq!(node.logins()[0].user, "app");

    let itself = bench.server.address().port();
    node.cut();
    node.until_open_sessions(0).await;
    bench
        .server
        .on_login(move |_| LoginReply::Route("127.0.0.1".to_owned(), itself));
    let before = bench.server.logins().len();
    let error = bench
        .pool
        .within(std::time::Duration::from_millis(600))
        .run(safe())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("redirected more than once"), "{error}");
    assert_eq!((bench.server.logins().len() - before) % 2, 0);
}

#[tokio::test]
async fn a_reader_says_so_when_it_logs_in() {
    let server = Server::start().await;
    let options = options(server.connection_string_of("app", "password"));
    let replica = super::Pool::new(options, true, super::Tuning::default());
    replica.run(safe()).await.unwrap();
    assert!(server.logins()[0].read_only);
}

#[test]
fn what_connects_does_not_show_its_password() {
    let target = Target::parse("Server=a;Database=b;User ID=u;Password=secret", false).unwrap();
    assert!(!format!("{:?}", target.config).contains("secret"));
}
