//! Files of modules in JSON: `.tf.json`, `.tfvars.json`. Blocks are objects or lists of them, and texts are templates.

use super::lower::{Lowering, TextOrigin, keyed};
use super::syntax::{ExprKind, HclAttribute, HclBlock, HclBody, HclExpr, HclLabel, NameTable, ObjectItem};
use crate::source::iac::{FileId, Place, TemplateValue, ValueKind};
use hcl_edit::parser::{parse_expr, parse_template};
use serde::de::IgnoredAny;
use std::ops::Range;
use std::sync::Arc;

/// A value of JSON and where it is. A key may stand twice in an object.
#[derive(Clone, Debug)]
enum JsonNode {
    Scalar(serde_json::Value),
    List(Vec<PlacedNode>),
    Object(Vec<(String, Range<usize>, PlacedNode)>),
}

#[derive(Clone, Debug)]
struct PlacedNode {
    node: JsonNode,
    range: Range<usize>,
}

/// The outermost blocks and how many labels each has; `locals` and `terraform` have none.
const LABELS: [(&str, usize); 11] = [
    ("resource", 2),
    ("data", 2),
    ("ephemeral", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("locals", 0),
    ("terraform", 0),
    ("moved", 0),
    ("import", 0),
];

/// What is a block in a resource, and never an argument.
const INNER_BLOCKS: [(&str, usize); 5] =
    [("lifecycle", 0), ("dynamic", 1), ("content", 0), ("provisioner", 1), ("connection", 0)];

/// Reads a file of a module. An error says where and why.
pub(super) fn parse(text: &str, file: FileId, names: &mut NameTable) -> Result<HclBody, (usize, String)> {
    let root = read(text)?;
    let mut reader = JsonReader { file, names };
    let mut body = HclBody::default();
    for (kind, range, node) in objects(&root).into_iter().flatten() {
        match LABELS.iter().find(|(known, _)| known == kind) {
            Some((_, labels)) => reader.blocks(kind, range, node, *labels, &mut body.blocks),
            // Variables of a `.tfvars.json`, or a comment.
            None => body.attributes.push(reader.attribute(kind, range, node)),
        }
    }
    Ok(body)
}

fn objects(node: &PlacedNode) -> Vec<&[(String, Range<usize>, PlacedNode)]> {
    match &node.node {
        JsonNode::Object(fields) => vec![fields],
        JsonNode::List(items) => items.iter().filter_map(|item| objects(item).first().copied()).collect(),
        JsonNode::Scalar(_) => Vec::new(),
    }
}

struct JsonReader<'n> {
    file: FileId,
    names: &'n mut NameTable,
}

