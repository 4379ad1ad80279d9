//! The field names a schema knows, place by place: what else a payload has is unknown, and not to be named.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use jsonschema::paths::{Location, LocationSegment};
use serde_json::Value;

use super::shape::views;

/// A schema's places; the first is the whole payload. Resolved once, so that a record costs no walk in the schema.
pub(super) struct Names(Vec<Place>);

#[derive(Default)]
struct Place {
    /// Known fields, and the place each leads to.
    fields: BTreeMap<String, usize>,
    items: Option<usize>,
    /// Whether other fields are unknown ones: the schema names fields and says nothing of others.
    closed: bool,
}

impl Names {
    pub(super) fn new(schema: &Value) -> Self {
        let mut names = Self(Vec::new());
        names.add(schema, vec![schema], &mut HashMap::new());
        names
    }

    /// The place that these schemas describe together. A schema that contains itself comes back to the same place.
    fn add<'s>(
        &mut self,
        root: &'s Value,
        at: Vec<&'s Value>,
        seen: &mut HashMap<Vec<usize>, usize>,
    ) -> usize {
        let identity: Vec<usize> = at.iter().map(|schema| std::ptr::from_ref(*schema) as usize).collect();
        if let Some(place) = seen.get(&identity) {
            return *place;
        }
        let index = self.0.len();
        seen.insert(identity, index);
        self.0.push(Place::default());
        let views: Vec<_> = at.iter().flat_map(|schema| views(root, schema)).collect();
        let mut below: BTreeMap<&String, Vec<&Value>> = BTreeMap::new();
        for (name, schema) in views.iter().filter_map(|v| v.get("properties")?.as_object()).flatten() {
            below.entry(name).or_default().push(schema);
        }
        let maps = |v: &&serde_json::Map<String, Value>| {
            v.contains_key("patternProperties") || v.get("additionalProperties").is_some_and(Value::is_object)
        };
        let closed = !below.is_empty() && !views.iter().any(maps);
        let fields = below.into_iter().map(|(name, at)| (name.clone(), self.add(root, at, seen))).collect();
        let items: Vec<&Value> = views.iter().filter_map(|v| v.get("items")).collect();
        let items = (!items.is_empty()).then(|| self.add(root, items, seen));
        self.0[index] = Place { fields, items, closed };
        index
    }

    /// Calls `found` with the object's pointer and the field's name for each unknown field.
    pub(super) fn unknown(&self, payload: &Value, found: &mut impl FnMut(&str, &str)) {
        self.walk(0, payload, &mut String::new(), found);
    }

    fn walk(&self, place: usize, value: &Value, pointer: &mut String, found: &mut impl FnMut(&str, &str)) {
        let length = pointer.len();
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match self.0[place].fields.get(name) {
                        Some(below) if field.is_object() || field.is_array() => {
                            push(pointer, name);
                            self.walk(*below, field, pointer, found);
                            pointer.truncate(length);
                        }
                        None if self.0[place].closed => found(pointer, name),
                        Some(_) | None => {}
                    }
                }
            }
            Value::Array(items) => {
                let Some(below) = self.0[place].items else { return };
                for (index, item) in items.iter().enumerate() {
                    let _ = write!(pointer, "/{index}");
                    self.walk(below, item, pointer, found);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    /// A place in the payload as a pointer that holds nothing of the payload: a field's name stays only if the
    /// schema has it there, other names become `*`.
    pub(super) fn pointer(&self, payload: &Value, location: &Location) -> String {
        let mut pointer = String::new();
        let mut place = Some(0);
        let mut value = Some(payload);
        for segment in location.segments() {
            let at = place.map(|place: usize| &self.0[place]);
            match segment {
                LocationSegment::Property(name) => {
                    place = at.and_then(|at| at.fields.get(name.as_ref()).copied());
                    push(&mut pointer, if place.is_none() { "*" } else { &name });
                    value = value.and_then(|v| v.get(name.as_ref()));
                }
                // jsonschema takes a field named by digits for an index.
                LocationSegment::Index(index) if value.is_some_and(Value::is_array) => {
                    place = at.and_then(|at| at.items);
                    let _ = write!(pointer, "/{index}");
                    value = value.and_then(|v| v.get(index));
                }
                LocationSegment::Index(_) => {
                    (place, value) = (None, None);
                    push(&mut pointer, "*");
                }
            }
        }
        pointer
    }
}

fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    if name.contains(['~', '/']) {
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(name);
    }
}
