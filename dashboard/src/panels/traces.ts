/** Requests and jobs: which went otherwise than those that begin alike, and in what. */

import { get } from "../api";
import { template } from "../badges";
import { h } from "../dom";
import { count, counted } from "../format";
import { folded } from "../folded";
import { excerpt } from "../logtext";
import type { Panel } from "../panel";
import type { Page, Trace } from "../rows";
import { go, iso, showLines, type State } from "../state";
import { range } from "../time";

const PAGE = 100;
const FOLDED = 6;
/** Of fewer that begin alike, nothing is usual (`judge_traces`). */
const ENOUGH = 50;

interface Traces {
  items: Trace[];
  /** Whether any log that is scored names its request or job. */
  areThereAny: boolean;
}

/** Its lines; without its name, which a token may not see, those of its time. */
function openLines({ trace_id, first_logged_at, last_logged_at, sources }: Trace): void {
  if (trace_id) showLines({ trace_id });
  else showLines({ since: first_logged_at, until: iso(Date.parse(last_logged_at) + 1), ...(sources.length === 1 ? { source: sources[0]! } : {}) });
}

/** Why it deviates, or what it was compared with. */
function verdict({ is_anomaly, count_alike, reasons }: Trace): HTMLElement {
  if (is_anomaly) return h("ul", { class: "reasons", "aria-label": "Why" }, reasons.map((reason) => h("li", {}, reason)));
  return h("p", { class: "note" }, count_alike < ENOUGH ? `only ${count(count_alike)} begin alike` : `as the other ${count(count_alike - 1)} that begin alike`);
}

function item(trace: Trace): HTMLElement {
  const { trace_id, first_logged_at, last_logged_at, sources, first_template_text: begins } = trace;
  return h(
    "li",
    { "data-trace": trace_id },
    h(
      "div",
      { class: "meta" },
      h("span", { class: `badge ${trace.is_anomaly ? "severity-high" : ""}` }, trace.is_anomaly ? "deviates" : trace.count_alike < ENOUGH ? "not judged" : "usual"),
      h("time", { datetime: first_logged_at }, range(first_logged_at, last_logged_at)),
      h("span", { class: "source" }, excerpt(sources.join(", "), 80)),
      h("span", { class: "muted" }, counted(trace.count_logs, "log")),
      trace_id && h("code", { class: "muted" }, excerpt(trace_id, 40)),
    ),
    h("button", { type: "button", class: "text", title: "The lines of this trace", on: { click: () => openLines(trace) } }, begins ? template(excerpt(begins, 160)) : "Its lines"),
    verdict(trace),
  );
}

function which({ traces }: State): HTMLElement {
  const option = (value: string, text: string) =>
    h("button", { type: "button", "aria-pressed": traces === value, on: { click: () => go({ traces: value }) } }, text);
  return h("div", { class: "segments", role: "group", "aria-label": "Which traces" }, option("deviating", "Deviating"), option("latest", "Latest"));
}

export const tracesPanel: Panel<Traces> = {
  id: "traces",
  title: "Traces",
  key: ({ traces, zone }) => [traces, zone].join("|"),
  load: async ({ traces }) => {
    const [listed, any] = await Promise.all([
      get<Page<Trace>>("traces", { anomaly: traces === "deviating" ? "true" : null, limit: PAGE }),
      get<Page<Trace>>("traces", { limit: 1 }),
    ]);
    return { items: listed.data.items, areThereAny: any.data.items.length > 0 };
  },
  isEmpty: ({ areThereAny }) => !areThereAny,
  empty: () => h("p", {}, "No log names its request or job. Those that do, in ", h("code", {}, "trace_id"), ", are compared with those that begin alike."),
  tools: which,
  render: ({ items }) =>
    items.length === 0
      ? h("p", { class: "note" }, "None of the latest traces went otherwise than those that begin alike.")
      : folded(h("ul", { class: "rows" }), items.map(item), FOLDED),
};
