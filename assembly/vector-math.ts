// exp and log of four f32 or two f64 lanes. Only IEEE additions, multiplications, divisions and bit operations, so every
// engine gives the same bits; src/model/plain-scorer.ts replays expF32x4 with Math.fround.
//
// f32: x = n ln 2 + r with |r| ≤ ln 2 / 2 and eˣ = 2ⁿ (1 + r + r² P(r)); x = 2ᵉ m with m in [√½, √2), f = m − 1 and
// log m = f − f²/2 + f³ P(f). Each P is a minimax polynomial fitted for its interval, relative error below 4e-8.
// f64: the same reductions with Taylor's series of eʳ and the series of 2 atanh(f / (2 + f)).

/** Adding and subtracting it rounds a small number to the nearest integer, ties to even. */
const ROUND_F32: f32 = 12582912.0;
const ROUND_F64: f64 = 6755399441055744.0;

/** Below these, exp is 0: the results would leave the normal range. */
const EXP_FLOOR_F32: f32 = -87.0;
const EXP_FLOOR_F64: f64 = -708.0;

/** eˣ for x ≤ 0; 0 where x < −87. */
export function expF32x4(x: v128): v128 {
  const round = f32x4.splat(ROUND_F32);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), round);
  const n = f32x4.sub(shifted, round);
  // ln 2 in two parts; n times the first is exact for |n| < 2¹⁵.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-0.00021219444)));
  let p = f32x4.splat(0.001381459878757596);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.008368716575205326));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.04166838899254799));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.1666652113199234));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.4999999403953552));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // The low bits of `shifted` hold n; adding n to the exponent multiplies by 2ⁿ.
  const scaled = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.and(scaled, f32x4.ge(x, f32x4.splat(EXP_FLOOR_F32)));
}

/** Natural logarithm of normal x > 0. */
export function logF32x4(x: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const e = f32x4.convert_i32x4_s(exponent);
  let p = f32x4.splat(0.0870152935385704);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-0.1426914930343628));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(0.14915134012699127));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-0.16577409207820892));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(0.19963017106056213));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-0.25001341104507446));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(0.333339124917984));
  const square = f32x4.mul(f, f);
  let sum = f32x4.mul(f32x4.mul(square, f), p);
  sum = f32x4.add(sum, f32x4.mul(e, f32x4.splat(-0.00021219444)));
  sum = f32x4.sub(sum, f32x4.mul(square, f32x4.splat(0.5)));
  sum = f32x4.add(sum, f);
  return f32x4.add(sum, f32x4.mul(e, f32x4.splat(0.693359375)));
}

/** eˣ for x ≤ 0; 0 where x < −708. */
export function expF64x2(x: v128): v128 {
  const round = f64x2.splat(ROUND_F64);
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), round);
  const n = f64x2.sub(shifted, round);
  let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(6.9314718036912381649e-1)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(1.90821492927058770002e-10)));
  let p = f64x2.splat(1.0 / 6227020800.0);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 479001600.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 39916800.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 3628800.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 362880.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 40320.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.add(f64x2.mul(p, f64x2.mul(r, r)), r), f64x2.splat(1));
  const scaled = i64x2.add(p, i64x2.shl(shifted, 52));
  return v128.and(scaled, f64x2.ge(x, f64x2.splat(EXP_FLOOR_F64)));
}

/** Natural logarithm of normal x > 0. */
export function logF64x2(x: v128): v128 {
  const exponent = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const f = f64x2.sub(i64x2.sub(x, i64x2.shl(exponent, 52)), f64x2.splat(1));
  // An integer below 2⁵¹ added to the bits of ROUND_F64 is that integer added to its value.
  const e = f64x2.sub(i64x2.add(exponent, f64x2.splat(ROUND_F64)), f64x2.splat(ROUND_F64));
  const s = f64x2.div(f, f64x2.add(f, f64x2.splat(2)));
  const t = f64x2.mul(s, s);
  let p = f64x2.splat(1.0 / 21.0);
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 19.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 17.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 15.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 13.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 11.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 9.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 7.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 5.0));
  p = f64x2.add(f64x2.mul(p, t), f64x2.splat(1.0 / 3.0));
  // log m = 2s + 2s³ P = f − s (f − 2t P): the large part f stays exact.
  const tail = f64x2.mul(s, f64x2.sub(f, f64x2.mul(f64x2.mul(t, p), f64x2.splat(2))));
  const low = f64x2.sub(f64x2.mul(e, f64x2.splat(1.90821492927058770002e-10)), tail);
  return f64x2.add(f64x2.add(low, f), f64x2.mul(e, f64x2.splat(6.9314718036912381649e-1)));
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
