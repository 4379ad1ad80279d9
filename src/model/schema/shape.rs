//! Ways through a schema: where a pointer leads, and what a place is made of.

use serde_json::{Map, Value};

/// `$ref`s followed in a row before a schema counts as going in circles.
const MAX_REFS: usize = 16;

/// The part of a schema that describes the payload's `pointer` (`*` or a number for array items), if it has one.
/// Follows `properties`, `items` and `$ref`s inside the document, also below `allOf`, `anyOf` and `oneOf`.
pub fn subschema<'s>(root: &'s Value, pointer: &str) -> Option<&'s Value> {
    if pointer.is_empty() {
        return Some(root);
    }
    let mut here = vec![root];
    for token in pointer.strip_prefix('/')?.split('/') {
        let name = token.replace("~1", "/").replace("~0", "~");
        here = here.iter().flat_map(|schema| views(root, schema)).filter_map(|v| child(v, &name)).collect();
    }
    here.into_iter().next()
}

fn child<'s>(schema: &'s Map<String, Value>, name: &str) -> Option<&'s Value> {
    let property = schema.get("properties").and_then(|properties| properties.get(name));
    let index = name == "*" || (!name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()));
    property.or_else(|| schema.get("items").filter(|_| index))
}

/// A schema and all it is made of at the same place: its `$ref`, and the members of `allOf`, `anyOf`, `oneOf`.
pub(super) fn views<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Map<String, Value>> {
    fn add<'s>(root: &'s Value, schema: &'s Value, depth: usize, out: &mut Vec<&'s Map<String, Value>>) {
        let Some(object) = schema.as_object().filter(|_| depth < MAX_REFS) else { return };
        out.push(object);
        let target =
            object.get("$ref").and_then(Value::as_str).and_then(|r| root.pointer(r.strip_prefix('#')?));
        let members =
            ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| object.get(*key)?.as_array()).flatten();
        for next in target.into_iter().chain(members) {
            add(root, next, depth + 1, out);
        }
    }
    let mut out = Vec::new();
    add(root, schema, 0, &mut out);
    out
}
