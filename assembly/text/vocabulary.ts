import { KeyIndex } from "./key-index";

// The n-grams that one of several threads has found in its rows, for the others to look them up.

@unmanaged
export class Vocabulary {
  wordCount: u32;
  wordLog: u32;
  wordBuckets: usize;
  wordRecords: usize;
  wordContents: usize;
  contentBytes: usize;
  ngramCount: u32;
  pairs: usize;
  pairIndex: KeyIndex;
  trigramCount: u32;
  trigramUnits: usize;
  ascii: usize;
  others: KeyIndex;
}
