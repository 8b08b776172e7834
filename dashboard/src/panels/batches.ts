/** What the scorer did lately, how long it took, and whether it came when it was due. */

import { get } from "../api";
import { h, type Child } from "../dom";
import { count, counted, short, span } from "../format";
import type { Panel } from "../panel";
import type { Batch, Due, Freshness, Page } from "../rows";
import { showLines } from "../state";
import { minute } from "../time";
import { dueMarks, nextDue } from "./due";

const SHOWN = 8;
/** A week of the usual four a day. */
const DUES = 28;

interface Batches {
  items: Batch[];
  schedule: Due[];
  freshness: Freshness;
}

/** When it began, as a way to the lines that it scored; those are found in their own time. */
function lines(batch: Batch): Child {
  if (batch.count_logs === 0) return minute(batch.started_at);
  const open = () => showLines({ batch_id: String(batch.batch_id) });
  return h("button", { type: "button", class: "text", title: `Lines of batch ${batch.batch_id}`, on: { click: open } }, minute(batch.started_at));
}

function anomalies({ batch_id, count_anomalies }: Batch): Child {
  if (count_anomalies === 0) return "0";
  const open = () => showLines({ batch_id: String(batch_id), anomaly: "true" });
  return h("button", { type: "button", class: "link", title: `Anomalies of batch ${batch_id}`, on: { click: open } }, count(count_anomalies));
}

/** Where the time went, the longest first. */
function steps({ step_seconds }: Batch): string {
  const longest = Object.entries(step_seconds).sort(([, one], [, two]) => two - one);
  return longest.map(([step, seconds]) => `${step} ${span(seconds)}`).join(", ");
}

function row(batch: Batch, due: Due | undefined): HTMLElement[] {
  const late = due?.seconds_late ?? null;
  const line = h(
    "tr",
    { "data-batch": batch.batch_id },
    h("th", { scope: "row", title: `Batch ${batch.batch_id}, model ${batch.model_version}` }, lines(batch)),
    h(
      "td",
      { class: `number ${due?.is_late ? "warn" : "muted"}`, title: due ? `Due ${minute(due.due_at)}` : "Not the first since one was due" },
      late === null ? "–" : span(late),
    ),
    h("td", { class: "number", title: steps(batch) }, batch.seconds === null ? batch.status : span(batch.seconds)),
    h("td", { class: "number", title: counted(batch.count_logs, "log") }, short(batch.count_logs)),
    h("td", { class: "number" }, anomalies(batch)),
  );
  const said = batch.error ?? (batch.status === "interrupted" ? "Interrupted; the next batch took its logs." : null);
  const aside = batch.count_set_aside > 0 ? `${counted(batch.count_set_aside, "log")} scored under a substitute, such as a time out of range.` : null;
  const leftOut = batch.count_alerts_left_out > 0 ? `${counted(batch.count_alerts_left_out, "alert")} left out: a rule keeps a hundred.` : null;
  return [line, ...[said, aside, leftOut].filter((text) => text !== null).map((text) => h("tr", { class: "detail" }, h("td", { colspan: 5, class: "warn" }, text)))];
}

export const batchesPanel: Panel<Batches> = {
  id: "batches",
  title: "Batches and their schedule",
  key: ({ zone }) => zone,
  load: async () => {
    const [batches, schedule, freshness] = await Promise.all([
      get<Page<Batch>>("batches", { limit: SHOWN }),
      get<Page<Due>>("schedule", { limit: DUES }),
      get<Freshness>("freshness"),
    ]);
    return { items: batches.data.items, schedule: schedule.data.items, freshness: freshness.data };
  },
  isEmpty: ({ items }) => items.length === 0,
  empty: () => ["No batch has run. Start one: ", h("code", {}, "python -m scoring")],
  render: ({ items, schedule, freshness }): Child => {
    const byBatch = new Map(schedule.map((due) => [due.batch_id, due]));
    return [
      nextDue(freshness),
      dueMarks(schedule),
      h(
        "table",
        { class: "list" },
        h("thead", {}, h("tr", {}, ["Began", "Late by", "Took", "Logs", "Anom."].map((name, at) => h("th", { scope: "col", class: at ? "number" : "" }, name)))),
        h("tbody", {}, items.flatMap((batch) => row(batch, byBatch.get(batch.batch_id)))),
      ),
    ];
  },
};
