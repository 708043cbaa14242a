/**
 * A view of this realm on the bytes of a `Uint8Array` (a `Buffer` too) or an `ArrayBuffer` of any realm; undefined for
 * anything else. `instanceof` would refuse arrays made in another `vm` context, frame or test environment.
 */
export function asBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Uint8Array]") {
    const { buffer, byteOffset, byteLength } = value as Uint8Array<ArrayBuffer>;
    return value instanceof Uint8Array
      ? (value as Uint8Array<ArrayBuffer>)
      : new Uint8Array(buffer, byteOffset, byteLength);
  }
  return tag === "[object ArrayBuffer]" ? new Uint8Array(value as ArrayBuffer) : undefined;
}
