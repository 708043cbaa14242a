// Live curves of loss and gap.
import uPlot from "uplot";
import { byId } from "./dom.js";

const HEIGHT = 200;

class Curve {
  readonly #box: HTMLElement;
  readonly #isLog: boolean;
  readonly #name: string;
  readonly #target: number | undefined;
  #plot: uPlot | undefined;
  /** A drawing that the next frame will make: epochs may be shorter than frames. */
  #waiting: number | undefined;
  #xs: number[] = [];
  #ys: number[] = [];

  /** @param target drawn as a line */
  constructor(id: string, name: string, isLog: boolean, target?: number) {
    this.#box = byId(id);
    this.#name = name;
    this.#isLog = isLog;
    this.#target = target;
    this.#box.replaceChildren();
    this.#box.setAttribute("aria-label", `${name}: no epoch has ended yet.`);
  }

  add(epoch: number, value: number): void {
    if (this.#xs.at(-1) === epoch || !(value > 0)) return;
    this.#xs.push(epoch);
    this.#ys.push(value);
    const [first] = this.#ys;
    this.#box.setAttribute(
      "aria-label",
      `${this.#name} after ${epoch} epochs: ${value.toPrecision(3)}, at first ${first!.toPrecision(3)}.`,
    );
    this.#waiting ??= requestAnimationFrame(() => {
      this.#waiting = undefined;
      if (this.#plot) this.#plot.setData(this.#data());
      else this.draw();
    });
  }

  /** Draws anew: with the colours and the width that the page has now. */
  draw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#xs.length === 0) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--quiet"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
    };
    const series: uPlot.Series[] = [
      {},
      { stroke: colour("--accent"), width: 2.5, points: { size: 6, fill: colour("--accent") } },
    ];
    if (this.#target !== undefined)
      series.push({ stroke: colour("--good"), width: 1.5, dash: [6, 4], points: { show: false } });
    this.#plot = new uPlot(
      {
        width: this.#box.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: (_, min, max) => [Math.min(1, min), Math.max(max, 2)] },
          y: this.#isLog ? { distr: 3 } : {},
        },
        axes: [
          { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100], size: 32 },
          {
            ...axis,
            size: 56,
            values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : short(tick))),
          },
        ],
        series,
      },
      this.#data(),
      this.#box,
    );
  }

  #data(): uPlot.AlignedData {
    const target = this.#target;
    return target === undefined ? [this.#xs, this.#ys] : [this.#xs, this.#ys, this.#xs.map(() => target)];
  }
}

function short(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(0) : String(+value.toFixed(2));
}

let curves: { loss: Curve; gap: Curve } | undefined;

/** Empty curves for a new run. @param tolerance the gap at which it ends */
export function startCurves(tolerance: number): void {
  curves = {
    loss: new Curve("loss-curve", "Loss", false),
    gap: new Curve("gap-curve", "Gap", true, tolerance),
  };
}

export function addToCurves(epoch: number, loss: number, gap: number): void {
  curves?.loss.add(epoch, loss);
  curves?.gap.add(epoch, gap);
}

const redraw = () => {
  curves?.loss.draw();
  curves?.gap.draw();
};
new ResizeObserver(redraw).observe(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
