// dist/command.VERSION.ARCHITECTURE.cache: what this engine has compiled of dist/command.cjs once it has done the common
// things, for the same engine to start from (src/cli/start.ts).
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const filename = fileURLToPath(new URL("../dist/command.cjs", import.meta.url));
const dist = dirname(filename);
const script = new Script(module.wrap(readFileSync(filename, "latin1")), { filename });
const command = { exports: /** @type {any} */ ({}) };
script.runInThisContext()(command.exports, createRequire(filename), command, filename, dist);

const folder = mkdtempSync(join(tmpdir(), "dualtext-build-"));
const [rows, model] = [join(folder, "rows.tsv"), join(folder, "model.zip")];
const words = ["rain", "snow", "wind", "goal", "team", "match", "bread", "soup", "salt"];
const lines = Array.from({ length: 900 }, (_, i) => {
  const [topic, other] = [i % 3, (i * 7) % 9];
  return `${["weather", "sport", "food"][topic]}\t${words[3 * topic + (i % 3)]} and ${words[other]} ${i}`;
});
writeFileSync(rows, `Label\tText\n${lines.join("\n")}\n`);
for (const args of [
  ["train", rows, "-o", model, "--threads", "1", "--quiet"],
  ["evaluate", model, rows, "--json"],
  ["predict", model, rows, "--text", "Text", "--quiet"],
])
  await command.exports.main([process.execPath, filename, ...args]);
rmSync(folder, { recursive: true });
const compiled = join(dist, `command.${process.versions.v8}.${process.arch}.cache`);
writeFileSync(compiled, script.createCachedData());
