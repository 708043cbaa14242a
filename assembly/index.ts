export { foldRows, planFolding } from "./fold-rows";
export { ownSquares, setNorms, writeOwnLines } from "./folding";
export {
  measureRows,
  rebuildBiases,
  rebuildWeights,
  resetCursors,
  settleDuals,
  squaredLines,
  sumOfSquaredDifferences,
  sumOfSquares,
} from "./objective";
export { scoreRows } from "./score";
export { visitRows } from "./sdca";
export { softmax } from "./softmax";
export { addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin, squaredNorm } from "./sparse";
export { stepRow, stepTwoClassRow } from "./step";
