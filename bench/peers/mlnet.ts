// npx tsx bench/peers/mlnet.ts [SET …]: from the file to the trained model, beside ML.NET on the same file in one run.
// Needs the oracle of test/mlnet built (ORACLE names its executable; test/mlnet/README.md), a built dist/ and sets in the
// folder DUALTEXT_DATA. Two figures each: inside a process that is warm (ML.NET with a cache checkpoint, as its
// tutorials advise), and as a whole command, start-up and saving included.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { printMachine, printTable, rounded } from "../report.js";

const { ORACLE: oracle, DUALTEXT_DATA: folder } = process.env;
const all = ["sms_spam", "trec6", "ag_news_7600", "stackoverflow20", "banking77", "debian_section"];
const sets = process.argv.length > 2 ? process.argv.slice(2) : all;
if (!oracle || !folder) {
  console.error("ORACLE (the built oracle) and DUALTEXT_DATA (a folder of sets) must be set.");
  process.exit(2);
}

function run(command: string, args: readonly string[]): { ms: number; stdout: string } {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1e8 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stderr}`);
  return { ms: performance.now() - start, stdout };
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const times = (count: number, measure: () => number) => median(Array.from({ length: count }, measure));

/** Fits several times in a process of its own, from the file on; milliseconds of each fit but the first. */
const warmFits = `
  import { featurizeText, loadTextFile, mapKeyToValue, mapValueToKey, sdcaMaximumEntropy } from "dualtext/node";
  const [file, count] = process.argv.slice(1);
  const pipeline = featurizeText("Features", "Text").append(mapValueToKey("Label"))
    .append(sdcaMaximumEntropy("Label", "Features")).append(mapKeyToValue("PredictedLabel"));
  const taken = [];
  for (let i = 0; i <= Number(count); i++) {
    const start = performance.now();
    await pipeline.fit(await loadTextFile(file, { hasHeader: true, columns: { Label: 0, Text: 1 } }));
    taken.push(performance.now() - start);
  }
  console.log(JSON.stringify(taken.slice(1)));
`;

printMachine();
const temporary = mkdtempSync(join(tmpdir(), "dualtext-mlnet-"));
const rows: Record<string, string | number>[] = [];
const products = { warm: 1, command: 1 };
try {
  for (const set of sets) {
    const [train, test] = ["train", "test"].map((part) => {
      const plain = join(temporary, `${set}-${part}.tsv`);
      const packed = join(folder, set, `${part}.tsv.gz`);
      writeFileSync(
        plain,
        existsSync(packed)
          ? gunzipSync(readFileSync(packed))
          : readFileSync(join(folder, set, `${part}.tsv`)),
      );
      return plain;
    }) as [string, string];
    const model = join(temporary, "model.zip");
    const theirs = JSON.parse(run(oracle, ["bench", train, test, "--quick"]).stdout);
    const count = theirs.endToEndCachedFitMs > 30_000 ? 1 : 5;
    const fits = run(process.execPath, ["--input-type=module", "-e", warmFits, train, String(count)]).stdout;
    const ours = median(JSON.parse(fits));
    const theirCommand = times(Math.min(count, 3), () => run(oracle, ["fit", train, model, "--cache"]).ms);
    const ourCommand = times(
      Math.min(count, 3),
      () => run(process.execPath, ["dist/cli.js", "train", train, "-o", model, "--quiet"]).ms,
    );
    const ratios = { warm: theirs.endToEndCachedFitMs / ours, command: theirCommand / ourCommand };
    products.warm *= ratios.warm;
    products.command *= ratios.command;
    rows.push({
      set,
      "ML.NET, warm ms": rounded(theirs.endToEndCachedFitMs),
      "ours, warm ms": rounded(ours),
      ratio: rounded(ratios.warm),
      "ML.NET, command ms": rounded(theirCommand),
      "ours, command ms": rounded(ourCommand),
      "ratio of commands": rounded(ratios.command),
    });
  }
} finally {
  rmSync(temporary, { recursive: true });
}
printTable("Load, featurize, solve", rows);
const root = (product: number) => rounded(product ** (1 / sets.length));
console.log(`Geometric means: warm ${root(products.warm)}, commands ${root(products.command)}`);
