//! A credential that Azurite takes.

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

/// Makes tokens as Entra ID does, but signs them with nothing.
#[derive(Debug)]
pub(crate) struct FakeIdentity;

#[async_trait]
impl TokenCredential for FakeIdentity {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let audience = scopes[0].trim_end_matches(".default").trim_end_matches('/');
        let now = OffsetDateTime::now_utc();
        let ends = now + Duration::hours(1);
        let tenant = "ab1f708d-50f6-404c-a006-d71b2ac7a606";
        let claims = json!({
            "aud": audience,
            "iss": format!("https://sts.windows.net/{tenant}/"),
            "iat": now.unix_timestamp() - 60,
            "nbf": now.unix_timestamp() - 60,
            "exp": ends.unix_timestamp(),
            "oid": "11059fcc-5514-4800-b5f8-49808b9cfab6",
            "sub": "JeH2dBcxZp-_pKoskdxOilGj234LhlM_0GBM4JvSrJw",
            "tid": tenant,
            "ver": "1.0",
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({"alg": "RS256", "typ": "JWT"}));
        let token = format!("{header}.{}.{}", part(claims), URL_SAFE_NO_PAD.encode("none"));
        Ok(AccessToken::new(token, ends))
    }
}
