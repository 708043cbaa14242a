// examples/update-server.mjs as a process of its own: every request is answered while the model learns.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the server of examples/ answers while it learns", async () => {
  const program = fileURLToPath(new URL("../examples/update-server.mjs", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (text) => resolve(String(text).trim()));
      child.once("exit", (code) => reject(new Error(`The example ended with ${code}.`)));
    });
    let isDone = false;
    let failed = 0;
    const load = Array.from({ length: 4 }, async () => {
      do {
        const response = await fetch(address);
        const { label } = (await response.json()) as { label: string };
        if (!response.ok || label !== "spam") failed++;
      } while (!isDone);
    });
    const root = new URL("/", address);
    const teach = (body: string) => fetch(root, { method: "POST", body });
    for (const text of ["the invoice of may", "your invoice is due", "an unpaid invoice"]) {
      expect((await teach(JSON.stringify({ label: "bill", text }))).status).toBe(200);
    }
    expect((await teach("no JSON")).status).toBe(400);
    isDone = true;
    await Promise.all(load);
    expect(failed).toBe(0);
    const asked = await fetch(new URL("/?text=one+more+invoice", address));
    expect(await asked.json()).toMatchObject({ label: "bill", version: 4 });
  } finally {
    child.kill();
  }
});
