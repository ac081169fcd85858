//! The database user of the app's identity.

use super::call::Call;
use super::options::AzureSqlOptions;
use super::pool::Pool;
use super::tuning::Tuning;
use crate::StoreError;
use uuid::Uuid;

/// Makes the user where it is missing, anew where it belongs to an identity of that name that is gone, and gives it its
/// rights. Names cannot be parameters of these statements; so the server itself quotes the name.
///
/// UPDATE on the schema is for the sequence of session numbers; on tables it is part of db_datawriter.
const GRANT: &str = "\
DECLARE @user nvarchar(258) = QUOTENAME(@P1), @sid nvarchar(34) = CONVERT(nvarchar(34), CONVERT(varbinary(16), @P2), 1);
IF EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @P1 AND type <> 'E')
BEGIN;
  THROW 50001, N'a user or role of this name exists, and is no Entra identity', 1;
END;
IF EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @P1 AND sid <> @P2)
  EXEC (N'DROP USER ' + @user);
IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = @P1)
  EXEC (N'CREATE USER ' + @user + N' WITH SID = ' + @sid + N', TYPE = E');
EXEC (N'ALTER ROLE db_datareader ADD MEMBER ' + @user);
EXEC (N'ALTER ROLE db_datawriter ADD MEMBER ' + @user);
EXEC (N'GRANT EXECUTE, UPDATE ON SCHEMA::dbo TO ' + @user);";

/// Makes a user of the database for an Entra identity, with the rights that the program needs; doing it again changes
/// nothing. It takes an administrator, and no right to look into the directory.
///
/// `client_id` is the identity's client (application) id; with its object id the login would fail.
pub async fn grant_identity(options: AzureSqlOptions, name: &str, client_id: Uuid) -> Result<(), StoreError> {
    let pool = Pool::new(options, false, Tuning::default());
    let granted = pool.patient().run(grant(name, client_id)?).await;
    pool.close().await;
    granted.map(|_| ())
}

fn grant(name: &str, client_id: Uuid) -> Result<Call, StoreError> {
    // QUOTENAME makes null of a longer one.
    if name.trim().is_empty() || name.encode_utf16().count() > 128 || name.contains('\0') {
        let why = "the name of the identity must have 1 to 128 characters";
        return Err(StoreError::Unavailable(why.to_owned()));
    }
    // The server knows an identity by the bytes of its GUID as .NET writes them, the first three fields turned around.
    let sid = client_id.to_bytes_le();
    Ok(Call::safe("grant_identity", GRANT).bind(name).bind(sid))
}

#[cfg(test)]
mod tests {
    use super::super::tests::options;
    use super::*;
    use testkit::tds::{Parameter, Reply, Server, Statement};

    const CLIENT_ID: Uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);

    /// What the server is told.
    async fn granted(name: &str) -> Statement {
        let server = Server::start().await;
        let options = options(server.connection_string_of("admin", "password"));
        grant_identity(options, name, CLIENT_ID).await.unwrap();
        server.until_open_sessions(0).await;
        assert_eq!(server.round_trips(), 1);
        server.statements().remove(0)
    }

    #[tokio::test]
    async fn the_sid_is_the_client_id_in_the_byte_order_of_dot_net() {
        let sid = [
            0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
        ];
        let statement = granted("id-pravis").await;
        assert_eq!(statement.parameters[1], Parameter::Bytes(sid.to_vec()));
        insta::assert_snapshot!(statement.sql);
    }

    #[tokio::test]
    async fn a_hostile_name_is_a_parameter_and_changes_no_statement() {
        let plain = granted("id-pravis").await;
        for name in [
            "x]; DROP TABLE interactions;--",
            "]]",
            "'",
            "a\nb",
            "@P2",
            &"ü".repeat(128),
        ] {
            let statement = granted(name).await;
            assert_eq!(statement.sql, plain.sql);
            assert_eq!(statement.parameters[0], Parameter::Text(name.to_owned()));
        }
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_quoted_is_refused() {
        for name in ["", "  ", "a\0b", &"ü".repeat(129)] {
            let nowhere = options("Server=127.0.0.1,1;Database=a;User ID=a;Password=a".to_owned());
            let error = grant_identity(nowhere, name, CLIENT_ID).await.unwrap_err();
            assert!(error.to_string().contains("1 to 128 characters"), "{error}");
        }
    }

    #[tokio::test]
    async fn who_may_not_grant_is_told_who_may() {
        let server = Server::start().await;
        server.then(Reply::error(
            15247,
            "User does not have permission to perform this action.",
        ));
        let options = options(server.connection_string_of("app", "password"));
        let error = grant_identity(options, "id-pravis", CLIENT_ID).await.unwrap_err();
        assert!(error.to_string().contains("Entra administrator"), "{error}");
    }
}
