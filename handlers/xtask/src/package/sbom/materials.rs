//! The list as CycloneDX has it: of its many fields those that we can fill truthfully.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::graph::{Graph, Package};
use super::lock::Checksums;

/// The program that was built.
pub(super) struct Program<'a> {
    pub(super) sha256: String,
    pub(super) commit: Option<&'a str>,
    pub(super) time: Option<Timestamp>,
}

/// The document. It has no serial number: that would have to be another one each time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Materials {
    bom_format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Metadata,
    pub(super) components: Vec<Component>,
    dependencies: Vec<Uses>,
}

impl Materials {
    pub(super) fn of(graph: &Graph, checksums: &Checksums, program: &Program<'_>) -> Self {
        let mut main = Component::of(graph.program(), checksums);
        main.kind = "application";
        main.hashes = vec![Hash::sha256(&program.sha256)];
        let commit = program.commit.map(|commit| Property {
            name: "pravis:commit",
            value: commit.to_owned(),
        });
        main.properties = commit.into_iter().collect();
        let others = graph.others();
        Self {
            bom_format: "CycloneDX",
            spec_version: "1.6",
            version: 1,
            dependencies: [graph.program()]
                .iter()
                .chain(&others)
                .map(|package| Uses::of(graph, package))
                .collect(),
            components: others
                .iter()
                .map(|package| Component::of(package, checksums))
                .collect(),
            metadata: Metadata {
                timestamp: program.time,
                component: main,
            },
        }
    }
}

#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<Timestamp>,
    component: Component,
}

#[derive(Serialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    reference: String,
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<Licence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

impl Component {
    fn of(package: &Package, checksums: &Checksums) -> Self {
        let checksum = checksums.of(&package.name, &package.version);
        Self {
            kind: "library",
            reference: package.reference(),
            name: package.name.clone(),
            version: package.version.clone(),
            description: package.description.as_deref().map(|text| text.trim().to_owned()),
            hashes: checksum.map(Hash::sha256).into_iter().collect(),
            licenses: package.license.as_deref().map(Licence::of).into_iter().collect(),
            purl: package.source.is_some().then(|| package.reference()),
            links: package.repository.as_deref().map(Link::of).into_iter().collect(),
            properties: Vec::new(),
        }
    }
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

impl Hash {
    fn sha256(content: &str) -> Self {
        Self {
            alg: "SHA-256",
            content: content.to_owned(),
        }
    }
}

#[derive(Serialize)]
struct Licence {
    expression: String,
}

impl Licence {
    /// Cargo still takes the older way to say "or", which SPDX does not.
    fn of(license: &str) -> Self {
        Self {
            expression: license.split('/').map(str::trim).collect::<Vec<_>>().join(" OR "),
        }
    }
}

#[derive(Serialize)]
struct Link {
    #[serde(rename = "type")]
    kind: &'static str,
    url: String,
}

impl Link {
    fn of(repository: &str) -> Self {
        Self {
            kind: "vcs",
            url: repository.to_owned(),
        }
    }
}

#[derive(Serialize)]
struct Property {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Uses {
    #[serde(rename = "ref")]
    reference: String,
    depends_on: BTreeSet<String>,
}

impl Uses {
    fn of(graph: &Graph, package: &Package) -> Self {
        Self {
            reference: package.reference(),
            depends_on: graph.uses(package),
        }
    }
}
