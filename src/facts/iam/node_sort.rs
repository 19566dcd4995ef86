//! What sort of node something is, as far as it decides which access entry its role needs.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>

use crate::facts::known::Known;
use crate::facts::network::instances::{is_of_auto_mode, runs_windows};
use crate::facts::network::launch_template;
use crate::facts::network::nodes::NODEGROUP_TAG;
use crate::facts::view::{ResourceView, SnapshotView};

/// What a node is, as far as it decides which access entry it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NodeSort {
    Linux,
    Windows,
    AutoMode,
    Fargate,
    Hybrid,
}

impl NodeSort {
    /// The type of access entry that is made for it.
    pub(super) fn entry_type(self) -> &'static str {
        match self {
            Self::Linux => "EC2_LINUX",
            Self::Windows => "EC2_WINDOWS",
            Self::AutoMode => "EC2",
            Self::Fargate => "FARGATE_LINUX",
            Self::Hybrid => "HYBRID_LINUX",
        }
    }

    /// Whether an entry of a type is enough for it. That for Windows holds all that Linux nodes need, and that of
    /// Auto Mode too; those of Fargate, hybrid nodes and HyperPod name nodes in another way.
    pub(super) fn is_served_by(self, entry_type: &str) -> bool {
        match self {
            Self::Linux => ["EC2_LINUX", "EC2_WINDOWS", "EC2"].contains(&entry_type),
            _ => entry_type == self.entry_type(),
        }
    }
}

/// By its tags and its platform.
pub(super) fn sort_of_instance(instance: &ResourceView<'_>) -> Known<NodeSort> {
    Ok(match (is_of_auto_mode(instance)?, runs_windows(instance)?) {
        (true, _) => NodeSort::AutoMode,
        (false, true) => NodeSort::Windows,
        (false, false) => NodeSort::Linux,
    })
}

/// By its kind of image; with a custom one, by its running nodes or by the image itself.
pub(super) fn sort_of_nodegroup(view: SnapshotView<'_>, group: &ResourceView<'_>) -> Known<NodeSort> {
    let of_windows = |windows: bool| if windows { NodeSort::Windows } else { NodeSort::Linux };
    match group.text("amiType")? {
        "CUSTOM" => {}
        family => return Ok(of_windows(family.starts_with("WINDOWS"))),
    }
    let name = group.key();
    let own = |node: &ResourceView<'_>| name.is_some() && node.tag(NODEGROUP_TAG) == Ok(name);
    if let Some(node) = view.items("instances").find(own) {
        return runs_windows(&node).map(of_windows);
    }
    let image = launch_template::image_of_nodegroup(view, group)?;
    runs_windows(&view.get("images", image)?).map(of_windows)
}
