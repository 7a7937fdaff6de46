//! A stable merge sort that makes use of order already there.
//!
//! The rows's natural runs are found from left to right (descending ones are reversed, short ones made longer by binary
//! insertion). When two neighbouring runs are merged is decided by powersort (Munro and Wild, "Nearly-Optimal
//! Mergesorts"): the *power* of the boundary between two runs is the depth at which it would stand in a nearly optimal
//! binary tree over the row, and a run waits on the stack while the boundaries behind it have smaller powers. A merge
//! that keeps taking from one side *gallops*: it searches by doubling steps for how much it may take at once.
//!
//! Elements are plain data, so a comparison that fails leaves the row a permutation of what it was.

/// Runs are made at least this long, or half as long at the least.
const MIN_RUN: usize = 64;
/// So many wins in a row start the galloping.
const MIN_GALLOP: usize = 7;

/// Sorts the row by `less`.
pub(super) fn merge_sort<T: Copy, E>(row: &mut [T], less: impl FnMut(&T, &T) -> Result<bool, E>) -> Result<(), E> {
    let length = row.len();
    if length < 2 {
        return Ok(());
    }
    let mut sorter = Sorter { row, less, spare: Vec::new(), min_gallop: MIN_GALLOP };
    let min_run = min_run(length);
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    while start < length {
        let mut end = sorter.natural_run(start)?;
        if end - start < min_run {
            let forced = length.min(start + min_run);
            sorter.insert(start, end, forced)?;
            end = forced;
        }
        let run = Run { start, length: end - start, power: 0 };
        if let Some(last) = runs.last() {
            let power = power(last.start, last.length, run.length, length);
            while runs.len() > 1 && runs[runs.len() - 2].power > power {
                sorter.merge_top(&mut runs)?;
            }
            if let Some(last) = runs.last_mut() {
                last.power = power;
            }
        }
        runs.push(run);
        start = end;
    }
    while runs.len() > 1 {
        sorter.merge_top(&mut runs)?;
    }
    Ok(())
}

/// A sorted part of the row.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    length: usize,
    /// Of the boundary to the next run.
    power: u32,
}

/// A length between half of [`MIN_RUN`] and all of it, of which the row has close to a power of two.
fn min_run(length: usize) -> usize {
    let mut length = length;
    let mut rest = 0;
    while length >= MIN_RUN {
        rest |= length & 1;
        length >>= 1;
    }
    length + rest
}

/// The first binary digit in which the runs' midpoints, as fractions of the row, differ.
fn power(start: usize, first: usize, second: usize, length: usize) -> u32 {
    let (length, start) = (length as u128, start as u128);
    // Twice the midpoints, as fractions of twice the row.
    let left = ((2 * start + first as u128) << 62) / length;
    let right = ((2 * start + 2 * first as u128 + second as u128) << 62) / length;
    (left ^ right).leading_zeros() - 64
}

struct Sorter<'a, T, F> {
    row: &'a mut [T],
    less: F,
    spare: Vec<T>,
    min_gallop: usize,
}

