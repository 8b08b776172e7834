/** Sources by hour as a heat map: which program to look at first, and since when. */

import { get } from "../api";
import { h } from "../dom";
import { count, counted, short } from "../format";
import { folded } from "../folded";
import { dayBefore, HOUR_MS, hoursAhead, hoursBySource, hourStarts } from "../hours";
import { reveal, type Panel } from "../panel";
import type { Page, SourceHour, SourceRow } from "../rows";
import { go, iso, showLines, type State } from "../state";
import { range } from "../time";

interface Sources {
  rows: SourceRow[];
  hours: SourceHour[];
  refreshed_at: string;
}

interface Cell {
  from: number;
  to: number;
  logs: number;
  value: number;
}

const METRICS = { anomalies: "count_anomalies", errors: "count_errors", logs: "count_logs" } as const;
/** Cells across; a cell is as many hours as make this fit. */
const MOST_CELLS = 56;
const SHADES = 6;
const FOLDED = 12;

function cellsOf(source: string, hours: SourceHour[], starts: number[], state: State): Cell[] {
  const wide = [1, 2, 3, 6, 12].find((step) => starts.length / step <= MOST_CELLS) ?? 12;
  const metric = METRICS[state.heat as keyof typeof METRICS];
  const first = starts[0]!;
  const cells = Array.from({ length: Math.ceil(starts.length / wide) }, (_, at) => ({
    from: first + at * wide * HOUR_MS,
    to: Math.min(first + (at + 1) * wide * HOUR_MS, starts.at(-1)! + HOUR_MS),
    logs: 0,
    value: 0,
  }));
  for (const hour of hours) {
    if (hour.source !== source) continue;
    const cell = cells[Math.floor((Date.parse(hour.hour_at) - first) / HOUR_MS / wide)];
    if (!cell) continue;
    cell.logs += hour.count_logs;
    cell.value += hour[metric];
  }
  return cells;
}

/** Square root, so that 3 next to 300 is still to be seen. */
function shade(value: number, most: number): number {
  return value === 0 ? 0 : Math.max(1, Math.ceil(SHADES * Math.sqrt(value / most)));
}

function cellButton(source: string, cell: Cell, most: number, metric: string): HTMLElement {
  const what = metric === "logs" ? counted(cell.logs, "log") : `${count(cell.value)} ${metric} of ${counted(cell.logs, "log")}`;
  const text = `${source}, ${range(cell.from, cell.to)}: ${what}`;
  const open = () =>
    showLines({
      source,
      since: iso(cell.from),
      until: iso(cell.to),
      ...(metric === "anomalies" && cell.value > 0 ? { anomaly: "true" } : {}),
    });
  const heat = cell.logs === 0 ? "none" : shade(cell.value, most);
  return h(
    "td",
    { role: "gridcell" },
    h("button", { type: "button", class: `cell heat-${heat}`, "aria-label": text, title: text, tabindex: -1, on: { click: open } }),
  );
}

/** Arrow keys walk through the cells; Tab passes the whole map in one step. */
function walkable(grid: HTMLElement): void {
  const moves: Record<string, [number, number]> = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  // A phone hides the totals.
  const isThere = (cell: HTMLElement) => !grid.isConnected || cell.offsetParent !== null;
  const cells = () => [...grid.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll<HTMLElement>("td button")].filter(isThere));
  let here = [...grid.querySelectorAll<HTMLElement>("tbody tr:first-child .cell")].at(-1);
  here?.setAttribute("tabindex", "0");
  grid.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    const rows = cells();
    const down = rows.findIndex((row) => row.includes(event.target as HTMLElement));
    if (!move || down < 0) return;
    event.preventDefault();
    const across = rows[down]!.indexOf(event.target as HTMLElement);
    const next = rows[down + move[0]]?.[across + move[1]];
    if (!next) return;
    here?.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
    here = next;
  });
}

