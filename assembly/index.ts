export { takeBlocks } from "./blocks";
export { hashBlocks } from "./digest";
export { foldRows, hashColumns, leaveRows, numberLines, planFolding } from "./fold-rows";
export { ownSquares, writeOwnLines } from "./folding";
export {
  addSquares,
  countOnly,
  measureRows,
  rebuildBiases,
  scoreWide,
  sumOfSquaredDifferences,
  sumOfSquares,
} from "./objective";
export { scoreMargins, scoreRows } from "./score";
export { visitRows } from "./sdca";
export { dealLines, dealRows } from "./shards";
export { softmax } from "./softmax";
export { addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin } from "./sparse";
export { stepRow, stepTwoClassRow } from "./step";
export { visitTogether } from "./together";
