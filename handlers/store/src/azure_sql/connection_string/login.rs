//! Who logs in: a user with a password, or the holder of a token.

use super::switch;
use super::words::{Settings, Word};
use tiberius::{AuthMethod, Config};

/// True when it is the holder of a token.
pub(super) fn choose(
    settings: &Settings,
    has_credential: bool,
    config: &mut Config,
) -> Result<bool, &'static str> {
    let integrated = settings.get(&Word::IntegratedSecurity);
    if integrated.is_some_and(|value| switch(value) != Some(false)) {
        return Err("Integrated Security is not supported");
    }
    let wants_token = wants_token(settings)?;
    let given = |word| settings.get(&word).filter(|value| !value.is_empty());
    match (given(Word::User), given(Word::Password)) {
        (Some(_), Some(_)) if wants_token == Some(true) => {
            Err("it names a user with a password, and an Authentication that takes none")
        }
        (Some(user), Some(password)) => {
            config.authentication(AuthMethod::sql_server(user, password));
            Ok(false)
        }
        (Some(_), None) => Err(
            "it names a user and no Password. For a managed identity leave User ID out; AZURE_CLIENT_ID says which identity",
        ),
        (None, Some(_)) => Err("it holds a Password and no User ID"),
        (None, None) if wants_token == Some(false) => Err("SqlPassword needs User ID and Password"),
        (None, None) if has_credential => Ok(true),
        (None, None) => Err("it names no User ID, and there is no identity that could log in"),
    }
}

/// What Authentication asks for, where it does: a token, or a password.
fn wants_token(settings: &Settings) -> Result<Option<bool>, &'static str> {
    let method = settings.get(&Word::Authentication);
    let method = method.map(|method| method.replace(' ', "").to_lowercase());
    Ok(match method.as_deref() {
        None | Some("" | "notspecified") => None,
        Some("sqlpassword") => Some(false),
        Some(
            "activedirectorydefault"
            | "activedirectorymanagedidentity"
            | "activedirectorymsi"
            | "activedirectoryworkloadidentity",
        ) => Some(true),
        Some(_) => return Err("this Authentication is not supported; leave it out for a managed identity"),
    })
}
