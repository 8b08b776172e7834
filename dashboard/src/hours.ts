/** Hours of the window as whole series: an hour without logs is a zero, not a gap. */

import { get } from "./api";
import type { Hour, SourceHour, SourceHours } from "./rows";
import { timeWindow, type State } from "./state";

export const HOUR_MS = 3_600_000;

/** Rows of `trends` inside the window of `state`, all sources together. */
export async function hoursOf(state: State): Promise<Hour[]> {
  return inWindow((await get<Hour[]>("trends", asked(state))).data, state);
}

/** The same of each source by itself. */
export async function hoursBySource(state: State): Promise<SourceHour[]> {
  const sources = (await get<SourceHours[]>("trends", { ...asked(state), by: "source" })).data;
  return inWindow(sources.flatMap(unfolded), state);
}

function asked(state: State): { hours: number; source: string | null } {
  const hours = Math.ceil((Date.now() - timeWindow(state).from) / HOUR_MS) + 1;
  return { hours: Math.min(Math.max(hours, 1), 336), source: state.source };
}

function unfolded(source: SourceHours): SourceHour[] {
  return source.hours.map((hour, at) => ({
    hour_at: new Date(hour * HOUR_MS).toISOString(),
    source: source.source,
    count_logs: source.count_logs[at]!,
    count_anomalies: source.count_anomalies[at]!,
    count_errors: source.count_errors[at]!,
  }));
}

function inWindow<Row extends { hour_at: string }>(hours: Row[], state: State): Row[] {
  const { from, to } = timeWindow(state);
  return hours.filter(({ hour_at }) => {
    const at = Date.parse(hour_at);
    return at >= from - HOUR_MS + 1 && at < to;
  });
}

/** Start times of all hours of the window, in milliseconds. */
export function hourStarts(state: State): number[] {
  const { from, to } = timeWindow(state);
  const first = Math.floor(from / HOUR_MS) * HOUR_MS;
  return Array.from({ length: Math.max(1, Math.ceil((to - first) / HOUR_MS)) }, (_, at) => first + at * HOUR_MS);
}

/** Hours of forecast beside the window: a quarter of it, at most a day; a zoom has none. */
export function hoursAhead(state: State): number {
  return state.until ? 0 : Math.min(24, Math.ceil(state.hours / 4));
}

/** The last full 24 hours as the views count them: hours that begin within a day before `refreshed`. */
export function dayBefore(refreshed: string): string {
  const day = Date.parse(refreshed) - 24 * HOUR_MS;
  return new Date(Math.floor(day / HOUR_MS) * HOUR_MS + HOUR_MS).toISOString();
}
