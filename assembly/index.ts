export {
  measureRows,
  rebuildBiases,
  rebuildWeights,
  resetCursors,
  settleDuals,
  sumOfSquaredDifferences,
  sumOfSquares,
} from "./objective";
export { scoreRows } from "./score";
export { visitRows } from "./sdca";
export { softmax } from "./softmax";
export { addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin, squaredNorm } from "./sparse";
export { stepRow, stepTwoClassRow } from "./step";
