// From cells to tables: pure functions of what was measured.
import { type CertificateValue, certificateTable } from "./certificate.js";
import { type FileValue, fileRivals, fileTable } from "./file.js";
import { type Curve, gaps, optimumRivals, type Point } from "./optimum.js";
import { dualtext } from "./ours.js";
import { type PathValue, pathTable } from "./path.js";
import type { Cell } from "./results.js";
import { type Build, builds, type TwinValue } from "./twin.js";

export type TableRow = Readonly<Record<string, string>>;

/** Seconds until a gap was reached, or the most that was tried without reaching it. */
export type Reached = { readonly seconds: number } | { readonly above: number } | undefined;

const digits = (value: number, count = 3) => `${Number(value.toPrecision(count))}`;
export const shown = (reached: Reached) =>
  reached === undefined ? "" : "seconds" in reached ? digits(reached.seconds) : `> ${digits(reached.above)}`;

/** The least objective that anyone has reached. */
export function leastObjective(curves: readonly Curve[]): number {
  const objectives = curves.flatMap((curve) => [
    ...curve.points.flatMap(({ objective }) => objective ?? []),
    ...(curve.least ? [curve.least.objective] : []),
  ]);
  return Math.min(...objectives);
}

/**
 * Seconds until the objective was within `gap` of the least. Between two runs the logarithm of the gap is taken as linear
 * in time, in the rival's favour; ours, which has a run for nearly each epoch, counts to the end of the run that is there.
 */
export function timeTo(points: readonly Point[], least: number, gap: number, between: boolean): Reached {
  const measured = points.filter((point): point is Required<Point> => point.objective !== undefined);
  const at = measured.findIndex(({ objective }) => objective - least <= gap);
  if (at < 0) {
    return measured.length > 0 ? { above: Math.max(...measured.map(({ seconds }) => seconds)) } : undefined;
  }
  const reached = measured[at]!;
  const before = measured[at - 1];
  if (!between || !before || before.seconds >= reached.seconds) return { seconds: reached.seconds };
  const log = (objective: number) => Math.log(Math.max(objective - least, 1e-12));
  const share = (log(before.objective) - Math.log(gap)) / (log(before.objective) - log(reached.objective));
  return { seconds: before.seconds + share * (reached.seconds - before.seconds) };
}

/** How many times longer `theirs` is than `ours`; with a limit that was reached, at least so many times. */
export function ratioOf(theirs: Reached, ours: Reached): { value: number; isLeast: boolean } | undefined {
  if (!theirs || !ours || !("seconds" in ours)) return undefined;
  const isLeast = !("seconds" in theirs);
  return { value: (isLeast ? theirs.above : theirs.seconds) / ours.seconds, isLeast };
}
const shownRatio = (ratio: ReturnType<typeof ratioOf>) =>
  ratio ? `${ratio.isLeast ? "> " : ""}${digits(ratio.value)}` : "";

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

const inTable = <T>(cells: readonly Cell[], table: string) =>
  cells.filter((cell) => cell.table === table) as Cell<T>[];
const setsOf = (cells: readonly Cell[]) => [...new Set(cells.map((cell) => cell.set))];
/** Cells of one set as its rivals are listed, ours first. */
function listed<T>(cells: readonly Cell<T>[], rivals: readonly { readonly name: string }[]): Cell<T>[] {
  const names = rivals.map(({ name }) => name);
  const place = (cell: Cell) =>
    (isOurs(cell) ? -1 : names.indexOf(cell.rival)) + (cell.rival === dualtext.name ? -1 : 0);
  return cells.toSorted((a, b) => place(a) - place(b));
}
const isOurs = (cell: Cell) => cell.rival === dualtext.name || cell.rival.startsWith(`${dualtext.name},`);

/** Rows of the table of the same optimum, a set after the other, and what the issue of speed comes to. */
export function optimumRows(cells: readonly Cell[], table: string): TableRow[] {
  const mine = inTable<Curve>(cells, table);
  return setsOf(mine).flatMap((set) => {
    const here = mine.filter((cell) => cell.set === set);
    const curves = here.flatMap((cell) => cell.value ?? []);
    const ours = here.find(isOurs)?.value;
    const least = leastObjective(curves);
    const ourTimes = gaps.map((gap) => timeTo(ours?.points ?? [], least, gap, false));
    const rows: TableRow[] = [];
    for (const cell of listed(here, optimumRivals)) {
      if (cell.state === "failed")
        rows.push({ set, solver: cell.rival, ...cellsOf(gaps.map(() => "failed")) });
      if (!cell.value) continue;
      const points = cell.value.points;
      if (points.length > 0 && points.every(({ objective }) => objective === undefined)) {
        const seconds = `${digits(points.at(-1)!.seconds)} in all`;
        rows.push({ set, solver: `${cell.rival} (another objective)`, ...cellsOf(["", seconds, ""]) });
        continue;
      }
      const times = gaps.map((gap) => timeTo(points, least, gap, !isOurs(cell)));
      const ratios = times.map((time, i) => (isOurs(cell) ? undefined : ratioOf(time, ourTimes[i])));
      rows.push({ set, solver: cell.rival, ...cellsOf(times.map(shown), ratios.map(shownRatio)) });
      if (cell.value.certified) {
        const proved = cell.value.certified.map(({ seconds }) => digits(seconds));
        rows.push({ set, solver: `${cell.rival}, until proved`, ...cellsOf(proved) });
      }
    }
    return rows;
  });
}

