/** One log as a row of a list. */

import { levelBadge } from "./badges";
import { h } from "./dom";
import { textOf } from "./group";
import { excerpt } from "./logtext";
import type { LogLine } from "./rows";
import { go } from "./state";
import { moment } from "./time";

/** A row that opens its log; `current` marks the log that is open. */
export function lineRow(line: LogLine, current = false): HTMLElement {
  const { log_entry_id: id, logged_at: at } = line;
  return h(
    "li",
    {
      class: `line ${line.is_anomaly ? `anomalous severity-${line.severity}` : ""} ${current ? "current" : ""}`,
      "data-log": id,
      ...(current ? { "aria-current": "true" } : {}),
    },
    h(
      "button",
      { type: "button", on: { click: () => go({ log: { id, at } }) } },
      h("time", { datetime: at }, moment(at)),
      levelBadge(line.predicted_level),
      h("span", { class: "source" }, line.source),
      h("span", { class: "text" }, excerpt(textOf(line))),
      line.is_anomaly && h("span", { class: "hidden" }, `anomaly, severity ${line.severity}`),
    ),
  );
}
