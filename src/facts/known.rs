//! Three-valued logic: yes, no, or not known and why. What is not known counts only where it can
//! change the answer.

use crate::snapshot::Unknown;

/// A value, or why it is not known.
pub type Known<T> = Result<T, Unknown>;

/// Whether one of them holds: a single yes decides, whatever else is not known.
pub fn any(answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    decided(answers, true)
}

/// Whether all of them hold: a single no decides, whatever else is not known.
pub fn all(answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    decided(answers, false)
}

/// The answer that decides, if one gives it; else the first that is not known; else the other one.
fn decided(answers: impl IntoIterator<Item = Known<bool>>, decisive: bool) -> Known<bool> {
    let mut first_unknown = None;
    for answer in answers {
        match answer {
            Ok(answer) if answer == decisive => return Ok(decisive),
            Ok(_) => {}
            Err(unknown) => {
                first_unknown.get_or_insert(unknown);
            }
        }
    }
    first_unknown.map_or(Ok(!decisive), Err)
}

/// The opposite.
pub fn not(answer: Known<bool>) -> Known<bool> {
    answer.map(|answer| !answer)
}

#[cfg(test)]
mod tests {
    use super::{Known, all};
    use crate::snapshot::Unknown;
    use proptest::prelude::*;

    fn answer() -> impl Strategy<Value = Option<bool>> {
        prop_oneof![Just(None), any::<bool>().prop_map(Some)]
    }

    fn known(answer: &Option<bool>) -> Known<bool> {
        answer.ok_or_else(|| Unknown::undecided("?".to_owned()))
    }

    /// Every way in which what is not known could turn out.
    fn completions(answers: &[Option<bool>]) -> Vec<Vec<bool>> {
        answers.iter().fold(vec![Vec::new()], |ways, answer| {
            let choices: &[bool] = match answer {
                Some(true) => &[true],
                Some(false) => &[false],
                None => &[true, false],
            };
            let extend = |way: Vec<bool>| choices.iter().map(move |c| [way.clone(), vec![*c]].concat());
            ways.into_iter().flat_map(extend).collect()
        })
    }

    proptest! {
        #[test]
        fn an_answer_is_given_exactly_when_every_completion_gives_it(
            answers in prop::collection::vec(answer(), 0..6),
        ) {
            let ways = completions(&answers);
            let agree = |of: fn(&[bool]) -> bool| {
                let first = of(&ways[0]);
                ways.iter().all(|way| of(way) == first).then_some(first)
            };
            prop_assert_eq!(super::any(answers.iter().map(known)).ok(), agree(|way| way.contains(&true)));
            prop_assert_eq!(all(answers.iter().map(known)).ok(), agree(|way| !way.contains(&false)));
        }
    }
}
