//! Several places of a JSON text, found in one pass.

use super::cursor::Cursor;
use super::names::{Member, Names, Place};
use super::path::{Path, Step};
use super::unescape;

/// Finds the values at a set of paths.
#[derive(Debug, Default)]
pub struct Picker {
    root: Node,
    len: usize,
}

#[derive(Debug, Default)]
struct Node {
    /// The paths (by index) that end here.
    ends: Vec<usize>,
    names: Names,
    /// One for each name.
    members: Vec<Node>,
    items: Vec<(usize, Node)>,
}

/// The tree while it is made.
#[derive(Default)]
struct Draft {
    ends: Vec<usize>,
    members: Vec<(Box<str>, Draft)>,
    items: Vec<(usize, Draft)>,
}

impl Picker {
    /// For these paths; results come in their order.
    pub fn new(paths: &[Path]) -> Self {
        let mut root = Draft::default();
        for (index, path) in paths.iter().enumerate() {
            let mut node = &mut root;
            for step in &path.0 {
                node = match step {
                    Step::Name(name) => child(&mut node.members, name),
                    Step::Index(index) => child(&mut node.items, index),
                };
            }
            node.ends.push(index);
        }
        Self { root: root.finish(), len: paths.len() }
    }

    /// Puts the text at each path into `found`, or `None`. `text` is valid JSON; of members with one name the last
    /// counts.
    pub fn pick<'a>(&self, text: &'a str, found: &mut Vec<Option<&'a str>>) {
        found.clear();
        found.resize(self.len, None);
        // An error means that the text was no JSON: what was found until there stands.
        let _ = self.root.pick(&mut Cursor::new(text), found);
    }
}

impl Draft {
    fn finish(self) -> Node {
        let names = Names::new(self.members.iter().map(|(name, _)| &**name));
        let members = self.members.into_iter().map(|(_, draft)| draft.finish()).collect();
        let items = self.items.into_iter().map(|(index, draft)| (index, draft.finish())).collect();
        Node { ends: self.ends, names, members, items }
    }
}

/// The child of this name, made if there is none.
fn child<'n, K: Clone + PartialEq>(children: &'n mut Vec<(K, Draft)>, name: &K) -> &'n mut Draft {
    let at = children.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        children.push((name.clone(), Draft::default()));
        children.len() - 1
    });
    &mut children[at].1
}

impl Node {
    fn pick<'a>(
        &self,
        cursor: &mut Cursor<'a>,
        found: &mut [Option<&'a str>],
    ) -> Result<(), super::JsonError> {
        let next = cursor.peek();
        let start = cursor.at();
        match next {
            Some(b'{') if !self.members.is_empty() => {
                cursor.take(b'{');
                let mut place = Place::default();
                while let Some(member) = self.names.next(cursor, &mut place)? {
                    match self.known(cursor, member) {
                        Some(node) => {
                            node.forget(found);
                            node.pick(cursor, found)?;
                        }
                        None => drop(cursor.skip_value()?),
                    }
                }
            }
            Some(b'[') if !self.items.is_empty() => {
                cursor.take(b'[');
                let mut at = 0;
                while cursor.item(at == 0)? {
                    match self.items.iter().find(|(index, _)| *index == at) {
                        Some((_, node)) => node.pick(cursor, found)?,
                        None => drop(cursor.skip_value()?),
                    }
                    at += 1;
                }
            }
            _ => drop(cursor.skip_value()?),
        }
        for &end in &self.ends {
            found[end] = Some(&cursor.text()[start..cursor.at()]);
        }
        Ok(())
    }

    fn known(&self, cursor: &Cursor<'_>, member: Member) -> Option<&Node> {
        let at = match member {
            Member::Known(at) => at,
            Member::Other(span) if span.escaped => {
                let name = unescape(cursor.slice(span));
                self.names.iter().position(|known| known.as_bytes() == name.as_bytes())?
            }
            Member::Other(_) => return None,
        };
        self.members.get(at)
    }

    /// A later member of the same name hides what an earlier one had.
    fn forget(&self, found: &mut [Option<&str>]) {
        self.ends.iter().for_each(|&end| found[end] = None);
        self.members.iter().for_each(|node| node.forget(found));
        self.items.iter().for_each(|(_, node)| node.forget(found));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = String> {
        let leaf =
            prop_oneof![Just("1".to_owned()), Just("null".to_owned()), Just("\"a\\u0062\"".to_owned())];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let name = prop_oneof![Just("a"), Just("b"), Just("\\u0061"), Just("c")];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| format!("[{}]", items.join(" , "))),
                proptest::collection::vec((name, inner), 0..4).prop_map(|members| {
                    let members: Vec<String> =
                        members.into_iter().map(|(name, value)| format!("\"{name}\" :{value}")).collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn picking_many_finds_what_following_each_finds(text in values()) {
            let pointers = ["", "/a", "/a/b", "/a/1", "/b", "/b/a", "/0", "/0/a", "/1/1", "/c/c/c"];
            let paths: Vec<Path> = pointers.iter().map(|p| Path::from_pointer(p).unwrap()).collect();
            let mut found = Vec::new();
            Picker::new(&paths).pick(&text, &mut found);
            for (path, found) in paths.iter().zip(found) {
                prop_assert_eq!(found, path.find(&text), "{:?} in {}", path, text);
            }
        }
    }
}