impl<T: Copy, E, F: FnMut(&T, &T) -> Result<bool, E>> Sorter<'_, T, F> {
    fn less(&mut self, a: T, b: T) -> Result<bool, E> {
        (self.less)(&a, &b)
    }

    /// The end of the run that begins at `start`; a descending one has been reversed.
    fn natural_run(&mut self, start: usize) -> Result<usize, E> {
        let length = self.row.len();
        let mut end = start + 1;
        if end == length {
            return Ok(end);
        }
        let descending = self.less(self.row[end], self.row[start])?;
        end += 1;
        while end < length && self.less(self.row[end], self.row[end - 1])? == descending {
            end += 1;
        }
        if descending {
            // Strictly descending, so that reversing keeps equal elements in order: there are none.
            self.row[start..end].reverse();
        }
        Ok(end)
    }

    /// Inserts the elements `sorted..end` into the sorted ones from `start` on.
    fn insert(&mut self, start: usize, sorted: usize, end: usize) -> Result<(), E> {
        for index in sorted..end {
            let element = self.row[index];
            let (mut low, mut high) = (start, index);
            while low < high {
                let middle = low + (high - low) / 2;
                if self.less(element, self.row[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            self.row.copy_within(low..index, low + 1);
            self.row[low] = element;
        }
        Ok(())
    }

    fn merge_top(&mut self, runs: &mut Vec<Run>) -> Result<(), E> {
        let (Some(second), Some(first)) = (runs.pop(), runs.pop()) else { return Ok(()) };
        // The boundary behind the merged run is the second one's, which is not known yet.
        runs.push(Run { start: first.start, length: first.length + second.length, power: second.power });
        self.merge(first, second)
    }

    fn merge(&mut self, first: Run, second: Run) -> Result<(), E> {
        let (start, middle, end) = (first.start, second.start, second.start + second.length);
        // What of the first run stays where it is, and what of the second.
        let start = start + self.gallop_right(self.row[middle], Side::Row(start, middle), 0)?;
        if start == middle {
            return Ok(());
        }
        let hint = end - middle - 1;
        let end = middle + self.gallop_left(self.row[middle - 1], Side::Row(middle, end), hint)?;
        if end == middle {
            return Ok(());
        }
        if middle - start <= end - middle {
            self.merge_low(start, middle, end)
        } else {
            self.merge_high(start, middle, end)
        }
    }

    fn at(&self, side: Side, index: usize) -> T {
        match side {
            Side::Row(start, _) => self.row[start + index],
            Side::Spare(start, _) => self.spare[start + index],
        }
    }

    /// How many elements of the side are less than `key` (equal ones are not), searching from `hint` outwards.
    fn gallop_left(&mut self, key: T, side: Side, hint: usize) -> Result<usize, E> {
        let less_at = |sorter: &mut Self, index| {
            let element = sorter.at(side, index);
            sorter.less(element, key)
        };
        self.gallop(side.len(), hint, less_at)
    }

    /// How many elements of the side are not greater than `key`, searching from `hint` outwards.
    fn gallop_right(&mut self, key: T, side: Side, hint: usize) -> Result<usize, E> {
        let not_greater_at = |sorter: &mut Self, index| {
            let element = sorter.at(side, index);
            Ok(!sorter.less(key, element)?)
        };
        self.gallop(side.len(), hint, not_greater_at)
    }

    /// How many of the elements, of which the first ones have the property, have it.
    fn gallop(
        &mut self,
        length: usize,
        hint: usize,
        mut has: impl FnMut(&mut Self, usize) -> Result<bool, E>,
    ) -> Result<usize, E> {
        let (mut low, mut high);
        let mut step = 1;
        if has(self, hint)? {
            low = hint + 1;
            high = length;
            while hint + step < length {
                if !has(self, hint + step)? {
                    high = hint + step;
                    break;
                }
                low = hint + step + 1;
                step = step * 2 + 1;
            }
        } else {
            low = 0;
            high = hint;
            while step <= hint {
                if has(self, hint - step)? {
                    low = hint - step + 1;
                    break;
                }
                high = hint - step;
                step = step * 2 + 1;
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if has(self, middle)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Merges from the left, with the first run in the spare row.
    fn merge_low(&mut self, start: usize, middle: usize, end: usize) -> Result<(), E> {
        self.spare.clear();
        self.spare.extend_from_slice(&self.row[start..middle]);
        let mut state = Merge { spare: 0, row: middle, to: start };
        let result = self.merge_low_loop(&mut state, end);
        // What is left in the spare row fits exactly in front of what is left of the second run.
        let Merge { spare, to, .. } = state;
        let rest = self.spare.len() - spare;
        self.row[to..to + rest].copy_from_slice(&self.spare[spare..]);
        result
    }

    fn merge_low_loop(&mut self, state: &mut Merge, end: usize) -> Result<(), E> {
        let count = self.spare.len();
        loop {
            let (mut first_wins, mut second_wins) = (0, 0);
            while first_wins < self.min_gallop && second_wins < self.min_gallop {
                if state.spare == count || state.row == end {
                    return Ok(());
                }
                if self.less(self.row[state.row], self.spare[state.spare])? {
                    self.row[state.to] = self.row[state.row];
                    state.row += 1;
                    (first_wins, second_wins) = (0, second_wins + 1);
                } else {
                    self.row[state.to] = self.spare[state.spare];
                    state.spare += 1;
                    (first_wins, second_wins) = (first_wins + 1, 0);
                }
                state.to += 1;
            }
            loop {
                if state.spare == count || state.row == end {
                    return Ok(());
                }
                self.min_gallop = self.min_gallop.saturating_sub(1).max(1);
                let firsts = self.gallop_right(self.row[state.row], Side::Spare(state.spare, count), 0)?;
                self.row[state.to..state.to + firsts].copy_from_slice(&self.spare[state.spare..state.spare + firsts]);
                state.spare += firsts;
                state.to += firsts;
                if state.spare == count {
                    return Ok(());
                }
                let seconds = self.gallop_left(self.spare[state.spare], Side::Row(state.row, end), 0)?;
                self.row.copy_within(state.row..state.row + seconds, state.to);
                state.row += seconds;
                state.to += seconds;
                if firsts < MIN_GALLOP && seconds < MIN_GALLOP {
                    break;
                }
            }
            // Leaving the galloping has a price, so that it is not entered again too easily.
            self.min_gallop += 2;
        }
    }

    /// Merges from the right, with the second run in the spare row. The state counts elements from the left.
    fn merge_high(&mut self, start: usize, middle: usize, end: usize) -> Result<(), E> {
        self.spare.clear();
        self.spare.extend_from_slice(&self.row[middle..end]);
        let mut state = Merge { spare: end - middle, row: middle, to: end };
        let result = self.merge_high_loop(&mut state, start);
        let Merge { spare, row, .. } = state;
        self.row[row..row + spare].copy_from_slice(&self.spare[..spare]);
        result
    }

    fn merge_high_loop(&mut self, state: &mut Merge, start: usize) -> Result<(), E> {
        loop {
            let (mut first_wins, mut second_wins) = (0, 0);
            while first_wins < self.min_gallop && second_wins < self.min_gallop {
                if state.spare == 0 || state.row == start {
                    return Ok(());
                }
                if self.less(self.spare[state.spare - 1], self.row[state.row - 1])? {
                    self.row[state.to - 1] = self.row[state.row - 1];
                    state.row -= 1;
                    (first_wins, second_wins) = (first_wins + 1, 0);
                } else {
                    self.row[state.to - 1] = self.spare[state.spare - 1];
                    state.spare -= 1;
                    (first_wins, second_wins) = (0, second_wins + 1);
                }
                state.to -= 1;
            }
            loop {
                if state.spare == 0 || state.row == start {
                    return Ok(());
                }
                self.min_gallop = self.min_gallop.saturating_sub(1).max(1);
                let left = state.row - start;
                let kept = self.gallop_right(self.spare[state.spare - 1], Side::Row(start, state.row), left - 1)?;
                let firsts = left - kept;
                self.row.copy_within(state.row - firsts..state.row, state.to - firsts);
                state.row -= firsts;
                state.to -= firsts;
                if state.row == start {
                    return Ok(());
                }
                let kept = self.gallop_left(self.row[state.row - 1], Side::Spare(0, state.spare), state.spare - 1)?;
                let seconds = state.spare - kept;
                self.row[state.to - seconds..state.to].copy_from_slice(&self.spare[kept..state.spare]);
                state.spare -= seconds;
                state.to -= seconds;
                if firsts < MIN_GALLOP && seconds < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 2;
        }
    }
}

/// Where a merge has got to in the spare row, in the run that stayed, and in the result.
struct Merge {
    spare: usize,
    row: usize,
    to: usize,
}

/// A part of the row or of the spare row.
#[derive(Clone, Copy)]
enum Side {
    Row(usize, usize),
    Spare(usize, usize),
}

impl Side {
    fn len(self) -> usize {
        match self {
            Side::Row(start, end) | Side::Spare(start, end) => end - start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::merge_sort;

    fn numbers(seed: u64, count: usize, range: u64) -> Vec<(u64, usize)> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            state >> 33
        };
        (0..count).map(|index| (next() % range, index)).collect()
    }

    #[test]
    fn sorts_and_is_stable() {
        for count in [0, 1, 2, 3, 10, 63, 64, 65, 200, 1000, 5000] {
            for range in [1, 2, 10, 1000, u64::MAX] {
                let mut row = numbers(count as u64 ^ range, count, range);
                for part in row.chunks_mut(97).step_by(2) {
                    part.sort();
                }
                let mut expected = row.clone();
                expected.sort_by_key(|element| element.0);
                merge_sort(&mut row, |a, b| Ok::<_, ()>(a.0 < b.0)).unwrap();
                assert_eq!(row, expected);
            }
        }
    }

    #[test]
    fn descending_and_blocks() {
        let mut row: Vec<usize> = (0..3000).rev().collect();
        let mut comparisons = 0;
        merge_sort(&mut row, |a, b| {
            comparisons += 1;
            Ok::<_, ()>(a < b)
        })
        .unwrap();
        assert!(row.is_sorted() && comparisons == 2999);
        let mut row: Vec<usize> = (1500..3000).chain(0..1500).collect();
        merge_sort(&mut row, |a, b| Ok::<_, ()>(a < b)).unwrap();
        assert!(row.is_sorted());
    }

    #[test]
    fn a_failing_comparison_leaves_a_permutation() {
        for limit in [0, 1, 50, 500, 3000, 8000, 9000] {
            let mut row = numbers(limit as u64, 1000, 300);
            let mut left = limit;
            let _ = merge_sort(&mut row, |a, b| {
                if left == 0 {
                    return Err(());
                }
                left -= 1;
                Ok(a.0 < b.0)
            });
            let mut indices: Vec<usize> = row.iter().map(|element| element.1).collect();
            indices.sort();
            assert!(indices.into_iter().eq(0..1000));
        }
    }

    #[test]
    fn comparisons_that_contradict_themselves_do_no_harm() {
        let mut row: Vec<usize> = (0..2000).collect();
        let mut state = 1u64;
        merge_sort(&mut row, |_, _| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
            Ok::<_, ()>(state >> 63 == 0)
        })
        .unwrap();
        row.sort();
        assert!(row.into_iter().eq(0..2000));
    }
}
