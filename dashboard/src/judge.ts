/** What a reader says of an anomaly: worth reading, a false alarm, not to be told of for a while. */

import { ApiError, get, post } from "./api";
import { announce, h, type Child } from "./dom";
import { loadMutes, mute, muteOf, unmute, type Muted } from "./mutes";
import type { Page } from "./rows";
import { minute } from "./time";

/** What is judged: one log, and the pattern that it is of. */
export interface Judged {
  log_entry_id: string;
  logged_at: string;
  source: string;
  template_id: string;
}

interface Verdict {
  feedback_id: number;
  log_entry_id: string | null;
  verdict: "confirmed" | "false_alarm";
}

const SAID = { confirmed: "Confirmed: worth reading", false_alarm: "Marked as a false alarm" } as const;

const verdicts = new Map<string, Verdict>();

/** Learns what was said before; entries drawn later show it, with its undo. */
export async function loadJudgements(): Promise<void> {
  try {
    const [said] = await Promise.all([get<Page<Verdict>>("feedback", { limit: 500 }), loadMutes()]);
    verdicts.clear();
    for (const verdict of said.data.items) if (verdict.log_entry_id) verdicts.set(verdict.log_entry_id, verdict);
  } catch {
    // What was said is then not shown; to say it again does no harm, since it is kept once.
  }
}

async function judge({ log_entry_id, logged_at }: Judged, verdict: Verdict["verdict"]): Promise<void> {
  const { data } = await post<{ feedback_id: number }>("feedback", { id: log_entry_id, at: logged_at, verdict });
  verdicts.set(log_entry_id, { feedback_id: data.feedback_id, log_entry_id, verdict });
}

async function takeBack({ log_entry_id }: Judged, { feedback_id }: Verdict): Promise<void> {
  await post("feedback", { revoke: feedback_id });
  verdicts.delete(log_entry_id);
}

/**
 * Buttons to judge `judged`; in their place, once it is judged, what was said and its undo. An open log
 * also offers to mute all of its source, which is too much to offer with each entry of a list.
 */
export function judgement(judged: Judged, isOpen = false): HTMLElement {
  const verdictPart = h("span", { class: "judge-part" });
  const patternPart = h("span", { class: "judge-part" });
  const sourcePart = h("span", { class: "judge-part" });
  const complaint = h("span", { class: "warn", role: "alert" });
  const group = h("div", { class: "judge", role: "group", "aria-label": "Your verdict" }, verdictPart, patternPart, isOpen && sourcePart, complaint);

  /** One button that says something; the focus stays in its part, on what undoes it. */
  function button(part: HTMLElement, text: string, told: string, say: () => Promise<void>): HTMLElement {
    const made = h("button", { type: "button", class: "link" }, text);
    made.addEventListener("click", async () => {
      made.disabled = true;
      complaint.textContent = "";
      try {
        await say();
        announce(told);
      } catch (error) {
        complaint.textContent = error instanceof ApiError ? `${error.message} ${error.advice}` : String(error);
      }
      // The same pattern may stand in several places.
      for (const other of document.querySelectorAll(".judge")) other.dispatchEvent(new Event("judged"));
      draw();
      part.querySelector("button")?.focus();
    });
    return made;
  }

  function muting(part: HTMLElement, name: string, what: Muted): Child[] {
    const held = muteOf(what);
    return held
      ? [`${name} muted until ${minute(held.muted_until)}`, button(part, "Unmute", "No longer muted", () => unmute(held))]
      : [button(part, `Mute ${name.toLowerCase()} for 7 days`, `${name} muted`, () => mute(what))];
  }

  function draw(): void {
    const said = verdicts.get(judged.log_entry_id);
    const parts: [HTMLElement, Child[]][] = [
      [
        verdictPart,
        said
          ? [SAID[said.verdict], button(verdictPart, "Undo", "Taken back", () => takeBack(judged, said))]
          : [
              button(verdictPart, "Confirm", SAID.confirmed, () => judge(judged, "confirmed")),
              button(verdictPart, "False alarm", SAID.false_alarm, () => judge(judged, "false_alarm")),
            ],
      ],
      [patternPart, muting(patternPart, "Pattern", { template_id: judged.template_id })],
      [sourcePart, muting(sourcePart, "Source", { source: judged.source })],
    ];
    for (const [part, children] of parts) part.replaceChildren(...(children as (Node | string)[]));
  }

  group.addEventListener("judged", draw);
  draw();
  return group;
}
