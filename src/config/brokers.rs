//! Which brokers to start from, and where a running sandbox is.

use std::path::{Path, PathBuf};

use super::args::GlobalArgs;
use super::context::Context;
use super::files::SANDBOX_CONTEXT;
use super::origin::{Origin, Sourced};
use super::settings::{raw, twice};
use crate::Env;
use crate::error::Error;

/// Where Kafka listens if nobody says anything.
const DEFAULT_BROKERS: &str = "localhost:9092";

/// The brokers, or the sandbox that will say where it is.
#[derive(Debug, Clone)]
pub(super) enum Brokers {
    /// An address.
    Known(Sourced<String>),
    /// The file a running sandbox writes, read only when a broker is wanted.
    Sandbox(PathBuf),
}

impl Brokers {
    /// Chooses among all that name brokers; takes the raw property out of the context.
    pub(super) fn choose(
        args: &GlobalArgs,
        env: &Env,
        chosen: &Sourced<String>,
        context: &mut Context,
    ) -> Result<Self, Error> {
        let typed = if chosen.value == SANDBOX_CONTEXT {
            Some(of_sandbox(args, env, chosen)?)
        } else {
            let flag = args.brokers.as_ref().map(|text| (text.clone(), Origin::Flag("--brokers")));
            let var = env.var("RDVCTL_BROKERS").map(|text| (text.to_owned(), Origin::Env("RDVCTL_BROKERS")));
            let named = flag.or(var).map(|(text, origin)| Sourced::new(text, origin));
            named.or_else(|| context.brokers.clone()).map(Self::Known)
        };
        let brokers = match (typed, raw(&mut context.properties, "bootstrap.servers")) {
            (Some(typed), Some(raw)) => return Err(twice("brokers", &typed.origin(), &raw.0, &raw.1.origin)),
            (Some(typed), None) => typed,
            (None, Some((_, raw))) => Self::Known(raw),
            (None, None) => Self::Known(match env.var("KAFKA_BROKERS") {
                Some(text) => Sourced::new(text.to_owned(), Origin::Env("KAFKA_BROKERS")),
                None => Sourced::new(DEFAULT_BROKERS.to_owned(), Origin::Default),
            }),
        };
        Ok(match brokers {
            Self::Known(known) => {
                Self::Known(Sourced::new(checked(&known.value, &known.origin)?, known.origin))
            }
            sandbox @ Self::Sandbox(_) => sandbox,
        })
    }

    /// The address; an error of kind `Unavailable` if it is a sandbox's and none is running.
    pub(super) fn get(&self) -> Result<Sourced<String>, Error> {
        match self {
            Self::Known(known) => Ok(known.clone()),
            Self::Sandbox(file) => {
                let address = running_sandbox(file)?;
                Ok(Sourced::new(address, Origin::Sandbox(file.clone())))
            }
        }
    }

    fn origin(&self) -> Origin {
        match self {
            Self::Known(known) => known.origin.clone(),
            Self::Sandbox(file) => Origin::Sandbox(file.clone()),
        }
    }
}

/// The sandbox is where it says it is: `RDVCTL_BROKERS`, which a shell may hold for another cluster, does not count.
fn of_sandbox(args: &GlobalArgs, env: &Env, chosen: &Sourced<String>) -> Result<Brokers, Error> {
    if let Some(text) = &args.brokers {
        if chosen.origin == Origin::Flag("--context") {
            return Err(Error::usage("`--context sandbox` and `--brokers` both say where the broker is")
                .hint("leave one of the two out"));
        }
        return Ok(Brokers::Known(Sourced::new(text.clone(), Origin::Flag("--brokers"))));
    }
    // `rdvctl sandbox -- CMD` sets both for CMD, so that several sandboxes can run at once. A sandbox listens on
    // loopback: another address is another cluster's, left in the shell, and must not pass for a sandbox.
    if env.var("RDVCTL_CONTEXT") == Some(SANDBOX_CONTEXT)
        && let Some(text) = env.var("KAFKA_BROKERS").filter(|text| text.starts_with("127.0.0.1:"))
    {
        return Ok(Brokers::Known(Sourced::new(text.to_owned(), Origin::Env("KAFKA_BROKERS"))));
    }
    let file = env.sandbox_file().ok_or_else(|| {
        Error::unavailable(
            "nothing says where a sandbox would be: neither `XDG_RUNTIME_DIR` nor `HOME` is set",
        )
        .hint("give its address with `--brokers`")
    })?;
    Ok(Brokers::Sandbox(file))
}

/// The address of the running sandbox.
fn running_sandbox(file: &Path) -> Result<String, Error> {
    let none = |cause: String| {
        Error::unavailable("no sandbox is running").caused_by(cause).hint("start one with `rdvctl sandbox`")
    };
    let text = std::fs::read_to_string(file).map_err(|e| none(format!("`{}`: {e}", file.display())))?;
    let said: Running = serde_json::from_str(&text)
        .map_err(|e| none(format!("`{}` is not a sandbox's file: {e}", file.display())))?;
    if is_dead(said.pid) {
        return Err(none(format!("the one of `{}` (process {}) has ended", file.display(), said.pid)));
    }
    checked(&said.address, &Origin::Sandbox(file.to_owned()))
}

/// What a sandbox says of itself.
#[derive(serde::Deserialize)]
struct Running {
    address: String,
    pid: u32,
}

/// Whether a process is surely gone. Where there is no `/proc`, connecting will tell.
fn is_dead(pid: u32) -> bool {
    if !Path::new("/proc/self/stat").exists() {
        return false;
    }
    match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        // The state follows the name, which is in parentheses and may hold some itself: Z and X are dead.
        Ok(stat) => stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| matches!(rest.trim_start().chars().next(), Some('Z' | 'X'))),
        Err(_) => true,
    }
}

/// `host:port[,host:port]` without blanks; the port may be left out (9092), as librdkafka allows.
fn checked(text: &str, origin: &Origin) -> Result<String, Error> {
    let brokers: Vec<&str> = text.split(',').map(str::trim).collect();
    for broker in &brokers {
        let address = broker.split_once("://").map_or(*broker, |(_, address)| address);
        // An IPv6 address has colons of its own, in brackets.
        let after_host = address.rsplit_once(']').map_or(address, |(_, after)| after);
        let port = after_host.rsplit_once(':').map(|(_, port)| port);
        let host = address.strip_suffix(port.unwrap_or_default()).unwrap_or(address).trim_end_matches(':');
        let bad_port = port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0));
        if host.is_empty() || bad_port || address.contains(|c: char| c.is_whitespace() || c == '/') {
            return Err(Error::usage(format!("`{broker}` ({origin}) is not a broker's address"))
                .hint("write `host:port`, several with commas: `localhost:9092,localhost:9093`"));
        }
    }
    Ok(brokers.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        for text in ["localhost:9092", "a:1,b:2", "a", "[::1]:9092", "SSL://kafka.example:9093"] {
            assert_eq!(checked(text, &Origin::Default).expect(text), text);
        }
        assert_eq!(checked(" a:1 , b:2 ", &Origin::Default).unwrap(), "a:1,b:2");
        for text in ["", "a:1,", ":9092", "a:0", "a:port", "a:70000", "a b:1", "http://a:1/x"] {
            let error = checked(text, &Origin::Default).expect_err(text);
            assert_eq!(error.kind(), crate::error::Kind::Usage, "{text}");
        }
    }

    #[test]
    fn this_process_lives_and_no_process_has_the_largest_id() {
        assert!(!is_dead(std::process::id()));
        if Path::new("/proc/self/stat").exists() {
            assert!(is_dead(u32::MAX));
        }
    }
}
