export { takeBlocks } from "./blocks";
export { dealRow } from "./deal-rows";
export { hashBlocks } from "./digest";
export { foldRows, hashColumns, planFolding } from "./fold-rows";
export { writeOwnLines } from "./folding";
export {
  addSquares,
  countOnly,
  measureRows,
  rebuildBiases,
  scoreWide,
} from "./objective";
export { scoreMargins, scoreRows } from "./score";
export { visitRows } from "./sdca";
export { softmax } from "./softmax";
export { addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin } from "./sparse";
export { stepRow, stepTwoClassRow } from "./step";
export { visitTogether } from "./together";
export { sumOfSquares } from "./vector-math";
