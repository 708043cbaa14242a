// What the parts of the twin share: the problem and the arrays of assembly/layout.ts, and the seeded order.
#include "problem.h"
#include "vectors.h"

#define BLOCK_BYTES 2097152

typedef struct { double objective, gap; } Certificate;

static Rows rows;
static int hasBias;
static u32 stride, columns, batchSize;
static double scaledL2;
static float inverseN;
static float *weights, *biases, *duals, *norms, *residuals, *divergences, *losses, *scores, *changes;
static double *wide;
static unsigned char *marks, *shares;
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

static u32 nextU32(void) {
  z1 = lfsr(z1, 13, 19, 12, 0xfffffffeu);
  z2 = lfsr(z2, 2, 25, 4, 0xfffffff8u);
  z3 = lfsr(z3, 3, 11, 17, 0xfffffff0u);
  z4 = z4 * 1664525u + 1013904223u;
  return z1 ^ z2 ^ z3 ^ z4;
}

static double nextFloat(void) { return (nextU32() >> 9) / 8388608.0; }

static void shuffle(u32 *items, u32 count) {
  for (u32 i = 0; i < count; i++) {
    u32 other = i + (u32)(((uint64_t)nextU32() * (count - i)) >> 32);
    u32 item = items[i];
    items[i] = items[other];
    items[other] = item;
  }
}
