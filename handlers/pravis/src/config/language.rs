//! Azure AI Language.

use super::{Environment, SettingError, is_loopback};
use url::Url;

const NAME: &str = "PRAVIS_LANGUAGE_ENDPOINT";

/// Where the tone of comments is refined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageConfig {
    /// `PRAVIS_LANGUAGE_ENDPOINT`: the resource, such as `https://shop.cognitiveservices.azure.com`, without a slash at its
    /// end. Only with it comments leave the program.
    pub endpoint: String,
}

impl LanguageConfig {
    /// None when it is not set.
    pub(super) fn from_environment(environment: &Environment) -> Result<Option<Self>, SettingError> {
        let endpoint = environment
            .get(NAME)
            .map(|text| text.trim().trim_end_matches('/'));
        let endpoint = endpoint.map(|text| {
            let url = Url::parse(text).ok();
            let plain = url.filter(|url| {
                let whole = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
                let anonymous = url.username().is_empty() && url.password().is_none();
                whole && anonymous && url.has_host()
            });
            // A token and comments go there: in the clear they may go no further than this machine.
            let safe = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && is_loopback(text));
            match plain.filter(safe) {
                Some(_) => Ok(Self {
                    endpoint: text.to_owned(),
                }),
                None => Err(SettingError::new(
                    NAME,
                    "takes the address of a resource, https://<name>.cognitiveservices.azure.com",
                )),
            }
        });
        endpoint.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<LanguageConfig>, SettingError> {
        LanguageConfig::from_environment(&[(NAME, value)].into_iter().collect())
    }

    #[test]
    fn it_takes_the_address_of_a_resource() {
        assert_eq!(read("").unwrap(), None);
        for right in [
            "https://shop.cognitiveservices.azure.com/",
            "http://127.0.0.1:1",
            "http://[::1]:1/",
        ] {
            let endpoint = read(right).unwrap().unwrap().endpoint;
            assert_eq!(endpoint, right.trim_end_matches('/'));
        }
        for wrong in [
            "shop.cognitiveservices.azure.com",
            "http://shop.cognitiveservices.azure.com",
            "https://shop.example/language",
            "https://s3cret@shop.example",
            "https://shop.example/?code=s3cret",
            "file:///tmp",
        ] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains(NAME) && !error.contains("s3cret"), "{error}");
        }
    }
}
