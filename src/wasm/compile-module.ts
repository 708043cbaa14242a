import { DualTextError } from "../errors.js";
import { importSharedMemory } from "./memory.js";

/** (module (func (drop (v128.const i32x4 0 0 0 0)))): valid only where SIMD is. */
const simdProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 23, 1, 21, 0],
  ...[253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 26, 11],
);

/**
 * How often a timer goes off that does nothing while a core is compiled, in milliseconds. A worker of WebKit (seen in 2.50, a
 * few times in a thousand fits while memory is collected all the time) does not wake when the engine has compiled: it goes
 * on sleeping until a message or a timer comes.
 */
const WAKE_MS = 20;

/**
 * Compiles a core.
 * Rejects with `no-wasm-simd`, `wasm-blocked`, `out-of-memory`.
 * @param bytes changed where the memory is to be shared @param shared whether threads are to share its memory
 */
export async function compileModule(
  bytes: Uint8Array<ArrayBuffer>,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const missing = typeof WebAssembly !== "object" ? "WebAssembly" : "WebAssembly SIMD";
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simdProbe)) {
    throw new DualTextError(
      "no-wasm-simd",
      `This engine has no ${missing}, which dualtext needs: Node 16.4, Chrome 91, Firefox 89, Safari 16.4 or newer have ` +
        "it, unless it is switched off. To predict with a saved model without it, use dualtext/predict.",
    );
  }
  if (shared) importSharedMemory(bytes);
  const awake = setInterval(() => {}, WAKE_MS);
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new DualTextError("out-of-memory", `This host has no memory for WebAssembly: ${cause.message}.`, {
        cause,
      });
    }
    // The bytes are right and the engine can do it: what is left is a policy.
    throw new DualTextError(
      "wasm-blocked",
      `WebAssembly may not be compiled here (${(cause as Error).message}). A page with a content security policy ` +
        "needs 'wasm-unsafe-eval' in script-src to train or to load a model; a Worker must be bundled with the condition " +
        '"workerd". dualtext/predict predicts with saved models without WebAssembly.',
      { cause },
    );
  } finally {
    clearInterval(awake);
  }
}
