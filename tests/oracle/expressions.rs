//! Expressions of Terraform with literals and calls, evaluated here.

use ekslint::source::iac::terraform::{convert, functions};
use ekslint::source::iac::{TemplateValue, TextPart, ValueKind};
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::template::Element;

/// An expression, and why it gives something else here, if it does.
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) differs: Option<String>,
}

/// The expressions of a file.
pub(crate) fn cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut differs = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('#') {
            Some(comment) => differs = comment.trim().strip_prefix("differs: ").map(str::to_owned),
            None => cases.push(Case { text: line.to_owned(), differs: differs.take() }),
        }
    }
    cases
}

/// Literals and calls of functions.
pub(crate) fn evaluated(
    expression: &Expression,
    variable: &dyn Fn(&str) -> TemplateValue,
) -> Result<TemplateValue, String> {
    match expression {
        Expression::Null(_) => Ok(TemplateValue::null(None)),
        Expression::Bool(is) => Ok(TemplateValue::new(ValueKind::Bool(*is.value()), None)),
        Expression::Number(number) => {
            let number = serde_json::from_str(&number.value().to_string()).expect("a number");
            Ok(TemplateValue::new(ValueKind::Number(number), None))
        }
        Expression::String(text) => Ok(TemplateValue::text(text.value().as_str(), None)),
        Expression::StringTemplate(template) => {
            let mut parts = Vec::new();
            for element in template {
                match element {
                    Element::Literal(literal) => {
                        parts.push(TextPart::Literal(literal.value().as_str().into()))
                    }
                    Element::Interpolation(inner) => {
                        let value = evaluated(&inner.expr, variable)?;
                        parts.extend(convert::text_parts(&value).ok_or("no text")?);
                    }
                    Element::Directive(_) => panic!("no directives"),
                }
            }
            Ok(convert::text_of(parts, None))
        }
        Expression::Parenthesis(inner) => evaluated(inner.inner(), variable),
        Expression::Array(items) => Ok(TemplateValue::list(
            items.iter().map(|item| evaluated(item, variable)).collect::<Result<_, _>>()?,
            None,
        )),
        Expression::Object(fields) => {
            let mut out = Vec::new();
            for (key, value) in fields.iter() {
                let key = match key {
                    ObjectKey::Ident(name) => name.as_str().to_owned(),
                    ObjectKey::Expression(key) => {
                        let key = functions::call("tostring", vec![evaluated(key, variable)?], None)
                            .map_err(|e| e.to_string())?;
                        key.as_str().expect("a text").to_owned()
                    }
                };
                out.push((key, evaluated(value.expr(), variable)?));
            }
            Ok(TemplateValue::map(out, None))
        }
        Expression::UnaryOp(operation) if *operation.operator.value() == UnaryOperator::Neg => {
            let value = evaluated(&operation.expr, variable)?;
            let ValueKind::Number(number) = &value.kind else { panic!("a number") };
            let number = serde_json::from_str(&format!("-{number}")).expect("a number");
            Ok(TemplateValue::new(ValueKind::Number(number), None))
        }
        Expression::FuncCall(call) => called(call, variable),
        Expression::Traversal(traversal) => {
            let mut value = evaluated(&traversal.expr, variable)?;
            for operator in &traversal.operators {
                let TraversalOperator::Index(index) = operator.value() else { panic!("an index") };
                let index = index.as_number().and_then(|number| number.as_u64()).expect("a number") as usize;
                if !value.is_unknown() {
                    value = value.items().get(index).cloned().ok_or("no such item")?;
                }
            }
            Ok(value)
        }
        Expression::Variable(name) => Ok(variable(name.as_str())),
        other => panic!("not understood: {other:?}"),
    }
}

fn called(call: &FuncCall, variable: &dyn Fn(&str) -> TemplateValue) -> Result<TemplateValue, String> {
    let name = call.name.name.as_str();
    functions::call(name, arguments(call, variable)?, None).map_err(|error| error.to_string())
}

/// The arguments of a call. `try` takes those that are right, and `can` of one that is wrong is that of `false`.
pub(crate) fn arguments(
    call: &FuncCall,
    variable: &dyn Fn(&str) -> TemplateValue,
) -> Result<Vec<TemplateValue>, String> {
    let args: Vec<_> = call.args.iter().map(|arg| evaluated(arg, variable)).collect();
    let mut args = match call.name.name.as_str() {
        "try" => args.into_iter().filter_map(Result::ok).collect(),
        _ => args.into_iter().collect::<Result<Vec<_>, _>>()?,
    };
    if call.args.expand_final() {
        let last = args.pop().expect("an argument");
        args.extend_from_slice(last.items());
    }
    Ok(args)
}
