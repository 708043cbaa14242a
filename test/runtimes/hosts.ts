// Runs `program.js` in a runtime that is no browser, and gives what it tells.
import { execFile, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = fileURLToPath(new URL("program.js", import.meta.url));

/** A folder of a program that has the package installed, with `program.js`. */
function userFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dualtext-runtime-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "dualtext"), "junction");
  copyFileSync(program, join(folder, "program.js"));
  return folder;
}

/** Runs a script that imports the package by its name, as a program of its users does. */
export async function runScript(command: string, args: readonly string[]): Promise<unknown> {
  const folder = userFolder();
  try {
    writeFileSync(
      join(folder, "main.js"),
      `import * as library from "dualtext";
       import * as worker from "dualtext/worker";
       import { run } from "./program.js";
       console.log(JSON.stringify(await run(library, worker)));`,
    );
    const { stdout } = await promisify(execFile)(command, [...args, "main.js"], { cwd: folder });
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The version that a command tells. */
export async function versionOf(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ["--version"]);
  return stdout
    .split("\n")[0]!
    .replace(/^(deno|workerd) /, "")
    .trim();
}

/**
 * Workerd compiles no bytes. It gets what a bundler makes of the package's `workerd` condition, and the .wasm files that this
 * imports.
 */
export async function runWorkerd(command: string): Promise<unknown> {
  const folder = userFolder();
  writeFileSync(
    join(folder, "main.js"),
    `import * as library from "dualtext";
     import { run } from "./program.js";
     export default { fetch: async () => Response.json(await run(library)) };`,
  );
  await build({
    entryPoints: [join(folder, "main.js")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["*.wasm"],
  });
  const wasm = ["core.wasm", "text-core.wasm"];
  for (const name of wasm) copyFileSync(join(root, "dist", name), join(folder, name));
  const modules = [
    `(name = "worker.js", esModule = embed "worker.js")`,
    ...wasm.map((name) => `(name = "${name}", wasm = embed "${name}")`),
  ];
  const port = await freePort();
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [(name = "main", worker = .main)],
       sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
     );
     const main :Workerd.Worker = (modules = [${modules.join(", ")}], compatibilityDate = "2026-01-01");`,
  );
  const server = spawn(command, ["serve", "config.capnp", `--import-path=${dirname(command)}`], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  server.stderr.setEncoding("utf8").on("data", (piece) => {
    stderr += piece;
  });
  try {
    for (let tries = 0; ; tries++) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        if (!response.ok) throw new Error(`workerd answered ${response.status}: ${stderr}`);
        return await response.json();
      } catch (error) {
        if (server.exitCode !== null) throw new Error(`workerd ended: ${stderr}`);
        if (!(error instanceof TypeError) || tries >= 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
