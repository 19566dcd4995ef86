//! The lines of a picture as points, each drawn once where several run together.

use super::geometry::Point;
use super::layout::Layout;
use super::model::{CrossAt, LineKey, PictureModel, Segment, Spot};
use super::ways::{Lane, Way, Ways, far_of};
use std::collections::BTreeMap;

/// How far from a box a line is crossed out, in pixels.
const CROSS: i32 = 15;
/// How far a line runs along the one that it meets.
const INTO: i32 = 7;
/// How far from the API server a line shows its letter.
const LETTER: i32 = 18;

/// A line with what stands on it.
#[derive(Clone, Debug)]
pub(super) struct PlacedLine<'m> {
    pub(super) segment: &'m Segment,
    /// All of it, which ends where lines come together.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests look whether it ends at boxes"))]
    pub(super) whole: Vec<Point>,
    /// The part that no line before it has drawn.
    pub(super) drawn: Vec<Point>,
    /// The point of the arrow, and the point that it comes from.
    pub(super) arrow: (Point, Point),
    /// Where its letter stands.
    pub(super) letters: Vec<Point>,
    pub(super) cross: Option<Point>,
}

/// The lines of a picture.
pub(super) fn lines<'m>(model: &'m PictureModel, ways: &Ways, layout: &Layout) -> Vec<PlacedLine<'m>> {
    let mut before: BTreeMap<LineKey, Vec<(Point, Point)>> = BTreeMap::new();
    let mut told: BTreeMap<LineKey, Vec<Point>> = BTreeMap::new();
    let mut all = Vec::new();
    for (segment, way) in model.segments.iter().zip(&ways.ways) {
        let whole = points(segment, way, ways, layout);
        let pieces = before.entry(segment.key()).or_default();
        let drawn = until_met(&whole, pieces);
        pieces.extend(drawn.windows(2).map(|pair| (pair[0], pair[1])));
        let (arrow, cross) = (arrow(segment, &whole), cross(segment, &whole));
        let letters = letters(segment, &whole, cross, told.entry(segment.key()).or_default());
        all.push(PlacedLine { segment, arrow, letters, cross, whole, drawn });
    }
    all
}

/// The points of a line, beginning at the box where it is alone.
fn points(segment: &Segment, way: &Way, ways: &Ways, layout: &Layout) -> Vec<Point> {
    let (far, hub, key) = (far_of(segment), segment.hub(), segment.key());
    let port =
        |spot: Spot, side| layout.port(spot, side, (ways.port_of(spot, side, key), ways.at_side(spot, side)));
    let (start, mut end) = (port(far, way.from), port(hub, way.to));
    if way.lanes.is_empty() && way.from == super::ways::BoxSide::Left {
        // Straight to its neighbour, which has the same height.
        end.1 = start.1;
    }
    let mut points = vec![start];
    let (mut x, mut y) = start;
    for lane in &way.lanes {
        let at = layout.lane(*lane, ways.lane_of(*lane, key));
        match lane {
            Lane::Gutter(_) => x = at,
            Lane::Above | Lane::Below => y = at,
        }
        points.push((x, y));
    }
    match way.lanes.last() {
        Some(Lane::Gutter(_)) => points.push((x, end.1)),
        Some(_) => points.push((end.0, y)),
        None => {}
    }
    points.push(end);
    points.dedup();
    points
}

/// The line up to where it meets one that is drawn.
fn until_met(points: &[Point], drawn: &[(Point, Point)]) -> Vec<Point> {
    let mut own = points.first().copied().into_iter().collect::<Vec<_>>();
    for pair in points.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let distance = |point: &Point| (point.0 - from.0).abs() + (point.1 - from.1).abs();
        match drawn.iter().filter_map(|piece| meeting((from, to), *piece)).min_by_key(distance) {
            Some(point) => {
                own.push(point);
                own.dedup();
                return own;
            }
            None => own.push(to),
        }
    }
    own
}

/// Where a piece first runs along another one.
fn meeting((from, to): (Point, Point), (a, b): (Point, Point)) -> Option<Point> {
    let overlap = |from: i32, to: i32, a: i32, b: i32| {
        let (low, high) = (a.min(b).max(from.min(to)), a.max(b).min(from.max(to)));
        // A little further: where that one begins, it may have a round corner.
        let first = if from <= to { (low + INTO).min(high) } else { (high - INTO).max(low) };
        (low <= high).then_some(first)
    };
    match () {
        () if from.0 == to.0 && a.0 == b.0 && a.0 == from.0 => {
            Some((from.0, overlap(from.1, to.1, a.1, b.1)?))
        }
        () if from.1 == to.1 && a.1 == b.1 && a.1 == from.1 => {
            Some((overlap(from.0, to.0, a.0, b.0)?, from.1))
        }
        () => None,
    }
}

/// Where the letter of a line stands: at its first corner, and where it comes to a box above.
fn letters(segment: &Segment, points: &[Point], cross: Option<Point>, told: &mut Vec<Point>) -> Vec<Point> {
    let first = match points {
        [from, to] => ((from.0 + to.0) / 2, (from.1 + to.1) / 2),
        points => points.get(1).copied().unwrap_or_default(),
    };
    let last = points.last().map(|end| (end.0, end.1 + LETTER));
    let is_free =
        |point: &Point| cross.is_none_or(|cross| cross.0 != point.0 || (cross.1 - point.1).abs() > LETTER);
    let last = last.filter(|_| matches!(segment.hub(), Spot::Api | Spot::Public) && points.len() > 2);
    let last = last.filter(is_free);
    let mut own: Vec<_> = [Some(first), last].into_iter().flatten().collect();
    own.retain(|point| !told.iter().any(|known| is_near(*known, *point)));
    told.extend(&own);
    own
}

/// Whether two letters at these points would cover each other.
fn is_near(a: Point, b: Point) -> bool {
    (a.0 - b.0).abs() < LETTER && (a.1 - b.1).abs() < LETTER
}

/// The point of the arrow and the one before it.
fn arrow(segment: &Segment, points: &[Point]) -> (Point, Point) {
    let ends = |a: Option<&Point>, b: Option<&Point>| {
        (a.copied().unwrap_or_default(), b.copied().unwrap_or_default())
    };
    if segment.to == segment.hub() {
        ends(points.last(), points.iter().rev().nth(1))
    } else {
        ends(points.first(), points.get(1))
    }
}

/// Where a line is crossed out.
fn cross(segment: &Segment, points: &[Point]) -> Option<Point> {
    let is_at_hub = match segment.cross? {
        CrossAt::Start => segment.from == segment.hub(),
        CrossAt::End => segment.to == segment.hub(),
    };
    let (end, next) = if is_at_hub {
        (points.last()?, points.iter().rev().nth(1)?)
    } else {
        (points.first()?, points.get(1)?)
    };
    let away = |end: i32, next: i32| end + (next - end).signum() * CROSS;
    Some((away(end.0, next.0), away(end.1, next.1)))
}
