// exp and log of four f32 or two f64 lanes. Only IEEE additions, multiplications, divisions and bit operations, so every
// engine gives the same bits; src/model/plain-scorer.ts replays expF32x4 with Math.fround.
//
// f32: x = n ln 2 + r with |r| ≤ ln 2 / 2 and eˣ = 2ⁿ (1 + r + r² P(r)); x = 2ᵉ m with m in [√½, √2), f = m − 1 and
// log m = f − f²/2 + f³ P(f). Each P is a minimax polynomial fitted for its interval, relative error below 4e-8.
// f64: the same reductions with Taylor's series of eʳ and the series of 2 atanh(f / (2 + f)).

// Constants stand in memory, from where one instruction spreads them over the lanes: engines put a v128.const together from two
// numbers of 64 bits at each use, and it is three times as long. Every instance writes them when it is made, below the blocks of the
// host (src/wasm/memory.ts), and whole: the memory may have been used before, so zeros are not left out of the module.

/** Places in `SINGLES`, in bytes. */
enum Single {
  /** Adding and subtracting it rounds a small number to the nearest integer, ties to even. */
  ROUND = 0,
  LOG2_E = 4,
  /** ln 2 in two parts; n times the first is exact for |n| < 2¹⁵. */
  LN2_HIGH = 8,
  LN2_LOW = 12,
  /** Below it exp is 0: the results would leave the normal range. */
  EXP_FLOOR = 16,
  ONE = 20,
  HALF = 24,
  /** P of each, highest power first. */
  EXP_P = 28,
  LOG_P = 48,
}

const SINGLES = memory.data<f32>([
  12582912, 1.4426950408889634, 0.693359375, -0.00021219444, -87, 1, 0.5, 0.001381459878757596,
  0.008368716575205326, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552, 0.0870152935385704,
  -0.1426914930343628, 0.14915134012699127, -0.16577409207820892, 0.19963017106056213, -0.25001341104507446,
  0.333339124917984,
]);

/** The same for f64, in `DOUBLES`; here the lowest power comes first. */
enum Double {
  ROUND = 0,
  LOG2_E = 8,
  LN2_HIGH = 16,
  LN2_LOW = 24,
  EXP_FLOOR = 32,
  ONE = 40,
  TWO = 48,
  EXP_P = 56,
  LOG_P = 152,
}

const DOUBLES = memory.data<f64>([
  6755399441055744,
  1.4426950408889634,
  6.9314718036912381649e-1,
  1.90821492927058770002e-10,
  -708,
  1,
  2,
  1.0 / 2.0,
  1.0 / 6.0,
  1.0 / 24.0,
  1.0 / 120.0,
  1.0 / 720.0,
  1.0 / 5040.0,
  1.0 / 40320.0,
  1.0 / 362880.0,
  1.0 / 3628800.0,
  1.0 / 39916800.0,
  1.0 / 479001600.0,
  1.0 / 6227020800.0,
  1.0 / 3.0,
  1.0 / 5.0,
  1.0 / 7.0,
  1.0 / 9.0,
  1.0 / 11.0,
  1.0 / 13.0,
  1.0 / 15.0,
  1.0 / 17.0,
  1.0 / 19.0,
  1.0 / 21.0,
]);

