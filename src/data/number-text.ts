/**
 * Numbers as .NET prints them, in the invariant culture: `E` notation for exponents below −4 or beyond the digits of
 * the type, with a sign and at least two digits of exponent.
 */

/** The fewest digits that read back as the same single. */
export function singleText(value: number): string {
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  // Halfway between two such numbers .NET takes the one that ends in an even digit, toExponential the larger one.
  const [longer = ""] = Math.abs(value).toExponential(digits).split("e");
  const isTie = longer.endsWith("5") && Number(value.toExponential(digits)) === value;
  const lowerIsEven = "02468".includes(longer.replace(".", "").at(-2) ?? "");
  return isTie && lowerIsEven ? dotNetText(value, digits + 1, 9, digits) : dotNetText(value, digits, 9);
}

/** 17 significant digits, trailing zeros left out. */
export function doubleText(value: number): string {
  return dotNetText(value, 17, 17);
}

/** @param kept digits of those asked for that are printed; the others are cut off. */
function dotNetText(value: number, digits: number, longestWhole: number, kept = digits): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = "0"] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  const sign = value < 0 ? "-" : "";
  const significant = mantissa.replace(".", "").slice(0, kept).replace(/0+$/, "");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= longestWhole) {
    const fraction = significant.length > 1 ? `.${significant.slice(1)}` : "";
    const written = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${significant[0]}${fraction}E${exponent < 0 ? "-" : "+"}${written}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = significant.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
