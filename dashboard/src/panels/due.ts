/** Whether batches come when they are due: what is due next, and how late the latest began. */

import { h, type Child } from "../dom";
import { span, until } from "../format";
import type { Due, Freshness } from "../rows";
import { showLines } from "../state";
import { clock, minute } from "../time";

/** "on time" within the tolerance of `ml_schedule`, otherwise how late. */
function punctuality({ batch_id, seconds_late, is_late }: Due): [string, string] {
  if (batch_id === null || seconds_late === null) return ["none", "no batch had anything to do"];
  return is_late ? ["late", `batch ${batch_id} began ${span(seconds_late)} late`] : ["good", `batch ${batch_id} began on time`];
}

function mark(due: Due): HTMLElement {
  const [mood, said] = punctuality(due);
  const label = `Due ${minute(due.due_at)}: ${said}`;
  const about = { class: `due due-${mood}`, "aria-label": label, title: label };
  if (due.batch_id === null) return h("li", {}, h("span", { ...about, role: "img" }));
  const open = () => showLines({ batch_id: String(due.batch_id) });
  return h("li", {}, h("button", { ...about, type: "button", on: { click: open } }));
}

/** When the next batch is due, or for how long one has been. */
export function nextDue({ is_late, seconds_late, next_due_at }: Freshness): HTMLElement {
  if (is_late) {
    return h("p", { class: "warn", "data-due": "late" }, `Late: logs wait, and a batch has been due for ${span(seconds_late)}. `, h("code", {}, "python -m local doctor"), " says why.");
  }
  return h("p", { class: "note", "data-due": "next" }, `On time. The next one is due ${clock(next_due_at)}, in ${span(until(next_due_at))}.`);
}

/** One mark for each time at which a batch was due, the latest on the right. */
export function dueMarks(schedule: Due[]): Child {
  if (schedule.length === 0) return null;
  return h("ol", { class: "dues", "aria-label": "Times at which a batch was due, the latest last" }, [...schedule].reverse().map(mark));
}
