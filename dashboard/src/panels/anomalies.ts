/** The anomalies of the window, each with its reasons and the way to the log. */

import { levelBadge, severityBadge } from "../badges";
import { announce, h, type Child } from "../dom";
import { findLines } from "../find";
import { counted } from "../format";
import { fold, textOf, unfolded, type Group } from "../group";
import { excerpt } from "../logtext";
import { judgement } from "../judge";
import { failure, type Panel } from "../panel";
import { SEVERITIES, type LogLine } from "../rows";
import { go, iso, showLines, timeWindow, type State } from "../state";
import { moment, range } from "../time";

/** Folded, many lines are few entries. */
const PAGE = 40;
const FOLDED_PAGE = 400;
/** Entries before the reader asks for more: what follows below must stay in reach. */
const FIRST = 12;

/** Where the list goes on: in the first of `severities`, below the line `before`. */
interface Place {
  severities: string[];
  before: string | null;
}

interface Anomalies {
  items: LogLine[];
  next: Place | null;
}

/** By pattern, the critical ones come to their end before the high ones begin; one by one, all go by time. */
function beginning({ severity, isFolded }: State): Place {
  const least = SEVERITIES.findIndex((known) => known === severity);
  const wanted = SEVERITIES.slice(Math.max(least, 0)).reverse();
  return { severities: isFolded ? wanted : [wanted.join(",")], before: null };
}

/** From `place` on, as many as make a page; fewer only where the list ends or a long search is better asked for. */
async function load(state: State, place: Place = beginning(state)): Promise<Anomalies> {
  const { source, until } = state;
  const since = iso(timeWindow(state).from);
  const limit = state.isFolded ? FOLDED_PAGE : PAGE;
  const items: LogLine[] = [];
  let { severities, before } = place;
  while (severities.length > 0) {
    const page = await findLines({ source, severity: severities[0]!, anomaly: "true", since, until }, before, limit);
    items.push(...page.items);
    before = page.next;
    const isFound = page.items.length > 0;
    if (before === null) severities = severities.slice(1);
    else if (!isFound || !state.isFolded || fold(items).length >= FIRST) break;
  }
  return { items, next: severities.length > 0 ? { severities, before } : null };
}

function openLog({ log_entry_id, logged_at }: LogLine): void {
  go({ log: { id: log_entry_id, at: logged_at } });
}

function entry(group: Group): HTMLElement {
  const { first } = group;
  const more = group.count - 1;
  const until = iso(Date.parse(first.logged_at) + 1);
  const alike = { template_id: first.template_id, severity: first.severity, anomaly: "true", since: group.since, until };
  const way = (text: string, open: () => void) => h("button", { type: "button", class: "link", on: { click: open } }, text);
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
      more > 0 && way(`${counted(more, "more", "more")} like it, ${range(group.since, first.logged_at)}`, () => showLines(alike)),
      way("All of this pattern", () => showLines({ template_id: first.template_id })),
      judgement(first),
    ),
  );
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
    more.textContent = hidden > 0 ? `Show ${counted(hidden, "more", "more")}` : state.isFolded ? "Show more" : "Show older";
    more.hidden = hidden <= 0 && next === null;
  }
  async function extend(): Promise<void> {
    more.disabled = true;
    try {
      const page = await load(state, next ?? undefined);
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
  load: (state) => load(state),
  isEmpty: ({ items, next }) => items.length === 0 && next === null,
  empty: (state) => [
    h("p", {}, "No anomalies in this window", state.source && ` from ${state.source}`, state.severity && ` of severity ${state.severity} or more`, "."),
    (state.hours < 336 || state.since || state.severity || state.source) &&
      h(
        "button",
        { type: "button", on: { click: () => go({ hours: 336, since: null, until: null, source: null, severity: null }) } },
        "Show all of the last 14 days",
      ),
  ],
  tools: switches,
  render,
};
