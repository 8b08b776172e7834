/** What nobody wants to be told of for now: patterns and whole sources, each with the way back. */

import { forgetAnswers, get, post } from "./api";
import type { Mute, Page } from "./rows";

/** A pattern, or all of a source. */
export type Muted = { template_id: string } | { source: string };

const MUTE_HOURS = 7 * 24;
const MOST = 500;

let held: Mute[] = [];
const listeners: (() => void)[] = [];

/** The mutes that hold, the latest first; raises ApiError. */
export async function loadMutes(): Promise<Mute[]> {
  held = (await get<Page<Mute>>("mute", { limit: MOST })).data.items;
  return held;
}

/** Calls `listener` after a mute was made or ended here. */
export function onMutes(listener: () => void): void {
  listeners.push(listener);
}

/** The latest mute of this pattern, or of this source as a whole. */
export function muteOf(muted: Muted): Mute | undefined {
  return held.find((mute) =>
    "source" in muted ? mute.template_id === null && mute.source === muted.source : mute.template_id === muted.template_id,
  );
}

/** Mutes for a week. */
export async function mute(muted: Muted): Promise<void> {
  await post("mute", { ...muted, hours: MUTE_HOURS });
  await changed();
}

/** Ends a mute before its time. */
export async function unmute({ mute_id }: Mute): Promise<void> {
  await post("mute", { revoke: mute_id });
  await changed();
}

/** The database knows what holds now: who muted, until when, and what others did meanwhile. */
async function changed(): Promise<void> {
  forgetAnswers();
  await loadMutes();
  for (const listener of listeners) listener();
}
