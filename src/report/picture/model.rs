//! What is in a picture: the boxes of a cluster's network, and which of them each flow passes.

use crate::explain::{FlowEnd, KubectlFrom, PlaneInterfaces};
use crate::report::flow_tone::FlowTone;

/// A picture before it has any sizes.
#[derive(Clone, Debug, Default)]
pub(super) struct PictureModel {
    pub(super) name: String,
    /// Where the cluster is, and its version.
    pub(super) about: String,
    /// What the account of the control plane is called.
    pub(super) plane: String,
    /// What stands in the box of the API server.
    pub(super) api: Vec<String>,
    pub(super) public: PublicModel,
    pub(super) vpc: String,
    pub(super) vpc_blocks: String,
    /// The headings of the zones.
    pub(super) zones: Vec<String>,
    /// What stands where subnets would be, if there are none.
    pub(super) no_subnets: Vec<String>,
    pub(super) subnets: Vec<SubnetModel>,
    pub(super) nats: Vec<GatewayModel>,
    /// On the edge of the VPC.
    pub(super) gateways: Vec<GatewayModel>,
    pub(super) kubectl: Vec<EndModel>,
    pub(super) others: Vec<EndModel>,
    /// VPC endpoints; none where there is nothing to say.
    pub(super) endpoints: Vec<Remark>,
    /// What stands below the picture.
    pub(super) notes: Vec<String>,
    pub(super) segments: Vec<Segment>,
}

/// A line of text, and how bad it is.
#[derive(Clone, Debug)]
pub(super) struct Remark {
    pub(super) text: String,
    pub(super) state: Option<FlowTone>,
}

/// The public endpoint.
#[derive(Clone, Debug, Default)]
pub(super) struct PublicModel {
    /// Not if it is off, or not known.
    pub(super) is_on: bool,
    pub(super) lines: Vec<String>,
}

/// What sort of subnet it is: a row of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Band {
    Public,
    Unknown,
    Private,
}

/// A subnet.
#[derive(Clone, Debug)]
pub(super) struct SubnetModel {
    pub(super) id: String,
    /// The column.
    pub(super) zone: usize,
    pub(super) band: Band,
    /// What stands below its id.
    pub(super) lines: Vec<String>,
    pub(super) interfaces: PlaneInterfaces,
    /// Positions in the list of NAT gateways.
    pub(super) nats: Vec<usize>,
    pub(super) stacks: Vec<StackModel>,
}

/// A NAT gateway, or what is on the edge of the VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GatewayModel {
    pub(super) title: String,
    pub(super) id: String,
    pub(super) address: String,
}

/// Nodes of a subnet whose flows are alike.
#[derive(Clone, Debug)]
pub(super) struct StackModel {
    pub(super) nodes: Vec<NodeModel>,
    /// How many more there are.
    pub(super) more: usize,
    pub(super) chips: Vec<Chip>,
}

/// Nodes of one name.
#[derive(Clone, Debug)]
pub(super) struct NodeModel {
    pub(super) title: String,
    pub(super) end: FlowEnd,
    pub(super) name: String,
    pub(super) anchor: Option<String>,
}

/// The verdict of a flow: a letter, a dash and a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chip {
    pub(super) letter: char,
    pub(super) state: FlowTone,
    pub(super) word: String,
    /// As programs compare it.
    pub(super) verdict: &'static str,
    /// In a sentence.
    pub(super) why: String,
    pub(super) anchor: Option<String>,
}

/// kubectl, or nodes of which little is known.
#[derive(Clone, Debug)]
pub(super) struct EndModel {
    pub(super) spot: Spot,
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    pub(super) chips: Vec<Chip>,
}

/// A box that lines begin and end at. The earlier ones are where lines come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spot {
    Api,
    Public,
    Gateway(usize),
    Nat(usize),
    /// The interfaces of the control plane in a subnet.
    Interface(usize),
    /// Nodes: the subnet, and which of its stacks.
    Stack(usize, usize),
    Kubectl(KubectlFrom),
    Others(usize),
}

/// Where a line is crossed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CrossAt {
    Start,
    End,
}

/// A line from one box to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) letter: char,
    pub(super) state: FlowTone,
    pub(super) from: Spot,
    pub(super) to: Spot,
    pub(super) cross: Option<CrossAt>,
    pub(super) anchor: Option<String>,
    /// What it says where a pointer rests on it.
    pub(super) words: String,
}

impl Segment {
    /// The box where lines of its kind come together.
    pub(super) fn hub(&self) -> Spot {
        self.from.min(self.to)
    }

    /// Lines with the same key share their way.
    pub(super) fn key(&self) -> LineKey {
        LineKey { letter: self.letter, state: self.state, hub: self.hub() }
    }
}

/// What lines have in common that share their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LineKey {
    pub(super) hub: Spot,
    pub(super) letter: char,
    pub(super) state: FlowTone,
}

impl PictureModel {
    /// Adds a line, or what it says to the one that is there.
    pub(super) fn add(&mut self, segment: Segment) {
        let is_same = |known: &&mut Segment| {
            (known.letter, known.state, known.from, known.to)
                == (segment.letter, segment.state, segment.from, segment.to)
        };
        match self.segments.iter_mut().find(is_same) {
            Some(known) => {
                known.cross = known.cross.max(segment.cross);
                if known.words != segment.words {
                    known.words = format!("{}: {}", segment.letter, segment.state.as_str());
                    known.anchor = known.anchor.take().or(segment.anchor);
                }
            }
            None => self.segments.push(segment),
        }
    }
}
