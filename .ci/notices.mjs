// dist/NOTICES.txt: the licences of the packages that are bundled into dist/.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const bundled = [
  "@assemblyscript/loader",
  "commander",
  "cli-progress",
  "string-width",
  "strip-ansi",
  "ansi-regex",
  "emoji-regex",
  "is-fullwidth-code-point",
];
const root = new URL("../node_modules/", import.meta.url);

const notices = bundled.map((name) => {
  const folder = new URL(`${name}/`, root);
  const { version, license, author } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file
    ? readFileSync(new URL(file, folder), "utf8").trim()
    : `Licence ${license}, by ${author?.name ?? author ?? "its authors"}.`;
  return `${name} ${version} (${license})\n\n${text}\n`;
});
if (!existsSync(new URL("../dist/", import.meta.url)))
  throw new Error("dist/ is not there: build the library first.");
writeFileSync(new URL("../dist/NOTICES.txt", import.meta.url), notices.join(`\n${"-".repeat(80)}\n\n`));