impl JsonReader<'_> {
    fn place(&self, range: &Range<usize>) -> Place {
        Place::new(self.file, range.clone())
    }

    fn blocks(
        &mut self,
        kind: &str,
        key: &Range<usize>,
        node: &PlacedNode,
        labels: usize,
        found: &mut Vec<HclBlock>,
    ) {
        let mut path = Vec::new();
        self.labelled(kind, key, node, labels, &mut path, found);
    }

    fn labelled(
        &mut self,
        kind: &str,
        key: &Range<usize>,
        node: &PlacedNode,
        labels: usize,
        path: &mut Vec<HclLabel>,
        found: &mut Vec<HclBlock>,
    ) {
        for fields in objects(node) {
            if path.len() == labels {
                let body = self.body(fields, kind);
                let kind = self.names.get(kind);
                found.push(HclBlock { kind, key: self.place(key), labels: path.clone(), body });
                continue;
            }
            for (label, range, node) in fields {
                path.push(HclLabel { text: self.names.get(label), place: self.place(range) });
                self.labelled(kind, key, node, labels, path, found);
                path.pop();
            }
        }
    }

    fn body(&mut self, fields: &[(String, Range<usize>, PlacedNode)], owner: &str) -> HclBody {
        let mut body = HclBody::default();
        let has_blocks = matches!(owner, "resource" | "data" | "dynamic" | "content");
        for (name, range, node) in fields.iter().filter(|(name, ..)| name != "//") {
            match INNER_BLOCKS.iter().find(|(known, _)| has_blocks && known == name) {
                Some((_, labels)) => self.blocks(name, range, node, *labels, &mut body.blocks),
                None if owner == "variable" && name == "type"
                    || name == "ignore_changes"
                    || name == "provider" =>
                {
                    let key = self.place(range);
                    let value = self.bare(node);
                    body.attributes.push(HclAttribute { name: self.names.get(name), key, value });
                }
                None => body.attributes.push(self.attribute(name, range, node)),
            }
        }
        body
    }

    fn attribute(&mut self, name: &str, key: &Range<usize>, node: &PlacedNode) -> HclAttribute {
        let key = self.place(key);
        let value = keyed(self.expression(node), &key);
        HclAttribute { name: self.names.get(name), key, value }
    }

    /// A text that is an expression without `${}`, such as a type.
    fn bare(&mut self, node: &PlacedNode) -> HclExpr {
        let JsonNode::Scalar(serde_json::Value::String(text)) = &node.node else {
            return self.expression(node);
        };
        let origin = TextOrigin::Within(node.range.clone());
        match parse_expr(text) {
            Ok(parsed) => Lowering::new(self.file, origin, text, self.names).expression(&parsed),
            Err(_) => self.expression(node),
        }
    }

    fn expression(&mut self, node: &PlacedNode) -> HclExpr {
        let place = self.place(&node.range);
        match &node.node {
            JsonNode::Scalar(scalar) => self.scalar(scalar, &node.range, place),
            JsonNode::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.expression(item)).collect();
                let values: Option<Vec<_>> = items.iter().map(literal).collect();
                let kind =
                    values.map(|values| ExprKind::Value(TemplateValue::list(values, Some(place.clone()))));
                HclExpr { kind: kind.unwrap_or(ExprKind::List(items)), place }
            }
            JsonNode::Object(fields) => self.object(fields, place),
        }
    }

    fn object(&mut self, fields: &[(String, Range<usize>, PlacedNode)], place: Place) -> HclExpr {
        let mut items = Vec::with_capacity(fields.len());
        for (key, range, value) in fields {
            let key_place = self.place(range);
            let key = self.scalar(&serde_json::Value::String(key.clone()), range, key_place.clone());
            let value = keyed(self.expression(value), &key_place);
            items.push(ObjectItem { key, value });
        }
        let field = |item: &ObjectItem| Some((Arc::<str>::from(item.key.as_str()?), literal(&item.value)?));
        let values: Option<Vec<_>> = items.iter().map(field).collect();
        let kind = values.map(|values| ExprKind::Value(TemplateValue::map(values, Some(place.clone()))));
        HclExpr { kind: kind.unwrap_or(ExprKind::Object(items)), place }
    }

    fn scalar(&mut self, scalar: &serde_json::Value, range: &Range<usize>, place: Place) -> HclExpr {
        let kind = match scalar {
            serde_json::Value::String(text) if text.contains("${") || text.contains("%{") => {
                return self.template(text, range, place);
            }
            serde_json::Value::String(text) => ValueKind::Text(text.as_str().into()),
            serde_json::Value::Bool(bool) => ValueKind::Bool(*bool),
            serde_json::Value::Number(number) => ValueKind::Number(number.clone()),
            _ => ValueKind::Null,
        };
        HclExpr::literal(TemplateValue::new(kind, Some(place.clone())), place)
    }

    fn template(&mut self, text: &str, range: &Range<usize>, place: Place) -> HclExpr {
        let origin = TextOrigin::Within(range.clone());
        match parse_template(text) {
            Ok(template) => Lowering::new(self.file, origin, text, self.names).whole(&template, place),
            Err(error) => {
                let reason = format!("the text is no template: {}", error.message().replace('\n', " "));
                HclExpr::literal(TemplateValue::unknown(reason, None, Some(place.clone())), place)
            }
        }
    }
}

fn literal(expression: &HclExpr) -> Option<TemplateValue> {
    match &expression.kind {
        ExprKind::Value(value) => Some(value.clone()),
        _ => None,
    }
}

/// Reads a text. It is checked as a whole first, so that the walk meets no fault and no depth that is too much.
fn read(text: &str) -> Result<PlacedNode, (usize, String)> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| {
        let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
        let line: usize = lines.map(str::len).sum();
        let at = (line + error.column().saturating_sub(1)).min(text.len());
        (floor(text, at), error.to_string())
    })?;
    let mut walk = JsonWalk { text, at: 0 };
    walk.value().ok_or_else(|| (floor(text, walk.at), "it is no JSON".to_owned()))
}

/// The start of the character at a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

struct JsonWalk<'t> {
    text: &'t str,
    at: usize,
}

impl JsonWalk<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn value(&mut self) -> Option<PlacedNode> {
        let first = self.peek()?;
        let start = self.at;
        let node = match first {
            b'{' => self.object()?,
            b'[' => self.list()?,
            b'"' => JsonNode::Scalar(serde_json::Value::String(self.string()?.0)),
            _ => {
                let rest = &self.text[self.at..];
                let length = rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                self.at += length;
                JsonNode::Scalar(serde_json::from_str(&rest[..length]).ok()?)
            }
        };
        Some(PlacedNode { node, range: start..self.at })
    }

    fn string(&mut self) -> Option<(String, Range<usize>)> {
        self.peek()?;
        let start = self.at;
        self.at += 1;
        let bytes = self.text.as_bytes();
        while *bytes.get(self.at)? != b'"' {
            self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        let text = serde_json::from_str(self.text.get(start..self.at)?).ok()?;
        Some((text, start..self.at))
    }

    fn list(&mut self) -> Option<JsonNode> {
        self.at += 1;
        let mut items = Vec::new();
        while self.peek()? != b']' {
            items.push(self.value()?);
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Some(JsonNode::List(items))
    }

    fn object(&mut self) -> Option<JsonNode> {
        self.at += 1;
        let mut fields = Vec::new();
        while self.peek()? != b'}' {
            let (key, range) = self.string()?;
            self.peek()?;
            self.at += 1;
            fields.push((key, range, self.value()?));
            if self.peek()? == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Some(JsonNode::Object(fields))
    }
}
