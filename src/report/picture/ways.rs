//! The way of each line: by lanes between the columns, and by tracks above and below the edge of the VPC. So no line crosses a
//! heading or a box.

use super::model::{LineKey, PictureModel, Segment, Spot};
use crate::explain::KubectlFrom;
use std::collections::{BTreeMap, BTreeSet};

/// A side of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BoxSide {
    Left,
    Right,
    Top,
    Bottom,
}

/// Where lines run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// Left of a column; after the last one, beside the VPC.
    Gutter(usize),
    /// Above the edge of the VPC.
    Above,
    /// Below it.
    Below,
}

/// Which sides a line leaves and reaches, and its lanes between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) from: BoxSide,
    pub(super) lanes: Vec<Lane>,
    pub(super) to: BoxSide,
}

/// The ways of all lines, and the lines of each lane and of each side of a box, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    pub(super) ways: Vec<Way>,
    lanes: BTreeMap<Lane, Vec<LineKey>>,
    ports: BTreeMap<(Spot, BoxSide), Vec<LineKey>>,
}

/// Where a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Area {
    /// Above everything.
    Top,
    /// On the edge of the VPC.
    Edge,
    Column(usize),
    /// Right of the VPC.
    Beside,
}

impl PictureModel {
    /// How many columns of zones there are: one at least, which says why there are no subnets.
    pub(super) fn columns(&self) -> usize {
        self.zones.len().max(1)
    }

    /// The column of what is anywhere in the VPC.
    pub(super) fn anywhere(&self) -> usize {
        self.columns()
    }

    /// The lanes right of the VPC.
    pub(super) fn beside(&self) -> usize {
        self.columns() + 2
    }

    fn area(&self, spot: Spot) -> Area {
        let zone = |subnet: usize| self.subnets.get(subnet).map_or(0, |subnet| subnet.zone);
        match spot {
            Spot::Api | Spot::Public => Area::Top,
            Spot::Gateway(_) => Area::Edge,
            Spot::Nat(nat) => Area::Column(
                self.subnets.iter().position(|subnet| subnet.nats.contains(&nat)).map_or(0, zone),
            ),
            Spot::Interface(subnet) | Spot::Stack(subnet, _) => Area::Column(zone(subnet)),
            Spot::Kubectl(KubectlFrom::Inside) => Area::Column(self.anywhere()),
            Spot::Kubectl(_) | Spot::Others(_) => Area::Beside,
        }
    }

    /// The way from a box to another that is higher in the order of boxes or beside it.
    fn way(&self, from: Spot, to: Spot) -> Way {
        let way = |from, lanes: &[Lane], to| Way { from, lanes: lanes.to_vec(), to };
        use BoxSide::{Bottom, Left, Right, Top};
        use Lane::{Above, Below, Gutter};
        match (self.area(from), self.area(to)) {
            // The interface stands directly above the first nodes of its subnet.
            _ if is_below(from, to) => way(Top, &[], Bottom),
            (Area::Beside, Area::Top) if to == Spot::Public => way(Left, &[], Right),
            (Area::Beside, Area::Top) => way(Left, &[Gutter(self.beside()), Above], Bottom),
            (Area::Beside, Area::Column(to)) => {
                way(Left, &[Gutter(self.anywhere() + 1), Below, Gutter(to + 1)], Right)
            }
            (Area::Beside, _) => way(Left, &[Gutter(self.anywhere() + 1), Below], Bottom),
            (Area::Column(at), Area::Top) => way(Right, &[Gutter(at + 1), Above], Bottom),
            (Area::Column(at), Area::Edge) => way(Right, &[Gutter(at + 1), Below], Bottom),
            (Area::Column(at), Area::Column(other)) => self.between(at, other, matches!(to, Spot::Nat(_))),
            (Area::Edge | Area::Top, _) => way(Top, &[Above], Bottom),
            (Area::Column(at), Area::Beside) => way(Right, &[Gutter(at + 1), Below], Bottom),
        }
    }

    /// The way from a column to a box in another or in the same one.
    fn between(&self, at: usize, other: usize, is_out: bool) -> Way {
        use BoxSide::{Left, Right};
        use Lane::{Below, Gutter};
        let (from, lanes, to) = match (at, other) {
            (at, other) if at == other && is_out => (Right, vec![Gutter(at + 1)], Right),
            (at, other) if at == other => (Left, vec![Gutter(at)], Left),
            (at, other) if at == other + 1 => (Left, vec![Gutter(at)], Right),
            (at, other) if at + 1 == other => (Right, vec![Gutter(other)], Left),
            (at, other) if at == self.anywhere() => (Left, vec![Gutter(at), Below, Gutter(other + 1)], Right),
            (at, other) => (Right, vec![Gutter(at + 1), Below, Gutter(other + 1)], Right),
        };
        Way { from, lanes, to }
    }
}

/// Whether nodes stand directly below an interface of their subnet.
fn is_below(from: Spot, to: Spot) -> bool {
    matches!((from, to), (Spot::Stack(subnet, 0), Spot::Interface(other)) if subnet == other)
}

impl Ways {
    /// The ways of a picture's lines.
    pub(super) fn of(model: &PictureModel) -> Self {
        let mut found = Self::default();
        let (mut lanes, mut ports): (BTreeMap<_, BTreeSet<_>>, BTreeMap<_, BTreeSet<_>>) = Default::default();
        for segment in &model.segments {
            let (far, hub) = (far_of(segment), segment.hub());
            let way = model.way(far, hub);
            for lane in &way.lanes {
                lanes.entry(*lane).or_default().insert(segment.key());
            }
            ports.entry((far, way.from)).or_default().insert(segment.key());
            ports.entry((hub, way.to)).or_default().insert(segment.key());
            found.ways.push(way);
        }
        found.lanes = lanes.into_iter().map(|(lane, keys)| (lane, keys.into_iter().collect())).collect();
        found.ports = ports.into_iter().map(|(port, keys)| (port, keys.into_iter().collect())).collect();
        found
    }

    /// How many lines run in a lane.
    pub(super) fn in_lane(&self, lane: Lane) -> i32 {
        self.lanes.get(&lane).map_or(0, |keys| count(keys.len()))
    }

    /// Which of the lines in a lane it is.
    pub(super) fn lane_of(&self, lane: Lane, key: LineKey) -> i32 {
        self.lanes.get(&lane).and_then(|keys| keys.binary_search(&key).ok()).map_or(0, count)
    }

    /// How many lines a side of a box has.
    pub(super) fn at_side(&self, spot: Spot, side: BoxSide) -> i32 {
        self.ports.get(&(spot, side)).map_or(0, |keys| count(keys.len()))
    }

    /// Which of the lines at a side of a box it is.
    pub(super) fn port_of(&self, spot: Spot, side: BoxSide, key: LineKey) -> i32 {
        self.ports.get(&(spot, side)).and_then(|keys| keys.binary_search(&key).ok()).map_or(0, count)
    }
}

/// The end of a line that is not where lines come together.
pub(super) fn far_of(segment: &Segment) -> Spot {
    segment.from.max(segment.to)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
