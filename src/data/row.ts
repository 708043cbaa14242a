import type { FieldSplitter } from "./field-splitter.js";

/** Which field of the line last split stands for which position: the field's own, unless the line is sparse. */
export class Row {
  readonly fields: FieldSplitter;
  readonly #inputSize: number | undefined;
  readonly #sparse = new Map<number, number>();
  #isSparse = false;

  /** @param inputSize fields of a sparse line; `undefined` when the line says it. */
  constructor(fields: FieldSplitter, inputSize: number | undefined) {
    this.fields = fields;
    this.#inputSize = inputSize;
  }

  /** Whether positions without a field are 0, not absent. */
  get isSparse(): boolean {
    return this.#isSparse;
  }

  /** The field at a position, −1 when it is absent. */
  fieldAt(position: number): number {
    if (this.#isSparse) return this.#sparse.get(position) ?? -1;
    return position < this.fields.count ? position : -1;
  }

  /**
   * Reads the line last split as a sparse one if it holds a sparse field. Returns what is wrong with it, if anything;
   * the fields before the fault then count.
   */
  arrangeSparse(): string | undefined {
    const { fields } = this;
    let first = 0;
    while (first < fields.count && fields.sparseIndex(first) < 0) first++;
    this.#isSparse = first < fields.count;
    if (!this.#isSparse) return undefined;
    this.#sparse.clear();
    for (let field = 0; field < first; field++) this.#sparse.set(field, field);

    let offset = first - 1;
    let size: number;
    if (this.#inputSize === undefined) {
      size = first === 0 ? 0 : this.#positiveInteger(first - 1);
      if (size === 0) return "the field before the first sparse one is not the number of sparse fields";
      this.#sparse.delete(offset);
    } else {
      offset = 0;
      for (let field = 0; field < first; field++) if (!fields.isEmpty(field)) offset++;
      size = this.#inputSize - offset;
    }

    let previous = -1;
    for (let field = first; field < fields.count; field++) {
      const index = fields.sparseIndex(field);
      if (index < 0) return "a field without index follows a sparse one";
      if (index <= previous) return `sparse index ${index} follows ${previous}; indices must rise`;
      if (index >= size) return `sparse index ${index} is not below the number of sparse fields, ${size}`;
      this.#sparse.set(offset + index, field);
      previous = index;
    }
    return undefined;
  }

  /** The value of a field of 1 to 9 digits, 0 for any other. */
  #positiveInteger(field: number): number {
    const bytes = this.fields.bytesOf(field).subarray(this.fields.startOf(field), this.fields.endOf(field));
    if (bytes.length > 9) return 0;
    let value = 0;
    for (const byte of bytes) {
      if (byte < 0x30 || byte > 0x39) return 0;
      value = value * 10 + byte - 0x30;
    }
    return value;
  }
}
