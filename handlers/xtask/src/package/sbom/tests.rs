use super::*;
use crate::package::compiler::DEPLOYED;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

fn source() -> Source {
    Source {
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        time: Some("2026-11-20T10:00:00Z".parse().unwrap()),
    }
}

fn real() -> Value {
    serde_json::to_value(of_workspace(b"the program", &source(), DEPLOYED).unwrap()).unwrap()
}

fn texts<'a>(list: &'a Value, field: &str) -> BTreeSet<&'a str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item[field].as_str().unwrap())
        .collect()
}

#[test]
fn what_builds_and_what_tests_is_no_part_of_the_program() {
    let package = |name: &str, source: Option<&str>| {
        json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0", "source": source,
               "description": null, "repository": null})
    };
    let used = |name: &str, kind: Option<&str>| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
    let metadata = json!({
        "packages": [
            package("pravis", None), package("store", None), package("serde", Some("registry")),
            package("cc", Some("registry")), package("insta", Some("registry")),
            package("optional", Some("registry")),
        ],
        "resolve": {"nodes": [
            {"id": "pravis", "deps": [used("store", None), used("insta", Some("dev")), used("cc", Some("build"))]},
            {"id": "store", "deps": [used("serde", None), used("optional", None)]},
            {"id": "optional", "deps": []}, {"id": "serde", "deps": []}, {"id": "cc", "deps": []}, {"id": "insta", "deps": []},
        ]},
    });
    let tree = "pravis v1.0.0 (/somewhere)\nstore v1.0.0 (/somewhere)\nserde v1.0.0\nserde v1.0.0 (*)\n";
    let graph = Graph::read(&metadata.to_string(), tree, "pravis").unwrap();
    let program = Program {
        sha256: "00".repeat(32),
        commit: None,
        time: None,
    };
    let materials = Materials::of(&graph, &Checksums::default(), &program);
    let materials = serde_json::to_value(materials).unwrap();
    assert_eq!(
        materials["components"],
        json!([
            {"type": "library", "bom-ref": "pkg:cargo/serde@1.0.0", "name": "serde", "version": "1.0.0",
             "licenses": [{"expression": "MIT OR Apache-2.0"}], "purl": "pkg:cargo/serde@1.0.0"},
            {"type": "library", "bom-ref": "store@1.0.0", "name": "store", "version": "1.0.0",
             "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        ])
    );
    assert_eq!(
        materials["dependencies"],
        json!([
            {"ref": "pravis@1.0.0", "dependsOn": ["store@1.0.0"]},
            {"ref": "pkg:cargo/serde@1.0.0", "dependsOn": []},
            {"ref": "store@1.0.0", "dependsOn": ["pkg:cargo/serde@1.0.0"]},
        ])
    );
}

#[test]
fn every_crate_of_the_program_has_licence_origin_and_checksum() {
    let materials = real();
    let components = materials["components"].as_array().unwrap();
    for component in components {
        let name = &component["name"];
        assert!(
            component["licenses"][0]["expression"].is_string(),
            "licence of {name}"
        );
        if component["bom-ref"].as_str().unwrap().starts_with("pkg:") {
            assert_eq!(component["purl"], component["bom-ref"]);
            let hash = component["hashes"][0]["content"].as_str().unwrap_or_default();
            assert!(hash.len() == 64, "checksum of {name}: {hash}");
        }
    }
    let names = texts(&materials["components"], "name");
    for part in ["store", "libsqlite3-sys", "tokio", "aws-lc-sys", "opusic-sys"] {
        assert!(names.contains(part), "{part} is a part");
    }
    for no_part in [
        "pravis",
        "cc",
        "cmake",
        "insta",
        "ring",
        "testkit",
        "xtask",
        "windows-sys",
    ] {
        assert!(!names.contains(no_part), "{no_part} is no part");
    }
    assert_eq!(
        materials["metadata"]["component"]["version"],
        env!("CARGO_PKG_VERSION")
    );
}

#[test]
fn nothing_is_used_that_is_not_listed() {
    let materials = real();
    let mut listed = texts(&materials["components"], "bom-ref");
    listed.insert(materials["metadata"]["component"]["bom-ref"].as_str().unwrap());
    let dependencies = &materials["dependencies"];
    assert_eq!(texts(dependencies, "ref"), listed);
    for uses in dependencies.as_array().unwrap() {
        for used in uses["dependsOn"].as_array().unwrap() {
            assert!(listed.contains(used.as_str().unwrap()), "{used}");
        }
    }
}

#[test]
fn the_same_build_gives_the_same_list() {
    assert_eq!(real(), real());
}

/// Against the schema that the specification publishes, which comes with a Python library of theirs.
#[test]
#[ignore = "needs check-jsonschema"]
fn it_is_what_the_specification_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pravis.cdx.json");
    let valid = |materials: &Value| {
        fs::write(&file, materials.to_string()).unwrap();
        let mut check = Command::new("check-jsonschema");
        check.arg("--schemafile").arg(schema()).arg(&file);
        let told = check.output().expect("check-jsonschema starts");
        (
            told.status.success(),
            String::from_utf8_lossy(&told.stdout).into_owned(),
        )
    };
    let mut materials = real();
    let (good, why) = valid(&materials);
    assert!(good, "{why}");
    materials["components"][0]["type"] = json!("crate");
    assert!(!valid(&materials).0, "the schema is not looked at");
}

fn schema() -> std::path::PathBuf {
    let library = workspace::target_dir().join("python/lib");
    let versions = fs::read_dir(&library).unwrap().map(|entry| entry.unwrap().path());
    let place = "site-packages/cyclonedx/schema/_res/bom-1.6.SNAPSHOT.schema.json";
    let mut found = versions
        .map(|version| version.join(place))
        .filter(|file| file.is_file());
    found.next().expect("the library has the schema")
}
