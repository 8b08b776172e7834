/** The charts' numbers as a table: for screen readers, keyboards, and whoever wants the figures. */

import { h } from "../dom";
import { count } from "../format";
import type { Hour } from "../rows";
import { minute } from "../time";

/** A folded table of hours; its rows are made when it is opened first. */
export function hourTable(starts: number[], rows: (Hour | null)[], open: (start: number, anomalous: boolean) => void): HTMLElement {
  const body = h("tbody");
  const details = h(
    "details",
    { class: "hour-table" },
    h("summary", {}, "As a table"),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Logs and anomalies by hour, as a table" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ["Hour", "Logs", "Errors", "Warnings", "Anomalies"].map((name, at) => h("th", { scope: "col", class: at ? "number" : "" }, name)))),
        body,
      ),
    ),
  );
  details.addEventListener("toggle", () => {
    if (body.childElementCount === 0) body.append(...starts.map((start, at) => row(start, rows[at] ?? null, open)).reverse());
  });
  return details;
}

function row(start: number, hour: Hour | null, open: (start: number, anomalous: boolean) => void): HTMLElement {
  const button = (value: number, anomalous: boolean, what: string) =>
    value === 0
      ? "0"
      : h("button", { type: "button", class: "link", "aria-label": `${count(value)} ${what}: show lines`, on: { click: () => open(start, anomalous) } }, count(value));
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, minute(start)),
    h("td", { class: "number" }, button(hour?.count_logs ?? 0, false, "logs")),
    h("td", { class: "number" }, count(hour?.count_errors ?? 0)),
    h("td", { class: "number" }, count(hour?.count_warnings ?? 0)),
    h("td", { class: "number" }, button(hour?.count_anomalies ?? 0, true, "anomalies")),
  );
}
