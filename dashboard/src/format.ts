/** Numbers, shares and ages, in the words of the page. */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** 23418 → "23,418". */
export const count = (value: number): string => whole.format(value);

/** 23418 → "23.4K", for axes and narrow cells. */
export const short = (value: number): string => compact.format(value);

/** "1 log", "2 logs"; `plural` where an s is not enough. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A share of 0 to 1 as a percentage that never rounds to 0 or 100 unless it is. */
export function percent(share: number | null): string {
  if (share === null || Number.isNaN(share)) return "–";
  if (share === 0 || share === 1) return `${share * 100}\u202f%`;
  const rounded = (share * 100).toFixed(share < 0.1 || share > 0.99 ? 1 : 0);
  if (Number(rounded) === 0) return "< 0.1\u202f%";
  if (Number(rounded) === 100) return "> 99.9\u202f%";
  return `${rounded}\u202f%`;
}

/** A span of seconds in its largest fitting unit: "12 min", "3 h", "5 d". */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`;
  return `${Math.round(seconds / DAY)} d`;
}

/** Seconds from `at` until now; never negative, since clocks differ. */
export function age(at: string): number {
  return Math.max(0, (Date.now() - Date.parse(at)) / 1000);
}

/** Seconds from now until `at`; never negative. */
export function until(at: string): number {
  return Math.max(0, (Date.parse(at) - Date.now()) / 1000);
}

/** "12 min ago", "just now". */
export function ago(at: string): string {
  const seconds = age(at);
  return seconds < 10 ? "just now" : `${span(seconds)} ago`;
}
