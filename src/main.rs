//! Collects what the process was given, hands it to the library, and ends with the code it says.

use std::io::Write as _;

#[expect(clippy::disallowed_methods, reason = "what clap has printed is handed over before the end")]
fn main() {
    let code = rdvctl::run(std::env::args_os().collect(), rdvctl::Env::of_process());
    let _ = std::io::stdout().flush();
    // Without what libraries do at exit: OpenSSL would give up what a client that was left to the system still uses.
    signal_hook::low_level::exit(code.into())
}
