// Constants that both compilers read: asc for the core, tsc for the TypeScript that fills its memory.

/** Lanes of a v128 register of f32, and its size in bytes: every block of the arena starts at a multiple of it. */
export enum Layout {
  LANES = 4,
  ALIGN = 16,
}

/**
 * Fields of the record that describes one training problem to the core, as byte offsets. Each is a u32 address or
 * count unless said otherwise.
 *
 * Features that one row alone holds ("own") have no weights here, and features that are alike in all rows share a line of
 * weights; fold-rows.ts says which, folding.ts why that changes nothing.
 *
 *   lineOf       u32[featureCount]              line of each feature; of an own one OWN + its position in ownValues, of one in no
 *                                               row ABSENT (fold-rows.ts)
 *   dense        f32[rowCount][denseCount]      values on the first lines, those of columns that nearly every row has
 *                                               (src/train/dense-columns.ts); the entries below are on other lines
 *   columns      u32[denseCount]                0 … denseCount − 1: the lines of a row's dense values
 *   indptr       u32[rowCount + 1]              positions in indices and values
 *   sharedAt     u32[rowCount]                  position of a row's first entry on a shared line
 *   indices      u32[nnz]                       line of weights, strictly ascending in a row, each < lineCount
 *   values       f32[nnz]
 *   counts       f32[lineCount − firstShared]   features on each shared line
 *   ownIndptr    u32[rowCount + 1]              positions in ownValues
 *   ownValues    f32[ownCount]                  values of the features that only this row holds, ascending
 *   ownNorms     f32[rowCount]                  the sum of their squares
 *   labels       u32[rowCount]                  class 0 … classCount − 1
 *   targets      f32, shaped like duals         t, the distribution that a row is labelled with, where labels are soft; the
 *                                               row's label is then the most probable class. Address 0: all on the label
 *   norms        f32[rowCount]                  |x|², own features included, plus 1 when there is a bias
 *   rowWeights   f32[rowCount]                  c, above 0, with a mean of 1
 *   weights      f32[lineCount][stride]         class weights of each feature on the line; for two classes f32[lineCount]
 *   accumulated  f32, shaped like weights       what updates are added to, where there is an L1 part; see elastic-net.ts
 *   biases       f32[stride]                    spare lanes hold SPARE_SCORE; for two classes f32[1]
 *   origin       f32, shaped like weights       W₀, which the regulariser pulls to; address 0 where it is 0 everywhere
 *   originBiases f32, shaped like biases        the same of the biases
 *   duals        f32[rowCount][stride]          q, a distribution over classes; for two classes f32[rowCount], the
 *                                               mass on the wrong class
 *   residuals    f32[rowCount]                  c |softmax(z) − q|² at the last visit
 *   divergences  f32[rowCount]                  c KL(q ‖ softmax(z)) at the last visit, before the step
 *   losses       f32[rowCount]                  −c ln softmax(z)[label] at the last visit, before the step
 *   bounds       u32[rowCount × 2 shards + 1]   where the entries of a row begin that are on plain lines of each shard,
 *                                               then on shared lines of each; see src/train/deal-lines.ts
 *   scores       f32[batches][batchSize][shards][stride]  scratch of one batch, for several threads of two
 *   changes      f32[batches][batchSize][stride]  scratch: c (q before − q after) / N
 *   zeros        f32[stride]                    the change of a row that has not moved
 *   marks        u8[batches][batchSize]         scratch: rows that have moved
 *   ready        u32[2][batchSize]              several threads: how often a pair of rows has been scored, at its first
 *   wide         f64[2][stride]                 scratch of the confirming pass, and of what looks at single rows
 *   cursors      u32[rowCount][2]               scratch of the confirming pass: of each row an entry's position and line
 *   sums         f64[linesABlock][stride]       scratch of the confirming pass; for two classes f64[linesABlock]
 *   squares      f32[lineCount]                 Σ x² of each line, once it is solved: src/train/leave-one-out.ts
 *   results      f64[blocks][4]                 what each block of work has yielded: see `takeBlocks`
 *   control                                     see `Control`
 *
 * Each thread has a record of its own, with shards, `place`, `wide`, `cursors` and `sums` that no other has.
 */
