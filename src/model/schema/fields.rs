//! The fields that a schema names, as a flat list for people.

use serde_json::Value;

use super::shape::views;

/// Folders of objects that are listed; a schema that contains itself ends here.
const MAX_DEPTH: usize = 12;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it is in the payload; `*` for array items.
    pub pointer: String,
    /// What it holds: `date-time`, `string`, `"appointment-service"`, `array`.
    pub kind: String,
    /// Whether the object around it must have it.
    pub required: bool,
}

/// The fields of a schema in its own order, each object before what is in it.
pub fn of(schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    add(schema, schema, "", 0, &mut fields);
    fields
}

fn add(root: &Value, schema: &Value, pointer: &str, depth: usize, out: &mut Vec<Field>) {
    if depth > MAX_DEPTH {
        return;
    }
    for view in views(root, schema) {
        let required = view.get("required").and_then(Value::as_array);
        for (name, below) in view.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            let required = required.is_some_and(|names| names.iter().any(|n| n == name));
            out.push(Field { pointer: pointer.clone(), kind: kind(root, below), required });
            add(root, below, &pointer, depth + 1, out);
        }
        if let Some(items) = view.get("items") {
            add(root, items, &format!("{pointer}/*"), depth + 1, out);
        }
    }
}

fn kind(root: &Value, schema: &Value) -> String {
    let views = views(root, schema);
    let find = |key: &str| views.iter().find_map(|view| view.get(key));
    match (find("const"), find("enum"), find("format"), find("type")) {
        (Some(constant), ..) => constant.to_string(),
        (_, Some(options), ..) => format!("one of {options}"),
        (_, _, Some(Value::String(format)), _) => format.clone(),
        (.., Some(Value::String(kind))) => kind.clone(),
        (.., Some(Value::Array(kinds))) => {
            kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    }
}
