// Time against objective gap, one line a rival, as SVG.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type Curve, gaps } from "./optimum.js";
import type { Cell } from "./results.js";
import { leastObjective } from "./tables.js";

/** The plot of one set's cells; undefined where nobody reached a gap. */
export function gapPlot(title: string, cells: readonly Cell<Curve>[]): string | undefined {
  const curves = cells.flatMap((cell) => (cell.value ? [{ rival: cell.rival, curve: cell.value }] : []));
  const least = leastObjective(curves.map(({ curve }) => curve));
  const points = curves.flatMap(({ rival, curve }) =>
    curve.points
      .filter(({ objective }) => objective !== undefined && objective - least > 1e-8)
      .map(({ seconds, objective }) => ({ rival, seconds, gap: objective! - least })),
  );
  if (points.length === 0) return undefined;
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const figure = Plot.plot({
    document: document as unknown as Document,
    title,
    width: 760,
    height: 420,
    marginLeft: 60,
    marginRight: 150,
    style: { background: "white", color: "black", fontFamily: "sans-serif" },
    x: { type: "log", label: "seconds", grid: true, tickFormat: "~g" },
    y: {
      type: "log",
      label: "objective above the least known (nats)",
      grid: true,
      ticks: 8,
      tickFormat: ".0e",
    },
    color: { type: "categorical", domain: curves.map(({ rival }) => rival) },
    marks: [
      Plot.ruleY(gaps, { stroke: "#999", strokeDasharray: "3,3" }),
      Plot.line(points, { x: "seconds", y: "gap", stroke: "rival", strokeWidth: 2 }),
      Plot.dot(points, { x: "seconds", y: "gap", fill: "rival", r: 2.5 }),
      Plot.text(
        points,
        Plot.selectLast({ x: "seconds", y: "gap", z: "rival", text: "rival", dx: 8, textAnchor: "start" }),
      ),
    ],
  });
  const svg = figure.querySelector("svg:last-of-type") ?? figure;
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}
