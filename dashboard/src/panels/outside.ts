/** Hours of the last day that left what the days before let expect. */

import { get } from "../api";
import { h, type Child } from "../dom";
import { count, counted } from "../format";
import { folded } from "../folded";
import { HOUR_MS } from "../hours";
import type { Panel } from "../panel";
import type { Outside, Page, Status } from "../rows";
import { iso, showLines } from "../state";
import { range } from "../time";

const FOLDED = 6;
/** The last day is judged by the same hour of at least three days before it. */
const DAYS_NEEDED = 4;

interface Hours {
  items: Outside[];
  isYoung: boolean;
}

function item(hour: Outside): HTMLElement {
  const { source, hour_at } = hour;
  const start = Date.parse(hour_at);
  const way = (text: string, more: { anomaly?: string }) => {
    const open = () => showLines({ source, since: iso(start), until: iso(start + HOUR_MS), ...more });
    return h("button", { type: "button", class: "link", title: "Lines of this hour", on: { click: open } }, text);
  };
  const expected = `${count(Math.floor(hour.low_logs))}–${count(Math.ceil(hour.high_logs))}`;
  return h(
    "li",
    { "data-hour": `${source} ${hour_at}` },
    h("div", { class: "meta" }, h("span", { class: "source" }, source), h("time", { class: "muted", datetime: hour_at }, range(start, start + HOUR_MS))),
    hour.is_volume_outside && h("p", {}, way(counted(hour.count_logs, "log"), {}), h("span", { class: "muted" }, `, expected ${expected}`)),
    hour.is_anomalies_outside &&
      h(
        "p",
        {},
        way(counted(hour.count_anomalies, "anomaly", "anomalies"), { anomaly: "true" }),
        h("span", { class: "muted" }, `, expected at most ${count(Math.floor(hour.high_anomalies))}`),
      ),
  );
}

export const outsidePanel: Panel<Hours> = {
  id: "outside",
  title: "Outside the forecast",
  key: ({ source, zone }) => `${source}|${zone}`,
  load: async ({ source }) => {
    const [outside, status] = await Promise.all([get<Page<Outside>>("outside", { source }), get<Status>("status")]);
    const { first_logged_at: first, refreshed_at: refreshed } = status.data;
    return { items: outside.data.items, isYoung: first === null || Date.parse(refreshed) - Date.parse(first) < DAYS_NEEDED * 24 * HOUR_MS };
  },
  // A young installation has nothing to compare with, which is not to say that all is as usual.
  isEmpty: ({ items, isYoung }) => items.length === 0 && isYoung,
  empty: () => `Judges each hour by the same hour of at least three days before: after ${DAYS_NEEDED} days of logs.`,
  render: ({ items }): Child =>
    items.length === 0
      ? h("p", { class: "note" }, "Every hour of the last day stayed within what the days before let expect.")
      : folded(h("ul", { class: "rows" }), items.map(item), FOLDED),
};
