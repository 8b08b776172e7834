/** The latest anomalies, each with its reasons and the way to the log. */

import { get } from "../api";
import { levelBadge, severityBadge } from "../badges";
import { announce, h, type Child } from "../dom";
import { findLines } from "../find";
import { count, counted } from "../format";
import { fold, textOf, unfolded, type Group } from "../group";
import { excerpt } from "../logtext";
import { judgement } from "../judge";
import { failure, type Panel } from "../panel";
import { SEVERITIES, type LogLine, type Page } from "../rows";
import { go, iso, showLines, timeWindow, type State } from "../state";
import { moment, range } from "../time";

/** Folded, many lines are few entries. */
const PAGE = 40;
const FOLDED_PAGE = 400;
/** Entries before the reader asks for more: what follows below must stay in reach. */
const FIRST = 12;

interface Anomalies {
  items: LogLine[];
  next: string | null;
}

/** One page, newest first, cut where the window begins. */
async function load(state: State, before: string | null = null): Promise<Anomalies> {
  const { from } = timeWindow(state);
  const { source, severity, until } = state;
  const limit = state.isFolded ? FOLDED_PAGE : PAGE;
  // The list holds the latest thousand of all; a source, a severity or a past hour may have none among them.
  if (source || severity || until) {
    return findLines({ source, severity: atLeast(severity), anomaly: "true", since: iso(from), until }, before, limit);
  }
  const { items, next } = (await get<Page<LogLine>>("anomalies", { before, limit })).data;
  const inside = items.filter(({ logged_at }) => Date.parse(logged_at) >= from);
  return { items: inside, next: inside.length < items.length ? null : (next ?? null) };
}

/** The severities from this one on, each by its name. */
function atLeast(severity: string | null): string | null {
  const least = SEVERITIES.findIndex((known) => known === severity);
  return least < 0 ? null : SEVERITIES.slice(least).join(",");
}

function openLog({ log_entry_id, logged_at }: LogLine): void {
  go({ log: { id: log_entry_id, at: logged_at } });
}

function entry(group: Group): HTMLElement {
  const { first } = group;
  const more = group.count - 1;
  const until = iso(Date.parse(first.logged_at) + 1);
  return h(
    "li",
    { class: `anomaly severity-${first.severity}`, "data-log": first.log_entry_id },
    h(
      "div",
      { class: "meta" },
      severityBadge(first.severity),
      h("time", { datetime: first.logged_at }, moment(first.logged_at)),
      h("span", { class: "source" }, first.source),
      levelBadge(first.predicted_level, first.declared_level),
      h("span", { class: "score", title: "Anomaly score, 0 to 1" }, first.anomaly_score.toFixed(2)),
    ),
    h("button", { type: "button", class: "text", title: "Open the log among its neighbours", on: { click: () => openLog(first) } }, excerpt(textOf(first))),
    h("ul", { class: "reasons", "aria-label": "Why" }, first.reasons.map((reason) => h("li", {}, reason))),
    h(
      "div",
      { class: "actions" },
      more > 0 &&
        h(
          "button",
          {
            type: "button",
            class: "link",
            on: { click: () => showLines({ template_id: first.template_id, anomaly: "true", since: group.since, until }) },
          },
          `${counted(more, "more", "more")} like it, ${range(group.since, first.logged_at)}`,
        ),
      h(
        "button",
        { type: "button", class: "link", on: { click: () => showLines({ template_id: first.template_id }) } },
        allOf(first.count_template_logs),
      ),
      judgement(first),
    ),
  );
}

function allOf(logs: number | undefined): string {
  if (logs === undefined) return "All of this pattern";
  return logs === 1 ? "The only log of its pattern" : `All ${count(logs)} of this pattern`;
}

function render(first: Anomalies, state: State): Child {
  let { items, next } = first;
  let shown = state.isFolded ? FIRST : PAGE;
  const list = h("ol", { class: "anomalies" });
  const more = h("button", { type: "button", class: "quiet" });
  function draw(): void {
    const groups = state.isFolded ? fold(items) : unfolded(items);
    const hidden = groups.length - shown;
    list.replaceChildren(...groups.slice(0, shown).map(entry));
    more.textContent = hidden > 0 ? `Show ${counted(hidden, "more", "more")}` : "Show older";
    more.hidden = hidden <= 0 && next === null;
  }
  async function extend(): Promise<void> {
    more.disabled = true;
    try {
      const page = await load(state, next);
      items = [...items, ...page.items];
      next = page.next;
      draw();
      announce(`${counted(items.length, "anomaly", "anomalies")} shown`);
    } catch (error) {
      const broken = failure(error, () => {
        broken.remove();
        void extend();
      });
      more.before(broken);
    }
    more.disabled = false;
  }
  more.addEventListener("click", () => {
    const isAll = shown === Infinity || list.childElementCount < shown || !state.isFolded;
    shown = Infinity;
    if (isAll) void extend();
    else draw();
  });
  draw();
  return [list, more];
}

function switches(state: State): HTMLElement[] {
  const option = (text: string, isOn: boolean, change: Partial<State>) =>
    h("button", { type: "button", "aria-pressed": isOn, on: { click: () => go(change) } }, text);
  const severity = (least: string | null, text: string) => option(text, state.severity === least, { severity: least });
  return [
    h(
      "div",
      { class: "segments", role: "group", "aria-label": "Severity" },
      severity(null, "all"),
      severity("medium", "medium and up"),
      severity("high", "high and up"),
      severity("critical", "critical"),
    ),
    h(
      "div",
      { class: "segments", role: "group", "aria-label": "List" },
      option("by pattern, worst first", state.isFolded, { isFolded: true }),
      option("one by one, newest first", !state.isFolded, { isFolded: false }),
    ),
  ];
}

export const anomaliesPanel: Panel<Anomalies> = {
  id: "anomalies",
  title: "Anomalies",
  key: ({ hours, since, until, source, severity, zone, isFolded }) =>
    [hours, since, until, source, severity, zone, isFolded].join("|"),
  load,
  isEmpty: ({ items, next }) => items.length === 0 && next === null,
  empty: (state) => [
    h("p", {}, "No anomalies in this window", state.source && ` from ${state.source}`, state.severity && ` of severity ${state.severity} or more`, "."),
    (state.hours < 336 || state.severity || state.source) &&
      h(
        "button",
        { type: "button", on: { click: () => go({ hours: 336, since: null, until: null, source: null, severity: null }) } },
        "Show all of the last 14 days",
      ),
  ],
  tools: switches,
  render,
};
