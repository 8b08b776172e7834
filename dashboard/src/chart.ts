/** uPlot, set up the way every time chart of this page looks. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { short } from "./format";
import { HOUR_MS } from "./hours";
import { colour } from "./palette";
import { clock, weekday } from "./time";

/** Width of the y axis; the heat map below keeps the same for its names. */
const GUTTER = 108;
const SECONDS = 1000;

export type Column = (number | null)[];

/** Bars from the hour's start, stacked by drawing the tallest first. */
export function bars(label: string, fill: string): uPlot.Series {
  return {
    label,
    fill: colour(fill),
    stroke: colour(fill),
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars!({ size: [0.86, 110], align: 1 }),
  };
}

/** A stepped line over hours, for what is expected. */
export function steps(label: string, stroke: string, dash: number[] = [4, 3]): uPlot.Series {
  return {
    label,
    stroke: colour(stroke),
    width: 1.5,
    dash,
    points: { show: false },
    paths: uPlot.paths.stepped!({ align: 1 }),
  };
}

function plotGutter(host: HTMLElement): number {
  return host.clientWidth < 500 ? 40 : GUTTER;
}

function hourLabels(_: uPlot, splits: number[]): string[] {
  return splits.map((split) => {
    const time = clock(split * SECONDS);
    return time === "00:00" ? weekday(split * SECONDS) : time;
  });
}

/** Midnights and round hours of the zone that the page shows, not of UTC. */
function hourSplits(plot: uPlot, _: number, low: number, high: number): number[] {
  const room = Math.max(2, Math.floor(plot.width / 90));
  const step = [1, 2, 3, 6, 12, 24, 48, 72, 168].find((hours) => (high - low) / 3600 / hours <= room) ?? 168;
  const splits: number[] = [];
  // A label is centred on its time; the one at the right edge would be cut.
  const last = high - ((high - low) / plot.width) * 24;
  for (let at = Math.ceil(low / 3600) * 3600; at <= last; at += 3600) {
    const [hour] = clock(at * SECONDS).split(":");
    const day = Math.floor((at * SECONDS) / (24 * HOUR_MS));
    if (Number(hour) % Math.min(step, 24) === 0 && (step <= 24 || day % (step / 24) === 0)) splits.push(at);
  }
  return splits;
}

interface Options {
  height: number;
  series: uPlot.Series[];
  bands?: uPlot.Band[];
  from: number;
  to: number;
  top: number;
  timeAxis: boolean;
  label: string;
  onHover: (index: number | null) => void;
  onClick: (index: number) => void;
  onZoom: (from: number, to: number) => void;
}

/** Draws `data` (first column: seconds) into `host`. Dragging zooms, a click opens. */
export function timeChart(host: HTMLElement, data: [number[], ...Column[]], options: Options): uPlot {
  const grid = { stroke: colour("line"), width: 1 };
  const axis = { stroke: colour("muted"), grid, ticks: { show: false }, font: "11px system-ui", gap: 8 };
  let dragged = false;
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 200),
      height: options.height,
      legend: { show: false },
      padding: [8, 0, options.timeAxis ? 0 : 4, 0],
      cursor: {
        sync: { key: "time" },
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 6 },
        bind: {
          mousedown: (_self, _target, handler) => (event) => {
            dragged = false;
            return handler(event);
          },
        },
      },
      scales: {
        x: { time: true, range: [options.from / SECONDS, options.to / SECONDS] },
        y: { range: [0, Math.max(options.top, 1)] },
      },
      axes: [
        { ...axis, show: options.timeAxis, size: 24, grid: { show: false }, values: hourLabels, splits: hourSplits },
        { ...axis, size: plotGutter(host), space: 32, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7], values: (_, splits) => splits.map(short) },
      ],
      series: [{}, ...options.series],
      ...(options.bands ? { bands: options.bands } : {}),
      hooks: {
        setCursor: [(self) => options.onHover(under(self))],
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width < 6) return;
            dragged = true;
            options.onZoom(self.posToVal(left, "x") * SECONDS, self.posToVal(left + width, "x") * SECONDS);
          },
        ],
      },
    },
    data,
    host,
  );
  plot.over.addEventListener("click", () => {
    const index = under(plot);
    if (!dragged && index !== null) options.onClick(index);
  });
  plot.root.querySelector("canvas")?.setAttribute("role", "img");
  plot.root.querySelector("canvas")?.setAttribute("aria-label", options.label);
  return plot;
}

/** The hour below the cursor: the last that begins at or before it, not the nearest. */
function under(plot: uPlot): number | null {
  const left = plot.cursor.left ?? -1;
  if (left < 0) return null;
  const at = plot.posToVal(left, "x");
  const times = plot.data[0];
  const next = times.findIndex((time) => time > at);
  return (next < 0 ? times.length : next) - 1;
}
