/** What the logs are made of: new, surging, rare and frequent patterns. */

import { get } from "../api";
import { levelBadge, template } from "../badges";
import { h, type Child } from "../dom";
import { ago, count, counted } from "../format";
import { excerpt } from "../logtext";
import type { Panel } from "../panel";
import type { Page, Pattern } from "../rows";
import { go, showLines, type State } from "../state";

const KINDS = { new: "New", surging: "Surging", rare: "Rare", top: "Most frequent" } as const;
const NOTES: Record<string, string> = {
  new: "First seen in the last 24 hours, newest first.",
  surging: "Most above their own hourly mean of the last 24 hours, in the hour now running.",
  rare: "Seen least often, ever.",
  top: "Seen most often, ever.",
};
const EMPTY: Record<string, string> = {
  new: "No new pattern in the last 24 hours.",
  surging: "No pattern occurred in the hour now running.",
  rare: "No pattern yet.",
  top: "No pattern yet.",
};
const PAGE = 50;
const FOLDED = 12;

/** How many times its own hourly mean of the last day a pattern ran in this hour. */
function surge({ count_logs_1h = 0, count_logs_24h = 0 }: Pattern): string {
  const usual = Math.max((count_logs_24h - count_logs_1h) / 23, 1 / 23);
  const times = count_logs_1h / usual;
  return `× ${times < 10 ? times.toFixed(1) : count(Math.round(times))}`;
}

function row(pattern: Pattern, kind: string): HTMLElement {
  const last =
    kind === "new" ? ago(pattern.first_seen_at) : kind === "surging" ? surge(pattern) : ago(pattern.last_seen_at);
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
    h("td", { class: "number" }, count(pattern.count_logs)),
    h("td", { class: `number ${pattern.count_anomalies ? "hot" : "muted"}` }, count(pattern.count_anomalies)),
    h("td", { class: "number muted" }, last),
  );
}

function render({ items }: Page<Pattern>, state: State): Child {
  const kind = state.patterns;
  const heads = ["Level", "Source", "Pattern", "Logs", "Anomalies", kind === "new" ? "First seen" : kind === "surging" ? "This hour" : "Last seen"];
  const body = h("tbody", {}, items.slice(0, FOLDED).map((item) => row(item, kind)));
  const rest = items.slice(FOLDED);
  const more = h("button", { type: "button", class: "quiet" }, `Show ${counted(rest.length, "more", "more")}`);
  more.addEventListener("click", () => {
    body.append(...rest.map((item) => row(item, kind)));
    more.remove();
  });
  return [
    h("p", { class: "note" }, NOTES[kind], items.length === PAGE && ` The first ${PAGE}.`),
    h(
      "table",
      { class: "list patterns" },
      h("thead", {}, h("tr", {}, heads.map((name, at) => h("th", { scope: "col", class: at > 2 ? "number" : "" }, name)))),
      body,
    ),
    rest.length > 0 && more,
  ];
}

export const patternsPanel: Panel<Page<Pattern>> = {
  id: "patterns",
  title: "Patterns",
  key: ({ patterns, source, zone }) => [patterns, source, zone].join("|"),
  load: async (state) =>
    (await get<Page<Pattern>>("patterns", { kind: state.patterns, source: state.source, limit: PAGE })).data,
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
