/** Logs and anomalies by hour, and what the coming hours usually bring. Drag to zoom. */

import type uPlot from "uplot";
import { get } from "../api";
import { bars, steps, timeChart, type Column } from "../chart";
import { h } from "../dom";
import { counted } from "../format";
import { HOUR_MS, hoursAhead, hoursOf, hourStarts } from "../hours";
import { colour, onSchemeChange } from "../palette";
import type { Panel } from "../panel";
import type { ForecastHour, Hour, Page } from "../rows";
import { go, iso, showLines, state, timeWindow, type LineFilter, type State } from "../state";
import { expectation, hourTable } from "./hourtable";
import { range } from "../time";

interface Timeline {
  hours: Hour[];
  forecast: ForecastHour[];
}

interface Series {
  starts: number[];
  rows: (Hour | null)[];
  expected: (ForecastHour | null)[];
}

/** A finger scrolls the page; it cannot drag over a chart. */
const HINT = matchMedia("(pointer: coarse)").matches
  ? "Tap an hour to read its lines"
  : "Drag to zoom, click to read the lines";

let charts: uPlot[] = [];
let redraw = (): void => {};
onSchemeChange(() => redraw());

async function load(current: State): Promise<Timeline> {
  const hours = hoursOf(current);
  // A zoom looks at the past; the forecast begins now.
  const forecast = current.until
    ? []
    : (await get<Page<ForecastHour>>("forecast", { source: current.source })).data.items;
  return { hours: await hours, forecast };
}

/** One entry an hour: the window, and behind it as much future as a quarter of it, at most a day. */
function series({ hours, forecast }: Timeline, current: State): Series {
  const byHour = new Map(hours.map((hour) => [Date.parse(hour.hour_at), hour]));
  const ahead = new Map(sumBySource(forecast).map((hour) => [Date.parse(hour.hour_at), hour]));
  const starts = hourStarts(current);
  const past = starts.length;
  const { to } = timeWindow(current);
  if (ahead.size > 0) {
    const more = hoursAhead(current);
    for (let at = 0; at < more; at++) starts.push(to + at * HOUR_MS);
  }
  return {
    starts,
    rows: starts.map((start, at) => (at < past ? (byHour.get(start) ?? zero(start)) : null)),
    expected: starts.map((start) => ahead.get(start) ?? null),
  };
}

function zero(start: number): Hour {
  return { hour_at: iso(start), count_logs: 0, count_anomalies: 0, count_warnings: 0, count_errors: 0, count_severe: 0 };
}

/** The forecast of all sources together: means add up, and of independent sources the variances. */
function sumBySource(forecast: ForecastHour[]): ForecastHour[] {
  const sums = new Map<string, { hour: ForecastHour; mean: number; variance: number }>();
  for (const hour of forecast) {
    const sum = sums.get(hour.hour_at) ?? { hour, mean: 0, variance: 0 };
    sum.mean += hour.expected_logs;
    sum.variance += (hour.high_logs - hour.expected_logs) ** 2;
    sums.set(hour.hour_at, sum);
  }
  return [...sums.values()].map(({ hour, mean, variance }) => ({
    ...hour,
    expected_logs: mean,
    low_logs: Math.max(0, mean - Math.sqrt(variance)),
    high_logs: mean + Math.sqrt(variance),
  }));
}

/** The lines of an hour; of one to come, those of the same hour a day before, which let expect it. */
function openHour(start: number, more: LineFilter = {}): void {
  const { source } = state();
  const past = start < timeWindow().to ? start : start - 24 * HOUR_MS;
  showLines({ since: iso(past), until: iso(past + HOUR_MS), ...(source ? { source } : {}), ...more });
}

function zoom(from: number, to: number): void {
  const since = Math.floor(from / HOUR_MS) * HOUR_MS;
  const until = Math.ceil(to / HOUR_MS) * HOUR_MS;
  go({ since: iso(since), until: iso(Math.max(until, since + HOUR_MS)) });
}

function describe({ starts, rows, expected }: Series, at: number | null): string {
  if (at === null || starts[at] === undefined) return HINT;
  const when = range(starts[at], starts[at] + HOUR_MS);
  const row = rows[at];
  const usual = expected[at];
  const parts = row
    ? [
        counted(row.count_logs, "log"),
        counted(row.count_errors, "error"),
        counted(row.count_warnings, "warning"),
        counted(row.count_anomalies, "anomaly", "anomalies"),
      ]
    : [];
  if (usual) parts.push(`${expectation(usual)}; click for the day before`);
  return `${when}: ${parts.join(", ")}`;
}

