//! Which inputs hold snapshots of clusters, as a scan would recognise them.

use super::{Opened, of_clusters, on_large_stacks, read_content, read_some};
use crate::source::Input;
use bumpalo::Bump;
use rayon::prelude::*;

/// How many clusters each input holds, in their order. One that cannot be read holds none.
pub fn clusters_held(inputs: &[Input]) -> Vec<usize> {
    let held = |arena: &mut Bump, input: &Input| {
        let Ok(content) = input.open() else { return 0 };
        let each = |opened: &Opened<'_>, _: &Bump| {
            let made = of_clusters(opened, |_| ());
            made.into_iter().collect::<Vec<_>>()
        };
        read_content(content, |part| read_some(&input.name(), part.text(), false, arena, each)).made.len()
    };
    on_large_stacks(|| inputs.par_iter().map_init(Bump::new, held).collect())
}
