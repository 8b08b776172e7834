/** Lines that a filter selects, out of all that are scored. */

import { get, type Parameters } from "./api";
import type { LogLine, Page } from "./rows";

/** How many logs a request may look at: a rare thing is found in fewer requests of some more ms. */
const LOOK = 20_000;
/** A rare thing far back takes several requests; after so many the reader decides. */
const LOOKS = 10;

/** The next lines below `before`, newest first: none, with a `next`, where so far back none was found. */
export async function findLines(filter: Parameters, before: string | null, limit: number): Promise<{ items: LogLine[]; next: string | null }> {
  let next = before;
  for (let look = 0; look < LOOKS; look++) {
    const { data } = await get<Page<LogLine>>("analyze", { ...filter, before: next, limit, look: LOOK });
    next = data.next ?? null;
    if (data.items.length > 0 || next === null) return { items: data.items, next };
  }
  return { items: [], next };
}
