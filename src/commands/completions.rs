//! `rdvctl completions`: the shells' scripts, and the answers to what they ask.
//!
//! A script calls `COMPLETE=SHELL rdvctl -- WORDS…` at each Tab, so that events, fixtures and contexts complete as
//! they are now, and a script needs to be made again only when the way of asking changes.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::CommandFactory as _;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, EnvCompleter, Fish, Powershell, Zsh};

use super::{Cli, Ctx};
use crate::Env;
use crate::catalogue_files;
use crate::config::{Files, GlobalArgs, Settings};
use crate::error::{Error, Outcome};
use crate::model::catalogue::Catalogue;
use crate::model::fixture::Set;
use crate::output::{Format, Out};

/// The variable that turns a run into an answer to a shell.
const VARIABLE: &str = "COMPLETE";

/// Write the script that lets a shell complete commands, events, fixtures and contexts.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Shell {
    /// `rdvctl completions bash > ~/.local/share/bash-completion/completions/rdvctl`
    Bash,
    /// `rdvctl completions zsh > FOLDER_IN_FPATH/_rdvctl`
    Zsh,
    /// `rdvctl completions fish > ~/.config/fish/completions/rdvctl.fish`
    Fish,
    /// `rdvctl completions powershell >> $PROFILE`
    Powershell,
}

impl Shell {
    fn of(name: &str) -> Option<Self> {
        let name = Path::new(name).file_stem()?.to_str()?;
        [Self::Bash, Self::Zsh, Self::Fish, Self::Powershell]
            .into_iter()
            .find(|shell| shell.completer().is(name))
    }

    fn completer(self) -> &'static dyn EnvCompleter {
        match self {
            Self::Bash => &Bash,
            Self::Zsh => &Zsh,
            Self::Fish => &Fish,
            Self::Powershell => &Powershell,
        }
    }

    /// The script. It calls the `rdvctl` of the `PATH`, not the one that wrote it.
    fn script(self) -> std::io::Result<String> {
        let mut script = Vec::new();
        self.completer().write_registration(VARIABLE, "rdvctl", "rdvctl", "rdvctl", &mut script)?;
        let script = String::from_utf8_lossy(&script);
        let mut script = script.trim().to_owned();
        script.push('\n');
        if self == Self::Zsh {
            // Loaded by name from the fpath, the file is the function of the very first Tab as well.
            script.push_str("[[ $funcstack[1] == _rdvctl ]] && _clap_dynamic_completer_rdvctl \"$@\"\n");
        }
        Ok(script)
    }
}

/// Writes a script.
pub fn run(args: CompletionsArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    ctx.out.bytes(args.shell.script()?.as_bytes())?;
    Ok(Outcome::Done)
}

/// Answers a shell that asks, before anything else is looked at; `None` if this is an ordinary run.
pub(super) fn answer(args: &[OsString], env: &Env) -> Option<Result<(), Error>> {
    let shell = Shell::of(env.var(VARIABLE)?)?;
    Some(write_answer(shell, args, env))
}

fn write_answer(shell: Shell, args: &[OsString], env: &Env) -> Result<(), Error> {
    let mut out = Out::stdout(env, Format::Table);
    let words: Vec<OsString> = args.iter().skip_while(|arg| *arg != "--").skip(1).cloned().collect();
    if words.is_empty() {
        out.bytes(shell.script()?.as_bytes())?;
    } else {
        let mut command = command(Arc::new(Known { global: global(&words), env: env.clone() }));
        let mut answer = Vec::new();
        shell.completer().write_complete(&mut command, words, Some(&env.cwd), &mut answer)?;
        out.bytes(&answer)?;
    }
    out.flush()
}

/// The command line with what completes each value; by the values' names, so that every command has it.
fn command(known: Arc<Known>) -> clap::Command {
    fn with(command: clap::Command, known: &Arc<Known>) -> clap::Command {
        let command = command.mut_args(|arg| match Source::of(&arg) {
            Some(source) => {
                let known = Arc::clone(known);
                arg.add(ArgValueCandidates::new(move || known.candidates(source)))
            }
            None => arg,
        });
        command.mut_subcommands(|child| with(child, known))
    }
    with(Cli::command(), &known)
}

/// What a value is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Contexts,
    Events,
    Topics,
    EventsAndTopics,
    Fixtures,
    Stories,
}

