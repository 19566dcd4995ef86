//! Functions on sets.

use super::super::convert;
use super::call::{FunctionArgs, FunctionOutcome, FunctionStop, MAX_ITEMS};
use super::table::{FunctionGroup, FunctionRow};
use crate::source::iac::TemplateValue;

const GROUP: FunctionGroup = FunctionGroup::Collection;
const SOME: (usize, Option<usize>) = (1, None);

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::items("setintersection", GROUP, SOME, |call| filtered(call, true)),
    FunctionRow::items("setproduct", GROUP, (2, None), product),
    FunctionRow::items("setsubtract", GROUP, (2, Some(2)), |call| filtered(call, false)),
    FunctionRow::items("setunion", GROUP, SOME, union),
];

/// All arguments as sets whose items have one type.
fn sets(call: &FunctionArgs) -> Result<Vec<Vec<TemplateValue>>, FunctionStop> {
    let lists = (0..call.args.len()).map(|at| call.loose_items(at)).collect::<Result<Vec<_>, _>>()?;
    let items = convert::unify_items(&lists.concat()).map_err(|error| call.refused(&error))?;
    let mut items = items.into_iter();
    Ok(lists.iter().map(|list| items.by_ref().take(list.len()).collect()).collect())
}

fn as_set(call: &FunctionArgs, items: &[TemplateValue]) -> FunctionOutcome {
    call.bounded(items.len())?;
    let mut set = convert::to_set(items, call.place.clone()).map_err(|error| call.refused(&error))?;
    set.loose |= call.args.iter().any(|arg| arg.loose);
    Ok(set)
}

fn union(call: &FunctionArgs) -> FunctionOutcome {
    as_set(call, &sets(call)?.concat())
}

/// The items of the first set that are in all others, or in none of them.
fn filtered(call: &FunctionArgs, within: bool) -> FunctionOutcome {
    let sets = sets(call)?;
    let Some((first, others)) = sets.split_first() else { return call.list_result(Vec::new()) };
    let steps = others.iter().map(Vec::len).sum::<usize>().saturating_mul(first.len());
    call.bounded(steps / 100)?;
    let mut kept = Vec::new();
    for item in first {
        let found =
            |set: &Vec<TemplateValue>| convert::any(set.iter().map(|other| convert::equal(item, other)));
        let decided = match within {
            true => convert::all(others.iter().map(found)),
            false => convert::any(others.iter().map(found)).map(|is| !is),
        };
        match decided {
            Some(true) => kept.push(item.clone()),
            Some(false) => {}
            None => {
                let open = call.args.iter().find(|arg| !arg.is_known());
                return Err(call.because_of(open.unwrap_or(item)));
            }
        }
    }
    as_set(call, &kept)
}

fn product(call: &FunctionArgs) -> FunctionOutcome {
    let mut rows: Vec<Vec<TemplateValue>> = vec![Vec::new()];
    let mut lists = Vec::new();
    let mut total = 1usize;
    for at in 0..call.args.len() {
        let items = convert::unify_items(call.items(at)?).map_err(|error| call.refused(&error))?;
        total = total.saturating_mul(items.len());
        lists.push(items);
    }
    if total.saturating_mul(lists.len()) > MAX_ITEMS {
        return Err(call.not_known("it has more than 100,000 items"));
    }
    // Without an item in one list there is none in all; the rows until then could be many.
    if total == 0 {
        return call.list_result(Vec::new());
    }
    for items in &lists {
        let longer = |row: &Vec<TemplateValue>| {
            let row = row.clone();
            items.iter().map(move |item| row.iter().cloned().chain([item.clone()]).collect())
        };
        rows = rows.iter().flat_map(longer).collect();
    }
    call.list_result(rows.into_iter().map(|row| TemplateValue::list(row, call.place.clone())).collect())
}
