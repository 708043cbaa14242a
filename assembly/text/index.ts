export { enterHome, makeBlock, refusedBytes, reserveBlock, startHeap, usedBytes } from "./heap";
export {
  adopt,
  countNew,
  keepWords,
  matchPairs,
  matchTrigrams,
  matchWords,
  newPairs,
  newTrigrams,
  numberNew,
  resolveNumbers,
  vocabulary,
} from "./merge";
export {
  countRows,
  countRowsAt,
  entryIndices,
  entryRowEnds,
  entryValues,
  freezeText,
  growText,
  joinText,
  reserveInput,
  reserveTexts,
  startText,
  turn,
} from "./rows";
export { leaveCounts } from "./scale";
export { takeTrigrams, trigramCount, trigramUnits } from "./trigrams";
export { reserveWordNgrams, takePairs, takeWords, wordNgramCount, wordNgramPairs } from "./word-ngrams";
export { wordCount, wordEnds, wordUnits } from "./words";
