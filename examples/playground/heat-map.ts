// The confusion matrix as a heat map: a table whose cells open their rows.
import type { ConfusionMatrix } from "dualtext";
import { count, el, percent } from "./dom.js";
import type { TestPredictions } from "./test-predictions.js";

/** More labels than that make a table that nobody reads, and a page that takes long to lay out. */
const MOST_LABELS = 40;
const MOST_ROWS = 50;
/** Shares of a label from which its cell is so dark, in the light and in the dark scheme, that the text changes colour. */
const DEEP = 0.72;
const DEEPEST = 0.77;

export function heatMap({ labels, counts }: ConfusionMatrix, predictions: TestPredictions): HTMLElement[] {
  const shown = busiest(counts, MOST_LABELS);
  const rowsOfCell = el("div", { role: "status" });
  const buttons: HTMLButtonElement[] = [];
  const body = shown.map((actual) => {
    const total = counts[actual]!.reduce((sum, rows) => sum + rows, 0);
    return el(
      "tr",
      {},
      el("th", { scope: "row", title: labels[actual]! }, labels[actual]!),
      ...shown.map((predicted) => {
        const rows = counts[actual]![predicted]!;
        if (rows === 0) return el("td", {}, "·");
        const share = rows / total;
        const name = `${rowsOf(rows)} of ${labels[actual]} taken for ${labels[predicted]}, ${percent(share)} of that label`;
        const button = el(
          "button",
          {
            type: "button",
            "aria-label": name,
            "aria-pressed": "false",
            tabindex: -1,
            class: share > DEEPEST ? "deep deepest" : share > DEEP && "deep",
          },
          count(rows),
        );
        button.style.setProperty("--share", String(0.12 + 0.88 * share));
        button.addEventListener("click", async () => {
          for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
          rowsOfCell.replaceChildren(el("p", { class: "quiet" }, "Looking for the rows …"));
          const found = await predictions.of(labels[actual]!, labels[predicted]!);
          if (button.getAttribute("aria-pressed") === "true") rowsOfCell.replaceChildren(listed(name, found));
        });
        buttons.push(button);
        return el("td", {}, button);
      }),
    );
  });
  const table = el(
    "table",
    { class: "heat", "aria-labelledby": "heat-title", "aria-describedby": "heat-note" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("td"),
        ...shown.map((c) => el("th", { scope: "col", title: labels[c]! }, el("span", {}, labels[c]!))),
      ),
    ),
    el("tbody", {}, ...body),
  );
  moveWithArrows(table, buttons);
  const left = labels.length - shown.length;
  return [
    el("h3", { id: "heat-title" }, "What is taken for what"),
    el(
      "p",
      { id: "heat-note", class: "note quiet" },
      "Rows: the label a text has. Columns: the label it was given. A cell opens its texts; arrow keys move between cells.",
    ),
    ...(left > 0
      ? [
          el(
            "p",
            { class: "quiet" },
            `The ${MOST_LABELS} labels with the most mistakes; ${left} others are left out here.`,
          ),
        ]
      : []),
    el("div", { class: "scroll" }, table),
    rowsOfCell,
  ];
}

/** All labels if there are few, else those with the most mistakes, in their order. */
function busiest(counts: readonly (readonly number[])[], most: number): number[] {
  const mistakes = counts.map((row, actual) =>
    row.reduce(
      (sum, rows, predicted) => (predicted === actual ? sum : sum + rows + counts[predicted]![actual]!),
      0,
    ),
  );
  const order = counts.map((_, c) => c).sort((a, b) => mistakes[b]! - mistakes[a]!);
  return order.slice(0, most).sort((a, b) => a - b);
}

/** One cell can be reached with the tab key, the others from it with the arrows. */
function moveWithArrows(table: HTMLTableElement, buttons: readonly HTMLButtonElement[]): void {
  if (buttons[0]) buttons[0].tabIndex = 0;
  const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
    ArrowRight: [0, 1],
    ArrowLeft: [0, -1],
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
  };
  table.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const cell = (event.target as HTMLElement).closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    const [rows, columns] = step;
    let row = (cell.parentElement as HTMLTableRowElement).sectionRowIndex + rows;
    let column = cell.cellIndex + columns;
    const { rows: all } = table.tBodies[0]!;
    for (; all[row]?.cells[column]; row += rows, column += columns) {
      const button = all[row]!.cells[column]!.querySelector("button");
      if (!button) continue;
      for (const other of buttons) other.tabIndex = -1;
      button.tabIndex = 0;
      button.focus();
      return;
    }
  });
}

const rowsOf = (rows: number) => (rows === 1 ? "1 row" : `${count(rows)} rows`);

function listed(name: string, rows: readonly { text: string; probability: number }[]): HTMLElement {
  const order = [...rows].sort((a, b) => b.probability - a.probability).slice(0, MOST_ROWS);
  const more = rows.length - order.length;
  return el(
    "div",
    { class: "cell-rows" },
    el("p", {}, `${name}; the surest first:`),
    el(
      "ol",
      {},
      ...order.map(({ text, probability }) =>
        el("li", {}, text, " ", el("span", { class: "quiet" }, percent(probability))),
      ),
    ),
    ...(more > 0 ? [el("p", { class: "quiet" }, `and ${count(more)} more`)] : []),
  );
}
