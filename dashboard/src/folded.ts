/** Long lists begin short: the first few entries, the others behind a button. */

import { h, type Child } from "./dom";
import { counted } from "./format";

/** Fills `list` with `entries`: `most` now, all once the reader asks. */
export function folded<E extends HTMLElement>(list: E, entries: HTMLElement[], most: number, noun: [string, string] = ["more", "more"]): Child[] {
  list.append(...entries.slice(0, most));
  const rest = entries.slice(most);
  if (rest.length === 0) return [list];
  const more = h("button", { type: "button", class: "quiet" }, `Show ${counted(rest.length, ...noun)}`);
  more.addEventListener("click", () => {
    list.append(...rest);
    // The keyboard goes on where the new entries begin.
    rest[0]!.querySelector<HTMLElement>("button")?.focus();
    more.remove();
  });
  return [list, more];
}