function cellsOf(times: readonly string[], ratios: readonly string[] = []): TableRow {
  const columns = gaps.map((gap, i) => [`to ${gap.toExponential(0)}, s`, times[i] ?? ""] as const);
  const ratioColumns = gaps.map((gap, i) => [`× ours, ${gap.toExponential(0)}`, ratios[i] ?? ""] as const);
  return Object.fromEntries([...columns, ...ratioColumns]);
}

/** For each set and gap the best exact rival over ours; geometric means over sets of two classes and of more. */
export function bestRivalRows(cells: readonly Cell[], table: string): TableRow[] {
  const mine = inTable<Curve>(cells, table);
  return setsOf(mine).map((set) => {
    const here = mine.filter((cell) => cell.set === set && cell.value);
    const least = leastObjective(here.map((cell) => cell.value!));
    const ours = here.find(isOurs)?.value?.points ?? [];
    const columns = gaps.map((gap) => {
      const best = here
        .filter((cell) => !isOurs(cell))
        .map((cell) => ({
          rival: cell.rival,
          ratio: ratioOf(timeTo(cell.value!.points, least, gap, true), timeTo(ours, least, gap, false)),
        }))
        .filter(({ ratio }) => ratio)
        .sort(
          (a, b) => Number(a.ratio!.isLeast) - Number(b.ratio!.isLeast) || a.ratio!.value - b.ratio!.value,
        )[0];
      return [`to ${gap.toExponential(0)}`, best ? `${shownRatio(best.ratio)} (${best.rival})` : ""];
    });
    return { set, ...Object.fromEntries(columns) } as TableRow;
  });
}

/** The geometric means of {@link bestRivalRows}, of sets with two classes and of sets with more, by gap. */
export function bestRivalMeans(cells: readonly Cell[], table: string): string[] {
  const classes = new Map(
    inTable<Curve>(cells, table).flatMap((cell) =>
      cell.value?.classCount ? [[cell.set, cell.value.classCount]] : [],
    ),
  );
  return (["two classes", "more classes"] as const).flatMap((kind) => {
    const rows = bestRivalRows(cells, table).filter(
      ({ set }) => (classes.get(set!) === 2) === (kind === "two classes"),
    );
    if (rows.length === 0) return [];
    const means = gaps.map((gap) => {
      const ratios = rows.map((row) => row[`to ${gap.toExponential(0)}`]!).filter(Boolean);
      if (ratios.length === 0) return `nobody to ${gap.toExponential(0)}`;
      const numbers = ratios.map((ratio) => Number(/[\d.e+-]+/.exec(ratio)![0]));
      const isLeast = ratios.some((ratio) => ratio.startsWith(">"));
      return `${isLeast ? "> " : ""}${digits(geometricMean(numbers))} to ${gap.toExponential(0)}`;
    });
    return [`${kind} (${rows.length} sets): ${means.join(", ")}`];
  });
}

type Kind = "warm" | "command";

/** How many times as long as ours with its defaults; of commands that ran in turn, where there are such. */
function timesOurs(value: FileValue, kind: Kind, defaults: FileValue | undefined): number | undefined {
  const beside = kind === "command" ? value.oursBeside : undefined;
  const [theirs, own] = [value[kind], beside ?? defaults?.[kind]];
  return theirs === undefined || own === undefined ? undefined : theirs / own;
}
const defaultsOf = (cells: readonly Cell<FileValue>[]) =>
  cells.find(({ rival }) => rival === dualtext.name)?.value;

/** How much less accurate a setting of ours may be than the rival it stands against. */
const ACCURACY_SLACK = 0.002;

/** A setting of scikit-learn or fastText, and our fastest one that is as accurate, if there is one. */
interface Setting {
  readonly set: string;
  readonly rival: string;
  readonly accuracy: number;
  readonly ours?: {
    readonly name: string;
    readonly accuracy: number;
    readonly warm?: number;
    readonly command?: number;
  };
}

