// exp, log and sums over LANES floats; with 4 lanes the operations, and so the bits, are those of assembly/vector-math.ts.
#include <stdint.h>

#ifndef LANES
#define LANES 4
#endif

typedef float F __attribute__((vector_size(4 * LANES)));
typedef int32_t I __attribute__((vector_size(4 * LANES)));
/** As many doubles as half a vector of floats. */
typedef double D __attribute__((vector_size(4 * LANES)));
typedef int64_t L __attribute__((vector_size(4 * LANES)));
typedef float Half __attribute__((vector_size(2 * LANES)));

#define INLINE static inline __attribute__((always_inline))

INLINE F splat(float x) { return x - (F){0}; }
INLINE D splatD(double x) { return x - (D){0}; }
INLINE F pick(I mask, F yes, F no) { return (F)(((I)yes & mask) | ((I)no & ~mask)); }
INLINE F larger(F a, F b) { return pick(a > b, a, b); }

INLINE float sum(F v) {
  float quads[4] = {0};
  for (int i = 0; i < LANES; i += 4)
    for (int j = 0; j < 4; j++) quads[j] = i == 0 ? v[j] : quads[j] + v[i + j];
  return (quads[0] + quads[1]) + (quads[2] + quads[3]);
}

INLINE float largest(F v) {
  float most = v[0];
  for (int i = 1; i < LANES; i++) most = v[i] > most ? v[i] : most;
  return most;
}

INLINE double sumD(D v) {
  double total = v[0];
  for (int i = 1; i < LANES / 2; i++) total += v[i];
  return total;
}

/** e^x for x at most 0; 0 below -87. */
INLINE F expF(F x) {
  const F round = splat(12582912.0f);
  F shifted = x * 1.4426950408889634f + round;
  F n = shifted - round;
  F r = (x - n * 0.693359375f) - n * -0.00021219444f;
  F p = splat(0.001381459878757596f);
  p = p * r + 0.008368716575205326f;
  p = p * r + 0.04166838899254799f;
  p = p * r + 0.1666652113199234f;
  p = p * r + 0.4999999403953552f;
  p = (p * (r * r) + r) + 1.0f;
  return (F)(((I)p + ((I)shifted << 23)) & (x >= -87.0f));
}

INLINE F logF(F x) {
  I exponent = ((I)x - 0x3f3504f3) >> 23;
  F f = (F)((I)x - (exponent << 23)) - 1.0f;
  F e = __builtin_convertvector(exponent, F);
  F p = splat(0.0870152935385704f);
  p = p * f + -0.1426914930343628f;
  p = p * f + 0.14915134012699127f;
  p = p * f + -0.16577409207820892f;
  p = p * f + 0.19963017106056213f;
  p = p * f + -0.25001341104507446f;
  p = p * f + 0.333339124917984f;
  F square = f * f;
  F s = (square * f) * p;
  s = s + e * -0.00021219444f;
  s = s - square * 0.5f;
  s = s + f;
  return s + e * 0.693359375f;
}

/** e^x for x at most 0; 0 below -708. */
INLINE D expD(D x) {
  const D round = splatD(6755399441055744.0);
  static const double c[] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
                             1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5};
  D shifted = x * 1.4426950408889634 + round;
  D n = shifted - round;
  D r = (x - n * 6.9314718036912381649e-1) - n * 1.90821492927058770002e-10;
  D p = splatD(1.0 / 6227020800.0);
  for (int i = 0; i < 11; i++) p = p * r + c[i];
  p = (p * (r * r) + r) + 1.0;
  return (D)(((L)p + ((L)shifted << 52)) & (x >= -708.0));
}

INLINE D logD(D x) {
  static const double c[] = {1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3};
  const D round = splatD(6755399441055744.0);
  L exponent = ((L)x - 0x3fe6a09e667f3bcdLL) >> 52;
  D f = (D)((L)x - (exponent << 52)) - 1.0;
  D e = (D)(exponent + (L)round) - round;
  D s = f / (f + 2.0);
  D t = s * s;
  D p = splatD(1.0 / 21);
  for (int i = 0; i < 9; i++) p = p * t + c[i];
  D tail = s * (f - (t * p) * 2.0);
  D low = e * 1.90821492927058770002e-10 - tail;
  return (low + f) + e * 6.9314718036912381649e-1;
}

INLINE double log1(double x) { return logD(splatD(x > 1e-300 ? x : 1e-300))[0]; }
