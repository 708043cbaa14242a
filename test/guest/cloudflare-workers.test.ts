// The program of docs/cloudflare-workers.md, under the export condition "workerd" and with modules that stand compiled.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { InstalledProject } from "../helpers/installed.js";
import { labelledTexts } from "../helpers/texts.js";

const page = readFileSync(new URL("../../docs/cloudflare-workers.md", import.meta.url), "utf8");
const hooks = fileURLToPath(new URL("../helpers/wasm-modules.mjs", import.meta.url));

let project: InstalledProject;
beforeAll(() => {
  project = new InstalledProject();
});
afterAll(() => project.remove());

test("the program that the page prints trains and answers", () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(page)!;
  project.write("worker.mjs", code!);
  const caller = project.write(
    "caller.mjs",
    `import worker from "./worker.mjs";
     const address = "https://example.com/?text=rain%20and%20snow";
     const body = ${JSON.stringify(JSON.stringify(labelledTexts(60)))};
     const { dualityGap } = await (await worker.fetch(new Request(address, { method: "POST", body }))).json();
     const { label } = await (await worker.fetch(new Request(address))).json();
     process.stdout.write(JSON.stringify({ certain: dualityGap <= 1e-3, label }));`,
  );
  const args = ["--conditions=workerd", "--import", hooks, caller];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: '{"certain":true,"label":"weather"}', stderr: "" });
});
