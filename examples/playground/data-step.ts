// Step 1: where the rows come from, and how they are read.
import { type Dataset, type LoadOptions, loadText } from "dualtext";
import { byId, bytes, count, el, messageOf, nextTask, percent, say } from "./dom.js";
import {
  columnsOf,
  type Reading,
  rowsOf,
  type Separator,
  type Sniffed,
  separators,
  sniff,
} from "./sniffer.js";

const SAMPLE_BYTES = 256 * 1024;
const PREVIEW_ROWS = 5;
/** Labels counted at a time, so that the page stays responsive. */
const ROWS_A_TASK = 100_000;

/** Rows that can be trained on. */
export interface Loaded {
  readonly name: string;
  readonly data: Dataset;
  readonly reading: Reading;
  /** Rows of each label, most first. */
  readonly labels: readonly (readonly [label: string, rows: number])[];
}

export const loadOptions = ({ separator, quoting, hasHeader, text, label }: Reading) =>
  ({
    separator: separators[separator],
    hasHeader,
    quoting,
    ...(quoting && { multiline: true }),
    columns: { Label: label, Text: text },
  }) as const satisfies LoadOptions;

export function dataStep(onLoaded: (loaded: Loaded | undefined) => void): void {
  const status = byId("data-status");
  const [separator, textColumn, labelColumn] = ["separator", "text-column", "label-column"].map((id) =>
    byId<HTMLSelectElement>(id),
  ) as [HTMLSelectElement, HTMLSelectElement, HTMLSelectElement];
  const [hasHeader, quoting] = ["has-header", "quoting"].map((id) => byId<HTMLInputElement>(id)) as [
    HTMLInputElement,
    HTMLInputElement,
  ];
  separator.append(...Object.keys(separators).map((name) => el("option", { value: name }, name)));

  let file: File | undefined;
  let sample = "";
  let loading: AbortController | undefined;

  const isWhole = () => file !== undefined && file.size <= SAMPLE_BYTES;
  const reading = (): Reading => ({
    separator: separator.value as Separator,
    quoting: quoting.checked,
    hasHeader: hasHeader.checked,
    text: Number(textColumn.value),
    label: Number(labelColumn.value),
  });

  function show(sniffed: Sniffed): void {
    separator.value = sniffed.separator;
    quoting.checked = sniffed.quoting;
    hasHeader.checked = sniffed.hasHeader;
    for (const [select, chosen] of [
      [textColumn, sniffed.text],
      [labelColumn, sniffed.label],
    ] as const) {
      select.replaceChildren(...sniffed.names.map((name, i) => el("option", { value: i }, name)));
      select.value = String(chosen);
    }
    byId("data-detail").hidden = false;
    showPreview(sniffed.names);
  }

  function showPreview(names: readonly string[]): void {
    const { text, label } = reading();
    const rows = rowsOf(sample, separators[separator.value as Separator], quoting.checked, isWhole());
    const shown = rows.slice(hasHeader.checked ? 1 : 0).slice(0, PREVIEW_ROWS);
    const mark = (i: number) => ({ class: i === text || i === label ? "chosen" : false });
    const head = names.map((name, i) => {
      const role = i === text ? " (text)" : i === label ? " (label)" : "";
      return el("th", { scope: "col", ...mark(i) }, `${name}${role}`);
    });
    byId("preview").replaceChildren(
      el("caption", { id: "preview-caption" }, "The first rows as they will be read"),
      el("thead", {}, el("tr", {}, ...head)),
      el(
        "tbody",
        {},
        ...shown.map((row) => el("tr", {}, ...names.map((_, i) => el("td", mark(i), row[i] ?? "")))),
      ),
    );
  }

  async function load(): Promise<void> {
    if (!file) return;
    loading?.abort();
    const run = new AbortController();
    loading = run;
    const { name } = file;
    const current = reading();
    onLoaded(undefined);
    if (current.text === current.label) return say(status, "Text and label are the same column.", true);
    try {
      const data = await loadText(file, {
        ...loadOptions(current),
        signal: run.signal,
        onProgress: ({ done, total }) => say(status, `Reading ${name}: ${percent(done / total)}`),
      });
      const labels = await countLabels(data.column("Label").values, run.signal);
      if (!labels) return;
      const classes = labels.filter(([label]) => label !== "").length;
      const commonest = labels[0]!;
      say(
        status,
        `${name}: ${count(data.rowCount)} rows, ${count(classes)} labels, ${bytes(file.size)}. ` +
          `The commonest label is “${commonest[0]}” with ${percent(commonest[1] / data.rowCount)} of the rows.`,
      );
      onLoaded({ name, data, reading: current, labels });
    } catch (error) {
      if (!run.signal.aborted) say(status, messageOf(error), true);
    }
  }

  async function open(chosen: File): Promise<void> {
    file = chosen;
    onLoaded(undefined);
    say(status, `Looking at ${chosen.name} …`);
    try {
      sample = await sampleOf(chosen);
    } catch (error) {
      return say(status, messageOf(error), true);
    }
    if (sample.includes("\0")) {
      byId("data-detail").hidden = true;
      return say(status, `${chosen.name} is not text: it holds NUL bytes. Choose a CSV or TSV file.`, true);
    }
    show(sniff(sample, isWhole()));
    await load();
  }

  for (const control of [separator, quoting, hasHeader]) {
    control.addEventListener("change", () => {
      const current = reading();
      show({ ...current, ...columnsOf(sample, isWhole(), current) });
      void load();
    });
  }
  for (const control of [textColumn, labelColumn]) {
    control.addEventListener("change", () => {
      showPreview(columnsOf(sample, isWhole(), reading()).names);
      void load();
    });
  }
  acceptFiles((chosen) => void open(chosen));
  void offerSets((chosen) => void open(chosen));
}

function acceptFiles(open: (file: File) => void): void {
  const drop = byId("drop");
  const input = byId<HTMLInputElement>("file");
  input.addEventListener("change", () => {
    if (input.files?.[0]) open(input.files[0]);
    input.value = "";
  });
  // Files may be dropped anywhere on the page.
  addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", () => drop.classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer?.files[0]) open(event.dataTransfer.files[0]);
  });
}

async function offerSets(open: (file: File) => void): Promise<void> {
  const list: { file: string; title: string }[] = await (await fetch("sets/index.json")).json();
  byId("sets").append(
    ...list.map(({ file, title }) => {
      const button = el("button", { type: "button" }, title);
      button.addEventListener("click", async () => {
        const response = await fetch(`sets/${file}`);
        open(new File([await response.blob()], file));
      });
      return button;
    }),
  );
}

/** The beginning of a file as text, decompressed where it is gzip. */
async function sampleOf(file: File): Promise<string> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  if (!isGzip) return file.slice(0, SAMPLE_BYTES).text();
  const reader = file.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < SAMPLE_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

/** Undefined when the signal is aborted meanwhile. */
async function countLabels(
  values: readonly string[],
  signal: AbortSignal,
): Promise<[string, number][] | undefined> {
  const counts = new Map<string, number>();
  for (let start = 0; start < values.length; start += ROWS_A_TASK) {
    for (const label of values.slice(start, start + ROWS_A_TASK))
      counts.set(label, (counts.get(label) ?? 0) + 1);
    await nextTask();
    if (signal.aborted) return undefined;
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}
