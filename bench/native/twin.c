// The solver of assembly/ and src/train/solve.ts once more, in C: what the same algorithm costs without JavaScript and
// WebAssembly. With 4 lanes and no fused multiply-add it takes the same steps and visits to the same bits, so that times
// are compared over the same work; bench/rivals/twin.ts compiles it, runs it and checks that.
//
//   twin FOLDER rows features classes lambda*n hasBias batchSize seed repeats tolerance...
//
// Prints one JSON object: seconds of an epoch without rests ("epochSeconds") and, for each tolerance, seconds, epochs,
// gap and objective.
#include "problem.h"
#include "vectors.h"

#define BLOCK_BYTES 2097152

typedef struct { double divergence, loss, residual, entropy; } Seen;
typedef struct { double objective, gap; } Certificate;

static Rows rows;
static int hasBias;
static u32 stride, columns, batchSize;
static double scaledL2;
static float inverseN, restBelow;
static float *weights, *biases, *duals, *norms, *residuals, *divergences, *losses, *entropies, *scores, *changes;
static double *wide;
static unsigned char *rests, *marks;
static u32 *order, *cursors;
static double *sums;

// --- the seeded generator of src/random.ts

static u32 z1, z2, z3, z4;

static u32 rotate(u32 x, int bits) { return x << bits | x >> (32 - bits); }
static u32 hashRound(u32 hash, u32 block) {
  return rotate(hash ^ rotate(block * 0xcc9e2d51u, 15) * 0x1b873593u, 13) * 5 + 0xe6546b64u;
}
static u32 lfsr(u32 z, int a, int b, int c, u32 mask) { return ((z & mask) << c) ^ (((z << a) ^ z) >> b); }

static void seedRandom(u32 seed) {
  z1 = seed;
  z2 = hashRound(z1, z1);
  z3 = hashRound(z2, z1);
  z4 = hashRound(z3, z1);
}

static void shuffle(u32 *items, u32 count) {
  for (u32 i = 0; i < count; i++) {
    z1 = lfsr(z1, 13, 19, 12, 0xfffffffeu);
    z2 = lfsr(z2, 2, 25, 4, 0xfffffff8u);
    z3 = lfsr(z3, 3, 11, 17, 0xfffffff0u);
    z4 = z4 * 1664525u + 1013904223u;
    u32 other = i + (u32)(((uint64_t)(z1 ^ z2 ^ z3 ^ z4) * (count - i)) >> 32);
    u32 item = items[i];
    items[i] = items[other];
    items[other] = item;
  }
}

// --- one row (assembly/sparse.ts, step.ts)

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

