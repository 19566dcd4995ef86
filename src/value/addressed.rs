//! Symbols in texts that people read: `${aws_iam_role.nodes[0].arn}` is `aws_iam_role.nodes[0]` to them.

use super::symbolic::symbols_in;
use std::borrow::Cow;

/// Attributes that stand for the resource itself: who reads of it wants to know which one it is.
const NAMING: [&str; 3] = ["id", "arn", "name"];

/// A text with its symbols as people write them, where these stand by themselves. Within other texts, as in an ARN,
/// they stay what they are: there it would not be seen where they end.
pub fn addressed(text: &str) -> Cow<'_, str> {
    let (mut shown, mut from) = (String::new(), 0);
    for symbol in symbols_in(text) {
        let inner = text[symbol.clone()].strip_prefix("${").and_then(|inner| inner.strip_suffix('}'));
        let begins = symbol.start == 0 || text[..symbol.start].ends_with(is_around);
        let ends = symbol.end == text.len() || text[symbol.end..].starts_with(is_around);
        if let Some(inner) = inner.filter(|inner| !inner.is_empty() && begins && ends) {
            shown.push_str(&text[from..symbol.start]);
            shown.push_str(resource_of(inner).unwrap_or(inner));
            from = symbol.end;
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

/// What stands around a word.
fn is_around(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';' | '`' | '\'' | '"')
}

/// The resource of a reference to what names it, such as its ARN.
fn resource_of(reference: &str) -> Option<&str> {
    let dots = dots(reference);
    if let [only] = dots[..] {
        return resource_of_stack(reference, only);
    }
    let (attribute_at, name_at) = (*dots.last()?, *dots.iter().rev().nth(1)?);
    let kind_at = dots.iter().rev().nth(2).map_or(0, |dot| dot + 1);
    let attribute = &reference[attribute_at + 1..];
    let is_resource =
        reference[kind_at..name_at].starts_with("aws_") && !reference[..kind_at].ends_with("data.");
    let is_name = NAMING.contains(&attribute) || attribute.ends_with("_name");
    (is_resource && is_name).then(|| &reference[..attribute_at])
}

/// The logical id in a reference of CloudFormation to a name or an ARN: `Nodes` of `Nodes.NodegroupName`, `Eks/Nodes` in a nested stack.
fn resource_of_stack(reference: &str, dot: usize) -> Option<&str> {
    /// What Terraform has before one dot.
    const OTHERS: [&str; 5] = ["each", "local", "path", "terraform", "var"];
    let (id, attribute) = (&reference[..dot], &reference[dot + 1..]);
    let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/') && !OTHERS.contains(&id);
    let is_name = ["Arn", "Name"].iter().any(|end| attribute.ends_with(end));
    (is_id && is_name).then_some(id)
}

/// The dots of a reference that are in no index.
fn dots(reference: &str) -> Vec<usize> {
    let (mut found, mut depth, mut quoted) = (Vec::new(), 0_usize, false);
    for (at, byte) in reference.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'(' => depth += 1,
            b']' | b')' => depth = depth.saturating_sub(1),
            b'.' if depth == 0 => found.push(at),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::addressed;

    #[test]
    fn symbols_are_shown_as_addresses() {
        for (text, shown) in [
            ("${aws_iam_role.nodes.arn}", "aws_iam_role.nodes"),
            (
                "node group ${module.eks.aws_eks_node_group.this[\"a.b\"].node_group_name} runs",
                "node group module.eks.aws_eks_node_group.this[\"a.b\"] runs",
            ),
            ("in ${aws_subnet.a[0].id}, ${aws_subnet.b.id}", "in aws_subnet.a[0], aws_subnet.b"),
            ("(${aws_vpc.x.cidr_block})", "(aws_vpc.x.cidr_block)"),
            ("${module.eks.cluster_security_group_id}", "module.eks.cluster_security_group_id"),
            ("${data.aws_iam_role.admin.arn}", "data.aws_iam_role.admin.arn"),
            ("${data.aws_caller_identity.current.account_id}", "data.aws_caller_identity.current.account_id"),
            ("${var.name} is", "var.name is"),
            ("${Nodes.NodegroupName} in ${SubnetA}", "Nodes in SubnetA"),
            ("${Eks/Nodes.NodegroupName}", "Eks/Nodes"),
            ("${Nodes.Id}, ${local.Name}", "Nodes.Id, local.Name"),
            ("arn:${data.aws_partition.current.partition}:iam::aws:policy/A", ""),
            ("${aws_x.a.id}-${aws_x.b.id}", ""),
            ("a${aws_x.a.id}", ""),
            ("no symbol", ""),
            ("${", ""),
            ("${}", ""),
            ("${가} ${\"", "가 ${\""),
        ] {
            assert_eq!(addressed(text), if shown.is_empty() { text } else { shown }, "{text}");
        }
    }
}
