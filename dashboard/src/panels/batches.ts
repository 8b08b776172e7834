/** What the scorer did lately, how long it took, and whether it came late. */

import { get } from "../api";
import { h, type Child } from "../dom";
import { count, counted, short, span } from "../format";
import type { Panel } from "../panel";
import type { Batch, Page } from "../rows";
import { sparkline } from "../sparkline";
import { showLines } from "../state";
import { minute } from "../time";

const SHOWN = 8;
const LATE_SECONDS = 7 * 3600;

/** Seconds between the end of the batch before and the start of this one. */
function gap(batch: Batch, before: Batch | undefined): number | null {
  return before?.finished_at ? (Date.parse(batch.started_at) - Date.parse(before.finished_at)) / 1000 : null;
}

/** When it began, as a way to the lines that it scored; those are found in their own time. */
function lines(batch: Batch): Child {
  if (batch.count_logs === 0) return minute(batch.started_at);
  const open = () => showLines({ batch_id: String(batch.batch_id) });
  return h("button", { type: "button", class: "text", title: `Lines of batch ${batch.batch_id}`, on: { click: open } }, minute(batch.started_at));
}

/** Where the time went, the longest first. */
function steps({ step_seconds }: Batch): string {
  const longest = Object.entries(step_seconds).sort(([, one], [, two]) => two - one);
  return longest.map(([step, seconds]) => `${step} ${span(seconds)}`).join(", ");
}

function row(batch: Batch, before: Batch | undefined): HTMLElement[] {
  const waited = gap(batch, before);
  const late = waited !== null && waited > LATE_SECONDS;
  const line = h(
    "tr",
    { "data-batch": batch.batch_id },
    h("th", { scope: "row", title: `Batch ${batch.batch_id}, model ${batch.model_version}` }, lines(batch)),
    h("td", { class: late ? "warn number" : "muted number", title: late ? "Longer than the usual six hours" : "" }, waited === null ? "–" : span(waited)),
    h("td", { class: "number", title: steps(batch) }, batch.seconds === null ? batch.status : span(batch.seconds)),
    h("td", { class: "number", title: counted(batch.count_logs, "log") }, short(batch.count_logs)),
    h("td", { class: "number" }, count(batch.count_anomalies)),
  );
  const said = batch.error ?? (batch.status === "interrupted" ? "Interrupted; the next batch took its logs." : null);
  const aside = batch.count_set_aside > 0 ? `${counted(batch.count_set_aside, "log")} scored under a substitute, such as a time out of range.` : null;
  return [line, ...[said, aside].filter((text) => text !== null).map((text) => h("tr", { class: "detail" }, h("td", { colspan: 5, class: "warn" }, text)))];
}

export const batchesPanel: Panel<Page<Batch>> = {
  id: "batches",
  title: "Batches",
  key: ({ zone }) => zone,
  load: async () => {
    const { items } = (await get<Page<Batch>>("batches")).data;
    return { items: [...items].sort((one, two) => two.batch_id - one.batch_id) };
  },
  isEmpty: ({ items }) => items.length === 0,
  empty: () => ["No batch has run. Start one: ", h("code", {}, "python -m scoring")],
  render: ({ items }): Child => {
    const past = items.slice(0, 60).reverse();
    return [
      past.length > 2 &&
        h("div", { class: "spark-wide" }, sparkline(past.map((batch) => batch.count_logs), `Logs of the last ${past.length} batches`, 300, 32)),
      h(
        "table",
        { class: "list" },
        h("thead", {}, h("tr", {}, ["Began", "After", "Took", "Logs", "Anom."].map((name, at) => h("th", { scope: "col", class: at ? "number" : "" }, name)))),
        h("tbody", {}, items.slice(0, SHOWN).flatMap((batch, at) => row(batch, items[at + 1]))),
      ),
    ];
  },
};
