use super::*;
use azure_core::time::OffsetDateTime;
use futures::future::join_all;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Semaphore;

/// Gives tokens with a number, good for some time, as long as it has leave to.
#[derive(Debug)]
struct Numbered {
    given: AtomicU64,
    lasts: Duration,
    leave: Semaphore,
}

#[async_trait]
impl TokenCredential for Numbered {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let permit = self.leave.acquire().await.map_err(|_| failure("closed"))?;
        permit.forget();
        let number = self.given.fetch_add(1, Ordering::SeqCst) + 1;
        let token = format!("{} {number}", scopes[0]);
        Ok(AccessToken::new(token, OffsetDateTime::now_utc() + self.lasts))
    }
}

/// An identity whose tokens last so long, of which there are so many.
fn identity(lasts: Duration, tokens: usize) -> (Identity, Arc<Numbered>) {
    let inner = Arc::new(Numbered {
        given: AtomicU64::new(0),
        lasts,
        leave: Semaphore::new(tokens),
    });
    let identity = Identity::new(IdentityConfig::Managed { client_id: None });
    identity.0.inner.set(Arc::clone(&inner) as _).ok().unwrap();
    (identity, inner)
}

async fn token(identity: &Identity, scope: &str) -> azure_core::Result<String> {
    let token = identity.get_token(&[scope], None).await?;
    Ok(token.token.secret().to_owned())
}

#[tokio::test]
async fn a_token_is_kept_for_its_scope() {
    let (identity, _) = identity(Duration::hours(1), 2);
    let all = join_all((0..16).map(|_| token(&identity, "sql"))).await;
    assert!(all.into_iter().all(|token| token.unwrap() == "sql 1"));
    assert_eq!(token(&identity, "vault").await.unwrap(), "vault 2");
    assert_eq!(token(&identity, "sql").await.unwrap(), "sql 1");
}

/// Lets what runs beside go on until it has got nowhere for a while.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_and_nobody_waits_for_it() {
    let (identity, inner) = identity(Duration::minutes(4), 1);
    assert_eq!(token(&identity, "sql").await.unwrap(), "sql 1");
    // The next token has no leave yet.
    for _ in 0..16 {
        assert_eq!(token(&identity, "sql").await.unwrap(), "sql 1");
        settle().await;
    }
    inner.leave.add_permits(1);
    settle().await;
    assert_eq!(inner.given.load(Ordering::SeqCst), 2, "16 callers asked once");
    assert_eq!(token(&identity, "sql").await.unwrap(), "sql 2");
}

#[tokio::test]
async fn without_a_next_token_the_one_before_is_used_to_its_end() {
    let (long, inner) = identity(Duration::minutes(4), 1);
    assert_eq!(token(&long, "sql").await.unwrap(), "sql 1");
    inner.leave.close();
    for _ in 0..4 {
        assert_eq!(token(&long, "sql").await.unwrap(), "sql 1");
        settle().await;
    }
    assert!(token(&long, "vault").await.is_err(), "nobody else's token");

    let (short, inner) = identity(Duration::seconds(9), 1);
    assert_eq!(token(&short, "sql").await.unwrap(), "sql 1");
    inner.leave.close();
    assert!(token(&short, "sql").await.is_err(), "it would end on the way");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_the_answer_for_all_who_ask_at_once() {
    let (identity, inner) = identity(Duration::hours(1), 0);
    let waiting = join_all((0..16).map(|_| token(&identity, "sql")));
    // Nobody gives leave: the patience of the first ends.
    assert!(waiting.await.iter().all(Result::is_err));
    inner.leave.add_permits(1);
    assert!(token(&identity, "sql").await.is_err(), "it has just failed");
    tokio::time::advance(REST).await;
    assert_eq!(token(&identity, "sql").await.unwrap(), "sql 1");
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_stop_the_question() {
    let (identity, inner) = identity(Duration::hours(1), 0);
    let gone = tokio::time::timeout(std::time::Duration::ZERO, token(&identity, "sql")).await;
    assert!(gone.is_err());
    inner.leave.add_permits(1);
    settle().await;
    assert_eq!(inner.given.load(Ordering::SeqCst), 1);
    assert_eq!(token(&identity, "sql").await.unwrap(), "sql 1");
}

#[tokio::test]
async fn a_token_is_for_one_scope() {
    let (identity, _) = identity(Duration::hours(1), 2);
    assert!(identity.get_token(&[], None).await.is_err());
    assert!(identity.get_token(&["sql", "vault"], None).await.is_err());
}
