//! The workflows and the files for deploying: what can be told of them without running them.

// Helpers outside of `#[test]` functions may unwrap, too: a failed one is a failed test.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(repository().join(file)).unwrap_or_else(|fault| panic!("{file}: {fault}"))
}

/// Name and text of each workflow.
fn workflows() -> Vec<(String, String)> {
    let folder = ".github/workflows";
    let entries = std::fs::read_dir(repository().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| (name.clone(), read(&format!("{folder}/{name}"))))
        .collect()
}

/// A tag can be moved, also by whoever takes over an action; a commit cannot.
#[test]
fn every_action_is_pinned_to_a_commit_with_its_version() {
    let mut seen = 0;
    for (name, text) in workflows() {
        for line in text
            .lines()
            .filter(|line| line.trim_start_matches(['-', ' ']).starts_with("uses:"))
        {
            let (_, action) = line.split_once("uses:").unwrap();
            let (commit, version) = action
                .split_once('@')
                .and_then(|(_, pinned)| pinned.split_once(" # v"))
                .unwrap_or_else(|| panic!("{name}: {line}"));
            assert!(
                commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{name}: {line}"
            );
            assert_eq!(version.split('.').count(), 3, "{name}: {line}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} actions were found");
}

#[test]
fn a_deployment_migrates_before_it_brings_the_code_and_can_return() {
    let deploy = read(".github/workflows/deploy.yml");
    let place = |step: &str| deploy.find(step).unwrap_or_else(|| panic!("no {step}"));
    let steps = [
        "what-if",
        "package --check pravis.zip",
        "deployment group create",
        "pravis migrate --grant-identity",
        "storage blob download",
        "--src pravis.zip",
        "/api/health/live",
        "/api/health/ready",
        "--src before.zip",
    ];
    assert!(steps.map(place).is_sorted(), "the steps are in another order");
}

/// What `azure.yaml` and `deploy.yml` take from the infrastructure, it has to give.
#[test]
fn every_output_that_is_used_is_one_of_the_infrastructure() {
    let bicep = read("infra/main.bicep");
    let used = read(".github/workflows/deploy.yml")
        .split("steps.infrastructure.outputs.")
        .skip(1)
        .map(|rest| rest.split(' ').next().unwrap().to_owned())
        .collect::<Vec<_>>();
    assert!(used.len() > 4, "{used:?}");
    let of_azd = [
        "PRAVIS_STORE",
        "PRAVIS_SQL",
        "SERVICE_API_IDENTITY_NAME",
        "SERVICE_API_IDENTITY_CLIENT_ID",
    ];
    for name in used.iter().map(String::as_str).chain(of_azd) {
        assert!(
            bicep.contains(&format!("\noutput {name} string")),
            "main.bicep has no output {name}"
        );
    }
}

fn check(program: &str, arguments: &[&str]) {
    let told = Command::new(program)
        .args(arguments)
        .current_dir(repository())
        .output();
    let told = told.unwrap_or_else(|fault| panic!("{program}: {fault}"));
    let text = [told.stdout, told.stderr].concat();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&text));
}

#[test]
#[ignore = "needs zizmor"]
fn the_workflows_give_nothing_away() {
    check("zizmor", &["--offline", "--quiet", "--pedantic", ".github"]);
}

#[test]
#[ignore = "needs check-jsonschema"]
fn the_workflows_are_what_github_takes() {
    let files: Vec<_> = workflows()
        .iter()
        .map(|(name, _)| format!(".github/workflows/{name}"))
        .collect();
    let mut arguments = vec!["--builtin-schema", "vendor.github-workflows"];
    arguments.extend(files.iter().map(String::as_str));
    check("check-jsonschema", &arguments);
    check(
        "check-jsonschema",
        &["--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"],
    );
}

#[test]
#[ignore = "needs hadolint"]
fn the_container_is_built_as_it_should_be() {
    check("hadolint", &["Dockerfile"]);
}
