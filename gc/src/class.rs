//! Size classes: which cell sizes blocks are cut into.
//!
//! Invariants: every size is a multiple of the granule; the classes ascend; the step from one to
//! the next is at most a quarter above 128 bytes; sizes above 1 KiB are chosen so that a block's
//! tail wastes little. A *kind* is a class together with whether the types of the cells have a drop
//! entry: the two never share a block, so the sweeper touches no cell of a block without drops.

/// The alignment and the unit of cell sizes, in bytes.
pub(crate) const GRANULE: usize = 16;
/// The log2 of the size of a block.
pub(crate) const BLOCK_SHIFT: u32 = 15;
/// The size of a block, in bytes.
pub(crate) const BLOCK_SIZE: usize = 1 << BLOCK_SHIFT;
/// The largest cell that lies in a block; larger ones are large cells.
pub(crate) const MAX_SMALL: usize = 8192;

/// The cell size of each class, in bytes.
pub(crate) const CELL_SIZES: [u32; 31] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1808,
    2048, 2336, 2720, 3264, 4096, 5456, 6544, 8192,
];

/// How many size classes there are.
pub(crate) const CLASSES: usize = CELL_SIZES.len();
/// How many kinds: each class without and with drop entries.
pub(crate) const KINDS: usize = 2 * CLASSES;

const fn class_table() -> [u8; MAX_SMALL / GRANULE + 1] {
    let mut table = [0; MAX_SMALL / GRANULE + 1];
    let mut class = 0;
    let mut granules = 0;
    while granules < table.len() {
        if granules * GRANULE > CELL_SIZES[class] as usize {
            class += 1;
        }
        table[granules] = class as u8;
        granules += 1;
    }
    table
}

static CLASS_OF_GRANULES: [u8; MAX_SMALL / GRANULE + 1] = class_table();

/// The class of the smallest cell that holds `size` bytes, which is at most `MAX_SMALL`. Folded if
/// the size is a constant.
#[inline(always)]
pub(crate) const fn class_of(size: usize) -> usize {
    CLASS_OF_GRANULES[size.div_ceil(GRANULE)] as usize
}

/// The cell size of a kind.
#[inline(always)]
pub(crate) const fn kind_size(kind: usize) -> usize {
    CELL_SIZES[if kind >= CLASSES { kind - CLASSES } else { kind }] as usize
}

/// How many cells of a class a block holds.
pub(crate) const fn cells_per_block(class: usize) -> usize {
    BLOCK_SIZE / CELL_SIZES[class] as usize
}

/// A number that turns the division of a granule offset by the cell size into a multiplication and
/// a shift by `RECIPROCAL_SHIFT`.
pub(crate) const fn reciprocal(class: usize) -> u32 {
    let granules = CELL_SIZES[class] / GRANULE as u32;
    (1u32 << RECIPROCAL_SHIFT).div_ceil(granules)
}

/// See [`reciprocal`].
pub(crate) const RECIPROCAL_SHIFT: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_gets_the_smallest_class_that_holds_it() {
        for size in 0..=MAX_SMALL {
            let class = class_of(size);
            assert!(CELL_SIZES[class] as usize >= size);
            assert!(class == 0 || (CELL_SIZES[class - 1] as usize) < size);
        }
    }

    #[test]
    fn the_reciprocal_divides_exactly() {
        for (class, size) in CELL_SIZES.iter().enumerate() {
            let granules = size / GRANULE as u32;
            for offset in 0..(BLOCK_SIZE / GRANULE) as u32 {
                let quotient = (offset * reciprocal(class)) >> RECIPROCAL_SHIFT;
                assert_eq!(quotient, offset / granules, "class {class} offset {offset}");
            }
        }
    }

    #[test]
    fn blocks_waste_little() {
        for (class, size) in CELL_SIZES.iter().enumerate() {
            assert_eq!(size % GRANULE as u32, 0);
            let bitmaps = 2 * cells_per_block(class).div_ceil(64) * 8;
            let side = crate::block::SIDE_BYTES + bitmaps;
            let per_cell = (BLOCK_SIZE + side) as f64 / cells_per_block(class) as f64;
            assert!(per_cell <= f64::from(*size) * 1.035, "class {size}: {per_cell}");
            if *size == 48 {
                assert!(per_cell <= 48.6, "{per_cell}");
            }
        }
    }
}
