/** Logging calls whose declared level does not fit what they say: work for a quiet afternoon. */

import { get } from "../api";
import { levelBadge, template } from "../badges";
import { h } from "../dom";
import { counted, percent } from "../format";
import { folded } from "../folded";
import { excerpt } from "../logtext";
import type { Panel } from "../panel";
import type { Mislabelled, Page } from "../rows";
import { showLines } from "../state";

const FOLDED = 6;

function item(row: Mislabelled): HTMLElement {
  return h(
    "li",
    {},
    h(
      "div",
      { class: "meta" },
      levelBadge(row.predicted_level, row.declared_level),
      h("span", { class: "source" }, row.source),
      h("span", { class: "muted" }, `${counted(row.count_logs, "log")}, ${percent(row.mean_confidence)} sure`),
    ),
    h("button", { type: "button", class: "text", title: "Lines of this pattern", on: { click: () => showLines({ template_id: row.template_id }) } }, template(excerpt(row.text, 160))),
  );
}

export const mislabelledPanel: Panel<Page<Mislabelled>> = {
  id: "mislabelled",
  title: "Mislabelled levels",
  key: ({ source }) => source ?? "",
  load: async (state) => {
    const { items } = (await get<Page<Mislabelled>>("mislabelled", { source: state.source })).data;
    return { items: items.filter(({ source }) => !state.source || source === state.source) };
  },
  isEmpty: ({ items }) => items.length === 0,
  empty: () => "Every declared level fits its text.",
  render: ({ items }) => folded(h("ul", { class: "rows" }), items.map(item), FOLDED),
};
