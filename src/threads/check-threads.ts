import { DualTextError } from "../errors.js";

/** More are refused: each has memory of its own, and a number like this is a mistake. */
const MOST_THREADS = 256;

/** Throws `bad-option`. */
export function checkThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  if (Number.isSafeInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  throw new DualTextError(
    "bad-option",
    `threads is ${threads}; it must be a whole number from 1 to ${MOST_THREADS}.`,
  );
}