function render({ rows, hours, refreshed_at }: Sources, state: State): HTMLElement {
  const lastDay = dayBefore(refreshed_at);
  const starts = hourStarts(state);
  const shown = rows.map((row) => ({ row, cells: cellsOf(row.source, hours, starts, state) }));
  const most = Math.max(...shown.flatMap(({ cells }) => cells.map(({ value }) => value)), 1);
  const column = (text: string, title: string) => h("th", { scope: "col", class: "number", title }, text);
  const total = (value: number, mood: string, what: string, open: () => void) =>
    h(
      "td",
      { class: `number total ${mood}`, role: "gridcell", title: count(value) },
      value === 0 ? "0" : h("button", { type: "button", class: "link", "aria-label": `${short(value)} ${what}`, tabindex: -1, on: { click: open } }, short(value)),
    );
  const line = ({ row, cells }: (typeof shown)[number]) =>
    h(
      "tr",
      { "data-source": row.source },
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          {
            type: "button",
            class: "link",
            "aria-pressed": state.source === row.source,
            title: state.source === row.source ? "Show all sources" : `Show ${row.source} alone`,
            on: { click: () => go({ source: state.source === row.source ? null : row.source }) },
          },
          row.source,
        ),
      ),
      cells.map((cell) => cellButton(row.source, cell, most, state.heat)),
      total(row.count_logs_24h, "", `logs of ${row.source} in 24 hours`, () => showLines({ source: row.source, since: lastDay })),
      total(row.count_anomalies_24h, row.count_anomalies_24h ? "hot" : "", `anomalies of ${row.source} in 24 hours`, () =>
        showLines({ source: row.source, since: lastDay, anomaly: "true" }),
      ),
      total(row.count_templates, "", `patterns of ${row.source}`, () => {
        go({ source: row.source, patterns: "top" });
        reveal("patterns");
      }),
    );
  const [body, more] = folded(h("tbody"), shown.map(line), FOLDED, ["more source", "more sources"]);
  const grid = h(
    "table",
    { class: "heat", role: "grid", "aria-label": `${state.heat} by source and hour` },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, h("span", { class: "hidden" }, "Source")),
        h("td", { colspan: shown[0]?.cells.length ?? 1 }, h("span", { class: "ends" }, h("span", {}, range(starts[0]!, starts.at(-1)! + HOUR_MS)))),
        column("Logs", "Logs of the last 24 hours"),
        column("Anom.", "Anomalies of the last 24 hours"),
        column("Patterns", "Distinct patterns, ever"),
      ),
    ),
    body,
  );
  walkable(grid);
  // The totals stand below the forecast, so that hours stand below their hour in the chart above.
  const ahead = hoursAhead(state);
  grid.style.setProperty("--share-ahead", String(ahead > 0 ? ahead / (starts.length + ahead) : 0.18));
  return h("div", { class: "scroll-x" }, grid, more);
}

function metricSwitch(state: State): HTMLElement {
  return h(
    "div",
    { class: "segments", role: "group", "aria-label": "Shade by" },
    Object.keys(METRICS).map((metric) =>
      h("button", { type: "button", "aria-pressed": state.heat === metric, on: { click: () => go({ heat: metric }) } }, metric),
    ),
  );
}

export const sourcesPanel: Panel<Sources> = {
  id: "sources",
  title: "Sources",
  key: ({ hours, since, until, source, zone, heat }) => [hours, since, until, source, zone, heat].join("|"),
  load: async (state) => {
    const [rows, hours] = await Promise.all([get<Page<SourceRow>>("sources"), hoursBySource(state)]);
    const order = (row: SourceRow) => row.count_anomalies_24h * 1e12 + row.count_logs_24h;
    const shown = rows.data.items.filter(({ source }) => !state.source || source === state.source);
    return { rows: shown.sort((one, two) => order(two) - order(one)), hours, refreshed_at: rows.refreshed_at! };
  },
  isEmpty: ({ rows }) => rows.length === 0,
  empty: (state) => (state.source ? `No log of ${state.source} has been scored yet.` : "No source has been scored yet."),
  tools: metricSwitch,
  render,
};
