/** The first 64 bits of MurmurHash3_x86_128 with the seed 0, of whole blocks of four words, in 16 hexadecimal digits. */
export function murmurOf(words: Uint32Array): string {
  const mask = 0xffffffffn;
  const times = (a: bigint, b: bigint) => (a * b) & mask;
  const plus = (a: bigint, b: bigint) => (a + b) & mask;
  const turned = (a: bigint, bits: bigint) => ((a << bits) | (a >> (32n - bits))) & mask;
  const factors = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const addends = [0x561ccd1bn, 0x0bcaa747n, 0x96cd1c35n, 0x32ac3b17n];
  const turns = [19n, 17n, 15n, 13n];
  const h = [0n, 0n, 0n, 0n];
  words.forEach((word, i) => {
    const lane = i % 4;
    const k = times(
      turned(times(BigInt(word), factors[lane]!), 15n + BigInt(lane)),
      factors[(lane + 1) % 4]!,
    );
    h[lane] = plus(times(plus(turned(h[lane]! ^ k, turns[lane]!), h[(lane + 1) % 4]!), 5n), addends[lane]!);
  });
  const final = (x: bigint) => {
    const once = times(x ^ (x >> 16n), 0x85ebca6bn);
    const twice = times(once ^ (once >> 13n), 0xc2b2ae35n);
    return twice ^ (twice >> 16n);
  };
  const joined = ([a, b, c, d]: readonly bigint[]) => {
    const first = [b!, c!, d!].reduce(plus, a!);
    return [first, ...[b!, c!, d!].map((x) => plus(x, first))];
  };
  const [first, second] = joined(joined(h.map((x) => x ^ BigInt(4 * words.length))).map(final));
  return first!.toString(16).padStart(8, "0") + second!.toString(16).padStart(8, "0");
}
