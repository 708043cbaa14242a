// The trigrams of characters of texts, counted: the other half of ngrams.c, by the algorithm of assembly/text/trigrams.ts and
// slot-counts.ts, for text of ASCII (of other bytes the highest bit is left out).
#include <stdint.h>
#include <string.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

enum { BLOCK = 64, FEW = 4, MOST_COUNT = 255, START_OF_TEXT = 2, END_OF_TEXT = 3 };

typedef struct {
  uint32_t *table;             // [2²¹] slot + 1
  uint8_t *counts, *touched;   // of the row at hand: occurrences of a slot, whether one of a block occurs
  uint8_t (*units)[3];         // of each slot
  uint32_t *carries;           // slots that occur 255 times more
  uint32_t slots, carryCount;
} Trigrams;

static uint8_t lanes[256][8];  // of each byte of bits the numbers of those that are set

static void startTrigrams(void) {
  for (int bits = 0; bits < 256; bits++)
    for (int lane = 0, n = 0; lane < 8; lane++)
      if (bits >> lane & 1) lanes[bits][n++] = lane;
}

static uint32_t keyAt(const char *at) { return (at[0] & 127) << 14 | (at[1] & 127) << 7 | (at[2] & 127); }

static uint64_t countOne(Trigrams *t, const char *at) {
  uint32_t *place = &t->table[keyAt(at)];
  if (*place == 0) {
    memcpy(t->units[t->slots], at, 3);
    *place = ++t->slots;
  }
  uint32_t slot = *place - 1, before = t->counts[slot];
  if (before == MOST_COUNT) {
    t->carries[t->carryCount++] = slot;
    before = 0;
  }
  t->counts[slot] = before + 1;
  t->touched[slot / BLOCK] = 1;
  return before;
}

/** Counts four when all are known and have room; returns the sum of how many there were before, or −1. */
static int64_t countFour(Trigrams *t, const char *at) {
  uint32_t a = t->table[keyAt(at)] - 1, b = t->table[keyAt(at + 1)] - 1;
  uint32_t c = t->table[keyAt(at + 2)] - 1, d = t->table[keyAt(at + 3)] - 1;
  if ((int32_t)(a | b | c | d) < 0) return -1;
  uint8_t *counts = t->counts;
  uint32_t beforeA = counts[a]++, beforeB = counts[b]++, beforeC = counts[c]++, beforeD = counts[d]++;
  if (((beforeA + 1) | (beforeB + 1) | (beforeC + 1) | (beforeD + 1)) > MOST_COUNT) {
    counts[d] = beforeD;
    counts[c] = beforeC;
    counts[b] = beforeB;
    counts[a] = beforeA;
    return -1;
  }
  t->touched[a / BLOCK] = t->touched[b / BLOCK] = t->touched[c / BLOCK] = t->touched[d / BLOCK] = 1;
  return beforeA + beforeB + beforeC + beforeD;
}

#ifdef __AVX2__
static uint64_t bitsOf(const uint8_t *at) {
  uint64_t bits = 0;
  for (int i = 0; i < BLOCK; i += 32) {
    __m256i zeros = _mm256_cmpeq_epi8(_mm256_loadu_si256((const void *)(at + i)), _mm256_setzero_si256());
    bits |= (uint64_t)(uint32_t)~_mm256_movemask_epi8(zeros) << i;
  }
  return bits;
}

/** Writes all of a block; eight at a time may be overwritten. */
static uint32_t writeMany(uint64_t bits, uint8_t *counts, uint32_t first, float scale, uint32_t *indices, float *values) {
  uint32_t n = 0;
  for (; bits; bits >>= 8, first += 8, counts += 8) {
    if ((bits & 255) == 0) continue;
    __m128i which = _mm_loadl_epi64((const void *)lanes[bits & 255]);
    __m256i some = _mm256_cvtepu8_epi32(_mm_shuffle_epi8(_mm_loadl_epi64((const void *)counts), which));
    __m256i slots = _mm256_add_epi32(_mm256_cvtepu8_epi32(which), _mm256_set1_epi32(first));
    _mm256_storeu_si256((void *)(indices + n), slots);
    _mm256_storeu_ps(values + n, _mm256_mul_ps(_mm256_cvtepi32_ps(some), _mm256_set1_ps(scale)));
    memset(counts, 0, 8);
    n += __builtin_popcount(bits & 255);
  }
  return n;
}
#else
static uint64_t bitsOf(const uint8_t *at) {
  uint64_t bits = 0;
  for (int i = 0; i < BLOCK; i++) bits |= (uint64_t)(at[i] != 0) << i;
  return bits;
}
#endif

static uint32_t writeFew(uint64_t bits, uint8_t *counts, uint32_t first, float scale, uint32_t *indices, float *values) {
  uint32_t n = 0;
  for (; bits; bits &= bits - 1, n++) {
    uint32_t i = __builtin_ctzll(bits);
    indices[n] = first + i;
    values[n] = counts[i] * scale;
    counts[i] = 0;
  }
  return n;
}

static float scaleOf(double squares) { return squares > 0 ? 1 / sqrtf(squares) : 1; }

/** Writes the distinct slots of the row in order, with their counts scaled to length 1, and forgets it. */
static uint32_t writeCounts(Trigrams *t, double squares, uint32_t *indices, float *values) {
  float scale = t->carryCount ? 1 : scaleOf(squares);
  uint32_t n = 0;
  for (uint32_t group = 0; group < t->slots; group += 8 * BLOCK) {
    uint64_t flags;
    uint8_t *touched = t->touched + group / BLOCK;
    memcpy(&flags, touched, 8);
    if (flags == 0) continue;
    memset(touched, 0, 8);
    for (; flags; flags &= flags - 1) {
      uint32_t first = group + __builtin_ctzll(flags) / 8 * BLOCK;
      uint64_t bits = bitsOf(t->counts + first);
#ifdef __AVX2__
      if (__builtin_popcountll(bits) > FEW) {
        n += writeMany(bits, t->counts + first, first, scale, indices + n, values + n);
        continue;
      }
#endif
      n += writeFew(bits, t->counts + first, first, scale, indices + n, values + n);
    }
  }
  if (t->carryCount == 0) return n;
  for (uint32_t c = 0; c < t->carryCount; c++)
    for (uint32_t i = 0; i < n; i++) values[i] += indices[i] == t->carries[c] ? MOST_COUNT : 0;
  t->carryCount = 0;
  squares = 0;
  for (uint32_t i = 0; i < n; i++) squares += (double)values[i] * values[i];
  scale = scaleOf(squares);
  for (uint32_t i = 0; i < n; i++) values[i] *= scale;
  return n;
}

/** Counts the trigrams of a text; returns how many distinct ones are written. */
static uint32_t countTrigrams(Trigrams *t, const char *text, uint32_t length, uint32_t *indices, float *values) {
  if (length < 3) return 0;
  const char *end = text + length - 2;
  uint64_t before = 0;
  for (const char *at = text; at < end;) {
    int64_t sum = 0;
    for (; at + 4 <= end && (sum = countFour(t, at)) >= 0; at += 4) before += sum;
    for (int i = 0; i < 4 && at < end; i++) before += countOne(t, at++);
  }
  return writeCounts(t, 2.0 * before + (length - 2), indices, values);
}
