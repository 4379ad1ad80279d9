//! What can go wrong, and the exit code of every end.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

/// Exit codes, the same in every command; README shows this table and a test compares the two.
pub mod exit {
    /// Done; also a reader that went away (`rdvctl tail | head`).
    pub const DONE: u8 = 0;
    /// It worked and the answer is no.
    pub const NO: u8 = 1;
    /// Wrong flags or settings, or a question with nobody to ask.
    pub const USAGE: u8 = 2;
    /// Bad input; nothing was sent.
    pub const INPUT: u8 = 3;
    /// Unreachable, refused or timed out; nothing was sent.
    pub const UNAVAILABLE: u8 = 4;
    /// Some records were sent and some not, or are in doubt; the report says which.
    pub const PARTIAL: u8 = 5;
    /// Interrupted by Ctrl-C before it was done.
    pub const INTERRUPTED: u8 = 130;
}

/// How a command that could say its say has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// The answer is no (an unmet `--expect`, drift, a broken schema).
    No,
    /// Some was done, some not, or is in doubt.
    Partial,
    /// Nothing was done because the other side refused or was not there; the report says why.
    Unavailable,
    /// Ended by Ctrl-C before it was done.
    Interrupted,
    /// The code of a child process (`sandbox -- CMD`).
    Child(u8),
}

impl Outcome {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Done => exit::DONE,
            Outcome::No => exit::NO,
            Outcome::Partial => exit::PARTIAL,
            Outcome::Unavailable => exit::UNAVAILABLE,
            Outcome::Interrupted => exit::INTERRUPTED,
            Outcome::Child(code) => code,
        }
    }
}

/// The kinds of error; each has one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong flags or settings: 2.
    Usage,
    /// Bad input, nothing sent: 3.
    Input,
    /// Unreachable, refused, timed out; nothing sent: 4.
    Unavailable,
    /// Cut off after something was done: 5.
    Partial,
    /// Ended by Ctrl-C: 130.
    Interrupted,
    /// The reader of our output went away: 0, and nothing is said.
    OutputClosed,
}

impl Kind {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Kind::Usage => exit::USAGE,
            Kind::Input => exit::INPUT,
            Kind::Unavailable => exit::UNAVAILABLE,
            Kind::Partial => exit::PARTIAL,
            Kind::Interrupted => exit::INTERRUPTED,
            Kind::OutputClosed => exit::DONE,
        }
    }

    /// The name that programs see in `-o ndjson` errors.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::Input => "input",
            Kind::Unavailable => "unavailable",
            Kind::Partial => "partial",
            Kind::Interrupted => "interrupted",
            Kind::OutputClosed => "output_closed",
        }
    }
}

/// What failed, its cause, and what to do next. Never holds a secret or personal data.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    hints: Vec<String>,
}

impl Error {
    /// An error of `kind`; `message` starts in lower case and has no final stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None, hints: Vec::new() }
    }

    /// Wrong flags or settings (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Bad input, nothing sent (exit 3).
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Unreachable, refused or timed out, nothing sent (exit 4).
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, message)
    }

    /// Cut off after something was done (exit 5).
    pub fn partial(message: impl Into<String>) -> Self {
        Self::new(Kind::Partial, message)
    }

    /// The cause, shown as `caused by: …`; a string will do.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A next step, shown as `hint: …`.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same error under another kind, for a caller that knows better whether something was sent.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its next steps.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The chain of causes, as text, outermost first.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.source.as_deref().map(|e| e as &(dyn StdError + 'static));
        while let Some(cause) = next {
            let text = cause.to_string();
            if causes.last() != Some(&text) {
                causes.push(text);
            }
            next = cause.source();
        }
        causes
    }

    /// The whole error for people: message, causes and hints, a line each.
    pub fn render(&self) -> String {
        let mut text = format!("error: {}\n", self.message);
        for cause in self.causes() {
            let _ = writeln!(text, "caused by: {cause}");
        }
        for hint in &self.hints {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }

    /// The whole error for programs: one JSON object.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({"error": {
            "kind": self.kind.name(),
            "message": self.message,
            "causes": self.causes(),
            "hints": self.hints,
        }})
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}

/// Writing our own output: a closed pipe is a quiet end, anything else cuts the answer off.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Error::new(Kind::OutputClosed, "the reader of the output went away");
        }
        Error::partial("cannot write the output").caused_by(error)
    }
}
