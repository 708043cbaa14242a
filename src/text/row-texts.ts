/** One row's texts. */
export type RowTexts = string | readonly string[];
