/** Hours of the window as whole series: an hour without logs is a zero, not a gap. */

import { get } from "./api";
import type { Hour } from "./rows";
import { timeWindow, type State } from "./state";

export const HOUR_MS = 3_600_000;

/** Rows of `trends` inside the window of `state`; by source where asked. */
export async function hoursOf(state: State, bySource = false): Promise<Hour[]> {
  const { from, to } = timeWindow(state);
  const hours = Math.ceil((Date.now() - from) / HOUR_MS) + 1;
  const answer = await get<Hour[]>("trends", {
    hours: Math.min(Math.max(hours, 1), 336),
    source: state.source,
    by: bySource ? "source" : null,
  });
  return answer.data.filter(({ hour_at }) => {
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
