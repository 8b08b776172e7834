/**
 * What is looked at. It lives in the address, so that a view can be sent to a colleague, and the
 * back button goes back. Nothing else holds it.
 */

/** Which lines the panel of log lines shows; each key is a parameter of `analyze`. */
export interface LineFilter {
  source?: string;
  level?: string;
  severity?: string;
  anomaly?: string;
  template_id?: string;
  trace_id?: string;
  batch_id?: string;
  model_id?: string;
  q?: string;
  since?: string;
  until?: string;
}

export interface State {
  /** Length of the window that ends now, in hours. */
  hours: number;
  /** A zoomed window instead, both or neither; ISO times. */
  since: string | null;
  until: string | null;
  source: string | null;
  severity: string | null;
  patterns: string;
  heat: string;
  traces: string;
  /** Whether anomalies of one pattern are one entry. */
  isFolded: boolean;
  zone: "local" | "utc";
  lines: LineFilter | null;
  log: { id: string; at: string } | null;
}

export const RANGES = [6, 24, 72, 168, 336] as const;
const LINE_KEYS = ["source", "level", "severity", "anomaly", "template_id", "trace_id", "batch_id", "model_id", "q", "since", "until"] as const;
const PLAIN_KEYS = ["since", "until", "source", "severity"] as const;

type Listener = (state: State) => void;
const listeners: Listener[] = [];
/** The window of an address that names none, in hours. */
let usual = 24;
let current = read(location.search);

function pick(value: string | null, allowed: readonly string[], otherwise: string): string {
  return value !== null && allowed.includes(value) ? value : otherwise;
}

function isTime(value: string | null): value is string {
  return value !== null && !Number.isNaN(Date.parse(value));
}

function read(search: string): State {
  const query = new URLSearchParams(search);
  const hours = Number(query.get("hours"));
  const zoomed = isTime(query.get("since")) && isTime(query.get("until"));
  const lines = query.get("lines");
  const log = query.get("log");
  const at = query.get("at");
  return {
    hours: RANGES.find((known) => known === hours) ?? usual,
    since: zoomed ? query.get("since") : null,
    until: zoomed ? query.get("until") : null,
    source: query.get("source"),
    severity: query.get("severity"),
    patterns: pick(query.get("patterns"), ["new", "surging", "vanished", "rare", "top"], "new"),
    heat: pick(query.get("heat"), ["anomalies", "errors", "logs"], "anomalies"),
    traces: pick(query.get("traces"), ["deviating", "latest"], "deviating"),
    isFolded: query.get("fold") !== "no",
    zone: query.get("zone") === "utc" ? "utc" : "local",
    lines: lines === null ? null : readLines(lines),
    log: log !== null && isTime(at) ? { id: log, at } : null,
  };
}

function readLines(text: string): LineFilter {
  const query = new URLSearchParams(text);
  return Object.fromEntries(
    LINE_KEYS.flatMap((key) => (query.get(key) ? [[key, query.get(key) as string]] : [])),
  );
}

function write(next: State): string {
  const query = new URLSearchParams();
  if (next.hours !== usual) query.set("hours", String(next.hours));
  for (const key of PLAIN_KEYS) if (next[key]) query.set(key, next[key]);
  if (next.patterns !== "new") query.set("patterns", next.patterns);
  if (next.heat !== "anomalies") query.set("heat", next.heat);
  if (next.traces !== "deviating") query.set("traces", next.traces);
  if (!next.isFolded) query.set("fold", "no");
  if (next.zone === "utc") query.set("zone", "utc");
  if (next.lines) query.set("lines", new URLSearchParams({ ...next.lines }).toString());
  if (next.log) {
    query.set("log", next.log.id);
    query.set("at", next.log.at);
  }
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/** What is looked at now. */
export const state = (): State => current;

/** Changes parts of it, as a new entry of the browser's history. */
export function go(change: Partial<State>): void {
  const next = { ...current, ...change };
  if (write(next) === write(current)) return;
  current = next;
  history.pushState(null, "", write(next));
  for (const listener of listeners) listener(current);
}

/** Shows the log lines that `filter` selects. */
export function showLines(filter: LineFilter): void {
  go({ lines: filter, log: null });
}

/** Calls `listener` after every change, also by the back button. */
export function onChange(listener: Listener): void {
  listeners.push(listener);
}

window.addEventListener("popstate", () => {
  current = read(location.search);
  for (const listener of listeners) listener(current);
});

let latest = Date.now();

/**
 * The page ends where its numbers do: at the last refresh of the views. Where all logs are younger than
 * the shortest window, that one is the usual: an installation's first hours fill it, and would be a sliver of a day.
 */
export function endAt(refreshed: string, first: string | null): void {
  latest = Date.parse(refreshed);
  const isYoung = first !== null && Date.parse(first) > timeWindow({ ...current, hours: RANGES[0], since: null, until: null }).from;
  usual = isYoung ? RANGES[0] : 24;
  current = read(location.search);
}

/** The window of time in milliseconds; whole hours, since the charts count by the hour. */
export function timeWindow({ hours, since, until }: State = current): { from: number; to: number } {
  if (since && until) return { from: Date.parse(since), to: Date.parse(until) };
  const to = Math.floor(latest / 3_600_000) * 3_600_000 + 3_600_000;
  return { from: to - hours * 3_600_000, to };
}

/** `milliseconds` as the API reads times. */
export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
