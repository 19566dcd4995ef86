//! The ids of flows on a page, that arrows of the picture lead to.

use crate::explain::{Explanation, Flow, FlowEnd};
use std::collections::{BTreeMap, BTreeSet};

/// The longest part of an id that is made of a name, in characters.
const MAX_SLUG: usize = 60;

/// An id for each end of each flow: `flow-b-ng1`. Flows of one node group have the same in all its subnets.
#[derive(Clone, Debug, Default)]
pub struct FlowAnchors(BTreeMap<(char, FlowEnd, String), String>);

impl FlowAnchors {
    /// The ids of a cluster's flows. `prefix` comes first, and tells the clusters of a page apart.
    pub fn of(explanation: &Explanation, prefix: &str) -> Self {
        let (mut anchors, mut taken) = (BTreeMap::new(), BTreeSet::new());
        let lists = [
            ('a', &explanation.to_kubelets),
            ('b', &explanation.to_api_server),
            ('c', &explanation.from_kubectl),
        ];
        for (letter, flow) in
            lists.iter().flat_map(|(letter, list)| list.items.iter().map(move |f| (*letter, f)))
        {
            let key = (letter, flow.end, flow.name.clone());
            anchors
                .entry(key)
                .or_insert_with(|| unique(format!("{prefix}flow-{letter}-{}", slug(&flow.name)), &mut taken));
        }
        Self(anchors)
    }

    /// The id of a flow; `letter` is `a`, `b` or `c`. None if it is no flow of the cluster.
    pub fn get(&self, letter: char, flow: &Flow) -> Option<&str> {
        self.find(letter, flow.end, &flow.name)
    }

    /// The id of the flows of an end.
    pub fn find(&self, letter: char, end: FlowEnd, name: &str) -> Option<&str> {
        self.0.get(&(letter, end, name.to_owned())).map(String::as_str)
    }
}

/// The id, with a number if it is taken: two names may have one slug.
fn unique(id: String, taken: &mut BTreeSet<String>) -> String {
    let free = std::iter::once(id.clone())
        .chain((2..).map(|at| format!("{id}-{at}")))
        .find(|id| !taken.contains(id));
    let free = free.unwrap_or(id);
    taken.insert(free.clone());
    free
}

/// A name as a part of an id: lower case letters and digits of ASCII, all else a `-`.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().take(MAX_SLUG) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "x".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids() {
        for (name, expected) in [
            ("ng1", "ng1"),
            ("outside the VPC", "outside-the-vpc"),
            ("${aws_eks_node_group.a[0].name}", "aws-eks-node-group-a-0-name"),
            ("팀", "x"),
            ("\"><svg onload=x>", "svg-onload-x"),
        ] {
            assert_eq!(slug(name), expected);
        }
        let mut taken = BTreeSet::new();
        let ids = ["a", "a", "b", "a"].map(|id| unique(id.to_owned(), &mut taken));
        assert_eq!(ids, ["a", "a-2", "b", "a-3"]);
    }
}
