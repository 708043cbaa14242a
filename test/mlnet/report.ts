const fates = ["passed", "failed", "not built", "left out", "no data"] as const;
type Fate = (typeof fates)[number];

/** Counts what became of the cases of each file, and why those that did not run did not. */
export class Report {
  readonly #files = new Map<string, { counts: Map<Fate, number>; reasons: Map<string, number> }>();

  /** Returns the fate in words. */
  add(file: string, fate: Fate, reason?: string): string {
    const entry = this.#files.get(file) ?? { counts: new Map(), reasons: new Map() };
    this.#files.set(file, entry);
    countUp(entry.counts, fate);
    const words = reason === undefined ? fate : `${fate}: ${reason}`;
    if (reason !== undefined) countUp(entry.reasons, words);
    return words;
  }

  toString(): string {
    const rows = Array.from(this.#files, ([file, { counts }]) => {
      const numbers = fates.map((fate) => counts.get(fate) ?? 0);
      return [file, ...[numbers.reduce((sum, count) => sum + count), ...numbers].map(String)];
    });
    const table = aligned([["ML.NET's records", "cases", ...fates], ...rows]);
    const reasons = Array.from(this.#files).flatMap(([file, { reasons }]) =>
      Array.from(reasons, ([reason, count]) => `${file}, ${count} ${reason}`),
    );
    return [...table, "", ...reasons].join("\n");
  }
}

function countUp<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
}
