use super::Target;

const PORTAL: &str = "Server=tcp:shop.database.windows.net,1433;Initial Catalog=pravis;Persist Security Info=False;\
    MultipleActiveResultSets=False;Encrypt=True;TrustServerCertificate=False;Connection Timeout=30;";

/// Why the string is refused; a part of it that must not be in the answer may be marked as `secret`.
fn refused(text: &str, has_credential: bool) -> String {
    let error = Target::parse(text, has_credential).err().unwrap().to_string();
    assert!(!error.to_lowercase().contains("secret"), "{error}");
    error
}

#[test]
fn takes_the_portals_strings() {
    let target = Target::parse(PORTAL, true).unwrap();
    assert!(target.by_token);
    assert_eq!(target.config.get_addr(), "shop.database.windows.net:1433");
    let entra = format!("{PORTAL}Authentication=\"Active Directory Default\";");
    assert!(Target::parse(&entra, true).unwrap().by_token);
    let password = format!("{PORTAL}User ID=app;Password='se;cr\"et=''Zürich''';");
    assert!(!Target::parse(&password, true).unwrap().by_token);
}

#[test]
fn a_token_never_goes_over_an_open_line() {
    for off in ["false", "no", "Optional", "DANGER_PLAINTEXT"] {
        for server in ["shop.database.windows.net", "127.0.0.1"] {
            let text = format!("Server={server};Database=pravis;Encrypt={off}");
            assert!(refused(&text, true).contains("Encrypt must be on where a token logs in"));
        }
    }
}

#[test]
fn a_token_is_not_shown_to_a_server_that_nobody_checked() {
    let text = "Server=shop.database.windows.net;Database=pravis;TrustServerCertificate=true";
    assert!(refused(text, true).contains("TrustServerCertificate must be off"));
    assert!(
        Target::parse(
            "Server=localhost;Database=pravis;TrustServerCertificate=yes",
            true
        )
        .is_ok()
    );
}

#[test]
fn a_password_goes_over_an_open_line_only_to_this_machine() {
    let text = "Database=pravis;User ID=app;Password=secret;Encrypt=false;Server=";
    for host in [
        "localhost",
        "127.0.0.1",
        "127.9.9.9,1500",
        "(local)",
        ".",
        "[::1]",
    ] {
        assert!(Target::parse(&format!("{text}{host}"), false).is_ok(), "{host}");
    }
    for host in [
        "shop.database.windows.net",
        "localhost.example.org",
        "10.0.0.1",
        "128.0.0.1",
    ] {
        assert!(refused(&format!("{text}{host}"), false).contains("Encrypt must be on"));
    }
}

#[test]
fn who_logs_in_must_be_clear() {
    let cases = [
        ("User ID=secret", true, "names a user and no Password"),
        ("User ID=secret;Password=", true, "names a user and no Password"),
        ("Password=secret", true, "holds a Password and no User ID"),
        ("", false, "there is no identity that could log in"),
        (
            "Integrated Security=SSPI",
            true,
            "Integrated Security is not supported",
        ),
        (
            "Authentication=ActiveDirectoryPassword;User ID=a;Password=secret",
            true,
            "this Authentication is not supported",
        ),
        (
            "Authentication=Active Directory Managed Identity;User ID=a;Password=secret",
            true,
            "that takes none",
        ),
        ("Authentication=SqlPassword", true, "SqlPassword needs"),
        ("ApplicationIntent=ReadOnly", true, "ApplicationIntent is chosen"),
    ];
    for (settings, has_credential, expected) in cases {
        let error = refused(&format!("Server=a;Database=b;{settings}"), has_credential);
        assert!(error.contains(expected), "{settings}: {error}");
    }
}

#[test]
fn where_to_must_be_clear() {
    for (text, expected) in [
        ("", "names no Server"),
        ("Database=pravis", "names no Server"),
        ("Server=;Database=pravis", "names no Server"),
        ("Server=a", "names no Database"),
        ("Server=a;Database=", "names no Database"),
        ("Server=a\\SQLEXPRESS;Database=b", "tcp:host,port"),
        ("Server=np:a;Database=b", "tcp:host,port"),
        ("Server=a,secret;Database=b", "port in Server is not a number"),
        ("Server=a,99999;Database=b", "port in Server is not a number"),
    ] {
        let error = refused(text, true);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn unknown_words_are_told_by_their_place_and_never_repeated() {
    for (text, expected) in [
        ("Server=a;Databse=b", "part 2 is not known; is it `database`"),
        (
            "Server=a;Database=b;Encript=false",
            "part 3 is not known; is it `encrypt`",
        ),
        (
            "Server=a;Password=half;secret=rest",
            "part 3 is not known, or it follows a value with `;`",
        ),
        ("Server=a;Password=half;secret", "part 3 is no `word=value`"),
        ("Server=a;Password=\"secret", "the quotes of part 2"),
        ("Server=a;Password='secret'x;Database=b", "the quotes of part 2"),
        ("Server=a;Password={secret", "the quotes of part 2"),
    ] {
        let error = refused(text, true);
        assert!(error.contains(expected), "{text}: {error}");
    }
}
