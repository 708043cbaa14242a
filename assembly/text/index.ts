export { refusedBytes, usedBytes } from "./heap";
export {
  countRows,
  entryIndices,
  entryRowEnds,
  entryValues,
  reserveInput,
  reserveTexts,
  startText,
} from "./rows";
export { trigramCount, trigramUnits } from "./trigrams";
export { wordNgramCount, wordNgramPairs } from "./word-ngrams";
export { wordCount, wordEnds, wordUnits } from "./words";
