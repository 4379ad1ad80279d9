//! Templates in JSON: every string of a fixture may hold `{{ … }}`; see [`functions`] for what it may say.
//!
//! A string that is one `{{ expression }}` becomes the expression's value, so numbers stay numbers; any other string
//! with a template in it becomes text; a string without one stays as it is. Templates are compiled once and rendered
//! per record; what they may use is checked when they are compiled.

pub mod functions;
mod run;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use serde_json::{Map, Value as Json};

pub use run::{Run, Scope};

use crate::model::catalogue::{near, quoted};

/// What is wrong with a template, and where in its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer to the string.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// Next steps.
    pub hints: Vec<String>,
}

/// Compiled JSON.
#[derive(Debug, Clone)]
pub struct Template(Node);

#[derive(Debug, Clone)]
enum Node {
    /// Nothing in it is a template.
    Fixed(Json),
    /// One expression, which keeps its type.
    Expression(Part),
    /// Text around expressions.
    Text(Part),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

#[derive(Debug, Clone)]
struct Part {
    /// Its name in the engine.
    name: String,
    pointer: String,
}

/// Compiles and renders templates.
pub struct Engine {
    env: Environment<'static>,
    compiled: usize,
}

impl Default for Engine {
    fn default() -> Self {
        let mut env = Environment::new();
        // A string keeps its last line break, as JSON strings do.
        if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
            env.set_syntax(syntax);
        }
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| AutoEscape::None);
        env.set_formatter(run::emit);
        functions::register(&mut env);
        Self { env, compiled: 0 }
    }
}

impl Engine {
    /// Compiles JSON that is at `pointer` of its file and may use the variables `known`.
    pub fn compile(&mut self, pointer: &str, json: &Json, known: &[&str]) -> Result<Template, Fault> {
        self.node(pointer, json, known).map(Template)
    }

    /// Renders with the variables of `scope`.
    pub fn render(&self, template: &Template, scope: &Scope) -> Result<Json, Fault> {
        self.json(&template.0, scope)
    }

    fn node(&mut self, pointer: &str, json: &Json, known: &[&str]) -> Result<Node, Fault> {
        let nodes = match json {
            Json::String(text) if ["{{", "{%", "{#"].iter().any(|open| text.contains(open)) => {
                return self.string(pointer, text, known);
            }
            Json::Array(items) => {
                let node = |(i, item)| self.node(&format!("{pointer}/{i}"), item, known);
                Node::Array(items.iter().enumerate().map(node).collect::<Result<_, _>>()?)
            }
            Json::Object(fields) => {
                let node = |(name, field): (&String, &Json)| {
                    let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                    Ok((name.clone(), self.node(&below, field, known)?))
                };
                Node::Object(fields.iter().map(node).collect::<Result<_, Fault>>()?)
            }
            fixed => return Ok(Node::Fixed(fixed.clone())),
        };
        let fixed = match &nodes {
            Node::Array(items) => items.iter().all(|node| matches!(node, Node::Fixed(_))),
            Node::Object(fields) => fields.iter().all(|(_, node)| matches!(node, Node::Fixed(_))),
            _ => false,
        };
        Ok(if fixed { Node::Fixed(json.clone()) } else { nodes })
    }

    fn string(&mut self, pointer: &str, text: &str, known: &[&str]) -> Result<Node, Fault> {
        let name = self.compiled.to_string();
        self.compiled += 1;
        let fault = |error: &minijinja::Error| fault(pointer, error);
        self.env.add_template_owned(name.clone(), text.to_owned()).map_err(|e| fault(&e))?;
        let used = self.env.get_template(&name).map_err(|e| fault(&e))?.undeclared_variables(false);
        let mut unknown: Vec<&String> = used.iter().filter(|name| !self.is_known(name, known)).collect();
        unknown.sort();
        if let Some(name) = unknown.first() {
            return Err(unknown_name(pointer, name, known));
        }
        let part = Part { name, pointer: pointer.to_owned() };
        // `{{ a }}, {{ b }}` also starts and ends like one expression, but what is between is none.
        let inner = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let single = inner.is_some_and(|inner| self.env.compile_expression_owned(inner.to_owned()).is_ok());
        Ok(if single { Node::Expression(part) } else { Node::Text(part) })
    }

    fn is_known(&self, name: &str, known: &[&str]) -> bool {
        name == functions::SEQ
            || known.contains(&name)
            || self.env.globals().any(|(global, _)| global == name)
    }

    fn json(&self, node: &Node, scope: &Scope) -> Result<Json, Fault> {
        Ok(match node {
            Node::Fixed(json) => json.clone(),
            Node::Text(part) => Json::String(self.part(part, scope)?),
            Node::Expression(part) => {
                self.part(part, scope)?;
                to_json(&scope.take_emitted()).map_err(|message| Fault {
                    pointer: part.pointer.clone(),
                    message,
                    hints: Vec::new(),
                })?
            }
            Node::Array(items) => {
                Json::Array(items.iter().map(|item| self.json(item, scope)).collect::<Result<_, _>>()?)
            }
            Node::Object(fields) => {
                let mut map = Map::with_capacity(fields.len());
                for (name, field) in fields {
                    map.insert(name.clone(), self.json(field, scope)?);
                }
                Json::Object(map)
            }
        })
    }

    fn part(&self, part: &Part, scope: &Scope) -> Result<String, Fault> {
        let template = self.env.get_template(&part.name).map_err(|e| fault(&part.pointer, &e))?;
        template.render(scope.value()).map_err(|e| fault(&part.pointer, &e))
    }
}

fn to_json(value: &Value) -> Result<Json, String> {
    if value.is_undefined() {
        return Err("the expression has no value".to_owned());
    }
    if value.is_number() && f64::try_from(value.clone()).is_ok_and(|number| !number.is_finite()) {
        return Err("the expression is not a finite number".to_owned());
    }
    serde_json::to_value(value).map_err(|_| "the expression's value has no form in JSON".to_owned())
}

fn unknown_name(pointer: &str, name: &str, known: &[&str]) -> Fault {
    let functions = functions::FUNCTIONS.iter().map(|f| f.name);
    let all: Vec<&str> = known.iter().copied().chain([functions::SEQ]).chain(functions).collect();
    let mut hints = match near(name, all.iter().copied()).as_slice() {
        [] => Vec::new(),
        near => vec![format!("did you mean {}?", quoted(near))],
    };
    let signatures: Vec<&str> = functions::FUNCTIONS.iter().map(|f| f.signature).collect();
    let variables: Vec<&str> = known.iter().copied().chain([functions::SEQ]).collect();
    hints.push(format!("variables here: {}", quoted(&variables)));
    hints.push(format!("functions: {}", quoted(&signatures)));
    Fault {
        pointer: pointer.to_owned(),
        message: format!("there is no variable or function `{name}`"),
        hints,
    }
}

fn fault(pointer: &str, error: &minijinja::Error) -> Fault {
    let what = match (error.kind(), error.detail()) {
        (ErrorKind::UndefinedError, None) => "a field that is not there was used".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    Fault { pointer: pointer.to_owned(), message: format!("the template fails: {what}"), hints: Vec::new() }
}

#[cfg(test)]
mod tests;
