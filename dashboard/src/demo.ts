/** The demo shifts its logs in time; the page says so. */

import { byId } from "./dom";

/**
 * Shows the note of `demo.json`. The build ships one without a note, so that asking never fails;
 * the demo's server answers with its own.
 */
export async function sayDemo(): Promise<void> {
  const response = await fetch("demo.json").catch(() => null);
  if (!response?.ok) return;
  const { note } = (await response.json()) as { shifted_by_seconds: number; note: string };
  const place = byId("demo");
  place.textContent = note;
  place.hidden = note === "";
}
