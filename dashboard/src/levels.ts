/** What programs call the six levels: the same names as the scorer's (scoring/levels.py). */

import type { Level } from "./rows";

export const NAMES: Record<Level, string> = {
  TRACE: "TRACE FINEST FINER VERBOSE DEBUG5 DEBUG4 DEBUG3 DEBUG2 SILLY T",
  DEBUG: "DEBUG DBG FINE CONFIG DEBUG1 D 7",
  INFO: "INFO INFORMATION INFORMATIONAL NOTICE LOG STATEMENT HINT DETAIL NOTE I N 6 5",
  WARN: "WARN WARNING WRN W 4",
  ERROR: "ERROR ERR SEVERE FAILURE E 3",
  FATAL: "FATAL CRITICAL CRIT ALERT EMERG EMERGENCY PANIC F C 2 1 0",
};

const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([level, names]) => names.split(" ").map((name) => [name, level] as [string, Level])),
);

/** The level that a program's own word stands for; null where unknown. */
export function standsFor(declared: string): Level | null {
  return BY_NAME.get(declared.trim().replace(/^[[\]<>:]+|[[\]<>:]+$/g, "").toUpperCase()) ?? null;
}
