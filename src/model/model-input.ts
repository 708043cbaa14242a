import { asBytes } from "../bytes.js";
import { DualTextError } from "../errors.js";

/** What a model can be loaded from: the bytes of its file, a `File` or other `Blob`, or the `Response` of a `fetch`. */
export type ModelInput = Uint8Array | ArrayBuffer | Blob | Response;

/** The bytes. Throws `bad-argument`, and `file-read` for a response that is an error. */
export async function readModelInput(input: ModelInput): Promise<Uint8Array> {
  const bytes = asBytes(input);
  if (bytes) return bytes;
  // Told by what it can do, because a class of another realm is not this realm's.
  if (typeof (input as Blob)?.arrayBuffer !== "function") {
    throw new DualTextError(
      "bad-argument",
      "A model is loaded from the bytes of its file: a Uint8Array, an ArrayBuffer, a Blob or a Response.",
    );
  }
  if ((input as Response).ok === false) {
    const { url, status, statusText } = input as Response;
    throw new DualTextError(
      "file-read",
      `${url || "The response"} was answered with ${`${status} ${statusText}`.trim()}. Check the address.`,
    );
  }
  return new Uint8Array(await (input as Blob).arrayBuffer());
}
