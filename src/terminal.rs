//! stderr and stdin: notes, warnings, progress and questions. Never data.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::env::Env;
use crate::error::Error;

/// How much is said on stderr.
#[derive(Debug, Clone)]
pub struct Terminal {
    quiet: bool,
    colour: bool,
    can_ask: bool,
    progress: bool,
}

impl Terminal {
    /// `quiet` keeps errors and warnings only.
    pub fn new(env: &Env, quiet: bool) -> Self {
        Self {
            quiet,
            colour: env.stderr_is_terminal && env.var("NO_COLOR").is_none(),
            can_ask: env.stdin_is_terminal && env.stderr_is_terminal,
            progress: env.stderr_is_terminal && !quiet && env.var("RDVCTL_NO_PROGRESS").is_none(),
        }
    }

    /// A result or a remark; not said with `--quiet`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.line("", anstyle::Style::new(), text.as_ref());
        }
    }

    /// Something that is likely not what the user wants.
    pub fn warn(&self, text: impl AsRef<str>) {
        self.line("warning: ", anstyle::AnsiColor::Yellow.on_default().bold(), text.as_ref());
    }

    /// A line of an error's rendering, said always.
    pub fn error(&self, text: impl AsRef<str>) {
        for line in text.as_ref().lines() {
            let (label, rest) = match line.split_once(": ") {
                Some((label @ ("error" | "caused by" | "hint"), rest)) => (format!("{label}: "), rest),
                _ => (String::new(), line),
            };
            let style = if label == "error: " { anstyle::AnsiColor::Red } else { anstyle::AnsiColor::Cyan };
            self.line(&label, style.on_default().bold(), rest);
        }
    }

    /// Whether a question can be asked.
    pub fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Asks before something is written. `yes` answers for a script; with nobody to ask: a usage error.
    /// `false` when the user says no.
    pub fn confirm(&self, question: &str, yes: bool) -> Result<bool, Error> {
        if yes {
            return Ok(true);
        }
        if !self.can_ask {
            return Err(Error::usage("this needs a confirmation, and there is nobody to ask")
                .hint("add `--yes` to go ahead without a question"));
        }
        dialoguer::Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact()
            .map_err(|e| Error::usage("the question could not be asked").caused_by(e))
    }

    /// Asks for a secret without echo; `None` with nobody to ask.
    pub fn ask_secret(&self, prompt: &str) -> Result<Option<String>, Error> {
        if !self.can_ask {
            return Ok(None);
        }
        let answer = dialoguer::Password::new().with_prompt(prompt).allow_empty_password(true).interact();
        answer.map(Some).map_err(|e| Error::usage("the question could not be asked").caused_by(e))
    }

    /// A progress bar over `total` (or a counter without one), with rate and ETA; invisible off a terminal.
    pub fn progress(&self, total: Option<u64>, what: &str) -> Progress {
        let target = if self.progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match total {
            Some(_) => "{msg} {bar:30} {human_pos}/{human_len} {per_sec} ETA {eta}",
            None => "{msg} {human_pos} {per_sec} {elapsed}",
        };
        bar.set_style(ProgressStyle::with_template(template).expect("a constant template"));
        bar.set_message(what.to_owned());
        if self.progress {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Progress(bar)
    }

    /// A line as it is, said always: an error for programs.
    pub fn raw(&self, text: &str) {
        self.line("", anstyle::Style::new(), text);
    }

    fn line(&self, label: &str, style: anstyle::Style, text: &str) {
        let text = crate::output::escape::for_terminal(text);
        #[expect(clippy::disallowed_methods, reason = "the one place that writes to stderr")]
        let mut stderr = std::io::stderr().lock();
        // Nothing is left to tell a failure of stderr to.
        let _ = if self.colour && !label.is_empty() {
            writeln!(stderr, "{style}{label}{style:#}{text}")
        } else {
            writeln!(stderr, "{label}{text}")
        };
    }
}

/// How far long work has come; gone when it is done.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// So many more are done.
    pub fn add(&self, done: u64) {
        self.0.inc(done);
    }

    /// Takes it off the terminal.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// `1 record`, `2 records`.
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", group_digits(n)) }
}

/// `1234567` as `1,234,567`.
pub fn group_digits(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_pluralised_and_grouped() {
        assert_eq!(count(1, "record"), "1 record");
        assert_eq!(count(0, "record"), "0 records");
        assert_eq!(count(1_234_567, "record"), "1,234,567 records");
        assert_eq!(group_digits(999), "999");
    }
}
