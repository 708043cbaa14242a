// Writes unicode-tables.ts: ML.NET's own treatment of all 65536 UTF-16 units, recorded by a run of ML.NET, packed.
// Run: node src/text/unicode-tables.generate.mjs [unicode-invariant.jsonl.gz]
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const golden =
  process.argv[2] ?? new URL("../../test/mlnet/golden/unicode-invariant.jsonl.gz", import.meta.url);
const tables = new Map(
  gunzipSync(readFileSync(golden))
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ table, value }) => [table, value]),
);

const outputs = {
  LOWER_CASE: packMapping(tables.get("char.ToLowerInvariant: changed units, [from, to]"), ({ from }) => from),
  UPPER_CASE: packMapping(tables.get("char.ToUpperInvariant: changed units, [from, to]"), ({ from }) => from),
  DIACRITICS: packMapping(
    tables.get("normalizeText diacritics removed: changed units, [from, to]"),
    (_, before) => before.target,
  ),
  COMBINING_MARKS: packRanges(tables.get("normalizeText diacritics removed: dropped units, ranges")),
  PUNCTUATION: packRanges(tables.get("char.IsPunctuation, ranges")),
  NUMBERS: packRanges(tables.get("char.IsNumber, ranges")),
};

/**
 * Progressions "from target", or "from target count steps" of more than one, in base 36. `from` is counted from the end of
 * the one before and `target` from what `base` says: what compresses best. `steps` is 3 × step + targetStep.
 */
function packMapping(pairs, base) {
  const left = new Map(pairs);
  const runs = [];
  let [end, before] = [0, { target: 0 }];
  for (const [from] of pairs) {
    if (!left.has(from)) continue;
    const run = longestProgression(left, from);
    for (let i = 0; i < run.count; i++) left.delete(from + i * run.step);
    const fields = [from - end, run.target - base(run, before)];
    if (run.count > 1) fields.push(run.count, 3 * run.step + run.targetStep);
    runs.push(fields.map((n) => n.toString(36)).join(" "));
    end = from + run.count * run.step;
    before = run;
  }
  return runs.join(",");
}

function longestProgression(pairs, from) {
  const target = pairs.get(from);
  let longest = { from, target, count: 1, step: 1, targetStep: 0 };
  for (const step of [1, 2]) {
    for (const targetStep of [0, 1, 2]) {
      let count = 1;
      while (pairs.get(from + count * step) === target + count * targetStep) count++;
      if (count > longest.count) longest = { from, target, count, step, targetStep };
    }
  }
  return longest;
}

/** Ranges "first count" in base 36, `first` counted from the one before. */
function packRanges(ranges) {
  let previous = 0;
  return ranges
    .map((range) => (typeof range === "number" ? [range, range] : range))
    .map(([first, last]) => {
      const packed = `${(first - previous).toString(36)} ${(last - first + 1).toString(36)}`;
      previous = first;
      return packed;
    })
    .join(",");
}

/** String constants in lines that fit the formatter's width. */
function declaration(name, text) {
  const lines = text.match(/.{1,100}/g);
  return `export const ${name} =\n${lines.map((line) => `  "${line}"`).join(" +\n")};\n`;
}

writeFileSync(
  new URL("unicode-tables.ts", import.meta.url),
  `// Made by unicode-tables.generate.mjs; unit-map.ts unpacks it. Case is Unicode 16's.\n\n${Object.entries(
    outputs,
  )
    .map(([name, text]) => declaration(name, text))
    .join("\n")}`,
);
