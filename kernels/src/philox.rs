//! Philox4x32-10: random words as a pure function of a key and a counter.
//!
//! There is no state to carry: word `i` of stream `s` at step `t` is asked for directly, so every machine, replay and
//! thread sees the same numbers in any order.
//!
//! Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

/// Multipliers of the two halves of a round.
pub const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];

/// What is added to the key between rounds: the golden ratio and √3 - 1, as fractions of 2^32.
pub const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Rounds of one block.
pub const ROUNDS: u32 = 10;

/// The four random words that `key` assigns to `counter`.
#[inline(always)]
pub fn block(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let [a, b, c, d] = counter;
        let (left_high, left) = product(MULTIPLIERS[0], a);
        let (right_high, right) = product(MULTIPLIERS[1], c);
        counter = [right_high ^ b ^ key[0], right, left_high ^ d ^ key[1], left];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// High and low word of `a · b`.
#[inline(always)]
fn product(a: u32, b: u32) -> (u32, u32) {
    let wide = u64::from(a) * u64::from(b);
    ((wide >> 32) as u32, wide as u32)
}

#[cfg(test)]
mod tests {
    use super::block;

    /// The known answers of Random123 (`kat_vectors`), the authors' own library.
    #[test]
    fn known_answers() {
        let all = u32::MAX;
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(block([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(block([all; 4], [all; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            block(pi, [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
