//! How the binary is linked.

#[expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through its environment")]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // At a fixed address, as Go's programs are: else the loader writes 53,000 addresses into 260 pages before `main`, which
        // was 1.1 of the 3.7 ms that `rdvctl version` took.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
