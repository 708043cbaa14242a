// One row: scores, step, update, as in assembly/sparse.ts and step.ts.
#include "state.h"

INLINE void addRowScores(float *restrict z, const u32 *restrict indices, const float *restrict values, u32 nnz) {
  u32 k = 0;
  if (stride <= 2 * LANES) {
    F sum0 = *(F *)z, sum1 = stride > LANES ? *(F *)(z + LANES) : splat(0);
    for (; k < nnz; k++) {
      const float *at = weights + (size_t)indices[k] * stride;
      sum0 = sum0 + values[k] * *(const F *)at;
      if (stride > LANES) sum1 = sum1 + values[k] * *(const F *)(at + LANES);
    }
    *(F *)z = sum0;
    if (stride > LANES) *(F *)(z + LANES) = sum1;
    return;
  }
  for (; k + 4 <= nnz; k += 4) {
    const float *at0 = weights + (size_t)indices[k] * stride, *at1 = weights + (size_t)indices[k + 1] * stride;
    const float *at2 = weights + (size_t)indices[k + 2] * stride, *at3 = weights + (size_t)indices[k + 3] * stride;
    F v0 = splat(values[k]), v1 = splat(values[k + 1]), v2 = splat(values[k + 2]), v3 = splat(values[k + 3]);
    for (u32 c = 0; c < stride; c += LANES) {
      F total = *(F *)(z + c);
      total = total + v0 * *(const F *)(at0 + c);
      total = total + v1 * *(const F *)(at1 + c);
      total = total + v2 * *(const F *)(at2 + c);
      total = total + v3 * *(const F *)(at3 + c);
      *(F *)(z + c) = total;
    }
  }
  for (; k < nnz; k++) {
    const float *at = weights + (size_t)indices[k] * stride;
    for (u32 c = 0; c < stride; c += LANES) *(F *)(z + c) = *(F *)(z + c) + values[k] * *(const F *)(at + c);
  }
}

INLINE void addRowUpdate(const u32 *restrict indices, const float *restrict values, u32 nnz, const float *change) {
  for (u32 k = 0; k < nnz; k++) {
    float *at = weights + (size_t)indices[k] * stride;
    for (u32 c = 0; c < stride; c += LANES) *(F *)(at + c) = *(F *)(at + c) + values[k] * *(const F *)(change + c);
  }
}

/** Where a step that would leave (0, 1] goes half the way instead. */
#define KEPT_INSIDE(next, length) ((next) > 1 ? ((length) + 1) * 0.5f : (next) > 0 ? (next) : (length) * 0.5f)

