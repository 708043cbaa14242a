// From cells to tables: pure functions of what was measured.
import { type CertificateValue, certificateTable } from "./certificate.js";
import { type FileValue, fileTable } from "./file.js";
import { type Curve, gaps, type Point } from "./optimum.js";
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
    for (const cell of here.toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a)))) {
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

const megabytes = (bytes: number | undefined) => (bytes === undefined ? "" : digits(bytes / 1e6));

export function fileRows(cells: readonly Cell[]): TableRow[] {
  const mine = inTable<FileValue>(cells, fileTable);
  return setsOf(mine).flatMap((set) => {
    const here = mine.filter((cell) => cell.set === set);
    const ours = here.find((cell) => cell.rival === dualtext.name)?.value;
    return here
      .toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a)))
      .filter((cell) => cell.value || cell.state === "failed")
      .map((cell): TableRow => {
        const v = cell.value ?? {};
        const ratio = (theirs: number | undefined, own: number | undefined) =>
          cell.rival === dualtext.name || theirs === undefined || own === undefined
            ? ""
            : digits(theirs / own);
        const part = v.testRows === undefined ? "" : ` (${v.testRows} rows)`;
        return {
          set,
          program: cell.rival,
          "warm, s": v.warm === undefined ? "" : digits(v.warm),
          "command, s": v.over ? `> ${v.over}` : v.command === undefined ? cell.state : digits(v.command),
          "× ours, warm": ratio(v.warm, ours?.warm),
          "× ours, command": v.over
            ? ours?.command === undefined
              ? ""
              : `> ${digits(v.over / ours.command)}`
            : ratio(v.command, ours?.command),
          accuracy: v.accuracy === undefined ? "" : `${v.accuracy.toFixed(4)}${part}`,
          "log-loss": v.logLoss === undefined ? "" : v.logLoss.toFixed(4),
          "peak, MB": megabytes(v.peakBytes),
          "model, MB": megabytes(v.modelBytes),
        };
      });
  });
}

export function twinRows(cells: readonly Cell[], table: string): TableRow[] {
  const mine = inTable<TwinValue>(cells, table).filter((cell) => cell.value);
  const names = Object.keys(builds) as Build[];
  const numbers = mine.map(({ value }) =>
    names.map((build) => {
      const { ours, twins } = value!;
      const at = ours.runs.findIndex(({ tolerance }) => tolerance === 1e-4);
      return {
        epoch: twins[build].epochSeconds / ours.epochSeconds,
        solve: ours.runs[at]!.seconds / twins[build].runs[at]!.seconds,
      };
    }),
  );
  const rows = mine.map(({ set, value }, i): TableRow => {
    const { ours, twins, nonZeros } = value!;
    const same = ours.runs.every((run, k) => {
      const other = twins["-O3 -msse4.2"].runs[k]!;
      return run.epochs === other.epochs && run.objective === other.objective;
    });
    return {
      set,
      "non-zeros": String(nonZeros),
      "epoch, ms": digits(ours.epochSeconds * 1e3),
      ...Object.fromEntries(
        names.flatMap((build, b) => [
          [`speed of an epoch, C ${build} = 1`, digits(numbers[i]![b]!.epoch)],
          [`time to gap 1e-4, C ${build} = 1`, digits(numbers[i]![b]!.solve)],
        ]),
      ),
      "same bits": same ? "yes" : "no",
    };
  });
  if (rows.length < 2) return rows;
  const mean = (b: number, what: "epoch" | "solve") =>
    digits(geometricMean(numbers.map((set) => set[b]![what])));
  const means = names.flatMap((build, b) => [
    [`speed of an epoch, C ${build} = 1`, mean(b, "epoch")],
    [`time to gap 1e-4, C ${build} = 1`, mean(b, "solve")],
  ]);
  return [
    ...rows,
    {
      set: "geometric mean",
      "non-zeros": "",
      "epoch, ms": "",
      ...Object.fromEntries(means),
      "same bits": "",
    },
  ];
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
  return [...new Set(absent.map((cell) => `${cell.rival}: ${cell.why}`))];
}

/** What did not work, a line each. */
export function failures(cells: readonly Cell[]): string[] {
  return cells
    .filter((cell) => cell.state === "failed")
    .map((cell) => `${cell.table}, ${cell.set}, ${cell.rival}: ${cell.why?.split("\n")[0]}`);
}

export function versions(cells: readonly Cell[]): string[] {
  return [...new Set(cells.filter((cell) => cell.version).map((cell) => `${cell.rival} ${cell.version}`))];
}
