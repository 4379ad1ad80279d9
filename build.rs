//! How the binary is linked.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through its environment")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    if variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu" {
        // At a fixed address, as Go's programs are: else the loader writes 53,000 addresses into 260 pages before `main`, which
        // was 1.1 of the 3.7 ms that `rdvctl version` took.
        println!("cargo::rustc-link-arg-bins=-no-pie");
        if unwinder_is_there() {
            unwind_without_a_library()?;
        }
    }
    Ok(())
}

/// What std takes of `libgcc_s`, the way up the stack at a panic, is linked in: to load that library was 0.2 of the 2.2 ms that
/// `rdvctl version` took. Nor need it be there where rdvctl runs.
fn unwind_without_a_library() -> std::io::Result<()> {
    // std names the library, so under its name stands what is to be linked instead.
    let instead = PathBuf::from(variable("OUT_DIR"));
    std::fs::write(instead.join("libgcc_s.so"), "INPUT(-lgcc_eh)\n")?;
    println!("cargo::rustc-link-search=native={}", instead.display());
    Ok(())
}

/// Whether the linker has the same as an archive, as GCC's has.
fn unwinder_is_there() -> bool {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let linker = Some(variable("RUSTC_LINKER")).filter(|linker| !linker.is_empty());
    let asked = Command::new(linker.as_deref().unwrap_or("cc")).arg("-print-file-name=libgcc_eh.a").output();
    // What is not found is told as it was asked for.
    asked.is_ok_and(|told| Path::new(String::from_utf8_lossy(&told.stdout).trim()).is_absolute())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
