//! Functions of the program's sources, and what each of them calls by name. Names are enough: types are not resolved.

use std::collections::HashMap;
use std::path::Path;

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};

use crate::{Outcome, workspace};

/// A function or method with a body.
#[derive(Debug, Default)]
pub(super) struct Function {
    /// Its own name.
    pub(super) name: String,
    /// Its module, from the crate's root.
    pub(super) module: Vec<String>,
    /// The type or trait that it is a method of.
    pub(super) owner: Option<String>,
    /// Names of the types in its arguments: axum runs their extractors before it.
    pub(super) arguments: Vec<String>,
    /// What it calls, in the order of the text.
    pub(super) calls: Vec<Call>,
}

/// A call, as written, with the `use` of its first part put in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `a::b::f(…)`, or `a::b::f` handed on as a value.
    Path(Vec<String>),
    /// `x.f(…)`, and whether `x` is `self`.
    Method(String, bool),
}

/// All functions below `folder`, a crate's `src`.
pub(super) fn read(folder: &Path) -> Outcome<Vec<Function>> {
    let mut found = Vec::new();
    for path in workspace::rust_files(folder)? {
        let relative = path.strip_prefix(folder)?.with_extension("");
        let mut module: Vec<_> = relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        // `mod.rs`, and the roots `lib.rs` and `main.rs`, stand for the folder that they are in.
        if module
            .last()
            .is_some_and(|last| last == "mod" || last == "lib" || last == "main")
        {
            module.pop();
        }
        let functions = in_source(&workspace::read(&path)?, module);
        found.extend(functions.map_err(|fault| format!("{}: {fault}", path.display()))?);
    }
    Ok(found)
}

/// The functions of one file.
pub(super) fn in_source(text: &str, module: Vec<String>) -> syn::Result<Vec<Function>> {
    let mut reader = Reader {
        module,
        owner: None,
        imports: HashMap::new(),
        functions: Vec::new(),
    };
    let file = syn::parse_file(text)?;
    for item in &file.items {
        if let syn::Item::Use(import) = item {
            note_imports(&import.tree, &mut Vec::new(), &mut reader.imports);
        }
    }
    reader.visit_file(&file);
    Ok(reader.functions)
}

/// `use a::{b, c as d}` makes `b` mean `a::b`, and `d` mean `a::c`. Globs tell no names.
fn note_imports(tree: &syn::UseTree, before: &mut Vec<String>, imports: &mut HashMap<String, Vec<String>>) {
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            note_imports(&path.tree, before, imports);
            before.pop();
        }
        syn::UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| note_imports(tree, before, imports)),
        syn::UseTree::Name(name) if name.ident == "self" => {
            imports.insert(before.last().cloned().unwrap_or_default(), before.clone());
        }
        syn::UseTree::Name(name) => {
            let whole = before.iter().cloned().chain([name.ident.to_string()]).collect();
            imports.insert(name.ident.to_string(), whole);
        }
        syn::UseTree::Rename(name) => {
            let whole = before.iter().cloned().chain([name.ident.to_string()]).collect();
            imports.insert(name.rename.to_string(), whole);
        }
        syn::UseTree::Glob(_) => {}
    }
}

struct Reader {
    module: Vec<String>,
    owner: Option<String>,
    imports: HashMap<String, Vec<String>>,
    functions: Vec<Function>,
}

impl Reader {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let mut arguments = TypeNames(Vec::new());
        signature
            .inputs
            .iter()
            .for_each(|input| arguments.visit_fn_arg(input));
        let mut calls = Calls {
            imports: &self.imports,
            found: Vec::new(),
        };
        calls.visit_block(body);
        self.functions.push(Function {
            name: signature.ident.to_string(),
            module: self.module.clone(),
            owner: self.owner.clone(),
            arguments: arguments.0,
            calls: calls.found,
        });
    }

    fn owned_by(&mut self, owner: Option<String>, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.owner, owner);
        visit(self);
        self.owner = outer;
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let only_tests = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|what| what.is_ident("test"))
        });
        if !only_tests {
            self.module.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.module.pop();
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let owner = match &*block.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        self.owned_by(owner, |reader| visit::visit_item_impl(reader, block));
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        self.add(&method.sig, &method.block);
    }

    fn visit_item_trait(&mut self, definition: &'ast syn::ItemTrait) {
        self.owned_by(Some(definition.ident.to_string()), |reader| {
            visit::visit_item_trait(reader, definition)
        });
    }

    fn visit_trait_item_fn(&mut self, method: &'ast syn::TraitItemFn) {
        if let Some(body) = &method.default {
            self.add(&method.sig, body);
        }
    }
}

struct TypeNames(Vec<String>);

impl<'ast> Visit<'ast> for TypeNames {
    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        self.0
            .extend(path.path.segments.last().map(|last| last.ident.to_string()));
        visit::visit_type_path(self, path);
    }
}

struct Calls<'a> {
    imports: &'a HashMap<String, Vec<String>>,
    found: Vec<Call>,
}

impl Calls<'_> {
    fn add_path(&mut self, path: &syn::Path) {
        let mut parts: Vec<_> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if let Some(whole) = self.imports.get(&parts[0]) {
            parts.splice(0..1, whole.iter().cloned());
        }
        self.found.push(Call::Path(parts));
    }
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        match &*call.func {
            syn::Expr::Path(function) => self.add_path(&function.path),
            other => self.visit_expr(other),
        }
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    /// A path of several parts may be a function that is handed on; one of a single part is mostly a variable.
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if path.path.segments.len() > 1 {
            self.add_path(&path.path);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        let on_self = matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("self"));
        self.found.push(Call::Method(call.method.to_string(), on_self));
    }

    /// Inside `try_join!(…)` and the like lie calls too, wherever the tokens read as expressions.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let list = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = call.parse_body_with(list) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Call {
        Call::Path(text.split("::").map(str::to_owned).collect())
    }

    #[test]
    fn calls_as_written_with_their_imports() {
        let source = "
            use crate::ingest::{self, store_all as keep};
            pub async fn create(State(app): State<App>, caller: Caller) -> Answer {
                let turns = ingest::parse(body)?;
                let (a, b) = tokio::try_join!(keep(&turns), app.store.find_key(1))?;
                turns.iter().map(ingest::price).collect()
            }";
        let found = in_source(source, vec!["api".into()]).unwrap();
        assert_eq!(found[0].arguments, ["State", "App", "Caller"]);
        assert_eq!(
            found[0].calls,
            [
                path("crate::ingest::parse"),
                path("crate::ingest::store_all"),
                Call::Method("find_key".into(), false),
                Call::Method("iter".into(), false),
                path("crate::ingest::price"),
                Call::Method("map".into(), false),
                Call::Method("collect".into(), false),
            ]
        );
    }

    #[test]
    fn methods_know_their_type_and_tests_are_left_out() {
        let source = "
            impl FromRequestParts<App> for Caller { async fn from_request_parts() { self.look_up() } }
            mod inner { fn helper() {} }
            #[cfg(test)] mod tests { fn not_this() {} }";
        let found = in_source(source, vec!["auth".into()]).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|function| (function.name.as_str(), function.owner.as_deref()))
            .collect();
        assert_eq!(names, [("from_request_parts", Some("Caller")), ("helper", None)]);
        assert_eq!(found[0].calls, [Call::Method("look_up".into(), true)]);
        assert_eq!(found[1].module, ["auth", "inner"]);
    }
}
