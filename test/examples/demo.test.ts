// The demo as `npm run demo` runs it once the library is built: what it promises of the model that it trains.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the demo learns at least 98 % of what it is tested on, saves, loads and guesses", {
  timeout: 120_000,
}, () => {
  const demo = fileURLToPath(new URL("../../examples/demo.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [demo], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  const figure = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1]);
  expect(figure(/^Accuracy +([\d.]+)/m)).toBeGreaterThanOrEqual(0.98);
  expect(figure(/^Duality gap +(\S+) nats/m)).toBeLessThanOrEqual(1e-3);
  expect(figure(/^Model .* ([\d.]+) MB$/m)).toBeLessThanOrEqual(130);
  expect(stdout).toMatch(/^ {2}epoch +1 /m);
  expect(stdout).toMatch(/^Time .*load .* featurize .* solve .* save .*$/m);
  expect(stdout).toMatch(/^Most confused:\n {2}.+ taken for .+: \d+$/m);
  expect(stdout).toMatch(/Alle Kinder.*\n +German[^,]*(, [^,]+)? \(deu\) \d+\.\d %, .+ %, .+ %$/m);
});
