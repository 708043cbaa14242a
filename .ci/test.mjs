// Runs the tests; with DUALTEXT_REPORT also writes Vitest's JSON report to the file it names. A test may take a minute:
// that ends what hangs, however slow or busy the machine is.
import { spawnSync } from "node:child_process";

const { DUALTEXT_REPORT: report } = process.env;
const reporters = report ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
const { status } = spawnSync(
  "npx",
  ["vitest", "run", "--testTimeout=60000", "--hookTimeout=60000", ...reporters],
  {
    stdio: "inherit",
    shell: process.platform === "win32",
  },
);
process.exit(status ?? 1);
