/** Points in time, in the zone that the page shows. */

import { state } from "./state";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: string | number | Date, options: Intl.DateTimeFormatOptions): string {
  const zone = state().zone;
  const key = zone + JSON.stringify(options);
  let formatter = formats.get(key);
  if (!formatter) {
    const timeZone = zone === "utc" ? { timeZone: "UTC" } : {};
    formatter = new Intl.DateTimeFormat("en-GB", { ...options, ...timeZone, hourCycle: "h23" });
    formats.set(key, formatter);
  }
  return formatter.format(new Date(at)).replace(",", "");
}

/** "24 Nov 03:12:45". */
export const moment = (at: string | number | Date): string =>
  format(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** "24 Nov 03:12". */
export const minute = (at: string | number | Date): string =>
  format(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** "03:12". */
export const clock = (at: string | number | Date): string =>
  format(at, { hour: "2-digit", minute: "2-digit" });

/** "Tue 24". */
export const weekday = (at: string | number | Date): string =>
  format(at, { weekday: "short", day: "numeric" });

/** "24 Nov 03:00 – 04:00", both days where they differ, one time where they do not. */
export function range(since: string | number | Date, until: string | number | Date): string {
  if (minute(since) === minute(until)) return minute(since);
  const sameDay = weekday(since) === weekday(Number(new Date(until)) - 1);
  return `${minute(since)} – ${sameDay ? clock(until) : minute(until)}`;
}
