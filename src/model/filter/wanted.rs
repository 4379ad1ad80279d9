//! Which parts of a value a filter looks at: of the others no jq value is made, which is most of what a filter costs.

/// What is looked at of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// What kind of value it is, and these parts: members by name, `[]` for all items or members.
    Parts(Vec<(Box<str>, Wanted)>),
}

impl Wanted {
    /// No more than its kind.
    pub(super) fn nothing() -> Self {
        Self::Parts(Vec::new())
    }

    /// The part at a path, made where it is not there; the whole that it is in, if one is.
    pub(super) fn part_at(&mut self, path: &[String]) -> &mut Self {
        let mut wanted = self;
        for step in path {
            let Self::Parts(parts) = wanted else { break };
            let at = parts.iter().position(|(name, _)| **name == **step).unwrap_or_else(|| {
                parts.push((step.as_str().into(), Self::nothing()));
                parts.len() - 1
            });
            wanted = &mut parts[at].1;
        }
        wanted
    }

    /// What is looked at of a member; `None` if nothing is, not even its kind.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Whole => Some(&Self::Whole),
            Self::Parts(parts) => {
                parts.iter().find_map(|(known, wanted)| (**known == *name).then_some(wanted))
            }
        }
    }

    /// What is looked at of the members of an object: all, where they are asked for one by one.
    pub(super) fn of_object(&self) -> &Self {
        if self.member("[]").is_some() { &Self::Whole } else { self }
    }

    /// What is looked at of each item of an array.
    pub(super) fn of_items(&self) -> &Self {
        self.member("[]").unwrap_or(&Self::Whole)
    }
}
