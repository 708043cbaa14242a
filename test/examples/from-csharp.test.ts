// The programs of examples/from-csharp, each in a process of its own, and the running of Python scripts that they show.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runPython } from "../../examples/from-csharp/run-python.mjs";
import { loadModelFile } from "../../src/node/index.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), "dualtext-from-csharp-"));
afterAll(() => rmSync(folder, { recursive: true }));

function printedBy(name: string): string {
  const program = fileURLToPath(new URL(`../../examples/from-csharp/${name}.mjs`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** The number behind a text that a program has printed. */
const numberAfter = (printed: string, text: string) =>
  Number(printed.slice(printed.indexOf(text) + text.length).match(/^[\d.]+/)?.[0]);

describe("examples/from-csharp", () => {
  test("load, train, evaluate, save", async () => {
    const printed = printedBy("train");
    expect(numberAfter(printed, "micro accuracy: ")).toBeGreaterThanOrEqual(0.8);
    expect(printed).toContain("Confusion table");
    expect(printed).toContain("Where is the package? → delivery");
    expect((await loadModelFile(join(folder, "model.zip"))).labels).toEqual([
      "billing",
      "delivery",
      "account",
    ]);
  });

  test("continuous learning saves updatedModel.zip with its schema", async () => {
    const printed = printedBy("continuous-learning");
    expect(printed).toContain("9 rows added to 36 (state)");
    expect(printed).toContain("schema: Text (text), Label (text)");
    expect(printed).toContain("I want to return the shirt → returns");
    const updated = await loadModelFile(join(folder, "updatedModel.zip"));
    expect(updated.labels).toEqual(["billing", "delivery", "account", "returns"]);
    expect(updated.training[0]).toMatchObject({ rowCount: 45, stoppedBecause: "tolerance" });
    expect(Object.keys(updated.inputSchema)).toEqual(["Text", "Label"]);
  });

  test("transfer", async () => {
    const printed = printedBy("transfer");
    expect(printed).toMatch(/pretrained: billing, delivery, account; .* → (billing|delivery|account)\n/);
    expect(printed).toMatch(/transferred: .*, returns; .* → returns\n/);
    expect(numberAfter(printed, "old task 0.89 → ")).toBeGreaterThan(0);
    expect((await loadModelFile(join(folder, "transferred.zip"))).labels).toContain("returns");
  });
});

const python = process.env.DUALTEXT_PYTHON ?? "python3";
const hasPython = spawnSync(python, ["--version"]).status === 0;

test.skipIf(!hasPython)("a Python script makes numbers of texts (needs python3, or DUALTEXT_PYTHON)", () => {
  expect(numberAfter(printedBy("python-script"), "numbers from Python: ")).toBeGreaterThanOrEqual(0.8);
});

// Node stands in for Python: what is tested is how a script is run, whatever its language.
describe("runPython", () => {
  const scriptOf = (code: string): string => {
    const file = join(folder, `script-${Math.random()}.cjs`);
    writeFileSync(file, code);
    return file;
  };
  const run = (code: string, options: Parameters<typeof runPython>[1] = {}) =>
    runPython(scriptOf(code), { python: process.execPath, ...options });

  test("gives arguments and input, reads the whole output", async () => {
    const long = "ä".repeat(200_000);
    const code = `process.stdin.pipe(process.stdout); process.stdin.on("end", () => console.log(process.argv[2]));`;
    expect(await run(code, { args: ["last"], input: long })).toBe(`${long}last\n`);
  });

  test("an exit code that is not 0 is an error with it and with standard error", async () => {
    const failing = run(`console.log("half"); console.error("no such column: Text"); process.exitCode = 3;`);
    await expect(failing).rejects.toThrow(/script-.*\.cjs ended with exit code 3\.\nno such column: Text$/);
  });

  test("a script that says nothing of its failure", async () => {
    await expect(run("process.exitCode = 1")).rejects.toThrow(
      /exit code 1\. It printed nothing on standard error\.$/,
    );
  });

  test("a script that a signal ends", async () => {
    await expect(run(`process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)`)).rejects.toThrow(
      /was ended by SIGTERM/,
    );
  });

  test("a script that takes too long is killed", async () => {
    const start = performance.now();
    const late = run(`console.error("working"); setInterval(() => {}, 1000)`, { timeoutMs: 500 });
    await expect(late).rejects.toThrow(/did not end within 500 ms and was killed/);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test("a script that does not read its input", async () => {
    expect(await run(`console.log("done"); process.exit(0)`, { input: "x".repeat(1_000_000) })).toBe(
      "done\n",
    );
  });

  test("no Python, and no such script", async () => {
    await expect(run("", { python: "no-such-python" })).rejects.toThrow(
      /^Cannot start no-such-python: .*ENOENT/,
    );
    await expect(runPython(join(folder, "absent.py"), { python: process.execPath })).rejects.toThrow(
      /absent\.py ended with exit code 1\./,
    );
  });
});
