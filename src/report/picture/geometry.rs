//! Points and rectangles, in pixels, and the lengths that all of a picture has in common.

/// Around the picture.
pub(super) const MARGIN: i32 = 24;
/// Within a box.
pub(super) const PAD: i32 = 12;
/// A line of text.
pub(super) const LINE: i32 = 16;

/// A point.
pub(super) type Point = (i32, i32);

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) w: i32,
    pub(super) h: i32,
}

impl Rect {
    pub(super) fn right(self) -> i32 {
        self.x + self.w
    }

    pub(super) fn bottom(self) -> i32 {
        self.y + self.h
    }
}
