/**
 * Mixes the words (u32) from `words` to `end`, whole blocks of four, into the four lanes (u32) of a hash: the rounds of
 * MurmurHash3_x86_128 (Appleby, https://github.com/aappleby/smhasher).
 */
export function hashBlocks(lanes: usize, words: usize, end: usize): void {
  let a = load<u32>(lanes);
  let b = load<u32>(lanes, 4);
  let c = load<u32>(lanes, 8);
  let d = load<u32>(lanes, 12);
  for (; words < end; words += 16) {
    a ^= mixed(load<u32>(words), 0x239b961b, 15, 0xab0e9789);
    a = (rotl(a, 19) + b) * 5 + 0x561ccd1b;
    b ^= mixed(load<u32>(words, 4), 0xab0e9789, 16, 0x38b34ae5);
    b = (rotl(b, 17) + c) * 5 + 0x0bcaa747;
    c ^= mixed(load<u32>(words, 8), 0x38b34ae5, 17, 0xa1e38b93);
    c = (rotl(c, 15) + d) * 5 + 0x96cd1c35;
    d ^= mixed(load<u32>(words, 12), 0xa1e38b93, 18, 0x239b961b);
    d = (rotl(d, 13) + a) * 5 + 0x32ac3b17;
  }
  store<u32>(lanes, a);
  store<u32>(lanes, b, 4);
  store<u32>(lanes, c, 8);
  store<u32>(lanes, d, 12);
}

function mixed(word: u32, before: u32, bits: u32, after: u32): u32 {
  return rotl(word * before, bits) * after;
}
