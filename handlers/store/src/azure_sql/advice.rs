//! What a person can do about an error of the server.

use super::retry::{self, Cause, Phase, Verdict};
use tiberius::error::TokenError;

/// Numbers whose text repeats values of rows: those may be what a shopper wrote.
const WITH_VALUES: [u32; 11] = [220, 232, 241, 245, 248, 295, 1505, 2601, 2627, 2628, 13609];

/// The error as one line, with the likely fix and without values of rows.
pub(super) fn of_server(error: &TokenError) -> String {
    let number = error.code();
    let text = if WITH_VALUES.contains(&number) {
        "a value does not fit"
    } else {
        error.message()
    };
    match fix(number) {
        Some(fix) => format!("error {number}: {text}: {fix}"),
        None => format!(
            "error {number}, state {}, line {}: {text}",
            error.state(),
            error.line()
        ),
    }
}

/// Whether the statement itself is wrong, or what is stored: something that waiting does not mend.
pub(super) fn is_defect(number: u32) -> bool {
    fix(number).is_none() && retry::classify(Phase::Statement, Cause::Server(number)) == Verdict::Never
}

fn fix(number: u32) -> Option<&'static str> {
    Some(match number {
        18456 => {
            "the server refused the login. An app's identity needs a user in the database: run \
             `pravis migrate --grant-identity NAME CLIENT_ID` as an administrator; for a login with a password, check both"
        }
        40615 | 40914 => {
            "the server's firewall does not let this address in: add a firewall rule, or a rule for the app's virtual network"
        }
        4060 | 916 => {
            "the database cannot be opened: check its name, and give the identity a user in it with \
             `pravis migrate --grant-identity NAME CLIENT_ID`"
        }
        229 | 230 | 262 | 297 | 300 => {
            "the identity lacks a right: `pravis migrate --grant-identity NAME CLIENT_ID` gives db_datareader, \
             db_datawriter and EXECUTE"
        }
        15151 | 15247 | 33159 => "this takes the server's Entra administrator, logged in with a token",
        1105 | 9002 | 40544 => "the database is full: raise its largest size, or have retention remove more",
        208 => "a table is missing: run `pravis migrate`",
        _ => return None,
    })
}
