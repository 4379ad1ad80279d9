//! The fields a schema knows: where a pointer leads in it, and which fields of a payload it does not mention.

use std::fmt::Write as _;

use jsonschema::paths::{Location, LocationSegment};
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

/// Calls `found` with the object's pointer and the field's name for each field that the schema does not mention, in
/// objects whose schema names fields and is silent about others.
pub(super) fn unknown_fields(root: &Value, payload: &Value, found: &mut impl FnMut(&str, &str)) {
    walk(root, &[root], payload, &mut String::new(), found);
}

fn walk(
    root: &Value,
    at: &[&Value],
    value: &Value,
    pointer: &mut String,
    found: &mut impl FnMut(&str, &str),
) {
    // Scalars have no fields; this also ends the walk below what the schema says nothing about.
    if at.is_empty() || !(value.is_object() || value.is_array()) {
        return;
    }
    let views: Vec<_> = at.iter().flat_map(|schema| views(root, schema)).collect();
    let length = pointer.len();
    match value {
        Value::Object(fields) => {
            let names_fields = views.iter().any(|v| v.contains_key("properties"));
            let open = views.iter().any(|v| {
                v.contains_key("patternProperties")
                    || v.get("additionalProperties").is_some_and(Value::is_object)
            });
            for (name, field) in fields {
                let below: Vec<&Value> =
                    views.iter().filter_map(|v| v.get("properties")?.as_object()?.get(name)).collect();
                if below.is_empty() {
                    if names_fields && !open {
                        found(pointer, name);
                    }
                    continue;
                }
                push(pointer, name);
                walk(root, &below, field, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            let below: Vec<&Value> = views.iter().filter_map(|v| v.get("items")).collect();
            for (index, item) in items.iter().enumerate() {
                let _ = write!(pointer, "/{index}");
                walk(root, &below, item, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// A place in the payload as a pointer that holds nothing of the payload: a field's name stays only if the schema
/// has it, the names of maps become `*`.
pub(super) fn known_pointer(root: &Value, payload: &Value, location: &Location) -> String {
    let mut pointer = String::new();
    let mut at = vec![root];
    let mut value = Some(payload);
    for segment in location.segments() {
        let views: Vec<_> = at.iter().flat_map(|schema| views(root, schema)).collect();
        match segment {
            LocationSegment::Property(name) => {
                at = views
                    .iter()
                    .filter_map(|v| v.get("properties")?.as_object()?.get(name.as_ref()))
                    .collect();
                push(&mut pointer, if at.is_empty() { "*" } else { &name });
                value = value.and_then(|v| v.get(name.as_ref()));
            }
            // jsonschema takes a field named by digits for an index.
            LocationSegment::Index(index) if value.is_some_and(Value::is_array) => {
                at = views.iter().filter_map(|v| v.get("items")).collect();
                let _ = write!(pointer, "/{index}");
                value = value.and_then(|v| v.get(index));
            }
            LocationSegment::Index(_) => {
                (at, value) = (Vec::new(), None);
                push(&mut pointer, "*");
            }
        }
    }
    pointer
}

fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}
