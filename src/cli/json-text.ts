/** JSON on one line, with NaN, Infinity and -Infinity as strings of those names, because JSON has no such numbers. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? String(item) : item,
  );
}
