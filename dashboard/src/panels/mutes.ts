/** What is muted now, by whom and until when, each with its undo. */

import { ApiError } from "../api";
import { template } from "../badges";
import { announce, byId, h } from "../dom";
import { folded } from "../folded";
import { excerpt } from "../logtext";
import { loadMutes, unmute } from "../mutes";
import type { Panel } from "../panel";
import type { Mute } from "../rows";
import { showLines } from "../state";
import { minute } from "../time";

const FOLDED = 6;

function item(mute: Mute): HTMLElement {
  const { template_id, template_text, source } = mute;
  const name = template_text ? template(excerpt(template_text, 160)) : `All of ${source}`;
  const open = () => showLines(template_id ? { template_id } : { source: source! });
  const complaint = h("span", { class: "warn", role: "alert" });
  const undo = h("button", { type: "button", class: "link" }, "Unmute");
  undo.addEventListener("click", async () => {
    undo.disabled = true;
    try {
      await unmute(mute);
      announce("No longer muted");
      byId("mutes").focus({ preventScroll: true });
    } catch (error) {
      complaint.textContent = error instanceof ApiError ? `${error.message} ${error.advice}` : String(error);
      undo.disabled = false;
    }
  });
  return h(
    "li",
    { "data-mute": mute.mute_id },
    h("button", { type: "button", class: "text", title: "The lines that it is about", on: { click: open } }, name),
    h(
      "div",
      { class: "meta" },
      template_id && h("span", { class: "source" }, source),
      h("span", { class: "muted" }, `until ${minute(mute.muted_until)}${mute.created_by ? `, by ${mute.created_by}` : ""}${mute.reason ? `: ${excerpt(mute.reason)}` : ""}`),
      undo,
    ),
    complaint,
  );
}

export const mutesPanel: Panel<Mute[]> = {
  id: "mutes",
  title: "Muted",
  key: ({ zone }) => zone,
  load: loadMutes,
  isEmpty: (mutes) => mutes.length === 0,
  empty: () => "Nothing is muted. What you know of already, mute where it is listed as an anomaly; a whole source, in one of its logs.",
  render: (mutes) => folded(h("ul", { class: "rows" }), mutes.map(item), FOLDED),
};
