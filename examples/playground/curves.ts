// Live curves of loss and gap.
import uPlot from "uplot";
import { byId, nextFrame } from "./dom.js";

const HEIGHT = 200;

/** Curves to be updated, one in each frame: epochs may be shorter than frames, and two first drawings take long in one. */
const waiting = new Set<Curve>();

function inAFrame(curve: Curve): void {
  if (waiting.size === 0) requestAnimationFrame(updateOne);
  waiting.add(curve);
}

function updateOne(): void {
  const [curve] = waiting;
  waiting.delete(curve!);
  curve!.update();
  if (waiting.size > 0) requestAnimationFrame(updateOne);
}

class Curve {
  readonly #box: HTMLElement;
  readonly #isLog: boolean;
  readonly #name: string;
  readonly #target: number | undefined;
  #plot: uPlot | undefined;
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
    inAFrame(this);
  }

  /** Shows what was added. */
  update(): void {
    if (this.#plot) this.#plot.setData(this.#data());
    else this.draw();
  }

  /** Draws anew: with the colours and the width that the page has now. */
  draw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
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
          // Without data the ends are null.
          x: { time: false, range: (_, __, max) => [1, Math.max(max ?? 2, 2)] },
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

/** Empty curves for a new run. Resolves when they are drawn. @param tolerance the gap at which it ends */
export async function startCurves(tolerance: number): Promise<void> {
  curves = {
    loss: new Curve("loss-curve", "Loss", false),
    gap: new Curve("gap-curve", "Gap", true, tolerance),
  };
  for (const curve of Object.values(curves)) {
    inAFrame(curve);
    await nextFrame();
  }
}

export function addToCurves(epoch: number, loss: number, gap: number): void {
  curves?.loss.add(epoch, loss);
  curves?.gap.add(epoch, gap);
}

const redraw = () => {
  curves?.loss.draw();
  curves?.gap.draw();
};
// Their own place, which does not change when results are added to the page.
new ResizeObserver(redraw).observe(byId("curves"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
