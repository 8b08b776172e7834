/** Six figures that say whether to read on. */

import { get } from "../api";
import { byId, h, type Child } from "../dom";
import { age, ago, count, counted, percent, span } from "../format";
import { dayBefore, hoursOf, hourStarts } from "../hours";
import { reveal } from "../panel";
import type { Freshness, Hour, Status } from "../rows";
import { sparkline } from "../sparkline";
import { go, showLines, state } from "../state";

interface Card {
  id: string;
  label: string;
  value: string;
  note: Child;
  state?: "good" | "warn";
  spark?: SVGElement | null;
  open: () => void;
}

/** Fills the row of cards; `status` is the answer of `status`. */
export function drawCards(status: Status & Freshness, trend: Hour[]): void {
  byId("cards").replaceChildren(...cards(status, trend).map(card));
}

/** Hours of the last day, for the sparklines; none where they cannot be had. */
export async function dayTrend(): Promise<Hour[]> {
  try {
    return await hoursOf({ ...state(), hours: 24, since: null, until: null, source: null });
  } catch {
    return []; // The timeline asks the same and says why it failed.
  }
}

/** The answer of `status`, and how fresh it is at this moment. */
export async function loadStatus(): Promise<Status & Freshness> {
  const [status, freshness] = await Promise.all([get<Status>("status"), get<Freshness>("freshness")]);
  return { ...status.data, ...freshness.data };
}

function card({ id, label, value, note, state: mood, spark, open }: Card): HTMLElement {
  return h(
    "button",
    { type: "button", class: `card ${mood ?? ""}`, "data-card": id, on: { click: open } },
    h("span", { class: "label" }, label),
    h("span", { class: "value" }, value),
    h("span", { class: "note" }, note),
    spark ?? null,
  );
}

function cards(status: Status & Freshness, trend: Hour[]): Card[] {
  const since = dayBefore(status.refreshed_at);
  const finished = status.last_batch_finished_at;
  // Late is what is due and has not begun; one that began late is in the list of batches.
  const late = status.is_late === true && (finished === null || finished < status.due_at);
  const scored = status.count_predictions / (status.count_predictions + status.count_unscored);
  const waits = status.oldest_unscored_at;
  return [
    {
      id: "logs",
      label: "Logs, 24 h",
      value: count(status.count_predictions_24h),
      note: `${count(status.count_predictions)} in all`,
      spark: line(trend, "count_logs", "Logs by hour"),
      open: () => showLines({ since }),
    },
    {
      id: "anomalies",
      label: "Anomalies, 24 h",
      value: count(status.count_anomalies_24h),
      note: status.count_predictions_24h
        ? `${percent(status.count_anomalies_24h / status.count_predictions_24h)} of logs, ${count(status.count_anomalies)} in all`
        : `${count(status.count_anomalies)} in all`,
      spark: line(trend, "count_anomalies", "Anomalies by hour"),
      open: () => showLines({ since, anomaly: "true" }),
    },
    {
      id: "new-templates",
      label: "New patterns, 24 h",
      value: count(status.count_new_templates_24h),
      note: `of ${count(status.count_templates)}`,
      open: () => {
        go({ patterns: "new" });
        reveal("patterns");
      },
    },
    {
      id: "sources",
      label: "Sources",
      value: count(status.count_sources),
      note: status.last_logged_at ? `last log ${ago(status.last_logged_at)}` : "no log yet",
      open: () => reveal("sources"),
    },
    {
      id: "freshness",
      label: "Last batch",
      value: finished ? span(age(finished)) : "none",
      note: finished
        ? `ago, number ${status.last_batch_id}${late ? ": late" : ""}`
        : "run python -m scoring",
      state: finished && !late ? "good" : "warn",
      open: () => reveal("batches"),
    },
    {
      id: "coverage",
      label: "Scored",
      value: percent(scored),
      note: status.count_unscored
        ? `${counted(status.count_unscored, "log waits", "logs wait")}${waits ? `, the oldest ${span(age(waits))}` : ""}`
        : "no log waits",
      state: waits && late ? "warn" : "good",
      open: () => reveal("batches"),
    },
  ];
}

function line(trend: Hour[], column: "count_logs" | "count_anomalies", label: string): SVGElement | null {
  if (trend.length === 0) return null;
  const byHour = new Map(trend.map((hour) => [Date.parse(hour.hour_at), hour[column]]));
  const starts = hourStarts({ ...state(), hours: 24, since: null, until: null });
  return sparkline(starts.map((start) => byHour.get(start) ?? 0), label);
}
