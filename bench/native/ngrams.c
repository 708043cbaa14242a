// The words and pairs of words of many texts, and their trigrams of characters, counted: featurizeText as plain C by the
// library's own algorithm (assembly/text/: rows in pieces, words and pairs asked for in groups, a loop without branches for
// what most are, the slots of a piece sorted together; trigrams.h), with tables that have their final size from the start, for
// text of ASCII (other bytes count as letters). What it takes is a bound for what the library can reach on the same machine.
//
//   ngrams TEXTS RUNS words|both   TEXTS: a text a line. Prints JSON: bytes, seconds of each run with new memory and of each
//                                  run in memory that the one before has used, words, slots, trigrams, entries
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "trigrams.h"

enum { GROUP = 512, PIECE = 1 << 16, MOST_LINE = 1 << 20, MOST = PIECE + MOST_LINE };

typedef struct { uint64_t key; uint32_t number, slot; } Word;  // slot + 1; key 0: free
typedef struct { uint64_t key; uint64_t number; } Pair;        // slot + 1; number 0: free

typedef struct {
  Word *words;
  uint64_t *records;  // of each word: its key, or of long ones where in contents they lie, with LONG
  char *contents;     // of words of more than eight bytes or others than ASCII: length, bytes, filled up with 0 to eight
  Pair *pairs;
  int32_t *slots;     // of each slot: its two words, the first −1 for a word alone
  uint32_t *indices, *ends;
  float *values;
  Trigrams trigrams;
} Tables;

typedef struct { uint32_t words, contentEnd, slots, trigrams, entries, rows; } Counts;

// Of the piece at hand.
static char lower[MOST + 64];
static uint64_t keys[MOST], content[MOST];
static uint32_t starts[MOST], ids[MOST], wordSlots[MOST], rowWords[MOST], rowKnown[MOST], rowNew[MOST];
static uint32_t rowStarts[MOST], rowLengths[MOST];
static uint32_t entries[2 * MOST], sorted[2 * MOST], newCounts[2 * MOST], freshSlots[MOST], cursors[MOST];
static uint32_t rowSlots[3 * MOST], rowCounts[3 * MOST];
static Word *freshWords[MOST];

static size_t wordLog = 21, pairLog = 23, slotMost = 1 << 23, entryMost = 1 << 26, contentMost = 1 << 25, trigramMost = 1 << 21;
static int hasTrigrams;
static char *arena;
static size_t arenaBytes, arenaAt;
static const uint64_t LONG = 0x8080, BEYOND_ASCII = 0x8080808080808080;

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

