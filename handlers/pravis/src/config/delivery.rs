//! Where what anyone may see is delivered from.

use super::{Environment, SettingError, is_loopback};
use url::Url;

const CDN: &str = "PRAVIS_CDN_URL";
const ENDPOINT: &str = "PRAVIS_CDN_ENDPOINT_ID";
/// Azure Resource Manager.
const MANAGEMENT: &str = "https://management.azure.com";

/// The CDN before the storage account; default: none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryConfig {
    /// `PRAVIS_CDN_URL`: the host in front of the account's blobs, such as `https://media.shop.example`, without a slash at its end.
    /// Photos are delivered from it.
    pub cdn_url: Option<String>,
    /// `PRAVIS_CDN_ENDPOINT_ID`: the resource id of the Front Door endpoint, from which removed photos are purged; here as the
    /// address of the resource.
    pub cdn_endpoint: Option<String>,
}

impl DeliveryConfig {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let get = |name| {
            environment
                .get(name)
                .map(|text| text.trim().trim_end_matches('/'))
        };
        let host = |text: &str| {
            let bare = Url::parse(text).is_ok_and(|url| {
                url.query().is_none()
                    && url.fragment().is_none()
                    && url.username().is_empty()
                    && url.has_host()
            });
            let safe = text.starts_with("https://") || text.starts_with("http://") && is_loopback(text);
            (bare && safe).then(|| text.to_owned())
        };
        let read = |name, takes, read: &dyn Fn(&str) -> Option<String>| {
            let set = get(name).map(|text| read(text).ok_or_else(|| SettingError::new(name, takes)));
            set.transpose()
        };
        Ok(Self {
            cdn_url: read(CDN, "takes an address such as https://media.shop.example", &host)?,
            cdn_endpoint: read(
                ENDPOINT,
                "takes the resource id of a Front Door endpoint, \
                 /subscriptions/…/providers/Microsoft.Cdn/profiles/…/afdEndpoints/…",
                &endpoint,
            )?,
        })
    }
}

/// The address of a resource by its id. A test may put a server of this machine before the id.
fn endpoint(text: &str) -> Option<String> {
    let (host, id) = text.split_at(text.find("/subscriptions/")?);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._()-".contains(&byte);
    let known = id.contains("/providers/Microsoft.Cdn/profiles/") && id.contains("/afdEndpoints/");
    let host = if host.is_empty() { MANAGEMENT } else { host };
    let safe = host == MANAGEMENT || is_loopback(host);
    (known && safe && id.bytes().all(plain) && !id.contains("/.")).then(|| format!("{host}{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str =
        "/subscriptions/0-1/resourceGroups/shop/providers/Microsoft.Cdn/profiles/shop/afdEndpoints/media";

    fn read(name: &str, value: &str) -> Option<DeliveryConfig> {
        DeliveryConfig::from_environment(&[(name, value)].into_iter().collect()).ok()
    }

    #[test]
    fn a_token_goes_to_azure_or_to_this_machine() {
        let at = |value: &str| read(ENDPOINT, value).map(|config| config.cdn_endpoint);
        assert_eq!(at(""), Some(None));
        assert_eq!(at(ID), Some(Some(format!("{MANAGEMENT}{ID}"))));
        let here = format!("http://127.0.0.1:1{ID}/");
        assert_eq!(at(&here), Some(Some(here.trim_end_matches('/').to_owned())));
        for wrong in [
            format!("https://evil.example{ID}"),
            format!("{ID}?x=1"),
            format!("{ID}/../../x"),
            "/subscriptions/0-1/resourceGroups/shop".to_owned(),
            "media".to_owned(),
        ] {
            assert_eq!(at(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_cdn_is_an_address() {
        let at = |value: &str| read(CDN, value).map(|config| config.cdn_url);
        assert_eq!(
            at("https://media.shop.example/"),
            Some(Some("https://media.shop.example".to_owned()))
        );
        for wrong in [
            "media.shop.example",
            "http://media.shop.example",
            "https://a@b.example",
            "https://a.example/?x",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
