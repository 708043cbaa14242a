import { type CsrMatrix, ENTRIES_A_PIECE, ranges } from "../data/csr.js";
import { decodingRows, packingRows } from "../data/row-codec.js";
import { atOnce } from "../slices.js";
import { type Json, type LoadedStageParts, type StageParts, wholeArray } from "../stage.js";
import { weightColumns } from "../wasm/weight-layout.js";

/** Duals are kept in units of 2⁻¹⁶: far finer than any tolerance asks for. */
const DUAL_UNITS = 65_536;

/** What it takes to go on training where a run has ended: its rows, their classes and duals. Compact. */
export interface TrainingState {
  readonly rowCount: number;
  readonly hasBias: boolean;
  /** Whether it comes from a file, and so may be that of another model. */
  readonly isRead: boolean;
  /** The rows' features. In memory they are as they were last: whole, or as `packingRows` packs them. Yields now and then. */
  readonly matrix: () => Generator<void, CsrMatrix>;
  /** The rows packed. Yields now and then, the first time. */
  readonly packing: () => Generator<void, Uint8Array>;
  /** Class of each row, 0 … classCount − 1. */
  readonly labels: Uint32Array;
  /**
   * u16[rowCount][stored columns of weights]: q in units of 2⁻¹⁶. The entry of the row's own class is 0, because it
   * follows from the others; two classes have one, the mass on the wrong one.
   */
  readonly duals: Uint16Array;
}

/** The state that a run has ended with. Yields now and then. @param lines duals as the solver has them, a line a row with spare lanes */
export function* keepingState(
  matrix: CsrMatrix,
  labels: Uint32Array,
  classCount: number,
  hasBias: boolean,
  lines: Float32Array,
): Generator<void, TrainingState> {
  const { padded, stored } = weightColumns(classCount);
  const { rowCount } = matrix;
  const duals = new Uint16Array(rowCount * stored);
  // What rounding takes off a class goes to its entry in the next row of the same label: sums over rows, which the weights of
  // frequent features are, then lose next to nothing, though they are divided by an N that may be far below 1.
  const carried = new Float64Array(classCount * stored);
  for (const [first, end] of ranges(rowCount, Math.ceil(ENTRIES_A_PIECE / stored))) {
    for (let row = first; row < end; row++) {
      const label = labels[row]!;
      const own = classCount > 2 ? label : stored;
      roundDuals(duals, row * stored, lines, row * padded, carried, label * stored, stored, own);
    }
    yield;
  }
  let packed: Uint8Array | undefined;
  function* packing() {
    packed ??= yield* packingRows(matrix);
    return packed;
  }
  function* whole() {
    yield;
    return matrix;
  }
  return { rowCount, hasBias, isRead: false, labels, duals, matrix: whole, packing };
}

/** One row: `carried` from `of` on is what rounding has taken off rows of its label. The class `own` is left out. */
function roundDuals(
  duals: Uint16Array,
  to: number,
  lines: Float32Array,
  from: number,
  carried: Float64Array,
  of: number,
  stored: number,
  own: number,
): void {
  for (let c = 0; c < stored; c++) {
    if (c === own) continue;
    const exact = lines[from + c]! * DUAL_UNITS + carried[of + c]!;
    // At least −½, as no mass is below 0.
    const rounded = (exact + 0.5) | 0;
    const mass = rounded < DUAL_UNITS ? rounded : DUAL_UNITS - 1;
    carried[of + c] = exact - mass;
    duals[to + c] = mass;
  }
}

/** The distribution over all classes of row `row`, into `q`. */
export function readDual({ labels, duals }: TrainingState, row: number, q: Float64Array): void {
  const classCount = q.length;
  const label = labels[row]!;
  if (classCount === 2) {
    const other = duals[row]! / DUAL_UNITS;
    q[1 - label] = other;
    q[label] = 1 - other;
    return;
  }
  // Whole units, so the sum is exact; the entry of the label is 0 there.
  const first = row * classCount;
  let others = 0;
  for (let c = 0; c < classCount; c++) {
    const units = duals[first + c]!;
    q[c] = units / DUAL_UNITS;
    others += units;
  }
  q[label] = Math.max(0, 1 - (others - duals[first + label]!) / DUAL_UNITS);
}

/** Options and arrays of a model file. */
export function stateParts(state: TrainingState): { options: Json; arrays: StageParts["arrays"] } {
  const { rowCount, hasBias, labels, duals } = state;
  return {
    options: { rowCount, hasBias },
    arrays: {
      stateRows: wholeArray(atOnce(state.packing())),
      stateLabels: wholeArray(labels),
      stateDuals: wholeArray(duals),
    },
  };
}

/**
 * The state that {@link stateParts} gave to a file; undefined when the parts do not fit each other or the model. Yields now
 * and then.
 */
export function* readingState(
  options: Json | undefined,
  arrays: LoadedStageParts["arrays"],
  featureCount: number,
  classCount: number,
): Generator<void, TrainingState | undefined> {
  const { rowCount, hasBias } = (options ?? {}) as Record<string, unknown>;
  const { stateRows: rows, stateLabels: labels, stateDuals: duals } = arrays;
  if (typeof rowCount !== "number" || typeof hasBias !== "boolean") return undefined;
  if (!(rows instanceof Uint8Array) || !(labels instanceof Uint32Array) || !(duals instanceof Uint16Array))
    return undefined;
  const { stored } = weightColumns(classCount);
  if (labels.length !== rowCount || duals.length !== rowCount * stored) return undefined;
  if (labels.some((label) => label >= classCount)) return undefined;
  const decoding = () => decodingRows(rows, rowCount, featureCount);
  if (!(yield* decoding())) return undefined;
  // What could be decoded once can be decoded again.
  const matrix = decoding as TrainingState["matrix"];
  function* packing() {
    yield;
    return rows as Uint8Array;
  }
  return { rowCount, hasBias, isRead: true, labels, duals, matrix, packing };
}