/**
 * `expF32x4` and `logF32x4` in place: a step's loops that call them instead make an epoch 2 to 3 % longer, where there are six
 * classes or more.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: a decorator stands before methods alone.
export class Inlined {
  /** eˣ for x ≤ 0; 0 where x < −87. */
  @inline
  static exp(x: v128): v128 {
    const round = v128.load32_splat(SINGLES, Single.ROUND);
    const shifted = f32x4.add(f32x4.mul(x, v128.load32_splat(SINGLES, Single.LOG2_E)), round);
    const n = f32x4.sub(shifted, round);
    let r = f32x4.sub(x, f32x4.mul(n, v128.load32_splat(SINGLES, Single.LN2_HIGH)));
    r = f32x4.sub(r, f32x4.mul(n, v128.load32_splat(SINGLES, Single.LN2_LOW)));
    let p = v128.load32_splat(SINGLES, Single.EXP_P);
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLES, Single.EXP_P + 4));
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLES, Single.EXP_P + 8));
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLES, Single.EXP_P + 12));
    p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(SINGLES, Single.EXP_P + 16));
    p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), v128.load32_splat(SINGLES, Single.ONE));
    // The low bits of `shifted` hold n; adding n to the exponent multiplies by 2ⁿ.
    const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
    return v128.and(scaled, f32x4.ge(x, v128.load32_splat(SINGLES, Single.EXP_FLOOR)));
  }

  /** Natural logarithm of normal x > 0. */
  @inline
  static log(x: v128): v128 {
    const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
    const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), v128.load32_splat(SINGLES, Single.ONE));
    const e = f32x4.convert_i32x4_s(exponent);
    let p = v128.load32_splat(SINGLES, Single.LOG_P);
    p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(SINGLES, Single.LOG_P + 4));
    p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(SINGLES, Single.LOG_P + 8));
    p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(SINGLES, Single.LOG_P + 12));
    p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(SINGLES, Single.LOG_P + 16));
    p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(SINGLES, Single.LOG_P + 20));
    p = f32x4.add(f32x4.mul(p, f), v128.load32_splat(SINGLES, Single.LOG_P + 24));
    const square = f32x4.mul(f, f);
    let sum = f32x4.mul(f32x4.mul(square, f), p);
    sum = f32x4.add(sum, f32x4.mul(e, v128.load32_splat(SINGLES, Single.LN2_LOW)));
    sum = f32x4.sub(sum, f32x4.mul(square, v128.load32_splat(SINGLES, Single.HALF)));
    sum = f32x4.add(sum, f);
    return f32x4.add(sum, f32x4.mul(e, v128.load32_splat(SINGLES, Single.LN2_HIGH)));
  }
}

/** eˣ for x ≤ 0; 0 where x < −87. */
export function expF32x4(x: v128): v128 {
  return Inlined.exp(x);
}

/** Natural logarithm of normal x > 0. */
export function logF32x4(x: v128): v128 {
  return Inlined.log(x);
}

// biome-ignore lint/complexity/noStaticOnlyClass: a decorator stands before methods alone.
class Terms {
  /**
   * (a + b x) + x² (c + d x) for a, b, c, d at an address: part of a polynomial by Estrin's scheme, whose steps wait for each
   * other a third as long as when one term follows the other.
   */
  @inline
  static four(at: usize, x: v128, square: v128): v128 {
    const low = f64x2.add(v128.load64_splat(at), f64x2.mul(x, v128.load64_splat(at, 8)));
    const high = f64x2.add(v128.load64_splat(at, 16), f64x2.mul(x, v128.load64_splat(at, 24)));
    return f64x2.add(low, f64x2.mul(square, high));
  }
}

/** eˣ for x ≤ 0; 0 where x < −708. */
export function expF64x2(x: v128): v128 {
  const round = v128.load64_splat(DOUBLES, Double.ROUND);
  const shifted = f64x2.add(f64x2.mul(x, v128.load64_splat(DOUBLES, Double.LOG2_E)), round);
  const n = f64x2.sub(shifted, round);
  let r = f64x2.sub(x, f64x2.mul(n, v128.load64_splat(DOUBLES, Double.LN2_HIGH)));
  r = f64x2.sub(r, f64x2.mul(n, v128.load64_splat(DOUBLES, Double.LN2_LOW)));
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  let p = Terms.four(DOUBLES + <usize>Double.EXP_P + 64, r, r2);
  p = f64x2.add(Terms.four(DOUBLES + <usize>Double.EXP_P + 32, r, r2), f64x2.mul(r4, p));
  p = f64x2.add(Terms.four(DOUBLES + <usize>Double.EXP_P, r, r2), f64x2.mul(r4, p));
  p = f64x2.add(f64x2.add(f64x2.mul(p, r2), r), v128.load64_splat(DOUBLES, Double.ONE));
  const scaled = i64x2.add(p, i64x2.shl(shifted, 52));
  return v128.and(scaled, f64x2.ge(x, v128.load64_splat(DOUBLES, Double.EXP_FLOOR)));
}

