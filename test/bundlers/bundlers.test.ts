// The packed tarball in an empty project: checked as npm shows it, compiled by TypeScript, required by Node, built by each
// bundler without configuration, and every bundle run in Chromium. DUALTEXT_BUNDLERS names a folder in which package.json
// beside this file is installed, DUALTEXT_CHROMIUM the browser.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labelledTexts } from "../helpers/texts.js";
import { PageServer } from "./page-server.js";
import {
  filesProgram,
  html,
  keepingProgram,
  policyProgram,
  program,
  threadsProgram,
  typedProgram,
} from "./program.js";

const { DUALTEXT_BUNDLERS: folder, DUALTEXT_CHROMIUM: chromium } = process.env;
const root = fileURLToPath(new URL("../../", import.meta.url));
const rows = labelledTexts(120);
const viteConfig = `export default {
  ssr: { noExternal: true },
  build: { emptyOutDir: false, rollupOptions: { output: { entryFileNames: "main.mjs" } } },
};
`;

describe.skipIf(!folder || !chromium)(
  "the package in an empty project (DUALTEXT_BUNDLERS, DUALTEXT_CHROMIUM)",
  () => {
    const project = folder!;
    let server: PageServer;
    let tarball: string;
    let model: Uint8Array;
    const table: {
      bundler: string;
      files: number;
      bytes: number;
      brotli: number;
      works: string;
      "ms to train": number;
    }[] = [];

    const write = (name: string, text: string | Uint8Array) => {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), text);
    };
    /** Runs a command of the project and gives what it prints. */
    const run = (command: string, args: readonly string[], cwd = project) => {
      const bin = join(project, "node_modules/.bin", command);
      const { status, stdout, stderr } = spawnSync(bin, args, { cwd, encoding: "utf8" });
      expect(status, `${command} ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
      return stdout;
    };

    beforeAll(async () => {
      const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", project], {
        cwd: root,
        encoding: "utf8",
      });
      tarball = join(project, name.trim());
      const install = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", tarball];
      execFileSync("npm", install, { cwd: project, stdio: "inherit" });
      const { trainClassifier } = await import("../../src/train-classifier.js");
      model = (await trainClassifier(rows)).save();
      server = new PageServer(project);
      await server.start();
    });
    afterAll(async () => {
      await server?.stop();
      for (const made of readdirSync(project)) {
        if (!/^(node_modules|package(-lock)?\.json)$/.test(made))
          rmSync(join(project, made), { recursive: true });
      }
      console.table(table);
    });

    /** What a page of the built files in `place` reports, entered in the table. */
    async function tryPage(bundler: string, place: string, files: readonly string[]) {
      const contents = files.map((file) => readFileSync(join(project, file)));
      const result = await server.visit(chromium!, `/${place}/`);
      const expected = createHash("sha256").update(model).digest("hex");
      const wanted = { label: "weather", hash: expected, thread: "worker", workerHash: expected };
      const works =
        Object.entries(wanted).every(([key, value]) => result[key] === value) &&
        new Set(result.predictions).size === 1;
      table.push({
        bundler,
        files: contents.length,
        bytes: contents.reduce((sum, { length }) => sum + length, 0),
        brotli: contents.reduce((sum, content) => sum + brotliCompressSync(content).length, 0),
        works: works ? "yes" : "NO",
        "ms to train": result.ms,
      });
      expect(result).toMatchObject(wanted);
      expect(new Set(result.predictions).size, result.predictions?.join("\n")).toBe(1);
    }

    const scriptsIn = (place: string) =>
      (readdirSync(join(project, place), { recursive: true }) as string[])
        .filter((file) => /\.m?js$/.test(file))
        .map((file) => join(place, file));

    describe("as npm shows it", () => {
      test("publint finds nothing", () => {
        const printed = run("publint", ["run", tarball, "--strict", "--pack", "false"]);
        expect(printed).toContain("All good!");
      });

      test("attw finds nothing in the profile esm-only", () => {
        const printed = run("attw", [tarball, "--profile", "esm-only", "--no-color"]);
        expect(printed).toContain('"dualtext/predict"');
        const resolutions = printed.split("\n").filter((line) => !line.includes("(ignor"));
        expect(resolutions.join("\n")).not.toMatch(/[\u{1f480}\u274c\u26a0]/u);
      });

      test("holds what is documented and nothing else", () => {
        const names = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).trim().split("\n");
        const odd = names.filter(
          (name) =>
            !/^package\/(dist\/([\w.-]+\.(js|wasm|d\.ts|txt)|(cli|command)\.cjs)|package\.json|README\.md|LICENSE)$/.test(
              name,
            ),
        );
        expect(odd).toEqual([]);
      });
    });

    describe("TypeScript", () => {
      test.each([
        { resolution: "bundler", module: "esnext", types: [], lib: ["ES2022", "DOM"] },
        { resolution: "nodenext", module: "nodenext", types: ["node"], lib: ["ES2022"] },
      ])("compiles a program with moduleResolution $resolution", ({ resolution, module, types, lib }) => {
        const place = `typed-${resolution}`;
        write(`${place}/main.ts`, typedProgram);
        const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
        const compilerOptions = {
          target: "es2022",
          module,
          moduleResolution: resolution,
          types,
          lib,
          ...strict,
        };
        write(`${place}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["main.ts"] }));
        run("tsc", ["--project", place]);
      });
    });

    test("Node requires it at run time", () => {
      write(
        "require/main.cjs",
        `const { trainClassifier } = require("dualtext");
       const { loadModel } = require("dualtext/predict");
       trainClassifier(${JSON.stringify(rows)})
         .then((classifier) => loadModel(classifier.save()))
         .then((model) => console.log(model.predict("rain and snow").label));`,
      );
      const { stdout, stderr } = spawnSync(process.execPath, [join(project, "require/main.cjs")], {
        encoding: "utf8",
      });
      expect({ stdout, stderr }).toEqual({ stdout: "weather\n", stderr: "" });
    });

    // sideEffects: false must not cost a bundle what dualtext/node has beyond dualtext.
    describe.each([
      { bundler: "esbuild", args: ["main.js", "--bundle", "--platform=node", "--outfile=built.cjs"] },
      {
        bundler: "rollup",
        args: ["main.js", "--dir=dist", "--plugin=@rollup/plugin-node-resolve", "--failAfterWarnings"],
      },
      {
        bundler: "webpack",
        args: ["./main.js", "--mode=production", "--target=node", "-o", ".", "--output-filename=built.cjs"],
      },
      { bundler: "vite", args: ["build", "--ssr=main.js", "--outDir=."] },
    ])("bundled for Node by $bundler", ({ bundler, args }) => {
      const built = { esbuild: "built.cjs", rollup: "dist/main.js", webpack: "built.cjs", vite: "main.mjs" };
      const outcome = (place: string, source: string, programArgs: readonly string[] = []) => {
        write(`${place}/main.js`, source);
        // Vite leaves packages outside of bundles for servers unless told otherwise.
        write(`${place}/vite.config.js`, viteConfig);
        run(bundler, args, join(project, place));
        const file = join(project, place, built[bundler as keyof typeof built]);
        expect(readFileSync(file, "utf8")).not.toMatch(/(from|require\()\s*["']dualtext/);
        const { stdout, stderr } = spawnSync(process.execPath, [file, ...programArgs], { encoding: "utf8" });
        expect(stderr).toBe("");
        return stdout;
      };

      test("trainClassifier alone has threads", () => {
        const { label, workers } = JSON.parse(outcome(`threads-${bundler}`, threadsProgram(rows)));
        expect(label).toBe("weather");
        expect(workers).toBeGreaterThan(0);
      });

      test("reads and writes files", () => {
        const place = `files-${bundler}`;
        write(`${place}/rows.tsv`, rows.map(({ label, text }) => `${label}\t${text}\n`).join(""));
        const paths = ["rows.tsv", "model.zip"].map((name) => join(project, place, name));
        expect(outcome(place, filesProgram(), paths)).toBe("weather\n");
        expect(readFileSync(paths[1]!).equals(model)).toBe(true);
      });

      test("is empty when nothing is used", () => {
        const place = `unused-${bundler}`;
        const rest = "console.log(1);\n";
        const size = (source: string) => {
          outcome(place, source);
          return readFileSync(join(project, place, built[bundler as keyof typeof built])).length;
        };
        expect(size(`import * as all from "dualtext/node";\n${rest}`)).toBe(size(rest));
      });
    });

    describe("bundled and run in Chromium", () => {
      test("Vite", async () => {
        write("vite/main.js", program(rows));
        write("vite/index.html", html('<script type="module" src="./main.js"></script>'));
        // Built for the root of a site, the default; here the site is a folder.
        run("vite", ["build", "--base=./", "--logLevel=warn"], join(project, "vite"));
        await tryPage("Vite", "vite/dist", scriptsIn("vite/dist"));
      });

      test("webpack", async () => {
        write("webpack/src/index.js", program(rows));
        run("webpack", ["--mode=production"], join(project, "webpack"));
        write("webpack/dist/index.html", html('<script src="./main.js"></script>'));
        await tryPage("webpack", "webpack/dist", scriptsIn("webpack/dist"));
      });

      test("esbuild", async () => {
        write("esbuild/main.js", program(rows));
        run(
          "esbuild",
          ["main.js", "--bundle", "--minify", "--outdir=dist", "--log-level=warning"],
          join(project, "esbuild"),
        );
        write("esbuild/dist/index.html", html('<script src="./main.js"></script>'));
        await tryPage("esbuild", "esbuild/dist", scriptsIn("esbuild/dist"));
      });

      // Rollup finds no package without this plugin, whatever the package.
      test("Rollup with node-resolve", async () => {
        write("rollup/main.js", program(rows));
        const args = [
          "main.js",
          "--dir=dist",
          "--plugin=@rollup/plugin-node-resolve",
          "--failAfterWarnings",
          "--silent",
        ];
        run("rollup", args, join(project, "rollup"));
        write("rollup/dist/index.html", html('<script type="module" src="./main.js"></script>'));
        await tryPage("Rollup (not minified)", "rollup/dist", scriptsIn("rollup/dist"));
      });

      test("no bundler: a page with a module script", async () => {
        cpSync(join(project, "node_modules/dualtext/dist"), join(project, "plain/dualtext"), {
          recursive: true,
        });
        write(
          "plain/main.js",
          program(rows, {
            library: "./dualtext/index.js",
            predict: "./dualtext/predict.js",
            worker: "./dualtext/worker.js",
          }),
        );
        write("plain/index.html", html('<script type="module" src="./main.js"></script>'));
        const needed = scriptsIn("plain").filter(
          (file) => !/(node|cli|edge|core-modules\.[\w-]+|worker[\w-]*)\.js$/.test(file),
        );
        await tryPage("none (as shipped)", "plain", needed);
      });
    });

    test("models are kept in a browser as examples/kept-model.mjs does", async () => {
      cpSync(join(root, "examples/kept-model.mjs"), join(project, "kept/kept-model.mjs"));
      write("kept/main.js", keepingProgram(rows));
      run("esbuild", ["main.js", "--bundle", "--outdir=site", "--log-level=warning"], join(project, "kept"));
      write("kept/site/index.html", html('<script src="./main.js"></script>'));
      const found = { before: false, label: "weather" };
      expect(await server.visit(chromium!, "/kept/site/")).toEqual({ fileSystem: found, database: found });
    });

    describe("under a content security policy, in Chromium", () => {
      const policies = [
        {
          policy: "default-src 'self'",
          training: {
            code: "wasm-blocked",
            message: expect.stringMatching(/'wasm-unsafe-eval'.*dualtext\/predict/),
          },
        },
        { policy: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'", training: "done" },
      ];
      test.each(policies)("$policy", async ({ policy, training }) => {
        const place = `policy-${policies.findIndex((one) => one.policy === policy)}`;
        write(`${place}/main.js`, policyProgram(rows));
        write(`${place}/site/model.zip`, model);
        run(
          "esbuild",
          ["main.js", "--bundle", "--minify", "--outdir=site", "--log-level=warning"],
          join(project, place),
        );
        write(`${place}/site/index.html`, html('<script src="./main.js"></script>'));
        server.headers.set(place, { "content-security-policy": policy });
        expect(await server.visit(chromium!, `/${place}/site/`)).toEqual({ label: "weather", training });
      });
    });
  },
);
