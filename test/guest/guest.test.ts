// A library in someone else's program leaves things as they are: no global touched, nothing printed, nothing left running,
// and another version of it beside it.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstalledProject } from "../helpers/installed.js";
import { labelledTexts } from "../helpers/texts.js";

let project: InstalledProject;
beforeAll(() => {
  project = new InstalledProject();
});
afterAll(() => project.remove());

const rows = JSON.stringify(labelledTexts(60));
const use = `
  const classifier = await trainClassifier(${rows}, { onProgress() {} });
  const bytes = classifier.save();
  const label = (await loadModel(bytes)).predict("rain and snow").label;
`;

/** Runs a program in the project to its own end, and gives what it printed. */
function run(name: string, code: string, ...flags: string[]): string {
  const path = project.write(name, code);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, path], {
    cwd: project.folder,
    encoding: "utf8",
    timeout: 50_000,
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
  return stdout;
}

describe.each(["dualtext", "dualtext/node"])("%s", (entry) => {
  test("prints nothing, and the program ends when it has nothing more to do", () => {
    const stdout = run(
      "quiet.mjs",
      `import { loadModel, trainClassifier } from "${entry}";
       ${use}
       if (label !== "weather") throw new Error(label);`,
    );
    expect(stdout).toBe("");
  });

  test("leaves no timer, port or thread behind", () => {
    const stdout = run(
      "left.mjs",
      `import { loadModel, trainClassifier } from "${entry}";
       const before = process.getActiveResourcesInfo();
       ${use}
       // What is closed takes a turn or two of the event loop.
       await new Promise((resolve) => setTimeout(resolve, 50));
       const left = process.getActiveResourcesInfo();
       for (const one of before) if (left.includes(one)) left.splice(left.indexOf(one), 1);
       process.stdout.write(JSON.stringify(left));`,
    );
    expect(stdout).toBe("[]");
  });

  test("touches no global and no built-in object", () => {
    const stdout = run(
      "globals.mjs",
      `// Everything that can be reached from the global object through properties and prototypes, with what it is.
       function snapshot() {
         const found = new Map();
         const visit = (object, path) => {
           if (object === null || !/^(object|function)$/.test(typeof object) || found.has(object)) return;
           const properties = Object.getOwnPropertyDescriptors(object);
           found.set(object, { path, properties });
           visit(Object.getPrototypeOf(object), path + ".__proto__");
           for (const key of Reflect.ownKeys(properties)) {
             const { value, get, set } = properties[key];
             for (const inner of [value, get, set]) visit(inner, path + "." + String(key));
           }
         };
         visit(globalThis, "globalThis");
         return found;
       }
       function changes(before) {
         const list = [];
         for (const [object, { path, properties }] of before) {
           const now = Object.getOwnPropertyDescriptors(object);
           for (const key of new Set([...Reflect.ownKeys(properties), ...Reflect.ownKeys(now)])) {
             const [a, b] = [properties[key], now[key]];
             const same = a && b && ["value", "get", "set", "writable", "enumerable", "configurable"]
               .every((part) => Object.is(a[part], b[part]));
             if (!same) list.push(path + "." + String(key));
           }
         }
         return list;
       }
       // What Node itself makes when it is first asked for.
       process.getActiveResourcesInfo(); void [fetch, crypto, performance.now(), process.stdout, TextEncoder, TextDecoder, MessageChannel];
       const used = new WebAssembly.Memory({ initial: 1 }); void used.buffer;
       snapshot();
       const before = snapshot();
       const { loadModel, trainClassifier } = await import("${entry}");
       const onImport = changes(before);
       ${use}
       process.stdout.write(JSON.stringify({ onImport, inUse: changes(before), probe: (globalThis.probe = 1, changes(before)) }));`,
    );
    expect(JSON.parse(stdout)).toEqual({ onImport: [], inUse: [], probe: ["globalThis.probe"] });
  });
});

test("dualtext/predict prints nothing and leaves nothing", () => {
  const stdout = run(
    "predict.mjs",
    `import { trainClassifier } from "dualtext";
     import { loadModel } from "dualtext/predict";
     ${use}
     process.stdout.write(label);`,
  );
  expect(stdout).toBe("weather");
});

test("require works at run time, and gives the same module as import", () => {
  const stdout = run(
    "required.cjs",
    `const required = require("dualtext");
     const predict = require("dualtext/predict");
     require("dualtext/node");
     import("dualtext").then(async (imported) => {
       const classifier = await required.trainClassifier(${rows});
       const { label } = (await predict.loadModel(classifier.save())).predict("rain and snow");
       process.stdout.write(JSON.stringify([imported.trainClassifier === required.trainClassifier, label]));
     });`,
  );
  expect(JSON.parse(stdout)).toEqual([true, "weather"]);
});

test("two versions in one process read each other's models", () => {
  const other = project.install("other-dualtext", "node_modules/other-dualtext", "0.0.9");
  for (const name of ["index.js", "predict.js"]) {
    const file = join(other, "dist", name);
    for (const chunk of [
      name,
      ...[...readFileSync(file, "utf8").matchAll(/from '\.\/([^']+)'/g)].map(([, one]) => one!),
    ]) {
      const path = join(other, "dist", chunk);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(/version = "[\d.]+"/g, 'version = "0.0.9"'));
    }
  }
  const stdout = run(
    "two.mjs",
    `import * as one from "dualtext";
     import * as two from "other-dualtext";
     const rows = ${rows};
     const [a, b] = await Promise.all([one.trainClassifier(rows), two.trainClassifier(rows)]);
     const [ofA, ofB] = await Promise.all([two.loadModel(a.save()), one.loadModel(b.save())]);
     const bad = await two.loadModel(new Uint8Array(3)).catch((error) => error);
     process.stdout.write(JSON.stringify({
       versions: [one.version, two.version],
       apart: one.Model !== two.Model,
       same: JSON.stringify(ofA.predict("rain", { topK: 3 })) === JSON.stringify(ofB.predict("rain", { topK: 3 })),
       errors: [bad instanceof two.DualTextError, bad instanceof one.DualTextError, bad.code],
     }));`,
  );
  expect(JSON.parse(stdout)).toEqual({
    versions: [
      JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version,
      "0.0.9",
    ],
    apart: true,
    same: true,
    errors: [true, false, "bad-model-file"],
  });
});
