import type { CsrMatrix } from "../../src/data/csr.js";

/** What folding makes of the columns of a matrix; the plain definition. */
export interface PlainFolding {
  /** Features on each line: those with a line to themselves first, each kind in order of its first features. */
  readonly lines: number[][];
  /** Features that one row alone holds. */
  readonly own: number[];
  /** Features that no row holds. */
  readonly absent: number[];
}

export function plainFolding({ rowCount, columnCount, indptr, indices, values }: CsrMatrix): PlainFolding {
  const columns = Array.from({ length: columnCount }, () => [] as [number, number][]);
  for (let row = 0; row < rowCount; row++) {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) columns[indices[k]!]!.push([row, values[k]!]);
  }
  const groups = new Map<string, number[]>();
  columns.forEach((column, feature) => {
    if (column.length < 2) return;
    const key = JSON.stringify(column);
    groups.set(key, [...(groups.get(key) ?? []), feature]);
  });
  const lines = [...groups.values()];
  const withRows = (count: number) =>
    columns.flatMap((column, feature) => (column.length === count ? [feature] : []));
  return {
    lines: [...lines.filter((line) => line.length === 1), ...lines.filter((line) => line.length > 1)],
    own: withRows(1),
    absent: withRows(0),
  };
}
