/** Short texts of three kinds, made from word lists by a rule: enough to learn from, small enough to read. */
const kinds = {
  weather: ["rain", "sun", "wind", "cloud", "storm", "snow", "warm", "cold"],
  food: ["bread", "soup", "apple", "cheese", "rice", "salt", "sweet", "cook"],
  music: ["song", "drum", "choir", "violin", "tune", "dance", "loud", "beat"],
} as const;
export type Kind = keyof typeof kinds;
const fillers = ["the", "a", "today", "we", "had", "some", "and", "very"];

export function labelledTexts(count: number, offset = 0): { label: Kind; text: string }[] {
  const labels = Object.keys(kinds) as Kind[];
  return Array.from({ length: count }, (_, i) => {
    const n = i + offset;
    const label = labels[n % labels.length]!;
    const words = kinds[label];
    const text = [
      fillers[(n * 3) % 8],
      words[(n * 5) % 8],
      fillers[(n * 7 + 1) % 8],
      words[(n * 11 + 3) % 8],
    ].join(" ");
    return { label, text };
  });
}

export const rowsOf = (texts: readonly { label: string; text: string }[]) =>
  texts.map(({ label, text }) => ({ Label: label, Text: text }));
