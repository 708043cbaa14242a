// A Node single-executable application with the library in it. Needs postject: DUALTEXT_POSTJECT names its command.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstalledProject } from "../helpers/installed.js";
import { labelledTexts } from "../helpers/texts.js";

const { DUALTEXT_POSTJECT: postject } = process.env;
const canInject = postject !== undefined && process.platform === "linux";

let project: InstalledProject;
beforeAll(() => {
  project = new InstalledProject();
});
afterAll(() => project.remove());

describe.skipIf(!canInject)("a single-executable application (DUALTEXT_POSTJECT, Linux)", () => {
  test("trains, saves, loads and predicts", async () => {
    const entry = project.write(
      "main.mjs",
      `import { loadModel, trainClassifier } from "dualtext/node";
       trainClassifier(${JSON.stringify(labelledTexts(60))})
         .then((classifier) => loadModel(classifier.save()))
         .then((model) => console.log(model.predict("rain and snow").label));`,
    );
    const outfile = join(project.folder, "main.cjs");
    // The only setting: such an application is one CommonJS script.
    await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "cjs" });
    const config = project.write(
      "sea.json",
      JSON.stringify({
        main: outfile,
        output: join(project.folder, "main.blob"),
        disableExperimentalSEAWarning: true,
      }),
    );
    execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: "ignore" });
    const application = join(project.folder, "application");
    copyFileSync(process.execPath, application);
    chmodSync(application, 0o755);
    const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";
    execFileSync(
      process.execPath,
      [postject!, application, "NODE_SEA_BLOB", join(project.folder, "main.blob"), "--sentinel-fuse", fuse],
      { stdio: "ignore" },
    );
    expect(execFileSync(application, { cwd: "/", encoding: "utf8" })).toBe("weather\n");
  });
});
