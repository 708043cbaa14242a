// The words and pairs of words of many texts, counted: the first half of featurizeText as plain C with hash tables that have
// their final size from the start, for text of ASCII (other bytes count as letters). What it takes is a bound for what the
// library can reach on the same machine.
//
//   ngrams TEXTS RUNS   TEXTS: a text a line. Prints JSON: bytes, slots, entries, seconds of each run with new memory, and
//                       seconds of each run in memory that the one before has used
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { GROUP = 512, LINE = 1 << 16 };

typedef struct { uint64_t key; uint32_t number, content; } Word;
typedef struct { uint64_t key; uint64_t number; } Pair;

typedef struct {
  Word *words;
  Pair *pairs;
  int32_t *slots;    // of each pair: its two words
  uint32_t *single;  // of each word: its slot + 1
  char *contents;    // of words of more than eight bytes: length, bytes
  uint64_t *present, *groups;
  uint32_t *counts, *indices, *ends;
  float *values;
  size_t used;
} Tables;

static size_t wordLog = 21, pairLog = 23, slotMost = 1 << 23, entryMost = 1 << 24, contentMost = 1 << 25;
static char *arena;
static size_t arenaBytes, arenaAt;

static void *take(size_t bytes) {
  void *at = arena + arenaAt;
  arenaAt += (bytes + 4095) & ~(size_t)4095;
  if (arenaAt > arenaBytes) { fprintf(stderr, "too small\n"); exit(1); }
  return at;
}

