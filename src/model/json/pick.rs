//! Several places of a JSON text, found in one pass.

use super::cursor::Cursor;
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
    members: Vec<(Box<str>, Node)>,
    items: Vec<(usize, Node)>,
}

impl Picker {
    /// For these paths; results come in their order.
    pub fn new(paths: &[Path]) -> Self {
        let mut root = Node::default();
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
        Self { root, len: paths.len() }
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

/// The child of this name, made if there is none.
fn child<'n, K: Clone + PartialEq>(children: &'n mut Vec<(K, Node)>, name: &K) -> &'n mut Node {
    let at = children.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        children.push((name.clone(), Node::default()));
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
                let mut first = true;
                while let Some(name) = cursor.member(first)? {
                    first = false;
                    let raw = cursor.slice(name);
                    let known = self.members.iter().find(|(known, _)| {
                        if name.escaped {
                            unescape(raw).as_bytes() == known.as_bytes()
                        } else {
                            **known == *raw
                        }
                    });
                    match known {
                        Some((_, node)) => {
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

    /// A later member of the same name hides what an earlier one had.
    fn forget(&self, found: &mut [Option<&str>]) {
        self.ends.iter().for_each(|&end| found[end] = None);
        self.members.iter().for_each(|(_, node)| node.forget(found));
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
