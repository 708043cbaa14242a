// The problem that bench/rivals/posed.ts writes for other programs: shape.json is not read here, the counts come as
// arguments; indptr u32[rows + 1], indices u32[nnz], values f32[nnz], labels u32[rows], little-endian.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint32_t u32;

typedef struct {
  u32 rowCount, featureCount, classCount;
  u32 *indptr, *indices, *labels;
  float *values;
} Rows;

static inline void *reserve(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 64, bytes ? bytes : 64) != 0) {
    fprintf(stderr, "No memory for %zu bytes.\n", bytes);
    exit(1);
  }
  return memset(memory, 0, bytes);
}

static inline void *readBlock(const char *folder, const char *name, size_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.bin", folder, name);
  FILE *file = fopen(path, "rb");
  void *block = reserve(bytes);
  if (!file || fread(block, 1, bytes, file) != bytes) {
    fprintf(stderr, "%s does not hold %zu bytes.\n", path, bytes);
    exit(1);
  }
  fclose(file);
  return block;
}

static inline Rows readRows(const char *folder, u32 rowCount, u32 featureCount, u32 classCount) {
  Rows rows = {rowCount, featureCount, classCount, NULL, NULL, NULL, NULL};
  rows.indptr = readBlock(folder, "indptr", 4 * ((size_t)rowCount + 1));
  size_t nnz = rows.indptr[rowCount];
  rows.indices = readBlock(folder, "indices", 4 * nnz);
  rows.values = readBlock(folder, "values", 4 * nnz);
  rows.labels = readBlock(folder, "labels", 4 * (size_t)rowCount);
  return rows;
}

static inline double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