/** How many times as long each setting of scikit-learn and fastText takes as our fastest one that is as accurate. */
export function settingsOf(cells: readonly Cell[]): Setting[] {
  const mine = inTable<FileValue>(cells, fileTable).filter((cell) => cell.value?.accuracy !== undefined);
  const rivals = mine.filter(({ rival }) => /^(scikit-learn|fastText)/.test(rival));
  return rivals.map(({ set, rival, value }): Setting => {
    const theirs = { set, rival, accuracy: value!.accuracy! };
    const defaults = defaultsOf(mine.filter((cell) => cell.set === set));
    const good = mine.filter(
      (cell) => cell.set === set && isOurs(cell) && cell.value!.accuracy! >= theirs.accuracy - ACCURACY_SLACK,
    );
    const times = ({ value }: Cell<FileValue>) => timesOurs(value!, "command", defaults) ?? Infinity;
    const [fastest] = good.toSorted((a, b) => times(a) - times(b));
    if (!fastest) return theirs;
    const own = fastest.value!;
    const ratio = (kind: Kind) => {
      const [long, short] = [value!, own].map((one) => timesOurs(one, kind, defaults));
      return long === undefined || short === undefined ? {} : { [kind]: long / short };
    };
    return {
      ...theirs,
      ours: { name: fastest.rival, accuracy: own.accuracy!, ...ratio("warm"), ...ratio("command") },
    };
  });
}

export function pointRows(settings: readonly Setting[]): TableRow[] {
  return settings.map(({ set, rival, accuracy, ours }) => ({
    set,
    rival,
    accuracy: accuracy.toFixed(4),
    ours: ours?.name ?? "none is as accurate",
    "its accuracy": ours?.accuracy.toFixed(4) ?? "",
    "× ours, warm": ours?.warm === undefined ? "" : digits(ours.warm),
    "× ours, command": ours?.command === undefined ? "" : digits(ours.command),
  }));
}

/** Geometric means and least values of {@link pointRows}. */
export function pointSummary(all: readonly Setting[]): string {
  const found = all.flatMap(({ ours }) => ours ?? []);
  const parts = (["warm", "command"] as const).flatMap((kind) => {
    const ratios = found.flatMap((ours) => ours[kind] ?? []);
    if (ratios.length === 0) return [];
    return [`${kind} ${digits(geometricMean(ratios))}, least ${digits(Math.min(...ratios))}`];
  });
  if (parts.length === 0) return "";
  return ` For ${found.length} of ${all.length} there is one; geometric means: ${parts.join("; ")}.`;
}

const megabytes = (bytes: number | undefined) => (bytes === undefined ? "" : digits(bytes / 1e6));

export function fileRows(cells: readonly Cell[]): TableRow[] {
  const mine = inTable<FileValue>(cells, fileTable);
  return setsOf(mine).flatMap((set) => {
    const here = mine.filter((cell) => cell.set === set);
    const ours = defaultsOf(here);
    const shown = listed(here, fileRivals).filter((cell) => cell.value || cell.state === "failed");
    const isOver = ({ value }: Cell<FileValue>) => value?.over !== undefined && value.accuracy === undefined;
    const limits = [...new Set(shown.filter(isOver).map(({ value }) => value!.over!))];
    const rows = shown
      .filter((cell) => !isOver(cell))
      .map((cell): TableRow => {
        const v = cell.value ?? {};
        const ratio = (kind: Kind) => {
          const times = cell.rival === dualtext.name ? undefined : timesOurs(v, kind, ours);
          return times === undefined ? "" : digits(times);
        };
        const part = v.testRows === undefined ? "" : ` (${v.testRows} rows)`;
        return {
          set,
          program: cell.rival,
          "warm, s": v.warm === undefined ? "" : digits(v.warm),
          "command, s": v.over ? `> ${v.over}` : v.command === undefined ? cell.state : digits(v.command),
          "× ours, warm": ratio("warm"),
          "× ours, command": v.over
            ? ours?.command === undefined
              ? ""
              : `> ${digits(v.over / ours.command)}`
            : ratio("command"),
          accuracy: v.accuracy === undefined ? "" : `${v.accuracy.toFixed(4)}${part}`,
          "log-loss": v.logLoss === undefined ? "" : v.logLoss.toFixed(4),
          "peak, MB": megabytes(v.peakBytes),
          "model, MB": megabytes(v.modelBytes),
        };
      });
    // Of those that had no model in their time there is no more to say.
    for (const limit of limits) {
      const names = shown
        .filter((cell) => isOver(cell) && cell.value!.over === limit)
        .map(({ rival }) => rival);
      rows.push({
        ...Object.fromEntries(Object.keys(rows[0] ?? {}).map((column) => [column, ""])),
        set,
        program: names.join("; "),
        "command, s": `> ${limit}`,
        "× ours, command": ours?.command === undefined ? "" : `> ${digits(limit / ours.command)}`,
      });
    }
    return rows;
  });
}

