import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Path of a file of data/. @param {string} name */
export const fileOf = (name) => fileURLToPath(new URL(`data/${name}`, import.meta.url));

/** How the files of data/ are read; train.mjs says what stands where in the C#. */
export const messageOptions = /** @type {const} */ ({ hasHeader: true, columns: { Label: 0, Text: 1 } });

/** The folder that a program is given to write to, or a new one. */
export const outputFolder = () => process.argv[2] ?? mkdtempSync(join(tmpdir(), "dualtext-from-csharp-"));
