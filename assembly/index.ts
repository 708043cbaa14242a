export { takeBlocks } from "./blocks";
export { dealRows } from "./deal-rows";
export { hashBlocks } from "./digest";
export {
  foldRows,
  hashColumns,
  measureNorms,
  numberFolded,
  numberLines,
  planFolding,
  setLines,
} from "./fold-rows";
export { writeWeights } from "./folding";
export { measureLosses } from "./losses";
export { measureRows, rebuildBiases, resetCursors, scoreWide } from "./objective";
export { spreadRows, sumOf } from "./row-sums";
export { addShared, countColumns, nextColumn } from "./row-traits";
export {
  dealOut,
  drawMoments,
  listRows,
  rateScale,
  shuffleRows,
  sortMoments,
  startMoments,
  startVisits,
  takeDue,
} from "./schedule";
export { scoreMargins, scoreRows } from "./score";
export { visitRows } from "./sdca";
export { softmax } from "./softmax";
export { addRowMarginUpdate, addRowScores, addRowUpdate, rowMargin } from "./sparse";
export { addOwnShares, addSquares, leaveOut } from "./squares";
export { stepRow, stepTwoClassRow } from "./step";
export { visitTogether } from "./together";
export { scaleMove, sumOfSquares } from "./vector-math";
export { foretellVisits, moveLabels } from "./warm-start";