export enum Problem {
  rowCount = 0,
  lineCount = 4,
  classCount = 8,
  /** classCount rounded up to whole registers. */
  stride = 12,
  /** Rows a batch. */
  batchSize = 16,
  hasBias = 20,
  indptr = 24,
  indices = 28,
  values = 32,
  labels = 36,
  norms = 40,
  weights = 44,
  biases = 48,
  duals = 52,
  residuals = 56,
  divergences = 60,
  losses = 64,
  order = 68,
  scores = 72,
  changes = 76,
  marks = 80,
  wide = 84,
  /** f32: 1 / N, where N = λ · rowCount. */
  inverseN = 88,
  /** Lines from this one on are shared. */
  firstShared = 92,
  sharedAt = 96,
  counts = 100,
  ownIndptr = 104,
  ownValues = 108,
  ownNorms = 112,
  featureCount = 116,
  lineOf = 120,
  zeros = 124,
  /** Entries of `ownValues`. */
  ownCount = 128,
  /** Entries on shared lines. */
  sharedEntries = 132,
  origin = 136,
  originBiases = 140,
  /** Groups of lines by which threads share a row; see src/train/deal-lines.ts. */
  shards = 144,
  bounds = 148,
  /** The shards that the thread scores and updates. */
  firstShard = 152,
  endShard = 156,
  /** Threads that visit rows together. */
  threads = 160,
  /** The first row of the batch that the thread visits next, by its place in the epoch's order. */
  place = 164,
  ready = 168,
  control = 172,
  results = 176,
  cursors = 180,
  sums = 184,
  /** Lines of a block of work. */
  linesABlock = 188,
  rowWeights = 192,
  accumulated = 196,
  /** f32: τ of the L1 part; 0 when there is none. */
  threshold = 200,
  targets = 204,
  /** The block of `Work.rebuild` that is begun, and the row that it goes on with: 0 where none is. */
  openBlock = 208,
  openRow = 212,
  /** Lines of dense columns, the first ones: a multiple of 4 times the most shards. */
  denseCount = 216,
  dense = 220,
  columns = 224,
  BYTES = 228,
}

/**
 * Fields of the record by which the visits of epochs are scheduled, as byte offsets: u32 addresses or counts.
 *
 *   rows       u32[count]       the rows that there are to visit; address 0: all
 *   order      u32[count]       where the rows of an epoch's visits go to
 *   residuals  f32[rowCount]    see above
 *   due        f64[count]       visits that are due, by place in `rows`, and what has been saved up of the next
 *   visits     u8[count]        visits in the epoch, by place
 *   places     u32[count]       of each visit: whose it is
 *   moments    u32[count]       of each visit: its moment in the epoch, 0 … total − 1
 *   ends       u32[count + 1]   visits at the moment before; once sorting has begun, where those of a moment go to
 */
export enum Visits {
  count = 0,
  /** Visits in the epoch. */
  total = 4,
  /** Of which so many have a moment. */
  drawn = 8,
  rows = 12,
  order = 16,
  residuals = 20,
  due = 24,
  visits = 28,
  places = 32,
  moments = 36,
  ends = 40,
  /** u32[4]: the state of the generator. */
  random = 44,
  BYTES = 64,
}

/**
 * Counters by which threads share work, as byte offsets: u32, written by atomic operations only, each in cache lines of
 * its own. Rows are counted by their place in the epoch's order.
 */
export enum Control {
  /** 1: end early, at the end of a batch or of a block. */
  stop = 0,
  /** The next block of work to take. */
  nextBlock = 128,
  /** Which batches may be begun: see `visitTogether`. */
  opened = 256,
  /** Rows that have taken their steps. */
  stepped = 384,
  /** Threads that sleep. */
  sleepers = 512,
  /** The share of the rows that `Work.measureShare` measures. */
  share = 640,
  BYTES = 768,
}

/** What is done in blocks, which may be taken in any order by any thread: see `takeBlocks`. */
export enum Work {
  /** Rows: `settleDuals`. */
  settle,
  /** Rows that have `Control.share` at their place of `order`: yields the sum of their divergences, and their number. */
  measureShare,
  /** Rows: `measureRows`; yields its four sums. */
  measure,
  /** Lines: `addRows` and `storeLines`; yields the squares of the roundings. */
  rebuild,
  /** Lines: yields the sum of their squares. */
  square,
  /** Lines: yields the sum of the squares of what they are away from the origin. */
  squareMove,
}

export enum Cursor {
  /** The line of a row that has no further entry. */
  NO_LINE = 0xffff_ffff,
}

/** Rows of a block of work; weights that a piece of a block of lines adds to. */
export enum Blocks {
  ROWS = 256,
  /** Some 5 ms of work. */
  ADDED = 2_097_152,
}
