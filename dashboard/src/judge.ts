/** What a reader says of an anomaly: worth reading, a false alarm, not to be told of for a while. */

import { ApiError, get, post } from "./api";
import { announce, h, type Child } from "./dom";
import type { Page } from "./rows";
import { minute } from "./time";

/** What is judged: one log, and the pattern that it is of. */
export interface Judged {
  log_entry_id: string;
  logged_at: string;
  template_id: string;
}

interface Verdict {
  feedback_id: number;
  log_entry_id: string | null;
  verdict: "confirmed" | "false_alarm";
}

interface Mute {
  mute_id: number;
  template_id: string | null;
  muted_until: string;
}

const MUTE_HOURS = 7 * 24;
const SAID = { confirmed: "Confirmed: worth reading", false_alarm: "Marked as a false alarm" } as const;

const verdicts = new Map<string, Verdict>();
const mutes = new Map<string, Mute>();

/** Learns what was said before; entries drawn later show it, with its undo. */
export async function loadJudgements(): Promise<void> {
  try {
    const [said, muted] = await Promise.all([
      get<Page<Verdict>>("feedback", { limit: 500 }),
      get<Page<Mute>>("mute", { limit: 500 }),
    ]);
    verdicts.clear();
    mutes.clear();
    for (const verdict of said.data.items) if (verdict.log_entry_id) verdicts.set(verdict.log_entry_id, verdict);
    for (const mute of muted.data.items) if (mute.template_id) mutes.set(mute.template_id, mute);
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

async function mute({ template_id }: Judged): Promise<void> {
  const { data } = await post<{ mute_id: number }>("mute", { template_id, hours: MUTE_HOURS });
  const until = new Date(Date.now() + MUTE_HOURS * 3_600_000).toISOString();
  mutes.set(template_id, { mute_id: data.mute_id, template_id, muted_until: until });
}

async function unmute({ template_id }: Judged, { mute_id }: Mute): Promise<void> {
  await post("mute", { revoke: mute_id });
  mutes.delete(template_id);
}

/** Buttons to judge `judged`; in their place, once it is judged, what was said and its undo. */
export function judgement(judged: Judged): HTMLElement {
  const verdictPart = h("span", { class: "judge-part" });
  const mutePart = h("span", { class: "judge-part" });
  const complaint = h("span", { class: "warn", role: "alert" });
  const group = h("div", { class: "judge", role: "group", "aria-label": "Your verdict" }, verdictPart, mutePart, complaint);

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

  function draw(): void {
    const said = verdicts.get(judged.log_entry_id);
    const muted = mutes.get(judged.template_id);
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
      [
        mutePart,
        muted
          ? [`Pattern muted until ${minute(muted.muted_until)}`, button(mutePart, "Unmute", "No longer muted", () => unmute(judged, muted))]
          : [button(mutePart, "Mute pattern for 7 days", "Pattern muted", () => mute(judged))],
      ],
    ];
    for (const [part, children] of parts) part.replaceChildren(...(children as (Node | string)[]));
  }

  group.addEventListener("judged", draw);
  draw();
  return group;
}
