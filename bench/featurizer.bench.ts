// The featurizer's speed, beside a twin in C where gcc is installed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { featurizeText } from "../src/stages.js";
import { type Corpus, corpora } from "./corpus.js";
import { isSmoke, medianMs, printTable, rounded } from "./report.js";
import { jsonLines, median, run } from "./rivals/commands.js";
import { compiled } from "./rivals/native.js";
import { gcc } from "./rivals/rival.js";

const names = ["trec6", "stackoverflow20", "imdb"];
const times = 5;

/** Name of what is learned, options of the featurizer, and what `native/ngrams.c` calls it. */
const blocks = [
  ["words 1-2", { chars: false }, "words"],
  ["and trigrams", {}, "both"],
] as const;

export async function benchFeaturizer(): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (const set of await corpora(names)) rows.push(...(await featurizing(set)));
  printTable(
    "Featurizer: one fit that yields the matrix, one thread, UTF-8 bytes of the text a second",
    rows,
  );
}

async function featurizing({ name, data, bytes }: Corpus): Promise<Record<string, string | number>[]> {
  const rows: Record<string, string | number>[] = [];
  for (const [block, options, nameInC] of blocks) {
    const featurizer = featurizeText("Features", "Text", options);
    const ms = await medianMs(() => featurizer.fit(data, { threads: 1 }), times);
    rows.push({
      set: name,
      rows: data.rowCount,
      MB: rounded(bytes / 1e6),
      "n-grams": block,
      "MB/s": rounded(bytes / ms / 1e3),
      ...(await featurizingInC(data, nameInC)),
    });
  }
  return rows;
}

/** What `native/ngrams.c` takes: in memory that is new, as that of a first fit, and in used memory. */
async function featurizingInC(data: Corpus["data"], what: string): Promise<Record<string, number>> {
  if (gcc().absent) return {};
  const program = await compiled("ngrams", ["-O3", "-march=native"]);
  const folder = mkdtempSync(join(tmpdir(), "dualtext-texts-"));
  const file = join(folder, "texts.txt");
  const texts = data.column("Text").values as readonly string[];
  writeFileSync(file, texts.map((text) => text.replaceAll("\n", " ")).join("\n"));
  try {
    const { stdout } = await run(program, [file, isSmoke ? "1" : String(times), what]);
    const [measured] = jsonLines<{ bytes: number; newMemory: number[]; usedMemory: number[] }>(stdout);
    const { bytes, newMemory, usedMemory } = measured!;
    return {
      "C twin, MB/s": rounded(bytes / median(newMemory) / 1e6),
      "in used memory": rounded(bytes / median(usedMemory) / 1e6),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
