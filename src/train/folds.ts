import { type CsrMatrix, rowRanges } from "../data/csr.js";
import { hashFinal, hashRound } from "../hash.js";

/** Parts that rows are dealt into. */
const FOLD_COUNT = 5;
/** Above this number of rows one part is held out; up to it, each in turn. */
const MANY_ROWS = 10_000;

/**
 * The lists of rows that are held out one after another to judge a choice: a fifth of the rows where there are more than
 * 10 000, else every fifth in turn. Rows with the same features stay together; classes are spread evenly. The order of
 * the rows does not matter. Yields now and then.
 */
export function* heldOutRows(matrix: CsrMatrix, labels: Uint32Array): Generator<void, Uint32Array[]> {
  const groups = new Map<number, number[]>();
  (yield* hashesOf(matrix)).forEach((hash, row) => {
    const group = groups.get(hash);
    if (group) group.push(row);
    else groups.set(hash, [row]);
  });
  const classOf = (rows: readonly number[]) =>
    rows.reduce((least, row) => Math.min(least, labels[row]!), Infinity);
  const dealt = Array.from(groups, ([hash, rows]) => ({ hash, rows, class_: classOf(rows) }));
  dealt.sort((a, b) => a.class_ - b.class_ || a.hash - b.hash);
  const folds: number[][] = Array.from({ length: FOLD_COUNT }, () => []);
  dealt.forEach(({ rows }, i) => {
    folds[i % FOLD_COUNT]!.push(...rows);
  });
  const lists = folds.map((rows) => Uint32Array.from(rows).sort());
  return matrix.rowCount > MANY_ROWS ? lists.slice(0, 1) : lists;
}

/** A hash of the features of each row; rows that are not the same seldom share one, and that does no harm. */
function* hashesOf(matrix: CsrMatrix): Generator<void, Uint32Array> {
  const { rowCount, indptr, indices, values } = matrix;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const hashes = new Uint32Array(rowCount);
  for (const [first, end] of rowRanges(matrix)) {
    for (let row = first; row < end; row++) {
      let hash = 1;
      for (let k = indptr[row]!; k < indptr[row + 1]!; k++)
        hash = hashRound(hashRound(hash, indices[k]!), bits[k]!);
      hashes[row] = hashFinal(hash, indptr[row + 1]! - indptr[row]!);
    }
    yield;
  }
  return hashes;
}
