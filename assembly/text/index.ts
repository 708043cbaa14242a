export { refusedBytes, usedBytes } from "./heap";
export {
  countRows,
  entryIndices,
  entryRowEnds,
  entryValues,
  freezeText,
  reserveInput,
  reserveTexts,
  startText,
} from "./rows";
export { takeTrigrams, trigramCount, trigramUnits } from "./trigrams";
export { reserveWordNgrams, takePairs, takeWords, wordNgramCount, wordNgramPairs } from "./word-ngrams";
export { wordCount, wordEnds, wordUnits } from "./words";
