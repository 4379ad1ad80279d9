//! jsonschema's errors in our words: what the schema wants, never what the payload has.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

/// What is wrong. Everything quoted comes from the schema.
pub(super) fn message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Required { property } => format!("{property} is required"),
        Kind::Type { kind } => wrong_type(kind, error.instance()),
        Kind::Format { format } => format!("is not {}", format_name(format)),
        Kind::Constant { expected_value } => format!("must be {expected_value}"),
        Kind::Enum { options } => format!("must be one of {options}"),
        Kind::Pattern { pattern } => format!("does not match the pattern `{pattern}`"),
        Kind::MinLength { limit } => format!("must have at least {}", count(*limit, "character")),
        Kind::MaxLength { limit } => format!("must have at most {}", count(*limit, "character")),
        Kind::MinItems { limit } => format!("must have at least {}", count(*limit, "item")),
        Kind::MaxItems { limit } => format!("must have at most {}", count(*limit, "item")),
        Kind::AdditionalItems { limit } => format!("must have at most {}", count(*limit as u64, "item")),
        Kind::MinProperties { limit } => format!("must have at least {}", count(*limit, "field")),
        Kind::MaxProperties { limit } => format!("must have at most {}", count(*limit, "field")),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::UniqueItems => "has the same item twice".to_owned(),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("has {} that the schema forbids", count(unexpected.len() as u64, "field"))
        }
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            "fits none of the schema's alternatives".to_owned()
        }
        Kind::OneOfMultipleValid { .. } => "fits more than one of the schema's alternatives".to_owned(),
        Kind::FalseSchema => "is not allowed here".to_owned(),
        other => format!("breaks the schema's rule `{}`", other.keyword()),
    }
}

fn wrong_type(kind: &TypeKind, instance: &Value) -> String {
    let wanted = match kind {
        TypeKind::Single(one) => article(*one).to_owned(),
        TypeKind::Multiple(set) => set.iter().map(article).collect::<Vec<_>>().join(" or "),
    };
    format!("must be {wanted}, is {}", type_of(instance))
}

/// The JSON type of a value, with its article.
fn type_of(value: &Value) -> &'static str {
    article(match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(_) => JsonType::Number,
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
    })
}

fn article(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Array => "an array",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Null => "null",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    }
}

fn format_name(format: &str) -> String {
    match format {
        "date-time" => "a date-time (`2024-02-15T10:00:00Z`)".to_owned(),
        "date" => "a date (`2024-02-15`)".to_owned(),
        "email" | "idn-email" => "an e-mail address".to_owned(),
        "uuid" => "a UUID".to_owned(),
        other => format!("a valid `{other}`"),
    }
}

fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