/** Natural logarithm of normal x > 0. */
export function logF64x2(x: v128): v128 {
  const round = v128.load64_splat(DOUBLES, Double.ROUND);
  const exponent = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const f = f64x2.sub(i64x2.sub(x, i64x2.shl(exponent, 52)), v128.load64_splat(DOUBLES, Double.ONE));
  // An integer below 2⁵¹ added to the bits of ROUND is that integer added to its value.
  const e = f64x2.sub(i64x2.add(exponent, round), round);
  const two = v128.load64_splat(DOUBLES, Double.TWO);
  const s = f64x2.div(f, f64x2.add(f, two));
  const t = f64x2.mul(s, s);
  const t2 = f64x2.mul(t, t);
  const t4 = f64x2.mul(t2, t2);
  const last = v128.load64_splat(DOUBLES, Double.LOG_P + 72);
  let p = f64x2.add(v128.load64_splat(DOUBLES, Double.LOG_P + 64), f64x2.mul(t, last));
  p = f64x2.add(Terms.four(DOUBLES + <usize>Double.LOG_P + 32, t, t2), f64x2.mul(t4, p));
  p = f64x2.add(Terms.four(DOUBLES + <usize>Double.LOG_P, t, t2), f64x2.mul(t4, p));
  // log m = 2s + 2s³ P = f − s (f − 2t P): the large part f stays exact.
  const tail = f64x2.mul(s, f64x2.sub(f, f64x2.mul(f64x2.mul(t, p), two)));
  const low = f64x2.sub(f64x2.mul(e, v128.load64_splat(DOUBLES, Double.LN2_LOW)), tail);
  return f64x2.add(f64x2.add(low, f), f64x2.mul(e, v128.load64_splat(DOUBLES, Double.LN2_HIGH)));
}

/** ln x and ln y, of 1e-300 for what is below. */
export function logs(x: f64, y: f64): v128 {
  return logF64x2(f64x2.max(f64x2.replace_lane(f64x2.splat(x), 1, y), f64x2.splat(1e-300)));
}

/** (lane 0 + lane 1) + (lane 2 + lane 3) */
export function sumF32x4(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

export function maxF32x4(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

export function sumF64x2(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Two f32 at an address, as f64. */
export function promoted(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** The two after them. */
export function promotedNext(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at, 8));
}

/** values = origin + factor · (values − origin), f32[count]. @param origin address 0: it is 0 everywhere */
export function scaleMove(values: usize, origin: usize, count: u32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = (<usize>count) << 2;
  const whole = end & ~15;
  let at: usize = 0;
  if (origin == 0) {
    for (; at < whole; at += 16) v128.store(values + at, f32x4.mul(factors, v128.load(values + at)));
    for (; at < end; at += 4) store<f32>(values + at, factor * load<f32>(values + at));
    return;
  }
  for (; at < whole; at += 16) {
    const from = v128.load(origin + at);
    const moved = f32x4.mul(factors, f32x4.sub(v128.load(values + at), from));
    v128.store(values + at, f32x4.add(from, moved));
  }
  for (; at < end; at += 4) {
    const from = load<f32>(origin + at);
    store<f32>(values + at, from + factor * (load<f32>(values + at) - from));
  }
}

/** Σ values[i]², i < count, in f64 */
export function sumOfSquares(values: usize, count: u32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const quads = count & ~3;
  let i: u32 = 0;
  for (; i < quads; i += 4) {
    const a = promoted(values + ((<usize>i) << 2));
    const b = promoted(values + ((<usize>i) << 2) + 8);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  let sum = sumF64x2(f64x2.add(low, high));
  for (; i < count; i++) {
    const v = <f64>load<f32>(values + ((<usize>i) << 2));
    sum += v * v;
  }
  return sum;
}
