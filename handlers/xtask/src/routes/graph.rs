//! Follows calls by name, from a handler down to the store's contract.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::contract::Contract;
use super::source::{Call, Function};

/// The program's functions and the store's contract.
pub(super) struct Graph {
    functions: Vec<Function>,
    by_name: HashMap<String, Vec<usize>>,
    contract: Contract,
}

impl Graph {
    pub(super) fn new(functions: Vec<Function>, contract: Contract) -> Self {
        let mut by_name = HashMap::<_, Vec<_>>::new();
        for (index, function) in functions.iter().enumerate() {
            by_name.entry(function.name.clone()).or_default().push(index);
        }
        Self {
            functions,
            by_name,
            contract,
        }
    }

    /// The handler of a folder: the free function with its name, first in `api` and `triggers`, then anywhere.
    pub(super) fn handler(&self, folder: &str) -> Option<usize> {
        let mut free = self
            .named(folder)
            .filter(|&index| self.functions[index].owner.is_none());
        let is_handler = |index: usize| {
            matches!(
                self.functions[index].module.first().map(String::as_str),
                Some("api" | "triggers")
            )
        };
        free.clone()
            .find(|&index| is_handler(index))
            .or_else(|| free.next())
    }

    /// The function's whole path within the crate.
    pub(super) fn path(&self, index: usize) -> String {
        let function = &self.functions[index];
        let mut parts: Vec<&str> = function.module.iter().map(String::as_str).collect();
        parts.extend(function.owner.as_deref());
        parts.push(&function.name);
        parts.join("::")
    }

    /// All methods of the contract that are reached from a function, as `trait::method`, sorted.
    pub(super) fn store_functions(&self, start: usize) -> Vec<String> {
        let mut reached = BTreeSet::new();
        let mut seen = HashSet::from([start]);
        let mut open = self.extractors(start);
        open.push(start);
        while let Some(index) = open.pop() {
            for call in &self.functions[index].calls {
                if let Some(method) = self.promised(call) {
                    reached.insert(method);
                } else {
                    open.extend(
                        self.targets(index, call)
                            .into_iter()
                            .filter(|&target| seen.insert(target)),
                    );
                }
            }
        }
        reached.into_iter().collect()
    }

    fn named(&self, name: &str) -> impl Iterator<Item = usize> + Clone + '_ {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// What axum runs for the handler's arguments.
    fn extractors(&self, index: usize) -> Vec<usize> {
        let arguments = &self.functions[index].arguments;
        ["from_request", "from_request_parts"]
            .into_iter()
            .flat_map(|name| self.named(name))
            .filter(|&one| {
                self.functions[one]
                    .owner
                    .as_ref()
                    .is_some_and(|owner| arguments.contains(owner))
            })
            .collect()
    }

    /// `Keys::find_key` for `store.find_key()` and for `Keys::find_key(store)`.
    fn promised(&self, call: &Call) -> Option<String> {
        let (name, owner) = match call {
            Call::Method(name, _) => (name, None),
            Call::Path(parts) => (parts.last()?, Some(parts.iter().rev().nth(1)?)),
        };
        let definition = self.contract.get(name)?;
        let meant = owner.is_none_or(|owner| owner == definition || owner == "Store");
        meant.then(|| format!("{definition}::{name}"))
    }

    fn targets(&self, caller: usize, call: &Call) -> Vec<usize> {
        match call {
            Call::Method(name, on_self) => self.methods(caller, name, *on_self),
            Call::Path(parts) => self.functions_at(caller, parts),
        }
    }

    /// Types are unknown, so `x.f()` is followed only where one type alone has an `f`.
    fn methods(&self, caller: usize, name: &str, on_self: bool) -> Vec<usize> {
        let owned: Vec<_> = self
            .named(name)
            .filter(|&index| self.functions[index].owner.is_some())
            .collect();
        if on_self {
            let owner = &self.functions[caller].owner;
            let own: Vec<_> = owned
                .iter()
                .copied()
                .filter(|&one| self.functions[one].owner == *owner)
                .collect();
            if !own.is_empty() {
                return own;
            }
        }
        if owned.len() == 1 { owned } else { Vec::new() }
    }

