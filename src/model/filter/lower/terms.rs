//! jq's terms → plain predicates, where they are plain.

use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::Cmp;
use jaq_core::path::{Opt, Part};

use super::{Constant, End, Place, Root, Test, Text};
use crate::model::filter::paths::literal;
use crate::model::json::{Path, Step};

/// The predicate of a filter, if it is plain.
pub(in crate::model::filter) fn lower(text: &str) -> Option<Test> {
    test(&jaq_core::load::parse(text, |p| p.term())?)
}

fn test(term: &Term<&str>) -> Option<Test> {
    match term {
        Term::BinOp(left, BinaryOp::And, right) => Some(Test::And(test(left)?.into(), test(right)?.into())),
        Term::BinOp(left, BinaryOp::Or, right) => Some(Test::Or(test(left)?.into(), test(right)?.into())),
        Term::BinOp(left, BinaryOp::Cmp(cmp), right) => match (place(left), constant(right)) {
            (Some(place), Some(constant)) => Some(Test::Compare(place, *cmp, constant)),
            _ => Some(Test::Compare(place(right)?, turned(*cmp), constant(left)?)),
        },
        Term::BinOp(left, BinaryOp::Pipe(None), right) => match &**right {
            Term::Call("not", args) if args.is_empty() => Some(Test::Not(test(left)?.into())),
            Term::Call("startswith", args) => Some(affix(left, End::Start, args)?),
            Term::Call("endswith", args) => Some(affix(left, End::Last, args)?),
            _ => None,
        },
        _ => place(term).map(Test::Truthy),
    }
}

fn affix(of: &Term<&str>, end: End, args: &[Term<&str>]) -> Option<Test> {
    Some(Test::Affix(place(of)?, end, Text::new(literal(args.first()?)?)))
}

fn turned(cmp: Cmp) -> Cmp {
    match cmp {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        Cmp::Eq => Cmp::Eq,
        Cmp::Ne => Cmp::Ne,
    }
}

fn place(term: &Term<&str>) -> Option<Place> {
    let Term::Path(head, path) = term else { return None };
    if !matches!(**head, Term::Id) {
        return None;
    }
    let step = |(part, opt): &(Part<Term<&str>>, Opt)| match (part, opt) {
        (Part::Index(Term::Num(digits)), Opt::Essential) => Some(Step::Index(digits.parse().ok()?)),
        (Part::Index(index), Opt::Essential) => Some(Step::Name(literal(index)?.into())),
        _ => None,
    };
    let mut steps = path.0.iter().map(step).collect::<Option<Vec<_>>>()?.into_iter();
    let Some(Step::Name(root)) = steps.next() else { return None };
    let root = match &*root {
        "topic" => Root::Topic,
        "partition" => Root::Partition,
        "offset" => Root::Offset,
        "timestamp" => Root::Timestamp,
        "timestamp_type" => Root::TimestampType,
        "event" => Root::Event,
        "key" => Root::Key,
        "value" => Root::Value,
        "headers" => match (steps.next()?, steps.next()?) {
            (Step::Name(name), Step::Index(index)) => Root::Header(name, index),
            _ => return None,
        },
        _ => return None,
    };
    Some(Place { root, path: Path(steps.collect()) })
}

fn constant(term: &Term<&str>) -> Option<Constant> {
    match term {
        Term::Call("null", args) if args.is_empty() => Some(Constant::Null),
        Term::Call("true", args) if args.is_empty() => Some(Constant::Bool(true)),
        Term::Call("false", args) if args.is_empty() => Some(Constant::Bool(false)),
        Term::Num(digits) => small_int(digits).map(Constant::Int),
        term => Some(Constant::Text(Text::new(literal(term)?))),
    }
}

pub(super) fn small_int(digits: &str) -> Option<i64> {
    (digits.len() <= 15).then(|| digits.parse().ok()).flatten()
}
