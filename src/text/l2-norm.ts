export function l2Scale(ssq: number): number {
  const d = Math.fround(Math.sqrt(ssq));
  const scale = d > 0 ? Math.fround(1 / d) : 1;
  return scale < 1e-8 ? 1 : scale;
}