    fn functions_at(&self, caller: usize, parts: &[String]) -> Vec<usize> {
        let Some((name, before)) = parts.split_last() else {
            return Vec::new();
        };
        let caller = &self.functions[caller];
        let Some(qualifier) = before.last() else {
            return self.unqualified(caller, name);
        };
        if !self.is_ours(caller, &before[0]) {
            return Vec::new();
        }
        let matches = |index: &usize| {
            let function = &self.functions[*index];
            match (qualifier.as_str(), &function.owner) {
                ("Self", owner) => *owner == caller.owner,
                ("crate" | "pravis", None) => function.module.is_empty(),
                ("self", None) => function.module == caller.module,
                ("super", None) => {
                    Some(function.module.as_slice()) == caller.module.split_last().map(|(_, up)| up)
                }
                (qualifier, Some(owner)) => owner == qualifier,
                (qualifier, None) => function.module.last().is_some_and(|last| last == qualifier),
            }
        };
        self.named(name).filter(matches).collect()
    }

    /// In the same module, or (brought in by a glob) anywhere, if it is the only one of its name.
    fn unqualified(&self, caller: &Function, name: &str) -> Vec<usize> {
        let free: Vec<_> = self
            .named(name)
            .filter(|&index| self.functions[index].owner.is_none())
            .collect();
        let near = free
            .iter()
            .copied()
            .find(|&index| self.functions[index].module == caller.module);
        match near {
            Some(index) => vec![index],
            None if free.len() == 1 => free,
            None => Vec::new(),
        }
    }

    /// Whether a path's first part leads into this crate. Otherwise `domain::keys::parse` would be taken for
    /// `parse` in our own module `keys`.
    fn is_ours(&self, caller: &Function, first: &str) -> bool {
        let is_type = first.starts_with(|letter: char| letter.is_ascii_uppercase());
        let is_child = |function: &Function| {
            function
                .module
                .strip_prefix(caller.module.as_slice())
                .is_some_and(|rest| rest.first().is_some_and(|child| child == first))
        };
        is_type
            || matches!(first, "crate" | "self" | "super" | "pravis")
            || self.functions.iter().any(is_child)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{contract, source};
    use super::*;

    fn graph(files: &[(&str, &str)]) -> Graph {
        let contract = contract::in_source(
            "pub trait Interactions { fn insert_interactions(&self); fn find_interaction(&self); }
             pub trait Keys { fn find_key(&self); }",
        );
        let functions = files.iter().flat_map(|(module, text)| {
            let module = module
                .split("::")
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect();
            source::in_source(text, module).unwrap()
        });
        Graph::new(functions.collect(), contract.unwrap())
    }

    fn reached(graph: &Graph, handler: &str) -> Vec<String> {
        graph.store_functions(graph.handler(handler).unwrap())
    }

    #[test]
    fn through_modules_methods_and_extractors() {
        let graph = graph(&[
            (
                "api::interactions",
                "use crate::ingest;
                 pub async fn create_interaction(caller: Caller) { ingest::run(turn).await }",
            ),
            (
                "ingest",
                "pub fn run() { store_step() } fn store_step() { Line::new().push_all() }",
            ),
            (
                "ingest::line",
                "impl Line { fn push_all(&self) { self.flush() } fn flush(&self) { self.store.insert_interactions() } }",
            ),
            (
                "other",
                "impl Other { fn flush(&self) { self.store.find_interaction() } }",
            ),
            (
                "auth",
                "impl FromRequestParts<App> for Caller { fn from_request_parts() { app.store.find_key() } }",
            ),
        ]);
        assert_eq!(
            reached(&graph, "create_interaction"),
            ["Interactions::insert_interactions", "Keys::find_key"]
        );
        assert_eq!(
            graph.path(graph.handler("create_interaction").unwrap()),
            "api::interactions::create_interaction"
        );
    }

    #[test]
    fn another_crates_function_of_the_same_name_is_not_ours() {
        let graph = graph(&[
            (
                "api::a",
                "use domain::keys; pub fn one() { keys::parse(); domain::keys::parse(); }",
            ),
            ("api::b", "pub fn two() { crate::keys::parse() }"),
            ("keys", "pub fn parse() { store.find_key() }"),
        ]);
        assert!(reached(&graph, "one").is_empty());
        assert_eq!(reached(&graph, "two"), ["Keys::find_key"]);
    }

    #[test]
    fn a_circle_ends_and_a_trigger_is_a_handler() {
        let graph = graph(&[(
            "triggers::sweep",
            "pub fn timer_sweep() { again() } fn again() { timer_sweep(); x.find_key() }",
        )]);
        assert_eq!(reached(&graph, "timer_sweep"), ["Keys::find_key"]);
        assert_eq!(graph.handler("nobody"), None);
    }

    #[test]
    fn the_handler_is_the_one_in_api() {
        let graph = graph(&[
            ("cli", "fn list_keys() {}"),
            ("api::keys", "fn list_keys() { Keys::find_key(&store) }"),
        ]);
        assert_eq!(reached(&graph, "list_keys"), ["Keys::find_key"]);
    }
}
