/** What the logs are made of: new, surging, rare and frequent patterns. */

import { get } from "../api";
import { levelBadge, template } from "../badges";
import { h, type Child } from "../dom";
import { ago, count, counted, span } from "../format";
import { folded } from "../folded";
import { HOUR_MS } from "../hours";
import { excerpt } from "../logtext";
import type { Panel } from "../panel";
import type { Page, Pattern } from "../rows";
import { openable, sparkline } from "../sparkline";
import { go, iso, showLines, type State } from "../state";
import { range } from "../time";

/** The hours of each pattern end with the one in which the views were refreshed. */
type Patterns = Page<Pattern> & { refreshed_at: string };

const KINDS = { new: "New", surging: "Surging", vanished: "Vanished", rare: "Rare", top: "Most frequent" } as const;
const NOTES: Record<string, string> = {
  new: "First seen in the last 24 hours, newest first.",
  surging: "In this hour and the last, more than three times their own pace of the 24 hours before.",
  vanished: "Came steadily for hours or days, and stopped.",
  rare: "Seen in the last 24 hours, and hardly ever before.",
  top: "Seen most often, ever.",
};
const EMPTY: Record<string, string> = {
  new: "No new pattern in the last 24 hours.",
  surging: "No pattern is far above its own pace.",
  vanished: "No pattern that came steadily has stopped.",
  rare: "No pattern in the last 24 hours.",
  top: "No pattern yet.",
};
const PAGE = 50;
const FOLDED = 12;

/** How many times its own pace a pattern runs; one that has no past runs at no pace. */
function surge({ count_recent, expected_logs }: Pattern): string {
  if (!expected_logs) return "new";
  const times = (count_recent ?? 0) / expected_logs;
  return `× ${times < 10 ? times.toFixed(1) : count(Math.round(times))}`;
}

/** What the last column says of a pattern, by what is asked for. */
function last(pattern: Pattern, kind: string): string {
  if (kind === "new") return ago(pattern.first_seen_at);
  if (kind === "surging") return surge(pattern);
  if (kind === "vanished") return `${span((pattern.silent_hours ?? 0) * 3600)}, usually ${span((pattern.usual_gap_hours ?? 0) * 3600)}`;
  return ago(pattern.last_seen_at);
}

const LAST_HEAD: Record<string, string> = { new: "First seen", surging: "Pace", vanished: "Silent for" };

/** Its last day as a line; each hour opens its lines. `end` is when the last hour ends. */
function lastDay({ template_id, count_logs_by_hour: hours }: Pattern, end: number): HTMLElement | null {
  const heard = `Logs by hour of the last ${hours.length}, at most ${count(Math.max(...hours))}`;
  const start = (at: number) => end - (hours.length - at) * HOUR_MS;
  return openable(sparkline(hours, heard, 72, 20), hours.length, {
    places: [...hours.keys()].filter((at) => hours[at]! > 0),
    name: (at) => `${range(start(at), start(at + 1))}: ${counted(hours[at]!, "log")}`,
    open: (at) => showLines({ template_id, since: iso(start(at)), until: iso(start(at + 1)) }),
  });
}

/** How many of them are anomalous, as a way to those. */
function anomalies({ template_id, count_anomalies }: Pattern): Child {
  if (count_anomalies === 0) return "0";
  const open = () => showLines({ template_id, anomaly: "true" });
  return h("button", { type: "button", class: "link", title: "Anomalies of this pattern", on: { click: open } }, count(count_anomalies));
}

function row(pattern: Pattern, kind: string, end: number): HTMLElement {
  return h(
    "tr",
    {},
    h("td", {}, levelBadge(pattern.predicted_level)),
    h("td", { class: "source" }, pattern.source),
    h(
      "td",
      { class: "wide" },
      h("button", { type: "button", class: "text", title: "Lines of this pattern", on: { click: () => showLines({ template_id: pattern.template_id }) } }, template(excerpt(pattern.text))),
    ),
    h("td", { class: "spark" }, lastDay(pattern, end)),
    h("td", { class: "number" }, count(pattern.count_logs)),
    h("td", { class: `number ${pattern.count_anomalies ? "hot" : "muted"}` }, anomalies(pattern)),
    h("td", { class: "number muted" }, last(pattern, kind)),
  );
}

function render({ items, refreshed_at }: Patterns, state: State): Child {
  const kind = state.patterns;
  const end = Math.floor(Date.parse(refreshed_at) / HOUR_MS) * HOUR_MS + HOUR_MS;
  const heads = ["Level", "Source", "Pattern", "24 hours", "Logs", "Anomalies", LAST_HEAD[kind] ?? "Last seen"];
  const [body, more] = folded(h("tbody"), items.map((item) => row(item, kind, end)), FOLDED);
  return [
    h("p", { class: "note" }, NOTES[kind], items.length === PAGE && ` The first ${PAGE}.`),
    h(
      "table",
      { class: "list patterns" },
      h("thead", {}, h("tr", {}, heads.map((name, at) => h("th", { scope: "col", class: at === 3 ? "spark" : at > 3 ? "number" : "" }, name)))),
      body,
    ),
    more,
  ];
}

export const patternsPanel: Panel<Patterns> = {
  id: "patterns",
  title: "Patterns",
  key: ({ patterns, source, zone }) => [patterns, source, zone].join("|"),
  load: async (state) => {
    const { data, refreshed_at } = await get<Page<Pattern>>("patterns", { kind: state.patterns, source: state.source, limit: PAGE });
    return { ...data, refreshed_at: refreshed_at! };
  },
  isEmpty: ({ items }) => items.length === 0,
  empty: (state) => [EMPTY[state.patterns], state.source && ` (${state.source})`],
  tools: (state) =>
    h(
      "div",
      { class: "segments", role: "group", "aria-label": "Which patterns" },
      Object.entries(KINDS).map(([kind, name]) =>
        h("button", { type: "button", "aria-pressed": state.patterns === kind, on: { click: () => go({ patterns: kind }) } }, name),
      ),
    ),
  render,
};