/** The gap to which whole runs are compared, or the finest there is. */
const TWIN_GAP = 1e-4;

export function twinRows(cells: readonly Cell[], table: string): TableRow[] {
  const mine = inTable<TwinValue>(cells, table).flatMap(({ set, value }) =>
    value ? [{ set, ...value }] : [],
  );
  if (mine.length === 0) return [];
  const names = Object.keys(builds) as Build[];
  const wanted = mine[0]!.ours.runs.findIndex(({ tolerance }) => tolerance === TWIN_GAP);
  const at = wanted < 0 ? mine[0]!.ours.runs.length - 1 : wanted;
  const gap = mine[0]!.ours.runs[at]!.tolerance.toExponential(0);
  /** Columns of one build. */
  const columns = (build: Build, epoch: number, solve: number) => ({
    [`speed of an epoch, C ${build} = 1`]: digits(epoch),
    [`time to gap ${gap}, C ${build} = 1`]: digits(solve),
  });
  const epoch = ({ ours, twins }: TwinValue, build: Build) => twins[build].epochSeconds / ours.epochSeconds;
  const solve = ({ ours, twins }: TwinValue, build: Build) =>
    ours.runs[at]!.seconds / twins[build].runs[at]!.seconds;
  const rows = mine.map((value): TableRow => {
    const same = value.ours.runs.every((run, k) => {
      const other = value.twins["-O3 -msse4.2"].runs[k]!;
      // Sums of squares may be taken in another order; a step that differs would show in the first digits.
      return run.epochs === other.epochs && Math.abs(run.objective / other.objective - 1) < 1e-13;
    });
    const ratios = names.map((build) => columns(build, epoch(value, build), solve(value, build)));
    return {
      set: value.set,
      "non-zeros": String(value.nonZeros),
      "epoch, ms": digits(value.ours.epochSeconds * 1e3),
      ...Object.assign({}, ...ratios),
      [`time to gap ${gap}, with folding, without = 1`]: digits(
        value.folded.runs[at]!.seconds / value.ours.runs[at]!.seconds,
      ),
      "same steps": same ? "yes" : "no",
    };
  });
  if (rows.length < 2) return rows;
  const means = names.map((build) => {
    const mean = (of: typeof epoch) => geometricMean(mine.map((value) => of(value, build)));
    return columns(build, mean(epoch), mean(solve));
  });
  const empty = { "non-zeros": "", "epoch, ms": "", "same steps": "" };
  return [...rows, { set: "geometric mean", ...empty, ...Object.assign({}, ...means) }];
}

export function pathRows(cells: readonly Cell[]): TableRow[] {
  return inTable<PathValue>(cells, pathTable)
    .filter((cell) => cell.value)
    .map(({ set, value }) => ({
      set,
      "ours, s": digits(value!.ours),
      "glmnet, s": value!.over ? `> ${value!.over}` : digits(value!.theirs!),
      ratio: value!.over ? `> ${digits(value!.over / value!.ours)}` : digits(value!.theirs! / value!.ours),
      "models of glmnet": value!.models === undefined ? "" : String(value!.models),
      "glmnet's objective above ours, at most": value!.behind === undefined ? "" : digits(value!.behind, 2),
    }));
}

export function certificateRows(cells: readonly Cell[]): TableRow[] {
  return inTable<CertificateValue>(cells, certificateTable)
    .filter((cell) => cell.value)
    .map(({ set, value }) => {
      const v = value!;
      const scientific = (x: number) => x.toExponential(3);
      return {
        set,
        λn: digits(v.scaledL2),
        "gap reported": v.reported.gap.toExponential(9),
        "gap recomputed": v.gap.toExponential(9),
        difference: (v.reported.gap - v.gap).toExponential(1),
        "P(W) − P*, at least": scientific(
          v.objective - Math.min(v.bestObjective, v.independent ?? v.bestObjective),
        ),
        "at most": scientific(v.objective - v.bestDual),
        "L-BFGS: P − best dual":
          v.independent === null ? "too large" : scientific(v.independent - v.bestDual),
      };
    });
}

/** Rivals that were not there, with what is missing. */
export function absences(cells: readonly Cell[]): string[] {
  const absent = cells.filter((cell) => cell.state === "absent");
  return [...new Set(absent.map((cell) => `${cell.program}: ${cell.why}`))];
}

/** What did not work, a line each. */
export function failures(cells: readonly Cell[]): string[] {
  return cells
    .filter((cell) => cell.state === "failed")
    .map((cell) => `${cell.table}, ${cell.set}, ${cell.rival}: ${cell.why?.split("\n")[0]}`);
}

export function versions(cells: readonly Cell[]): string[] {
  return [...new Set(cells.filter((cell) => cell.version).map((cell) => `${cell.program} ${cell.version}`))];
}