impl Source {
    fn of(arg: &clap::Arg) -> Option<Self> {
        let named = |part: &str| {
            arg.get_value_names()
                .is_some_and(|names| names.iter().any(|name| name.to_uppercase().contains(part)))
        };
        match arg.get_id().as_str() {
            "context" => Some(Self::Contexts),
            "fixture" => Some(Self::Fixtures),
            "story" => Some(Self::Stories),
            _ if named("EVENT") && named("TOPIC") => Some(Self::EventsAndTopics),
            _ if named("EVENT") => Some(Self::Events),
            _ if named("TOPIC") => Some(Self::Topics),
            _ => None,
        }
    }
}

/// Where the candidates are, by the words typed so far. What cannot be read has none: a Tab is no place for errors.
struct Known {
    global: GlobalArgs,
    env: Env,
}

impl Known {
    fn candidates(&self, source: Source) -> Vec<CompletionCandidate> {
        let names = match source {
            Source::Contexts => self.contexts(),
            Source::Events => self.events(),
            Source::Topics => self.topics(),
            Source::EventsAndTopics => [self.events(), self.topics()].concat(),
            Source::Fixtures => self.rendered(|set| set.fixtures().iter().map(|f| f.name.clone()).collect()),
            Source::Stories => self.rendered(|set| set.stories().iter().map(|s| s.name.clone()).collect()),
        };
        names.into_iter().map(CompletionCandidate::new).collect()
    }

    fn contexts(&self) -> Vec<String> {
        let files = Files::load(&self.global, &self.env);
        files.map(|files| files.names().into_iter().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The catalogue's file, if the settings name one.
    fn file(&self) -> Option<PathBuf> {
        let settings = Settings::resolve(&self.global, &self.env).ok()?;
        settings.catalogue().map(Path::to_owned)
    }

    fn catalogue(&self) -> Option<Catalogue> {
        catalogue_files::catalogue(self.file().as_deref()).ok()
    }

    fn events(&self) -> Vec<String> {
        let Some(catalogue) = self.catalogue() else { return Vec::new() };
        catalogue.events.into_iter().map(|event| event.name).collect()
    }

    fn topics(&self) -> Vec<String> {
        let Some(catalogue) = self.catalogue() else { return Vec::new() };
        let topics = catalogue.events.iter().map(|event| event.topic.clone());
        topics.chain(catalogue.events.iter().map(|event| event.dlq.clone())).collect()
    }

    /// The names of fixtures or of stories, each once.
    fn rendered(&self, names: impl Fn(&Set) -> Vec<String>) -> Vec<String> {
        let set = self.catalogue().and_then(|c| catalogue_files::fixtures(self.file().as_deref(), &c).ok());
        let names: BTreeSet<String> = set.iter().flat_map(names).collect();
        names.into_iter().collect()
    }
}

/// The flags among the words that say where the candidates are.
fn global(words: &[OsString]) -> GlobalArgs {
    let value = |flag: &str| {
        let mut words = words.iter().map(OsString::as_os_str);
        let mut last = None;
        while let Some(word) = words.next() {
            if word == OsStr::new(flag) {
                last = words.next().and_then(OsStr::to_str).map(str::to_owned);
            } else if let Some(value) =
                word.to_str().and_then(|word| word.strip_prefix(flag)?.strip_prefix('='))
            {
                last = Some(value.to_owned());
            }
        }
        last
    };
    GlobalArgs {
        context: value("--context"),
        config: value("--config").map(PathBuf::from),
        catalogue: value("--catalogue").map(PathBuf::from),
        ..GlobalArgs::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_that_say_where_names_are_count() {
        let words =
            ["rdvctl", "--context=staging", "publish", "--catalogue", "c.json", "--config", "x.toml", ""];
        let global = global(&words.map(OsString::from));
        assert_eq!(global.context.as_deref(), Some("staging"));
        assert_eq!(global.catalogue.as_deref(), Some(Path::new("c.json")));
        assert_eq!(global.config.as_deref(), Some(Path::new("x.toml")));
    }

    #[test]
    fn values_are_completed_by_their_names() {
        let arg = |id: &'static str, name: &'static str| Source::of(&clap::Arg::new(id).value_name(name));
        assert_eq!(arg("events", "EVENT"), Some(Source::Events));
        assert_eq!(arg("what", "EVENT|TOPIC|GLOB"), Some(Source::EventsAndTopics));
        assert_eq!(arg("topic", "TOPIC"), Some(Source::Topics));
        assert_eq!(arg("context", "NAME"), Some(Source::Contexts));
        assert_eq!(arg("count", "N"), None);
    }

    #[test]
    fn a_shell_is_known_by_its_path_and_other_values_are_not_ours() {
        assert_eq!(Shell::of("/usr/bin/zsh"), Some(Shell::Zsh));
        assert_eq!(Shell::of("pwsh"), Some(Shell::Powershell));
        assert_eq!(Shell::of("1"), None);
    }
}
