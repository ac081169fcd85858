//! Why there is no token, in one line for people.

use crate::config::IdentityConfig;
use azure_core::error::Error;
use std::error::Error as _;

/// Longest text of a developer's tool that is repeated.
const LONGEST: usize = 200;

/// What the endpoint answered is left out: nobody promises that it holds no secret.
pub(super) fn explain(config: IdentityConfig, error: &Error) -> String {
    let status = causes(error).find_map(Error::http_status).map(u16::from);
    match (config, status) {
        (IdentityConfig::Developer, _) => {
            let said = error.to_string().replace('\n', " ");
            let said: String = said.chars().take(LONGEST).collect();
            format!("neither `az` nor `azd` has a login: {said}")
        }
        (IdentityConfig::Managed { client_id: Some(id) }, Some(400)) => {
            format!("the app does not have the identity {id}, which AZURE_CLIENT_ID names")
        }
        (IdentityConfig::Managed { client_id: None }, Some(400)) => {
            "the app has no identity of its own, and AZURE_CLIENT_ID names no other".to_owned()
        }
        (IdentityConfig::Managed { .. }, Some(status)) => {
            format!("the identity endpoint answers with status {status}")
        }
        (IdentityConfig::Managed { .. }, None) => {
            "the identity endpoint does not answer, or not with a token".to_owned()
        }
    }
}

/// The error and those that caused it.
fn causes(error: &Error) -> impl Iterator<Item = &Error> {
    std::iter::successors(Some(error), |&error| error.source()?.downcast_ref())
}
