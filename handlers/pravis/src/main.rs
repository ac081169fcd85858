//! The program `pravis`.

use std::process::ExitCode;

/// SQLite pages and JSON are many small allocations on few threads; the system's allocator keeps more than it gives back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pravis::cli::main()
}