static unsigned char restAfter(float residual) {
  return residual < restBelow ? (residual < restBelow * 0.1f ? 3 : 1) : 0;
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
  F divergence4 = splat(0), entropy4 = splat(0), square4 = splat(0);
  for (u32 c = 0; c < stride; c += LANES) {
    F p = *(F *)(change + c) * scale, before = *(F *)(q + c);
    F d = p - before, logP = *(F *)(z + c) - logShift;
    F logBefore = logF(larger(before, tiny));
    divergence4 = divergence4 + (before * (logBefore - logP) + d);
    entropy4 = entropy4 - before * logBefore;
    square4 = square4 + d * d;
    *(F *)(z + c) = logP;
    *(F *)(change + c) = d;
  }
  float residual = sum(square4), divergence = sum(divergence4);
  if (divergence < 0) divergence = 0;
  residuals[row] = residual;
  divergences[row] = divergence;
  entropies[row] = sum(entropy4);
  losses[row] = -z[label];
  rests[row] = restAfter(residual);
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

static float sigmoid(float margin) {
  float t = expF(splat(-2 * fabsf(margin)))[0], scale = 1 / (1 + t);
  return margin >= 0 ? scale : t * scale;
}

static float stepTwoClassRow(u32 row, float margin) {
  int isSecond = rows.labels[row] != 0;
  double s = (double)(norms[row] * inverseN);
  float lead = isSecond ? margin : -margin;
  double difference = 2 * (double)lead, before = duals[row], p = sigmoid(-lead), right = sigmoid(lead);
  double d = p - before, residual = 2 * d * d;
  double entropy = -before * log1(before) - (1 - before) * log1(1 - before);
  double divergence = -entropy - before * log1(p) - (1 - before) * log1(right);
  if (divergence < 0) divergence = 0;
  residuals[row] = (float)residual;
  divergences[row] = (float)divergence;
  entropies[row] = (float)entropy;
  losses[row] = (float)-log1(right);
  rests[row] = restAfter((float)residual);
  if (residual < (double)1e-14f) return 0;
  double length = (divergence + residual) / (residual * (2 + s));
  if (length > 1) length = 1;
  for (int newton = 0; newton < 2; newton++) {
    double mass = before + length * d;
    if (mass < 1e-300) mass = 1e-300;
    double slope = d * (log1((1 - mass) / mass) - difference - 2 * s * length * d);
    double curvature = d * d * (1 / (mass * (1 - mass)) + 2 * s);
    double next = length + slope / curvature;
    length = KEPT_INSIDE(next, length);
  }
  float after = (float)(before + length * d);
  duals[row] = after;
  float change = (float)((double)after - before) * inverseN;
  return isSecond ? change : -change;
}

// --- epochs (assembly/sdca.ts, src/train/solve.ts)

#define ROW(i) \
  u32 row = order[first + (i)], from = rows.indptr[row], nnz = rows.indptr[row + 1] - from; \
  const u32 *indices = rows.indices + from; \
  const float *values = rows.values + from

static int sitsOut(u32 row) { return rests[row] ? rests[row]--, 1 : 0; }

static void visitBatch(u32 first, u32 size) {
  for (u32 i = 0; i < size; i++) {
    ROW(i);
    if (!(marks[i] = !sitsOut(row))) continue;
    if (columns == 1) {
      scores[i] = rowMargin(indices, values, nnz);
      continue;
    }
    memset(scores + (size_t)i * stride, 0, 4 * stride);
    addRowScores(scores + (size_t)i * stride, indices, values, nnz);
  }
  for (u32 i = 0; i < size; i++) {
    if (!marks[i]) continue;
    u32 row = order[first + i];
    if (columns == 1) {
      changes[i] = stepTwoClassRow(row, scores[i] + biases[0]);
      marks[i] = changes[i] != 0;
      if (hasBias) biases[0] += changes[i];
      continue;
    }
    float *z = scores + (size_t)i * stride, *change = changes + (size_t)i * stride;
    for (u32 c = 0; c < stride; c += LANES) *(F *)(z + c) = *(F *)(z + c) + *(F *)(biases + c);
    marks[i] = (unsigned char)stepRow(row, z, change);
    if (hasBias && marks[i])
      for (u32 c = 0; c < stride; c += LANES) *(F *)(biases + c) = *(F *)(biases + c) + *(F *)(change + c);
  }
  for (u32 i = 0; i < size; i++) {
    if (!marks[i]) continue;
    ROW(i);
    (void)row;
    if (columns == 1)
      for (u32 k = 0; k < nnz; k++) weights[indices[k]] += values[k] * changes[i];
    else
      addRowUpdate(indices, values, nnz, changes + (size_t)i * stride);
  }
}

static void visitAll(void) {
  for (u32 first = 0; first < rows.rowCount; first += batchSize)
    visitBatch(first, rows.rowCount - first < batchSize ? rows.rowCount - first : batchSize);
}

static double mean(const float *block) {
  double total = 0;
  for (u32 row = 0; row < rows.rowCount; row++) total += block[row];
  return total / rows.rowCount;
}

static double sumOfSquares(const float *block, size_t count) {
  double total[4] = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (int j = 0; j < 4; j++) total[j] += (double)block[i + j] * block[i + j];
  for (; i < count; i++) total[0] += (double)block[i] * block[i];
  return (total[0] + total[1]) + (total[2] + total[3]);
}

static double squaredWeights(void) {
  double squares = sumOfSquares(weights, (size_t)rows.featureCount * columns);
  squares += sumOfSquares(biases, columns == 1 ? 1 : rows.classCount);
  return columns == 1 ? 2 * squares : squares;
}

// --- the confirming pass (assembly/objective.ts)

static double massBesideLabel(u32 row) {
  const float *q = duals + (size_t)row * stride;
  D total = splatD(0);
  for (u32 c = 0; c < stride; c += LANES / 2) total += __builtin_convertvector(*(const Half *)(q + c), D);
  return sumD(total) - q[rows.labels[row]];
}

static void settleDuals(void) {
  for (u32 row = 0; row < rows.rowCount; row++) {
    if (columns == 1) {
      duals[row] = duals[row] < 0 ? 0 : duals[row] > 1 ? 1 : duals[row];
      continue;
    }
    double others = massBesideLabel(row);
    if (others <= 1) continue;
    float scale = (float)((1 - 2.4e-7) / others);
    for (u32 c = 0; c < stride; c++) duals[(size_t)row * stride + c] *= scale;
  }
}

static void fillResidualLine(u32 row) {
  const float *q = duals + (size_t)row * stride;
  for (u32 c = 0; c < stride; c += LANES / 2) *(D *)(wide + c) = -__builtin_convertvector(*(const Half *)(q + c), D);
  wide[rows.labels[row]] = massBesideLabel(row);
}

static double signedMass(u32 row) { return rows.labels[row] ? duals[row] : -(double)duals[row]; }

static double storeRounded(float *target, size_t count) {
  double drift = 0;
  for (size_t i = 0; i < count; i++) {
    double exact = sums[i] / scaledL2;
    target[i] = (float)exact;
    drift += (target[i] - exact) * (target[i] - exact);
  }
  return drift;
}

static double rebuild(void) {
  double drift = 0;
  if (hasBias) {
    memset(sums, 0, 8 * stride);
    for (u32 row = 0; row < rows.rowCount; row++) {
      if (columns == 1) {
        sums[0] += signedMass(row);
        continue;
      }
      fillResidualLine(row);
      for (u32 c = 0; c < rows.classCount; c++) sums[c] += wide[c];
    }
    drift += storeRounded(biases, columns == 1 ? 1 : rows.classCount);
  }
  u32 block = BLOCK_BYTES / (8 * columns);
  memcpy(cursors, rows.indptr, 4 * (size_t)rows.rowCount);
  for (u32 first = 0; first < rows.featureCount; first += block) {
    u32 end = rows.featureCount - first < block ? rows.featureCount : first + block;
    memset(sums, 0, 8 * (size_t)(end - first) * columns);
    for (u32 row = 0; row < rows.rowCount; row++) {
      u32 k = cursors[row], stop = rows.indptr[row + 1];
      if (k == stop || rows.indices[k] >= end) continue;
      double mass = columns == 1 ? signedMass(row) : 0;
      if (columns > 1) fillResidualLine(row);
      for (; k < stop && rows.indices[k] < end; k++) {
        double value = rows.values[k];
        double *at = sums + (size_t)(rows.indices[k] - first) * columns;
        if (columns == 1) *at += value * mass;
        else
          for (u32 c = 0; c < stride; c += LANES / 2) *(D *)(at + c) = *(D *)(at + c) + value * *(D *)(wide + c);
      }
      cursors[row] = k;
    }
    drift += storeRounded(weights + (size_t)first * columns, (size_t)(end - first) * columns);
  }
  return drift;
}

static void measureRow(u32 row, double *divergence, double *loss) {
  const float *q = duals + (size_t)row * stride;
  for (u32 c = 0; c < stride; c++) wide[c] = biases[c];
  for (u32 k = rows.indptr[row]; k < rows.indptr[row + 1]; k++) {
    const float *at = weights + (size_t)rows.indices[k] * stride;
    double value = rows.values[k];
    for (u32 c = 0; c < stride; c += LANES / 2)
      *(D *)(wide + c) = *(D *)(wide + c) + value * __builtin_convertvector(*(const Half *)(at + c), D);
  }
  u32 label = rows.labels[row];
  double own = 1 - massBesideLabel(row), most = wide[0];
  for (u32 c = 1; c < rows.classCount; c++) most = wide[c] > most ? wide[c] : most;
  D exponentials = splatD(0), cross = splatD(0);
  for (u32 c = 0; c < stride; c += LANES / 2) {
    D shifted = *(D *)(wide + c) - most, mass = __builtin_convertvector(*(const Half *)(q + c), D);
    *(D *)(wide + c) = shifted;
    exponentials = exponentials + expD(shifted);
    if (label - c < LANES / 2) mass[label - c] = own;
    L present = mass > 1e-300;
    D positive = (D)(((L)mass & present) | ((L)splatD(1e-300) & ~present));
    cross = cross + mass * (logD(positive) - shifted);
  }
  double logTotal = log1(sumD(exponentials)), kl = sumD(cross) + logTotal;
  *divergence += kl > 0 ? kl : 0;
  *loss += logTotal - wide[label];
}

static void measureTwoClassRow(u32 row, double *divergence, double *loss) {
  double z = biases[0], mass = duals[row];
  for (u32 k = rows.indptr[row]; k < rows.indptr[row + 1]; k++) z += (double)rows.values[k] * weights[rows.indices[k]];
  double difference = 2 * (rows.labels[row] ? z : -z);
  double logE = log1(1 + expD(splatD(-fabs(difference)))[0]);
  double lossRight = (difference < 0 ? -difference : 0) + logE, lossWrong = (difference > 0 ? difference : 0) + logE;
  double kl = mass * (log1(mass) + lossWrong) + (1 - mass) * (log1(1 - mass) + lossRight);
  *divergence += kl > 0 ? kl : 0;
  *loss += lossRight;
}

static Certificate certify(void) {
  settleDuals();
  double drift = rebuild(), divergence = 0, loss = 0, l2 = scaledL2 / rows.rowCount;
  for (u32 row = 0; row < rows.rowCount; row++)
    (columns == 1 ? measureTwoClassRow : measureRow)(row, &divergence, &loss);
  return (Certificate){loss / rows.rowCount + l2 / 2 * squaredWeights(),
                       divergence / rows.rowCount + l2 / 2 * (columns == 1 ? 2 : 1) * drift};
}

// --- runs

static void begin(u32 seed, u32 firstBatchSize) {
  seedRandom(seed);
  batchSize = firstBatchSize;
  restBelow = 0;
  memset(weights, 0, 4 * (size_t)rows.featureCount * columns);
  memset(duals, 0, 4 * (size_t)rows.rowCount * columns);
  memset(rests, 0, rows.rowCount);
  memset(biases, 0, 4 * stride);
  for (u32 c = rows.classCount; c < stride; c++) biases[c] = -1e30f;
  for (u32 row = 0; row < rows.rowCount; row++) {
    order[row] = row;
    if (columns > 1) duals[(size_t)row * stride + rows.labels[row]] = 1;
  }
}

static u32 solve(double tolerance, u32 maxEpochs, Certificate *certificate) {
  Seen seen = {0};
  double ratio = 0.7, dual = -INFINITY, l2 = scaledL2 / rows.rowCount;
  for (u32 epoch = 1;; epoch++) {
    double squares = squaredWeights();
    restBelow = epoch >= 3 ? (float)(0.1 * seen.residual) : 0;
    shuffle(order, rows.rowCount);
    visitAll();
    seen = (Seen){mean(divergences), mean(losses), mean(residuals), mean(entropies)};
    double dualAtStart = seen.entropy - l2 / 2 * squares;
    if (dualAtStart < dual - 1e-3 && batchSize > 1) batchSize >>= 1;
    if (dualAtStart > dual) dual = dualAtStart;
    if (epoch < maxEpochs && seen.divergence * ratio > tolerance) continue;
    *certificate = certify();
    if (certificate->gap <= tolerance || epoch >= maxEpochs) return epoch;
    ratio = certificate->gap / seen.divergence > 0.7 ? certificate->gap / seen.divergence : 0.7;
  }
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return values[count / 2];
}

int main(int argc, char **argv) {
  if (argc < 11) {
    fprintf(stderr, "usage: twin FOLDER rows features classes lambda*n hasBias batchSize seed repeats tolerance...\n");
    return 2;
  }
  rows = readRows(argv[1], (u32)atol(argv[2]), (u32)atol(argv[3]), (u32)atol(argv[4]));
  scaledL2 = atof(argv[5]);
  hasBias = atoi(argv[6]);
  u32 firstBatchSize = (u32)atol(argv[7]), seed = (u32)atol(argv[8]);
  int repeats = atoi(argv[9]);
  inverseN = (float)(1 / scaledL2);
  stride = (rows.classCount + LANES - 1) / LANES * LANES;
  columns = rows.classCount == 2 ? 1 : stride;
  u32 block = BLOCK_BYTES / (8 * columns);
  size_t perRow = 4 * (size_t)rows.rowCount;
  weights = reserve(4 * (size_t)rows.featureCount * columns);
  biases = reserve(4 * stride);
  duals = reserve(perRow * columns);
  norms = reserve(perRow);
  residuals = reserve(perRow);
  divergences = reserve(perRow);
  losses = reserve(perRow);
  entropies = reserve(perRow);
  scores = reserve(4 * (size_t)firstBatchSize * stride);
  changes = reserve(4 * (size_t)firstBatchSize * stride);
  wide = reserve(8 * stride);
  rests = reserve(rows.rowCount);
  marks = reserve(firstBatchSize);
  order = reserve(perRow);
  cursors = reserve(perRow);
  sums = reserve(8 * (size_t)(block > stride ? block : stride) * columns + 8 * stride);
  for (u32 row = 0; row < rows.rowCount; row++) {
    double norm = 0;
    for (u32 k = rows.indptr[row]; k < rows.indptr[row + 1]; k++) norm += (double)rows.values[k] * rows.values[k];
    norms[row] = (float)(norm + (hasBias ? 1 : 0));
  }

  double *taken = reserve(sizeof(double) * (size_t)repeats);
  for (int i = 0; i < repeats; i++) {
    begin(seed, firstBatchSize);
    double start = now();
    for (int epoch = 0; epoch < 3; epoch++) {
      shuffle(order, rows.rowCount);
      visitAll();
    }
    taken[i] = (now() - start) / 3;
  }
  printf("{\"epochSeconds\":%.6g,\"runs\":[", median(taken, repeats));
  for (int t = 10; t < argc; t++) {
    Certificate certificate = {0};
    u32 epochs = 0;
    for (int i = 0; i < repeats; i++) {
      begin(seed, firstBatchSize);
      double start = now();
      epochs = solve(atof(argv[t]), 1000, &certificate);
      taken[i] = now() - start;
    }
    printf("%s{\"tolerance\":%g,\"seconds\":%.6g,\"epochs\":%u,\"gap\":%.9g,\"objective\":%.17g}", t > 10 ? "," : "",
           atof(argv[t]), median(taken, repeats), epochs, certificate.gap, certificate.objective);
  }
  printf("]}\n");
  return 0;
}
