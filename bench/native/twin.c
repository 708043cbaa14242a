// The solver of assembly/ and src/train/solve.ts once more, in C: what the same algorithm costs without JavaScript and
// WebAssembly. With 4 lanes and no fused multiply-add it takes the same steps and visits to the same bits, so that times
// are compared over the same work; bench/rivals/twin.ts compiles it, runs it and checks that.
//
//   twin FOLDER rows features classes lambda*n hasBias batchSize seed repeats [tolerance...]
//
// Prints one JSON object: seconds of an epoch that visits all rows ("epochSeconds") and, for each tolerance, seconds, epochs,
// gap and objective.
#include "step.h"
#include "schedule.h"

// --- epochs (assembly/sdca.ts, src/train/solve.ts)

#define ROW(i) \
  u32 row = order[first + (i)], from = rows.indptr[row], nnz = rows.indptr[row + 1] - from; \
  const u32 *indices = rows.indices + from; \
  const float *values = rows.values + from

/** All lines of these rows are asked for at once; a row alone would be waited for line after line. */
static void fetchRows(u32 first, u32 size) {
  for (u32 i = 0; i < size; i++) {
    ROW(i);
    for (u32 k = 0; k < nnz; k += 16) {
      __builtin_prefetch(indices + k);
      __builtin_prefetch(values + k);
    }
    __builtin_prefetch(rows.labels + row);
    __builtin_prefetch(norms + row);
    __builtin_prefetch(residuals + row, 1);
    __builtin_prefetch(divergences + row, 1);
    __builtin_prefetch(losses + row, 1);
    for (u32 c = 0; c < columns; c += 16) __builtin_prefetch(duals + (size_t)row * columns + c, 1);
  }
}

static void visitBatch(u32 first, u32 size) {
  fetchRows(first, size);
  for (u32 i = 0; i < size; i++) {
    ROW(i);
    if (columns == 1) {
      scores[i] = rowMargin(indices, values, nnz);
      continue;
    }
    memset(scores + (size_t)i * stride, 0, 4 * stride);
    addRowScores(scores + (size_t)i * stride, indices, values, nnz);
  }
  for (u32 i = 0; i < size; i++) {
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

static void makeVisits(void) {
  for (u32 first = 0; first < visitCount; first += batchSize) visitBatch(first, least(visitCount - first, batchSize));
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

#include "confirm.h"

// --- runs

static void begin(u32 seed, u32 firstBatchSize) {
  seedRandom(seed);
  startSchedule();
  batchSize = firstBatchSize;
  memset(weights, 0, 4 * (size_t)rows.featureCount * columns);
  memset(duals, 0, 4 * (size_t)rows.rowCount * columns);
  memset(biases, 0, 4 * stride);
  for (u32 c = rows.classCount; c < stride; c++) biases[c] = -1e30f;
  for (u32 row = 0; row < rows.rowCount; row++) {
    if (columns > 1) duals[(size_t)row * stride + rows.labels[row]] = 1;
  }
}

static u32 solve(double tolerance, u32 maxEpochs, Certificate *certificate) {
  double shareLeft = 0.4, lowest = INFINITY;
  for (u32 epoch = 1;; epoch++) {
    if (epoch == 1) drawAll();
    else drawByResidual();
    makeVisits();
    double divergence = mean(divergences);
    int overshot = divergence > 1.25 * lowest;
    if (overshot && batchSize > 1) batchSize >>= 1;
    lowest = overshot ? divergence : fmin(lowest, divergence);
    if (epoch < maxEpochs) {
      if (shareLeft * divergence > tolerance) continue;
      double gap = estimatedGap(divergence, 0.99 * tolerance);
      shareLeft = fmax(0.4, fmin(1, 0.7 * gap / divergence));
      if (gap > 0.99 * tolerance) continue;
    }
    *certificate = certify();
    if (certificate->gap <= tolerance || epoch >= maxEpochs) return epoch;
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
  if (argc < 10) {
    fprintf(stderr, "usage: twin FOLDER rows features classes lambda*n hasBias batchSize seed repeats [tolerance...]\n");
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
  scores = reserve(4 * (size_t)firstBatchSize * stride);
  changes = reserve(4 * (size_t)firstBatchSize * stride);
  wide = reserve(8 * stride);
  marks = reserve(firstBatchSize);
  shares = reserve(rows.rowCount);
  order = reserve(perRow);
  reserveSchedule();
  cursors = reserve(perRow);
  sums = reserve(8 * (size_t)(block > stride ? block : stride) * columns + 8 * stride);
  for (u32 row = 0; row < rows.rowCount; row++) {
    double norm = hasBias ? 1 : 0;
    for (u32 k = rows.indptr[row]; k < rows.indptr[row + 1]; k++) norm += (double)rows.values[k] * rows.values[k];
    norms[row] = (float)norm;
  }

  double *taken = reserve(sizeof(double) * (size_t)repeats);
  for (int i = 0; i < repeats; i++) {
    begin(seed, firstBatchSize);
    double start = now();
    for (int epoch = 0; epoch < 3; epoch++) {
      drawAll();
      makeVisits();
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
