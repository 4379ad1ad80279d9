//! Collects what the process was given and hands it to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    rdvctl::run(std::env::args_os().collect(), rdvctl::Env::of_process())
}
