//! ASP.NET route templates.

use pravis::host::template::Template;

fn template(text: &str) -> Template {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

const GUID: &str = "0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a55";

#[test]
fn a_path_matches_as_in_asp_net() {
    let guid_path = format!("v1/items/{GUID}");
    let braced = format!("/v1/items/{{{GUID}}}");
    let cases: [(&str, &str, bool); 28] = [
        ("v1/items", "/v1/items", true),
        ("v1/items", "/V1/Items", true),
        ("v1/items", "/v1/items/", true),
        ("v1/items", "/v1/items//", false),
        ("v1/items", "/v1//items", false),
        ("v1/items", "/v1/itemsx", false),
        ("v1/items", "/v1", false),
        ("v1/{id}", "/v1/7", true),
        ("v1/{id}", "/v1/", false),
        ("v1/{id}", "/v1", false),
        ("v1/{id}", "/v1/7/8", false),
        ("v1/{id}/x", "/v1//x", false),
        ("v1/{id?}", "/v1", true),
        ("v1/{id?}", "/v1/7", true),
        ("v1/items/{id:guid}", &guid_path, true),
        ("v1/items/{id:guid}", &braced, true),
        (
            "v1/items/{id:guid}",
            "/v1/items/0c6c3a866f6f4b578a446a3c5d8a1a55",
            true,
        ),
        ("v1/items/{id:guid}", "/v1/items/batch", false),
        (
            "v1/items/{id:guid}",
            "/v1/items/0c6c3a86-6f6f-4b57-8a44-6a3c5d8a1a5g",
            false,
        ),
        ("{n:int}", "/12", true),
        ("{n:int}", "/-12", true),
        ("{n:int}", "/2147483648", false),
        ("{n:int}", "/x", false),
        ("{*rest}", "/", true),
        ("{*rest}", "/a/b/c", true),
        ("a/{*rest}", "/a", true),
        ("a/{*rest}", "/b", false),
        ("", "/", true),
    ];
    for (pattern, path, expected) in cases {
        assert_eq!(template(pattern).matches(path), expected, "{pattern} {path}");
    }
}

#[test]
fn a_prefix_stands_before_the_route_and_may_be_empty() {
    assert!(template("v1/items").below("api").matches("/api/v1/items"));
    assert!(template("v1/items").below("").matches("/v1/items"));
    assert_eq!(template("v1/items").below("/api/").to_string(), "api/v1/items");
}

#[test]
fn overlapping_templates_are_known_from_both_sides() {
    for (a, b, expected) in [
        ("v1/items/{id:guid}", "v1/items/batch", false),
        ("v1/items/{id}", "v1/items/batch", true),
        ("v1/items/{id}", "V1/ITEMS/batch", true),
        ("{a:guid}", "{b:int}", false),
        ("{a:int}", "{b}", true),
        ("{a:int}", "{b:int}", true),
        ("{a:int}", "7", true),
        ("a/{b}", "a/{b}/c", false),
        ("a/{b?}", "a", true),
        ("a/{b?}", "a/{c:guid?}", true),
        ("a/{b?}", "b", false),
        ("{*rest}", "a/b/c", true),
        ("{*rest}", "", true),
        ("a/{*rest}", "a", true),
        ("a/{*rest}", "b/c", false),
        ("a", "a", true),
    ] {
        assert_eq!(template(a).overlaps(&template(b)), expected, "{a} {b}");
        assert_eq!(template(b).overlaps(&template(a)), expected, "{b} {a}");
    }
}

#[test]
fn a_bad_template_is_refused_with_its_reason() {
    for (text, reason) in [
        ("v1/{id", "fill its segment"),
        ("v1/item-{id}", "fill its segment"),
        ("v1//x", "empty segment"),
        ("v1/{}", "parameter whose name"),
        ("v1/{id:alpha}", "guid and int"),
        ("{*rest}/x", "before another segment"),
        ("{a?}/{b}", "before another segment"),
    ] {
        let error = text.parse::<Template>().unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(text), "{error}");
    }
}
