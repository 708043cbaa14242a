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
  BASE_LETTERS: packMapping(baseLetters(), (_, before) => before.target),
  COMBINING_MARKS: packRanges(tables.get("normalizeText diacritics removed: dropped units, ranges")),
  PUNCTUATION: packRanges(tables.get("char.IsPunctuation, ranges")),
  NUMBERS: packRanges(tables.get("char.IsNumber, ranges")),
};

/**
 * Base letters of the letters with a diacritic that are in lower case. Those in upper case have the upper case of these,
 * but for the two that `unit-map.ts` treats by itself.
 */
function baseLetters() {
  const lowered = new Map(tables.get("char.ToLowerInvariant: changed units, [from, to]"));
  return tables
    .get("normalizeText diacritics removed: changed units, [from, to]")
    .filter(([from]) => from !== 0x130 && !lowered.has(from));
}

/**
 * Progressions: `from` and a bit that is set where there is but one unit, `target`, and where there are more `count` and
 * `steps`. `from` is counted from the end of the one before and `target` from what `base` says: what compresses best.
 * `steps` is 3 × step + targetStep.
 */
function packMapping(pairs, base) {
  const left = new Map(pairs);
  const runs = [];
  let [end, before] = [0, { target: 0 }];
  for (const [from] of pairs) {
    if (!left.has(from)) continue;
    const run = longestProgression(left, from);
    for (let i = 0; i < run.count; i++) left.delete(from + i * run.step);
    const { count, step, targetStep } = run;
    runs.push(2 * unsigned(from - end) + Number(count === 1), unsigned(run.target - base(run, before)));
    if (count > 1) runs.push(count, 3 * step + targetStep);
    end = from + run.count * run.step;
    before = run;
  }
  return runs.map(letters).join("");
}

/** 0, −1, 1, −2, … become 0, 1, 2, 3, … */
function unsigned(number) {
  return number < 0 ? -2 * number - 1 : 2 * number;
}

/** A number's last digit is one of 32 letters from "#" on, those before it are of the 25 that follow: none is a backslash. */
function letters(number) {
  let text = "";
  for (let left = number, base = 32, first = 0x23; left > 0 || text === ""; base = 25, first = 0x43) {
    text = String.fromCharCode(first + (left % base)) + text;
    left = Math.floor(left / base);
  }
  return text;
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

/** Ranges: `first`, counted from the one before, and `count`. */
function packRanges(ranges) {
  let previous = 0;
  return ranges
    .map((range) => (typeof range === "number" ? [range, range] : range))
    .flatMap(([first, last]) => {
      const fields = [first - previous, last - first + 1];
      previous = first;
      return fields;
    })
    .map(letters)
    .join("");
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
