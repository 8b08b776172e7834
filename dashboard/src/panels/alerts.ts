/** What was worth telling, and what became of it: told, refused, muted, or held back. */

import { get } from "../api";
import { severityBadge, template } from "../badges";
import { h, type Child } from "../dom";
import { ago, count, counted } from "../format";
import { folded } from "../folded";
import { excerpt } from "../logtext";
import { loadMutes, muteOf } from "../mutes";
import type { Panel } from "../panel";
import { SEVERITIES, type Alert, type Alerts } from "../rows";
import { showLines } from "../state";
import { minute } from "../time";

const FOLDED = 5;
const SHOWN = 200;
/** The source of alerts that are about the batch itself. */
const OURSELVES = "logkiln";

const OUTCOMES = {
  told: "told",
  refused: "refused by every channel so far",
  muted: "muted",
  held: "held back",
} as const;
type Outcome = keyof typeof OUTCOMES;

/** Held back is what no message has listed: no channel, quiet hours, or more than the rule tells an hour. */
function outcome({ delivered_at, count_attempts, template_id, source }: Alert): Outcome {
  if (delivered_at) return "told";
  if (count_attempts > 0) return "refused";
  return muteOf({ source }) || (template_id && muteOf({ template_id })) ? "muted" : "held";
}

function openLines({ template_id, source, batch_id }: Alert): void {
  if (template_id) showLines({ template_id });
  else showLines(source === OURSELVES ? { batch_id: String(batch_id) } : { source });
}

/** What it is about: a pattern, a source, or the batch. */
function subject({ template_text, source, batch_id }: Alert): Child {
  if (template_text) return template(excerpt(template_text, 160));
  return source === OURSELVES ? `Batch ${batch_id}` : `All of ${source}`;
}

function item(alert: Alert): HTMLElement {
  const became = outcome(alert);
  return h(
    "li",
    { "data-alert": alert.alert_id },
    h(
      "div",
      { class: "meta" },
      severityBadge(alert.severity),
      h("span", { class: "source" }, alert.source),
      h("time", { class: "muted", datetime: alert.created_at }, minute(alert.created_at)),
      h("span", { class: `outcome ${became === "refused" ? "bad" : "muted"}` }, alert.delivered_at ? `told ${ago(alert.delivered_at)}` : OUTCOMES[became]),
    ),
    h("button", { type: "button", class: "text", title: "The lines behind it", on: { click: () => openLines(alert) } }, subject(alert)),
    h("p", { class: "note" }, [alert.count_logs > 0 && counted(alert.count_logs, "log"), ...alert.reasons.slice(0, 2)].filter(Boolean).join("; ")),
  );
}

/** How many of each outcome; where nothing was ever tried, how to be told. */
function summary({ items: alerts, count_left_out: leftOut }: Alerts): Child[] {
  const counts = new Map<Outcome, number>();
  for (const alert of alerts) counts.set(outcome(alert), (counts.get(outcome(alert)) ?? 0) + 1);
  const parts = [...counts].map(([became, alike]) => `${count(alike)} ${OUTCOMES[became]}`);
  const isUntold = alerts.every(({ delivered_at, count_attempts }) => !delivered_at && count_attempts === 0);
  return [
    h("p", { class: "note", "data-outcomes": "" }, `${alerts.length === SHOWN ? `Of the latest ${SHOWN}: ` : ""}${parts.join(", ")}.`),
    leftOut > 0 &&
      h(
        "p",
        { class: "note", "data-left-out": leftOut },
        `${counted(leftOut, "more was", "more were")} left out: of a batch, a rule keeps a hundred. `,
        h("button", { type: "button", class: "link", on: { click: () => showLines({ anomaly: "true" }) } }, "All anomalies"),
      ),
    isUntold &&
      h("p", { class: "note" }, "Nobody is told yet. Set ", h("code", {}, "ALERT_WEBHOOK_URL"), " or another channel, then try it with ", h("code", {}, "python -m scoring.alerts test")),
  ];
}

/** The latest batch first, in it the worst. */
function order(one: Alert, two: Alert): number {
  const rank = ({ severity }: Alert) => SEVERITIES.indexOf(severity);
  return two.batch_id - one.batch_id || rank(two) - rank(one) || two.count_logs - one.count_logs;
}

export const alertsPanel: Panel<Alerts> = {
  id: "alerts",
  title: "Alerts",
  key: ({ source, zone }) => `${source}|${zone}`,
  load: async ({ source }) => {
    const [alerts] = await Promise.all([get<Alerts>("alerts", { source, limit: SHOWN }), loadMutes()]);
    return { ...alerts.data, items: [...alerts.data.items].sort(order) };
  },
  isEmpty: ({ items }) => items.length === 0,
  empty: ({ source }) => [
    h("p", {}, source ? `Nothing of ${source} was worth telling.` : "Nothing was worth telling yet."),
    h("p", {}, "The table ", h("code", {}, "alert_rules"), " says what is."),
  ],
  render: (alerts) => [summary(alerts), folded(h("ul", { class: "rows" }), alerts.items.map(item), FOLDED)],
};
