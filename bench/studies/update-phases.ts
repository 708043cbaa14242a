// DUALTEXT_DATA=FOLDER npx tsx bench/studies/update-phases.ts [--rows 20000] [--repeats 5] [--write] [SET …]: where the time of
// an update goes, beside that of training from scratch: a tenth of the rows added, and 1 % removed, on one thread. Each figure is the
// median of the repeats, made in turn, over the median of training from scratch. --write puts the tables into docs/continual.md.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Dataset, loadTextFile, type Model, updateModel } from "../../src/node/index.js";
import { Random } from "../../src/random.js";
import { featurizeText, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "../../src/stages.js";
import { Problem } from "../../src/train/problem.js";
import { printMachine, printTable, rounded } from "../report.js";
import { markdownTable, writeSection } from "./docs-section.js";

const folder = process.env.DUALTEXT_DATA;
if (!folder) throw new Error("Name the folder of the sets in DUALTEXT_DATA.");
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "20000" },
    repeats: { type: "string", default: "5" },
    write: { type: "boolean", default: false },
  },
});

/** What is told apart, and the methods of a problem that do it. What else an update does is the rest. */
const methods = {
  placing: ["inPieces"],
  visits: ["startEpoch", "visit"],
  "gap estimates": ["squaresGained", "estimateGap"],
  "confirming pass": ["confirm"],
  unfolding: ["intoScorer"],
} as const;
type Phase = keyof typeof methods;
let spent = {} as Record<Phase | "total", number>;

/** Counts the time from the call of a method to its end; generators end when they are done. */
function measure(owner: any, name: string, phase: Phase): void {
  const original = owner[name];
  const add = (start: number) => {
    spent[phase] = (spent[phase] ?? 0) + performance.now() - start;
  };
  function* timed(generator: Generator) {
    const start = performance.now();
    const result = yield* generator;
    add(start);
    return result;
  }
  owner[name] = function (...given: unknown[]) {
    const start = performance.now();
    const result = original.apply(this, given);
    if (typeof result?.next === "function") return timed(result);
    add(start);
    return result;
  };
}
for (const [phase, those] of Object.entries(methods)) {
  for (const name of those) measure(name === "inPieces" ? Problem : Problem.prototype, name, phase as Phase);
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const columns = { Label: { name: "Label", type: "text" }, Text: { name: "Text", type: "text" } } as const;
const one = { threads: 1 };
const trained = (data: Dataset, l2?: number): Promise<Model> =>
  featurizeText("Features", "Text")
    .append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy({ keepState: true, ...(l2 !== undefined && { l2 }) }))
    .append(mapKeyToValue("PredictedLabel"))
    .fit(data as Dataset<any>, one);

printMachine();
const pieces: string[] = [];
for (const name of names.length > 0 ? names : ["stackoverflow20", "debian_section"]) {
  const whole = await loadTextFile(join(folder, name, "train.tsv.gz"), { hasHeader: true, columns });
  const order = Uint32Array.from({ length: Math.min(Number(options.rows), whole.rowCount) }, (_, i) => i);
  new Random(1).shuffle(order);
  const all = whole.take(order);
  const cut = Math.floor((order.length * 10) / 11);
  const old = whole.take(order.subarray(0, cut));
  const more = whole.take(order.subarray(cut));
  const gone = whole.take(order.filter((_, i) => i % 100 === 7));
  const before = await trained(old);
  const scaledL2 = before.training[0]!.l2 * cut;
  const after = (await updateModel(before, more, one)).model;
  // Both have answered something, as a model in service has.
  for (const model of [before, after]) model.evaluate(more);
  const kinds = {
    "from scratch": () => trained(all, scaledL2 / order.length),
    "a tenth added": () => updateModel(before, more, one),
    "1 % removed": () => updateModel(after, undefined, { remove: gone, ...one }),
  };
  const times = Object.fromEntries(
    Object.keys(kinds).map((kind) => [kind, [] as (typeof spent)[]]),
  ) as Record<keyof typeof kinds, (typeof spent)[]>;
  for (let repeat = 0; repeat <= Number(options.repeats); repeat++) {
    for (const [kind, run] of Object.entries(kinds)) {
      spent = {} as typeof spent;
      const start = performance.now();
      await run();
      spent.total = performance.now() - start;
      // The first of each warms up.
      if (repeat > 0) times[kind as keyof typeof kinds].push(spent);
    }
  }
  const scratch = median(times["from scratch"].map(({ total }) => total));
  const rows = Object.entries(times).map(([kind, runs]) => {
    const share = (phase: keyof typeof spent) => median(runs.map((run) => run[phase])) / scratch;
    const phases = (Object.keys(methods) as Phase[]).map(
      (phase) => [phase, rounded(share(phase), 2)] as const,
    );
    const rest = median(
      runs.map(
        (run) => run.total - (Object.keys(methods) as Phase[]).reduce((sum, phase) => sum + run[phase], 0),
      ),
    );
    return {
      "": kind,
      ...Object.fromEntries(phases),
      rest: rounded(rest / scratch, 2),
      all: rounded(share("total"), 2),
    };
  });
  const title = `${name}, ${order.length} rows, parts of the time of training from scratch, ${rounded(scratch / 1000, 2)} s`;
  printTable(title, rows);
  pieces.push(`${title}:\n\n${markdownTable(rows)}`);
}
if (options.write) writeSection("continual.md", "update-phases", pieces.join("\n\n"));
