/** Severity and level: bars of the last 24 hours, with the count of all time beside them. */

import { get } from "../api";
import { bar } from "../badges";
import { h } from "../dom";
import { count, percent } from "../format";
import { dayBefore } from "../hours";
import type { Panel } from "../panel";
import type { Status } from "../rows";
import { showLines, type LineFilter } from "../state";

interface Share {
  name: string;
  colour: string;
  day: number;
  ever: number;
  filter: LineFilter;
}

async function status(): Promise<Status> {
  return (await get<Status>("status")).data;
}

function table(what: string, shares: Share[], since: string): HTMLElement {
  const most = Math.max(...shares.map(({ day }) => day));
  return h(
    "table",
    { class: "shares" },
    h(
      "thead",
      {},
      h("tr", {}, h("th", { scope: "col" }, what), h("th", { scope: "col", class: "number" }, "24 h"), h("th", { scope: "col", class: "number" }, "all")),
    ),
    h(
      "tbody",
      {},
      shares.map(({ name, colour, day, ever, filter }) =>
        h(
          "tr",
          { "data-name": name },
          h(
            "th",
            { scope: "row" },
            h(
              "button",
              { type: "button", class: "row", title: `Log lines of the last 24 h: ${name}`, on: { click: () => showLines({ ...filter, since }) } },
              h("span", { class: `name ink-${colour}` }, name),
              bar(day, most, colour),
            ),
          ),
          h("td", { class: "number" }, count(day)),
          h("td", { class: "number muted" }, ever === 0 ? "0" : h("button", { type: "button", class: "link", title: `All log lines: ${name}`, on: { click: () => showLines(filter) } }, count(ever))),
        ),
      ),
    ),
  );
}

export const severityPanel: Panel<Status> = {
  id: "severity",
  title: "Severity",
  key: () => "",
  load: status,
  isEmpty: ({ severity }) => severity.length === 0,
  empty: () => "Nothing is scored yet.",
  render: ({ severity, refreshed_at }) =>
    table(
      "Severity",
      [...severity].reverse().map((row) => ({
        name: row.severity,
        colour: `severity-${row.severity}`,
        day: row.count_logs_24h,
        ever: row.count_logs,
        filter: { severity: row.severity },
      })),
      dayBefore(refreshed_at),
    ),
};

export const levelsPanel: Panel<Status> = {
  id: "levels",
  title: "Predicted level",
  key: () => "",
  load: status,
  isEmpty: ({ levels }) => levels.length === 0,
  empty: () => "Nothing is scored yet.",
  render: ({ levels, refreshed_at }) => {
    const declared = levels.reduce((sum, row) => sum + row.count_declared, 0);
    const agreed = levels.reduce((sum, row) => sum + row.count_agreed, 0);
    return [
      table(
        "Level",
        [...levels].reverse().map((row) => ({
          name: row.predicted_level,
          colour: `level-${row.predicted_level}`,
          day: row.count_logs_24h,
          ever: row.count_logs,
          filter: { level: row.predicted_level },
        })),
        dayBefore(refreshed_at),
      ),
      declared > 0 &&
        h("p", { class: "note" }, `Agrees with ${percent(agreed / declared)} of the ${count(declared)} levels that programs declared.`),
    ];
  },
};