function draw(volume: HTMLElement, anomalies: HTMLElement, readout: HTMLElement, all: Series): void {
  for (const chart of charts) chart.destroy();
  const { starts, rows, expected } = all;
  const seconds = starts.map((start) => start / 1000);
  const column = (pick: (hour: Hour) => number): Column => rows.map((row) => row && pick(row));
  const logs = column((row) => row.count_logs);
  const anomalous = column((row) => row.count_anomalies);
  const usual: Column = expected.map((hour) => hour && hour.expected_logs);
  const most = Math.max(...logs.map(Number), ...usual.map(Number));
  const common = {
    from: starts[0]!,
    to: starts.at(-1)! + HOUR_MS,
    onHover: (at: number | null) => (readout.textContent = describe(all, at)),
    onZoom: zoom,
  };
  charts = [
    timeChart(
      volume,
      [
        seconds,
        logs,
        column((row) => row.count_warnings + row.count_errors),
        column((row) => row.count_errors),
        expected.map((hour) => hour && hour.high_logs),
        expected.map((hour) => hour && hour.low_logs),
        usual,
      ],
      {
        ...common,
        height: 190,
        // One wild band must not flatten the bars.
        top: most * 1.25,
        timeAxis: false,
        label: "Logs by hour; the same numbers are in the table below",
        series: [
          bars("other", "chart-other"),
          bars("warnings", "chart-warn"),
          bars("errors", "chart-error"),
          { ...steps("high", "chart-band"), width: 0 },
          { ...steps("low", "chart-band"), width: 0 },
          steps("expected", "muted"),
        ],
        bands: [{ series: [4, 5], fill: colour("chart-band") }],
        onClick: (at) => (rows[at] ?? expected[at]) && openHour(starts[at]!),
      },
    ),
    timeChart(anomalies, [seconds, anomalous], {
      ...common,
      height: 96,
      top: Math.max(...anomalous.map(Number)) * 1.15,
      timeAxis: true,
      label: "Anomalies by hour; the same numbers are in the table below",
      series: [bars("anomalies", "chart-anomaly")],
      onClick: (at) => rows[at] && openHour(starts[at]!, { anomaly: "true" }),
    }),
  ];
}

function legend(forecast: boolean): HTMLElement {
  const entry = (colourClass: string, text: string) =>
    h("li", {}, h("span", { class: `swatch ${colourClass}`, "aria-hidden": "true" }), text);
  return h(
    "ul",
    { class: "legend" },
    entry("chart-error", "errors"),
    entry("chart-warn", "warnings"),
    entry("chart-other", "other logs"),
    forecast && entry("chart-band", "expected, ± 2 deviations"),
    entry("chart-anomaly", "anomalies"),
  );
}

function render(timeline: Timeline, current: State): HTMLElement {
  const all = series(timeline, current);
  const volume = h("div", { class: "chart" });
  const anomalies = h("div", { class: "chart" });
  const readout = h("p", { class: "readout" }, describe(all, null));
  redraw = () => {
    if (volume.isConnected && volume.clientWidth > 0) draw(volume, anomalies, readout, all);
  };
  let width = 0;
  // Drawn once it has a width, and again when that changes.
  new ResizeObserver(([entry]) => {
    const now = Math.round(entry?.contentRect.width ?? 0);
    if (now === width) return;
    width = now;
    redraw();
  }).observe(volume);
  const table = hourTable(all.starts, all.rows, all.expected, openHour);
  return h("div", {}, h("div", { class: "chart-head" }, legend(all.expected.some(Boolean)), readout), volume, anomalies, table);
}

export const timelinePanel: Panel<Timeline> = {
  id: "timeline",
  title: "Logs and anomalies by hour",
  key: ({ hours, since, until, source, zone }) => [hours, since, until, source, zone].join("|"),
  load,
  isEmpty: ({ hours }) => hours.length === 0,
  empty: (current) => [
    h("p", {}, current.source ? `${current.source} wrote no logs in this window.` : "No logs in this window."),
    h("p", {}, "The charts hold the last 14 days. "),
    current.hours < 336 &&
      h("button", { type: "button", on: { click: () => go({ hours: 336, since: null, until: null }) } }, "Show 14 days"),
  ],
  render,
};