static int isLong(uint64_t key) { return (key & LONG) == LONG; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/** Reads the words of a line, which stands in `lower` from `at` on; returns how many words the piece has then. */
static uint32_t readWords(uint32_t at, uint32_t length, uint32_t words, uint32_t *groups) {
  uint32_t start = at;
  for (uint32_t i = at; i <= at + length; i++) {
    if (lower[i] != ' ') continue;
    uint32_t size = i - start;
    uint64_t key;
    memcpy(&key, lower + start, 8);
    uint64_t mask = size == 0 || size > 7 ? UINT64_MAX : UINT64_MAX >> (64 - 8 * size);
    if (size > 8 || (size > 0 && (key & mask & BEYOND_ASCII))) {
      uint32_t first = *groups;
      uint64_t hash = content[first] = size;
      for (uint32_t k = 0; k < size; k += 8) {
        uint64_t part;
        memcpy(&part, lower + start + k, 8);
        if (size - k < 8) part &= UINT64_MAX >> (64 - 8 * (size - k));
        content[++*groups] = part;
        hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
      }
      ++*groups;
      key = hash | LONG;
      starts[words] = first;
    } else if (size > 0) {
      key = (key & mask) | 1ull << (8 * size - 1);
    }
    keys[words] = key;
    words += size > 0;
    start = i + 1;
  }
  return words;
}

static int isSame(const Tables *t, uint32_t i, uint32_t number) {
  const uint64_t *read = content + starts[i];
  return memcmp(t->contents + (t->records[number] >> 16), read, 8 + ((*read + 7) & ~7ull)) == 0;
}

static void findWords(Tables *t, Counts *n, uint32_t from, uint32_t to, uint32_t oldWords) {
  Word *places[GROUP];
  uint32_t todo[GROUP + 1], count = 0;
  for (uint32_t i = from; i < to; i++) {
    places[i - from] = &t->words[mix(keys[i]) >> (64 - wordLog)];
    __builtin_prefetch(places[i - from]);
  }
  for (uint32_t i = from; i < to; i++) {
    const Word *word = places[i - from];
    ids[i] = word->number;
    wordSlots[i] = word->slot;
    todo[count] = i;
    count += (word->key != keys[i]) | isLong(keys[i]);
  }
  for (uint32_t k = 0; k < count; k++) {
    uint64_t record = t->records[ids[todo[k]]];
    __builtin_prefetch(t->contents + (isLong(record) ? record >> 16 : 0));
  }
  for (uint32_t k = 0; k < count; k++) {
    uint32_t i = todo[k];
    Word *word = places[i - from], *last = t->words + (1ull << wordLog);
    while (word->key != 0 && (word->key != keys[i] || (isLong(keys[i]) && !isSame(t, i, word->number))))
      if (++word == last) word = t->words;
    if (word->key == 0) {
      word->key = keys[i];
      word->number = ++n->words;
      freshWords[n->words - oldWords - 1] = word;
      freshSlots[n->words - oldWords - 1] = 0;
      t->records[n->words] = keys[i];
      if (isLong(keys[i])) {
        const uint64_t *read = content + starts[i];
        size_t bytes = 8 + ((*read + 7) & ~7ull);
        memcpy(t->contents + n->contentEnd, read, bytes);
        t->records[n->words] = (uint64_t)n->contentEnd << 16 | LONG;
        n->contentEnd += bytes;
      }
    }
    ids[i] = word->number;
    wordSlots[i] = word->slot;
  }
}

static uint32_t addSlot(Tables *t, Counts *n, uint32_t firstNew, int32_t prefix, uint32_t word) {
  t->slots[2 * n->slots] = prefix;
  t->slots[2 * n->slots + 1] = word;
  newCounts[n->slots - firstNew] = 1;
  return ++n->slots;
}

/** Lists the known slots of a part of a row and counts the new ones. */
static uint32_t findSlots(Tables *t, Counts *n, Pair **places, uint32_t from, uint32_t to, int isRowStart, uint32_t tag,
                          uint32_t known, uint32_t firstNew, uint32_t oldWords, uint32_t at) {
  uint32_t todo[GROUP + 1], count = 0, i = from;
  if (isRowStart) todo[count++] = i++;
  for (; i < to; i++) {
    const Pair *pair = places[i - from];
    uint64_t key = (uint64_t)ids[i - 1] << 32 | ids[i];
    uint32_t pairSlot = pair->number - 1, wordSlot = wordSlots[i] - 1;
    int isKnown = (pair->key == key) & (pairSlot < known) & (wordSlot < known);
    entries[at] = tag | pairSlot;
    entries[at + 1] = tag | wordSlot;
    at += isKnown << 1;
    todo[count] = i;
    count += isKnown ^ 1;
  }
  for (uint32_t k = 0; k < count; k++) {
    i = todo[k];
    if (!isRowStart || i != from) {
      uint64_t key = (uint64_t)ids[i - 1] << 32 | ids[i];
      Pair *pair = places[i - from], *last = t->pairs + (1ull << pairLog);
      while (pair->number != 0 && pair->key != key) if (++pair == last) pair = t->pairs;
      if (pair->number == 0) *pair = (Pair){key, addSlot(t, n, firstNew, ids[i - 1], ids[i])};
      else if (pair->number > known) newCounts[pair->number - 1 - firstNew]++;
      else entries[at++] = tag | (pair->number - 1);
    }
    uint32_t *fresh = &freshSlots[ids[i] - oldWords - 1];
    uint32_t number = ids[i] > oldWords ? *fresh : wordSlots[i];
    if (number == 0) *fresh = addSlot(t, n, firstNew, -1, ids[i]);
    else if (number > known) newCounts[number - 1 - firstNew]++;
    else entries[at++] = tag | (number - 1);
  }
  return at;
}

static void scatter(const uint32_t *from, uint32_t *to, uint32_t count, uint32_t *places, uint32_t shift, uint32_t mask) {
  for (uint32_t i = 0; i < count; i++) to[places[from[i] >> shift & mask]++] = from[i];
}

/** Sorts the entries of some rows by slot, deals them out to the rows and counts equal ones. */
static void sortRows(uint32_t *list, uint32_t firstRow, uint32_t rows, uint32_t slotBits) {
  static uint32_t low[1 << 12], high[1 << 12];
  uint32_t digit = slotBits / 2, mask = (1u << digit) - 1, count = 0;
  for (uint32_t r = 0; r < rows; r++) {
    cursors[r] = count + r;
    count += rowKnown[firstRow + r];
  }
  memset(low, 0, sizeof *low << digit);
  memset(high, 0, sizeof *high << digit);
  for (uint32_t i = 0; i < count; i++) {
    low[list[i] & mask]++;
    high[list[i] >> digit & mask]++;
  }
  for (uint32_t d = 0, a = 0, b = 0; d <= mask; d++) {
    uint32_t lows = low[d], highs = high[d];
    low[d] = a;
    high[d] = b;
    a += lows;
    b += highs;
  }
  scatter(list, sorted, count, low, 0, mask);
  scatter(sorted, list, count, high, digit, mask);
  uint32_t before = count > 0 ? ~list[0] : 0, occurrences = 0;
  for (uint32_t i = 0; i < count; i++) {
    int isOther = list[i] != before;
    uint32_t *cursor = &cursors[list[i] >> slotBits];
    uint32_t to = *cursor += isOther;
    occurrences = isOther ? 1 : occurrences + 1;
    rowSlots[to] = list[i] & ((1u << slotBits) - 1);
    rowCounts[to] = occurrences;
    before = list[i];
  }
}

/** Counts the rows whose words were read. */
static void countPiece(Tables *t, Counts *n, uint32_t rows, uint32_t words) {
  uint32_t oldWords = n->words, firstNew = n->slots, slotBits = 2;
  while ((n->slots + 2 * words) >> slotBits) slotBits += 2;
  for (uint32_t from = 0; from < words; from += GROUP)
    findWords(t, n, from, from + GROUP < words ? from + GROUP : words, oldWords);
  uint32_t at = 0, row = 0, known = n->slots, done = 0, rowStart = 0;
  Pair *places[GROUP];
  for (uint32_t first = 0; first < words; first += GROUP) {
    uint32_t end = first + GROUP < words ? first + GROUP : words;
    for (uint32_t i = first; i < end; i++) {
      uint64_t key = (i ? (uint64_t)ids[i - 1] << 32 : 0) | ids[i];
      places[i - first] = &t->pairs[mix(key) >> (64 - pairLog)];
      __builtin_prefetch(places[i - first]);
    }
    for (uint32_t from = first; from < end;) {
      for (; done == rowWords[row]; done = 0, known = n->slots, rowStart = at) {
        rowKnown[row] = at - rowStart;
        rowNew[row++] = n->slots - known;
      }
      uint32_t size = rowWords[row] - done < end - from ? rowWords[row] - done : end - from;
      at = findSlots(t, n, places + (from - first), from, from + size, done == 0, row << slotBits, known, firstNew, oldWords, at);
      from += size;
      done += size;
    }
  }
  for (; row < rows; known = n->slots, rowStart = at) {
    rowKnown[row] = at - rowStart;
    rowNew[row++] = n->slots - known;
  }
  for (uint32_t k = 0; k < n->words - oldWords; k++) freshWords[k]->slot = freshSlots[k];
  uint32_t together = slotBits < 32 ? 1u << (32 - slotBits) : 1, fresh = firstNew, start = 0, rowAt = 0;
  for (uint32_t r = 0; r < rows; r++) {
    if (r % together == 0) {
      rowAt = 0;
      sortRows(entries + start, r, rows - r < together ? rows - r : together, slotBits);
    }
    if (hasTrigrams)
      n->entries += countTrigrams(&t->trigrams, lower + rowStarts[r], rowLengths[r],
                                  t->indices + n->entries, t->values + n->entries);
    t->ends[2 * n->rows] = n->entries;
    uint32_t *indices = t->indices + n->entries, size = cursors[r % together] - rowAt;
    float *values = t->values + n->entries;
    double squares = 0;
    for (uint32_t k = 0; k < size; k++) {
      indices[k] = rowSlots[rowAt + 1 + k];
      values[k] = rowCounts[rowAt + 1 + k];
    }
    for (uint32_t k = 0; k < rowNew[r]; k++, size++, fresh++) {
      indices[size] = fresh;
      values[size] = newCounts[fresh - firstNew];
    }
    for (uint32_t k = 0; k < size; k++) squares += values[k] * values[k];
    float scale = scaleOf(squares);
    for (uint32_t k = 0; k < size; k++) values[k] *= scale;
    start += rowKnown[r];
    rowAt += rowKnown[r] + 1;
    n->entries += size;
    t->ends[2 * n->rows++ + 1] = n->entries;
  }
}

static Counts count(const char *text, size_t bytes, Tables *t) {
  Counts n = {0};
  uint32_t at = 0, rows = 0, words = 0, groups = 0;
  for (const char *line = text; line < text + bytes;) {
    const char *end = memchr(line, '\n', text + bytes - line);
    if (!end) end = text + bytes;
    uint32_t length = end - line < MOST_LINE - 18 ? end - line : MOST_LINE - 18;
    lower[at++] = START_OF_TEXT;
    for (uint32_t i = 0; i < length; i++) {
      char c = line[i];
      lower[at + i] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
    memset(lower + at + length, ' ', 16);
    uint32_t before = words;
    words = readWords(at, length, words, &groups);
    lower[at + length] = END_OF_TEXT;
    rowStarts[rows] = at - 1;
    rowLengths[rows] = length > 0 ? length + 2 : 0;
    rowWords[rows++] = words - before;
    at += length + 1;
    line = end + 1;
    if (at < PIECE && line < text + bytes) continue;
    countPiece(t, &n, rows, words);
    at = rows = words = groups = 0;
  }
  // Words come after all trigrams.
  uint32_t more = t->trigrams.slots;
  for (uint32_t r = 0; r < n.rows && more > 0; r++)
    for (uint32_t k = t->ends[2 * r]; k < t->ends[2 * r + 1]; k++) t->indices[k] += more;
  return n;
}

static Counts run(const char *text, size_t bytes, size_t lines) {
  arenaAt = 0;
  Tables t = {
      .words = take(sizeof(Word) << wordLog),
      .records = take(8ull << wordLog),
      .contents = take(contentMost),
      .pairs = take(sizeof(Pair) << pairLog),
      .slots = take(8 * slotMost),
      .indices = take(4 * entryMost),
      .values = take(4 * entryMost),
      .ends = take(8 * lines),
  };
  if (hasTrigrams) {
    t.trigrams = (Trigrams){.table = take(4 << 21), .counts = take(trigramMost + 4096), .touched = take(trigramMost / BLOCK + 64),
                            .units = take(3 * trigramMost), .carries = take(MOST_LINE / 16)};
  }
  Counts n = count(text, bytes, &t);
  n.trigrams = t.trigrams.slots;
  return n;
}

static size_t logAbove(size_t count) {
  size_t log = 12;
  while (1ull << log < 2 * count) log++;
  return log;
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: ngrams TEXTS RUNS words|both\n"), 2;
  hasTrigrams = strcmp(argv[3], "both") == 0;
  startTrigrams();
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
  Counts n = {0};
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
        trigramMost = n.trigrams + 1;
        contentMost = n.contentEnd + 64;
      } else {
        printf("%s%.4f", r ? "," : "", now() - start);
      }
      if (fresh) munmap(arena, arenaBytes);
    }
    printf("]");
  }
  printf(",\"words\":%u,\"slots\":%u,\"trigrams\":%u,\"entries\":%u}\n", n.words, n.slots, n.trigrams, n.entries);
}
