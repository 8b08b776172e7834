/** The charts' numbers as a table: for screen readers, keyboards, and whoever wants the figures. */

import { h } from "../dom";
import { count } from "../format";
import type { ForecastHour, Hour } from "../rows";
import type { LineFilter } from "../state";
import { minute } from "../time";

/** Opens the lines of the hour at `start`; of a coming hour, those of the same hour a day before. */
export type OpenHour = (start: number, more?: LineFilter) => void;

/** A folded table of hours, `expected` for those to come; its rows are made when it is opened first. */
export function hourTable(starts: number[], rows: (Hour | null)[], expected: (ForecastHour | null)[], open: OpenHour): HTMLElement {
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
    if (body.childElementCount === 0) body.append(...starts.flatMap((start, at) => row(start, rows[at] ?? null, expected[at] ?? null, open)).reverse());
  });
  return details;
}

function row(start: number, hour: Hour | null, usual: ForecastHour | null, open: OpenHour): HTMLElement[] {
  const button = (text: string, label: string, more: LineFilter = {}) =>
    h("button", { type: "button", class: "link", "aria-label": label, on: { click: () => open(start, more) } }, text);
  const figure = (value: number, what: string, more?: LineFilter) =>
    h("td", { class: "number" }, value === 0 ? "0" : button(count(value), `${count(value)} ${what}: show lines`, more));
  const head = h("th", { scope: "row" }, minute(start));
  if (hour) {
    return [
      h(
        "tr",
        {},
        head,
        figure(hour.count_logs, "logs"),
        figure(hour.count_errors, "errors", { level: "ERROR,FATAL" }),
        figure(hour.count_warnings, "warnings", { level: "WARN" }),
        figure(hour.count_anomalies, "anomalies", { anomaly: "true" }),
      ),
    ];
  }
  if (!usual) return [];
  const text = expectation(usual);
  return [h("tr", { class: "expected" }, head, h("td", { class: "number", colspan: 4 }, button(text, `${text}: show the lines of the same hour a day before`)))];
}

/** "expected 10–20 logs". */
export function expectation({ low_logs, high_logs }: ForecastHour): string {
  return `expected ${count(Math.round(low_logs))}–${count(Math.round(high_logs))} logs`;
}
