// The confirming pass, as in assembly/objective.ts.

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

/** Measures the rows of a share; adds divergences and numbers to those of each block of 256 rows. */
static void measureShare(u32 share, double *sum, u32 *measured, double *blockSums, u32 *blockCounts) {
  double total = 0;
  for (u32 first = 0; first < rows.rowCount; first += 256) {
    double divergence = 0, loss = 0;
    for (u32 row = first; row < rows.rowCount && row < first + 256; row++) {
      if (shares[row] != share) continue;
      (columns == 1 ? measureTwoClassRow : measureRow)(row, &divergence, &loss);
      blockCounts[first / 256]++;
      ++*measured;
    }
    blockSums[first / 256] += divergence;
    total += divergence;
  }
  *sum += total;
}

/** Shares of the rows are measured until it is clear on which side of the limit the gap is: src/train/estimate-gap.ts. */
static double estimatedGap(double mean, double limit) {
  double n = rows.rowCount, large = 0, sum = 0;
  u32 blocks = (rows.rowCount + 255) / 256, measured = 0, largeCount = 0;
  u32 shareCount = rows.rowCount / 512 < 1 ? 1 : least(rows.rowCount / 512, 64);
  for (u32 row = 0; row < rows.rowCount; row++)
    shares[row] = divergences[row] >= 4 * mean ? shareCount : (u32)(shareCount * fmod(row * sqrt(2), 1));
  double blockSums[blocks];
  u32 blockCounts[blocks];
  memset(blockSums, 0, sizeof blockSums);
  measureShare(shareCount, &large, &largeCount, blockSums, blockCounts);
  memset(blockSums, 0, sizeof blockSums);
  memset(blockCounts, 0, sizeof blockCounts);
  double others = rows.rowCount - largeCount, result = large / n;
  u32 third = (u32)ceil(1.0 / 3 * shareCount), last = least(shareCount, third < 4 ? 4 : third);
  for (u32 share = 0; share < last && measured < others; share++) {
    measureShare(share, &sum, &measured, blockSums, blockCounts);
    if (measured == 0) continue;
    double scale = others / measured, gap = (large + scale * sum) / n, each = sum / measured, squares = 0;
    result = gap;
    if (blocks < 2) continue;
    for (u32 block = 1; block < blocks; block++) {
      double difference = blockSums[block] - each * blockCounts[block] -
                          (blockSums[block - 1] - each * blockCounts[block - 1]);
      squares += difference * difference;
    }
    double variance = (1 - measured / others) * (squares / 2 * ((double)blocks / (blocks - 1)));
    if (fabs(gap - limit) * n > 2.5 * scale * sqrt(variance)) break;
  }
  return result;
}

static Certificate certify(void) {
  settleDuals();
  double drift = rebuild(), divergence = 0, loss = 0, l2 = scaledL2 / rows.rowCount;
  for (u32 row = 0; row < rows.rowCount; row++)
    (columns == 1 ? measureTwoClassRow : measureRow)(row, &divergence, &loss);
  return (Certificate){loss / rows.rowCount + l2 / 2 * squaredWeights(),
                       divergence / rows.rowCount + l2 / 2 * (columns == 1 ? 2 : 1) * drift};
}
