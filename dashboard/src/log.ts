/** One log: what it says, what the models say of it, and the lines before and after. */

import { get } from "./api";
import { levelBadge, severityBadge, template } from "./badges";
import { h, type Child } from "./dom";
import { percent } from "./format";
import { textOf } from "./group";
import { judgement } from "./judge";
import { lineRow } from "./line";
import { excerpt, fullText } from "./logtext";
import { failure } from "./panel";
import type { LogLine, Neighbourhood } from "./rows";
import { iso, showLines } from "./state";
import { moment } from "./time";

const AROUND = [5, 20, 50] as const;
const MINUTE_MS = 60_000;

function facts(log: LogLine): HTMLElement {
  const rows: [string, Child][] = [
    ["Level", [levelBadge(log.predicted_level, log.declared_level), ` ${percent(log.level_confidence)} sure`]],
    ["Declared", log.declared_level ?? "none"],
    ["Anomaly score", log.anomaly_score.toFixed(3)],
    ["Pattern", log.template_text ? template(excerpt(log.template_text)) : "–"],
    ["Trace", log.trace_id ? excerpt(log.trace_id, 200) : "–"],
    ["Scored by", `batch ${log.batch_id}, model ${log.model_id}`],
    ["Log", log.log_entry_id],
  ];
  return h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function ways(log: LogLine): HTMLElement {
  const at = Date.parse(log.logged_at);
  const way = (text: string, open: () => void) => h("button", { type: "button", on: { click: open } }, text);
  return h(
    "div",
    { class: "actions" },
    way("All of this pattern", () => showLines({ template_id: log.template_id })),
    log.trace_id && way("All of this trace", () => showLines({ trace_id: log.trace_id! })),
    way("All sources, ± 1 minute", () => showLines({ since: iso(at - MINUTE_MS), until: iso(at + MINUTE_MS) })),
  );
}

function render({ log, before, after }: Neighbourhood): HTMLElement[] {
  return [
    h(
      "div",
      { class: "meta" },
      log.is_anomaly ? severityBadge(log.severity) : h("span", { class: "muted" }, "not anomalous"),
      h("time", { datetime: log.logged_at }, moment(log.logged_at)),
      h("span", { class: "source" }, log.source),
    ),
    log.message === null
      ? h("p", { class: "note" }, "The message is not to be seen: the log was deleted, or the token lacks the scope raw. Its pattern:")
      : h("span"),
    fullText(textOf(log)),
    log.reasons.length > 0
      ? h("div", { class: "why" }, h("h3", {}, "Why it stands out"), h("ul", { class: "reasons" }, log.reasons.map((reason) => h("li", {}, reason))))
      : h("span"),
    ways(log),
    judgement(log, true),
    facts(log),
    h("h3", {}, "Before and after"),
    h("ol", { class: "lines" }, [...before].map((line) => lineRow(line)), lineRow(log, true), [...after].map((line) => lineRow(line))),
  ];
}

/** The view of one log; it fills itself. */
export function logView({ id, at }: { id: string; at: string }): HTMLElement {
  const content = h("div", {}, h("p", { class: "note", role: "status" }, "Loading…"));
  const more = h("div", { class: "segments", role: "group", "aria-label": "Lines before and after" });

  async function load(around: number): Promise<void> {
    more.replaceChildren(
      ...AROUND.map((lines) => h("button", { type: "button", "aria-pressed": lines === around, on: { click: () => void load(lines) } }, `± ${lines}`)),
    );
    try {
      content.replaceChildren(...render((await get<Neighbourhood>("log", { id, at, around })).data));
    } catch (error) {
      content.replaceChildren(failure(error, () => void load(around)));
    }
  }

  void load(AROUND[0]);
  return h("div", {}, content, more);
}