static int stepRow(u32 row, float *z, float *change) {
  float *q = duals + (size_t)row * stride;
  u32 label = rows.labels[row];
  float s = norms[row] * inverseN;
  F most = *(F *)z;
  for (u32 c = LANES; c < stride; c += LANES) most = larger(most, *(F *)(z + c));
  F shift = splat(largest(most)), total = splat(0), tiny = splat(1e-37f);
  for (u32 c = 0; c < stride; c += LANES) {
    F e = expF(*(F *)(z + c) - shift);
    total = total + e;
    *(F *)(change + c) = e;
  }
  float all = sum(total);
  F scale = splat(1 / all), logShift = shift + logF(splat(all));
  F divergence4 = splat(0), square4 = splat(0);
  for (u32 c = 0; c < stride; c += LANES) {
    F p = *(F *)(change + c) * scale, before = *(F *)(q + c);
    F d = p - before, logP = *(F *)(z + c) - logShift;
    F logBefore = logF(larger(before, tiny));
    divergence4 = divergence4 + (before * (logBefore - logP) + d);
    square4 = square4 + d * d;
    *(F *)(z + c) = logP;
    *(F *)(change + c) = d;
  }
  float residual = sum(square4), divergence = sum(divergence4);
  if (divergence < 0) divergence = 0;
  residuals[row] = residual;
  divergences[row] = divergence;
  losses[row] = -z[label];
  if (residual < 1e-14f) return 0;

  float length = (divergence + residual) / (residual * (2 + s));
  if (length > 1) length = 1;
  for (int newton = 0; newton < 2; newton++) {
    F slope4 = splat(0), curvature4 = splat(0);
    for (u32 c = 0; c < stride; c += LANES) {
      F d = *(F *)(change + c);
      F moved = larger(*(F *)(q + c) + length * d, tiny);
      slope4 = slope4 - d * (logF(moved) - *(F *)(z + c));
      curvature4 = curvature4 + d * d / moved;
    }
    float slope = sum(slope4) - s * length * residual, curvature = sum(curvature4) + s * residual;
    float next = length + slope / curvature;
    length = KEPT_INSIDE(next, length);
  }
  for (u32 c = 0; c < stride; c += LANES) {
    F before = *(F *)(q + c), after = larger(before + length * *(F *)(change + c), splat(0));
    *(F *)(q + c) = after;
    *(F *)(change + c) = before - after;
  }
  q[label] = 0;
  change[label] = 0;
  F masses = splat(0), moves = splat(0);
  for (u32 c = 0; c < stride; c += LANES) {
    masses = masses + *(F *)(q + c);
    moves = moves + *(F *)(change + c);
  }
  float rest = 1 - sum(masses);
  q[label] = rest > 0 ? rest : 0;
  change[label] = -sum(moves);
  for (u32 c = 0; c < stride; c += LANES) *(F *)(change + c) = *(F *)(change + c) * inverseN;
  return 1;
}

INLINE float rowMargin(const u32 *restrict indices, const float *restrict values, u32 nnz) {
  float part[4] = {0};
  u32 k = 0;
  for (; k + 4 <= nnz; k += 4)
    for (int j = 0; j < 4; j++) part[j] += values[k + j] * weights[indices[k + j]];
  for (int j = 0; k < nnz; k++, j++) part[j] += values[k] * weights[indices[k]];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

/** Logarithms of a mass and of what it leaves of 1. */
static F logsOfMass(float mass, float rest) {
  F masses = splat(mass);
  masses[1] = rest;
  return logF(larger(masses, splat(1e-37f)));
}

static float stepTwoClassRow(u32 row, float margin) {
  int isSecond = rows.labels[row] != 0;
  double s = (double)(norms[row] * inverseN);
  float lead = isSecond ? margin : -margin, before = duals[row];
  float t = expF(splat(-2 * fabsf(margin)))[0], large = 1 / (1 + t), small = t * large;
  float p = lead >= 0 ? small : large, right = lead >= 0 ? large : small;
  double difference = 2 * (double)lead, d = (double)p - before, residual = 2 * d * d, kept = 1 - before;
  F logsBefore = logsOfMass(before, 1 - before), logsAfter = logsOfMass(p, right);
  double divergence = before * ((double)logsBefore[0] - logsAfter[0]) + kept * ((double)logsBefore[1] - logsAfter[1]) +
                      (d + (right - kept));
  if (divergence < 0) divergence = 0;
  residuals[row] = (float)residual;
  divergences[row] = (float)divergence;
  losses[row] = -logsAfter[1];
  if (residual < (double)1e-14f) return 0;
  double length = (divergence + residual) / (residual * (2 + s));
  if (length > 1) length = 1;
  for (int newton = 0; newton < 2; newton++) {
    float single = (float)(before + length * d);
    if (single < 1e-37f) single = 1e-37f;
    F logs = logsOfMass(single, 1 - single);
    double mass = single, slope = d * ((double)logs[1] - logs[0] - difference - 2 * s * length * d);
    double curvature = d * d * (1 / (mass * (1 - mass)) + 2 * s);
    double next = length + slope / curvature;
    length = KEPT_INSIDE(next, length);
  }
  float after = (float)(before + length * d);
  duals[row] = after;
  float change = (float)((double)after - before) * inverseN;
  return isSecond ? change : -change;
}
