import { DualTextError, kindOf, nearestName } from "../errors.js";
import {
  type Column,
  type ColumnByKind,
  type ColumnKind,
  type ColumnType,
  rowCountOf,
  sliceColumn,
  takeFromColumn,
  typeOf,
  type VectorColumn,
} from "./columns.js";
import { spareEntries } from "./spare-entries.js";

/** Column names and their kinds, at the level of types. `any` where they are known only at run time. */
export type Schema = Readonly<Record<string, ColumnKind>>;

/** Reads rows start … end − 1 of a column that is computed from others. Called again for rows not kept. */
export type ReadRows = (start: number, end: number) => Column;

interface Source {
  readonly type: ColumnType;
  readonly read: ReadRows;
  readonly keep: boolean;
  kept?: Column | undefined;
  /** The whole column, made already, for the first reader. */
  made?: VectorColumn | undefined;
}

/**
 * Immutable named columns of equal length. Columns that stages add are computed when first read, whole by
 * {@link Dataset.column} (and then kept) or in blocks of rows by {@link Dataset.block} (and then not kept).
 */
export class Dataset<S extends Schema = any> {
  /** Types only: makes a dataset with more columns usable where fewer are asked for, and never the reverse. */
  declare readonly schemaType?: S;
  readonly rowCount: number;
  readonly #sources: ReadonlyMap<string, Source>;

  private constructor(rowCount: number, sources: ReadonlyMap<string, Source>) {
    this.rowCount = rowCount;
    this.#sources = sources;
  }

  /** A dataset of columns that are there already. Throws `bad-argument` when their lengths differ. */
  static of<S extends Schema = any>(columns: Readonly<Record<string, Column>>): Dataset<S> {
    const sources = new Map<string, Source>();
    let rowCount: number | undefined;
    for (const [name, column] of Object.entries(columns)) {
      const length = rowCountOf(column);
      rowCount ??= length;
      if (length !== rowCount) {
        throw new DualTextError(
          "bad-argument",
          `Column "${name}" has ${length} rows, the columns before it ${rowCount}.`,
        );
      }
      sources.set(name, { type: typeOf(column), read: () => column, keep: true, kept: column });
    }
    return new Dataset<S>(rowCount ?? 0, sources);
  }

  get columnNames(): string[] {
    return [...this.#sources.keys()];
  }

  has(name: string): boolean {
    return this.#sources.has(name);
  }

  /** The type of a column, without reading it. Throws `bad-column` when there is none of that name. */
  typeOf(name: keyof S & string): ColumnType {
    return this.#source(name).type;
  }

  /** A whole column. Throws `bad-column` when there is none of that name. */
  column<N extends keyof S & string>(name: N): ColumnByKind[S[N]] {
    const source = this.#source(name);
    const column = source.kept ?? takeMade(source) ?? source.read(0, this.rowCount);
    if (source.keep) source.kept = column;
    return column as ColumnByKind[S[N]];
  }

  /** Rows start … end − 1 of a column. Throws `bad-column` when there is none of that name. */
  block<N extends keyof S & string>(name: N, start: number, end: number): ColumnByKind[S[N]] {
    const source = this.#source(name);
    const isWhole = start === 0 && end === this.rowCount;
    if (isWhole && !source.kept) return this.column(name);
    const column = source.kept
      ? isWhole
        ? source.kept
        : sliceColumn(source.kept, start, end)
      : source.read(start, end);
    return column as ColumnByKind[S[N]];
  }

  /**
   * This dataset with one more column (or another one of the same name), computed when read.
   * @param keep whether a column read whole is kept for the next reader; `false` computes it again.
   */
  with(name: string, type: ColumnType, read: ReadRows, keep = true): Dataset {
    const sources = new Map(this.#sources);
    sources.set(name, { type, read, keep });
    return new Dataset(this.rowCount, sources);
  }

  /**
   * The same with a column that was made on the way: its first reader gets it whole, and whoever reads it again has it computed.
   * @param made nobody else has its arrays
   */
  withMade(name: string, read: ReadRows, made: VectorColumn): Dataset {
    const sources = new Map(this.#sources);
    sources.set(name, { type: typeOf(made), read, keep: false, made });
    return new Dataset(this.rowCount, sources);
  }

  /** A column given to {@link withMade} that nobody has read yet: from now on the caller alone has its arrays. */
  claim(name: keyof S & string): VectorColumn | undefined {
    return takeMade(this.#source(name));
  }

  /** Gives away what {@link withMade} was given and nobody has read: whoever still reads it has it computed. */
  spareMade(): void {
    for (const source of this.#sources.values()) {
      const made = takeMade(source);
      if (made?.matrix.layout === "sparse") spareEntries(made.matrix);
    }
  }

  /** The rows listed (each below rowCount, repeats allowed), in that order. */
  take(rows: Uint32Array): Dataset<S> {
    const sources = new Map<string, Source>();
    for (const [name, source] of this.#sources) {
      const read: ReadRows = (start, end) => {
        const wanted = rows.subarray(start, end);
        if (source.kept) return takeFromColumn(source.kept, wanted);
        return takeFromColumn(this.column(name), wanted);
      };
      sources.set(name, { type: source.type, read, keep: source.keep });
    }
    return new Dataset<S>(rows.length, sources);
  }

  #source(name: string): Source {
    const source = this.#sources.get(name);
    if (source) return source;
    const names = this.columnNames;
    const near = nearestName(name, names);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new DualTextError(
      "bad-column",
      `There is no column "${name}".${hint} Columns: ${names.join(", ") || "none"}.`,
    );
  }
}

function takeMade(source: Source): VectorColumn | undefined {
  const { made } = source;
  source.made = undefined;
  return made;
}

/** Throws `bad-argument` for what is no dataset. @param call what it was given to */
export function checkDataset(data: unknown, call: string): void {
  if (typeof data === "object" && data !== null && "columnNames" in data) return;
  throw new DualTextError(
    "bad-argument",
    `${call} wants a Dataset, which loadText, loadTextFile and fromRows give, but got ${kindOf(data)}.`,
  );
}