static uint64_t mix(uint64_t key) {
  key *= 0x9e3779b97f4a7c15u;
  return (key ^ key >> 32) * 0xd6e8feb86659fd93u;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

typedef struct { uint32_t words, contentEnd, slots, entries; } Counts;

static Counts count(const char *text, size_t bytes, Tables *t, size_t lines) {
  static uint64_t keys[LINE];
  static const char *starts[LINE];
  static uint32_t lengths[LINE], ids[LINE], found[LINE];
  static char lower[LINE * 16];
  Counts n = {0, 0, 0, 0};
  size_t row = 0;
  for (const char *line = text; line < text + bytes;) {
    const char *end = memchr(line, '\n', text + bytes - line);
    if (!end) end = text + bytes;
    size_t length = end - line < LINE * 16 - 16 ? end - line : LINE * 16 - 16;
    for (size_t i = 0; i < length; i++) {
      char c = line[i];
      lower[i] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
    memset(lower + length, ' ', 16);
    uint32_t words = 0;
    for (size_t start = 0, i = 0; i <= length && words < LINE; i++) {
      if (lower[i] != ' ') continue;
      size_t size = i - start;
      if (size > 8) {
        uint64_t hash = size;
        for (size_t k = 0; k < size; k += 8) {
          uint64_t part = 0;
          memcpy(&part, lower + start + k, size - k < 8 ? size - k : 8);
          hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
          hash ^= hash >> 29;
        }
        keys[words] = hash | 0x8080;
      } else if (size > 0) {
        uint64_t key;
        memcpy(&key, lower + start, 8);
        keys[words] = (key & UINT64_MAX >> (64 - 8 * size)) | 1ull << (8 * size - 1);
      }
      starts[words] = lower + start;
      lengths[words] = size;
      words += size > 0;
      start = i + 1;
    }
    for (uint32_t from = 0; from < words; from += GROUP) {
      uint32_t to = from + GROUP < words ? from + GROUP : words;
      for (uint32_t i = from; i < to; i++) __builtin_prefetch(&t->words[mix(keys[i]) >> (64 - wordLog)]);
      for (uint32_t i = from; i < to; i++) {
        size_t at = mix(keys[i]) >> (64 - wordLog);
        for (;; at = (at + 1) & ((1ull << wordLog) - 1)) {
          Word *word = &t->words[at];
          if (word->number == 0) {
            word->key = keys[i];
            word->number = ++n.words;
            word->content = n.contentEnd;
            if (lengths[i] > 8) {
              memcpy(t->contents + n.contentEnd, &lengths[i], 4);
              memcpy(t->contents + n.contentEnd + 4, starts[i], lengths[i]);
              n.contentEnd += 4 + lengths[i];
            }
          }
          if (word->key == keys[i] &&
              (lengths[i] <= 8 || (memcmp(t->contents + word->content, &lengths[i], 4) == 0 &&
                                   memcmp(t->contents + word->content + 4, starts[i], lengths[i]) == 0))) {
            ids[i] = word->number;
            break;
          }
        }
      }
      for (uint32_t i = from; i < to; i++) {
        uint64_t key = (i ? (uint64_t)ids[i - 1] << 32 : 0) | ids[i];
        __builtin_prefetch(&t->pairs[mix(key) >> (64 - pairLog)]);
      }
      for (uint32_t i = from; i < to; i++) {
        if (i > 0) {
          uint64_t key = (uint64_t)ids[i - 1] << 32 | ids[i];
          size_t at = mix(key) >> (64 - pairLog);
          while (t->pairs[at].number != 0 && t->pairs[at].key != key) at = (at + 1) & ((1ull << pairLog) - 1);
          if (t->pairs[at].number == 0) {
            t->pairs[at] = (Pair){key, n.slots + 1};
            t->slots[2 * n.slots] = ids[i - 1];
            t->slots[2 * n.slots++ + 1] = ids[i];
          }
          found[2 * i] = t->pairs[at].number - 1;
        }
        if (t->single[ids[i]] == 0) {
          t->slots[2 * n.slots] = -1;
          t->slots[2 * n.slots + 1] = ids[i];
          t->single[ids[i]] = ++n.slots;
        }
        found[2 * i + 1] = t->single[ids[i]] - 1;
      }
    }
    uint32_t low = UINT32_MAX, high = 0;
    for (uint32_t i = 1; i < 2 * words; i++) {
      uint32_t slot = found[i];
      t->present[slot >> 6] |= 1ull << (slot & 63);
      t->groups[slot >> 12] |= 1ull << (slot >> 6 & 63);
      t->counts[slot]++;
      low = low < slot >> 12 ? low : slot >> 12;
      high = high > slot >> 12 ? high : slot >> 12;
    }
    uint32_t first = n.entries;
    double squares = 0;
    for (uint32_t g = low; words > 0 && g <= high; g++) {
      uint64_t group = t->groups[g];
      t->groups[g] = 0;
      for (; group; group &= group - 1) {
        uint32_t w = g << 6 | __builtin_ctzll(group);
        uint64_t word = t->present[w];
        t->present[w] = 0;
        for (; word; word &= word - 1) {
          uint32_t slot = w << 6 | __builtin_ctzll(word);
          float value = t->counts[slot];
          t->counts[slot] = 0;
          squares += value * value;
          t->indices[n.entries] = slot;
          t->values[n.entries++] = value;
        }
      }
    }
    float scale = squares > 0 ? 1 / sqrtf(squares) : 1;
    for (uint32_t k = first; k < n.entries; k++) t->values[k] *= scale;
    if (row < lines) t->ends[row++] = n.entries;
    line = end + 1;
  }
  return n;
}

static Counts run(const char *text, size_t bytes, size_t lines) {
  arenaAt = 0;
  Tables t = {
      .words = take(sizeof(Word) << wordLog),
      .pairs = take(sizeof(Pair) << pairLog),
      .slots = take(8 * slotMost),
      .single = take(4ull << wordLog),
      .contents = take(contentMost),
      .present = take(slotMost / 8),
      .groups = take(slotMost / 512),
      .counts = take(4 * slotMost),
      .indices = take(4 * entryMost),
      .values = take(4 * entryMost),
      .ends = take(4 * lines),
  };
  return count(text, bytes, &t, lines);
}

static size_t logAbove(size_t count) {
  size_t log = 12;
  while (1ull << log < 2 * count) log++;
  return log;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: ngrams TEXTS RUNS\n"), 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return perror(argv[1]), 1;
  fseek(file, 0, SEEK_END);
  size_t bytes = ftell(file);
  rewind(file);
  char *text = malloc(bytes + 64);
  if (fread(text, 1, bytes, file) != bytes) return perror(argv[1]), 1;
  size_t lines = 1;
  for (size_t i = 0; i < bytes; i++) lines += text[i] == '\n';
  arenaBytes = 4ull << 30;
  Counts n = {0, 0, 0, 0};
  int runs = atoi(argv[2]);
  for (int fresh = 1; fresh >= 0; fresh--) {
    if (fresh) printf("{\"bytes\":%zu", bytes);
    printf(",\"%s\":[", fresh ? "newMemory" : "usedMemory");
    for (int r = -1; r < runs; r++) {
      if (fresh || r < 0) arena = mmap(0, arenaBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (arena == MAP_FAILED) return perror("mmap"), 1;
      if (!fresh && r >= 0) memset(arena, 0, arenaAt);
      double start = now();
      n = run(text, bytes, lines);
      // The first run only finds out how large everything is.
      if (r < 0) {
        wordLog = logAbove(n.words);
        pairLog = logAbove(n.slots);
        slotMost = n.slots + 4096;
        entryMost = n.entries + 16;
        contentMost = n.contentEnd + 64;
      } else {
        printf("%s%.4f", r ? "," : "", now() - start);
      }
      if (fresh) munmap(arena, arenaBytes);
    }
    printf("]");
  }
  printf(",\"words\":%u,\"slots\":%u,\"entries\":%u}\n", n.words, n.slots, n.entries);
}
