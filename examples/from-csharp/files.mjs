import { fileURLToPath } from "node:url";

/** Path of a file of data/. @param {string} name */
export const fileOf = (name) => fileURLToPath(new URL(`data/${name}`, import.meta.url));
