//! The tree of a text in the words of stacks.

pub(super) use super::super::yaml_tree::{
    YamlEntry as StackEntry, YamlFault as StackFault, YamlKind as StackNodeKind, YamlNode as StackNode,
    is_version, read_tree,
};
