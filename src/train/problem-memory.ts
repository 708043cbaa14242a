import type { CoreExports } from "../wasm/core.js";
import type { Plan } from "../wasm/memory.js";
import { weightColumns } from "../wasm/weight-layout.js";
import type { FoldedCounts, RowBlock } from "./place-rows.js";
import type { Block } from "./problem-blocks.js";

/** Where the blocks of a problem are in the memory of its core, and views of them. */
export class ProblemMemory {
  readonly core: CoreExports;
  readonly at: Plan<Block | RowBlock>["at"];
  readonly rowCount: number;
  readonly classCount: number;
  /** Shape of the rows once they are folded. */
  readonly folded: FoldedCounts;
  /** Columns of a line of weights, and of a row of duals, spare lanes included. */
  readonly columns: number;
  /** Biases that there are. */
  readonly biasCount: number;

  constructor(
    core: CoreExports,
    at: Plan<Block | RowBlock>["at"],
    folded: FoldedCounts,
    { rowCount, classCount }: { readonly rowCount: number; readonly classCount: number },
  ) {
    this.core = core;
    this.at = at;
    this.folded = folded;
    this.rowCount = rowCount;
    this.classCount = classCount;
    const { padded, stored } = weightColumns(classCount);
    this.columns = padded;
    this.biasCount = stored;
  }

  /** Of two classes one column is kept; the weights of the other are its negative. */
  get copies(): number {
    return this.classCount === 2 ? 2 : 1;
  }

  /** Weights on all lines. */
  get weightCount(): number {
    return this.folded.lineCount * this.columns;
  }

  u8(block: Block | RowBlock, length: number): Uint8Array {
    return new Uint8Array(this.core.memory.buffer, this.at[block], length);
  }

  u32(block: Block | RowBlock, length: number): Uint32Array {
    return new Uint32Array(this.core.memory.buffer, this.at[block], length);
  }

  f32(block: Block | RowBlock, length: number): Float32Array {
    return new Float32Array(this.core.memory.buffer, this.at[block], length);
  }

  f64(block: Block | RowBlock, length: number): Float64Array {
    return new Float64Array(this.core.memory.buffer, this.at[block], length);
  }
}
