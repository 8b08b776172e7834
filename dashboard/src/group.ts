/** Anomalies of the same pattern, folded: forty failed passwords are one thing to read. */

import { SEVERITIES, type LogLine } from "./rows";

export interface Group {
  /** The newest line of the pattern. */
  first: LogLine;
  count: number;
  /** Time of the oldest line. */
  since: string;
}

/** One group a pattern and severity, the worst first, then the newest; `lines` are newest first. */
export function fold(lines: LogLine[]): Group[] {
  const groups = new Map<string, Group>();
  for (const line of lines) {
    const key = `${line.template_id} ${line.severity}`;
    const group = groups.get(key);
    if (group) {
      group.count += 1;
      group.since = line.logged_at;
    } else {
      groups.set(key, { first: line, count: 1, since: line.logged_at });
    }
  }
  const rank = ({ first }: Group) => SEVERITIES.indexOf(first.severity);
  return [...groups.values()].sort((one, two) => rank(two) - rank(one));
}

/** Every line a group of its own. */
export function unfolded(lines: LogLine[]): Group[] {
  return lines.map((first) => ({ first, count: 1, since: first.logged_at }));
}

/** The text to show for a line: the message, or its pattern where the message may not be seen. */
export function textOf({ message, template_text }: LogLine): string {
  const text = message ?? template_text ?? "(the log was deleted)";
  return text.trim() === "" ? "(an empty message)" : text;
}
