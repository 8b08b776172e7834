/** Rows as the API answers them: the columns of the views; ids of 64 bits are strings. */

export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export const SEVERITIES = ["low", "medium", "high", "critical"] as const;
export type Level = (typeof LEVELS)[number];
export type Severity = (typeof SEVERITIES)[number];

export interface LevelCount {
  predicted_level: Level;
  count_logs: number;
  count_anomalies: number;
  count_logs_24h: number;
  count_declared: number;
  count_agreed: number;
}

export interface SeverityCount {
  severity: Severity;
  count_logs: number;
  count_anomalies: number;
  count_logs_24h: number;
}

export interface Status {
  count_predictions: number;
  count_anomalies: number;
  count_sources: number;
  count_templates: number;
  count_predictions_24h: number;
  count_anomalies_24h: number;
  count_new_templates_24h: number;
  first_logged_at: string | null;
  last_logged_at: string | null;
  count_unscored: number;
  oldest_unscored_at: string | null;
  last_batch_id: number | null;
  last_batch_finished_at: string | null;
  model_version: string | null;
  refreshed_at: string;
  levels: LevelCount[];
  severity: SeverityCount[];
}

export interface Hour {
  hour_at: string;
  count_logs: number;
  count_anomalies: number;
  count_warnings: number;
  count_errors: number;
  count_severe: number;
}

/** The hours of one source as columns, in no order; an hour is its number since 1970 began. */
export interface SourceHours {
  source: string;
  hours: number[];
  count_logs: number[];
  count_anomalies: number[];
  count_errors: number[];
}

export interface SourceHour {
  hour_at: string;
  source: string;
  count_logs: number;
  count_anomalies: number;
  count_errors: number;
}

export interface ForecastHour {
  hour_at: string;
  source?: string;
  expected_logs: number;
  low_logs: number;
  high_logs: number;
  count_days: number;
}

export interface LogLine {
  log_entry_id: string;
  logged_at: string;
  source: string;
  predicted_level: Level;
  level_confidence: number;
  declared_level: string | null;
  /** Absent in the list of anomalies, where it is always true. */
  is_anomaly?: boolean;
  anomaly_score: number;
  severity: Severity;
  reasons: string[];
  /** Null where the log was deleted, or the token may not see messages. */
  message: string | null;
  trace_id?: string | null;
  template_id: string;
  template_text: string | null;
  model_id: number;
  batch_id: number;
}

/** A request or job; `trace_id` null where the token may not see messages. */
export interface Trace {
  trace_id: string | null;
  first_logged_at: string;
  last_logged_at: string;
  count_logs: number;
  sources: string[];
  first_template_text: string | null;
  count_alike: number;
  is_anomaly: boolean;
  reasons: string[];
}

export interface Neighbourhood {
  log: LogLine;
  before: LogLine[];
  after: LogLine[];
}

export interface Pattern {
  template_id: string;
  source: string;
  text: string;
  predicted_level: Level;
  count_logs: number;
  count_anomalies: number;
  count_logs_24h?: number;
  count_logs_1h?: number;
  /** The 24 hours up to the last refresh, the oldest first. */
  count_logs_by_hour: number[];
  /** Of those surging: in this hour and the last, against their own pace. */
  count_recent: number | null;
  expected_logs: number | null;
  /** Of those vanished: hours since the last log, against the usual. */
  silent_hours: number | null;
  usual_gap_hours: number | null;
  first_seen_at: string;
  last_seen_at: string;
}

export interface Mislabelled {
  template_id: string;
  declared_level: Level;
  predicted_level: Level;
  source: string;
  text: string;
  count_logs: number;
  mean_confidence: number;
  last_seen_at: string;
}

export interface SourceRow {
  source: string;
  count_logs: number;
  count_anomalies: number;
  count_logs_24h: number;
  count_anomalies_24h: number;
  count_errors: number;
  count_templates: number;
  last_logged_at: string;
}

export interface Model {
  model_id: number;
  version: string;
  role: "champion" | "challenger" | "retired";
  registered_at: string;
  count_logs: number;
  count_anomalies: number;
  share_agreed: number | null;
  count_confirmed: number;
  count_false_alarms: number;
  share_confirmed: number | null;
}

export interface Drift {
  batch_id: number;
  finished_at: string;
  count_logs: number;
  score_psi: number | null;
  share_unseen_words: number | null;
}

/** How late things are at the moment of asking. */
export interface Freshness {
  seconds_late: number;
  is_late: boolean | null;
  due_at: string;
  next_due_at: string;
  oldest_unscored_at: string | null;
}

export interface Batch {
  batch_id: number;
  status: "running" | "done" | "failed" | "interrupted";
  shard: string;
  started_at: string;
  finished_at: string | null;
  seconds: number | null;
  count_logs: number;
  count_anomalies: number;
  count_new_templates: number;
  count_set_aside: number;
  count_alerts_left_out: number;
  step_seconds: Record<string, number>;
  model_version: string;
  error: string | null;
}

/** A time at which a batch was due; `batch_id` null: none had anything to do. */
export interface Due {
  due_at: string;
  batch_id: number | null;
  started_at: string | null;
  seconds_late: number | null;
  is_late: boolean | null;
}

/** An hour of a source that left what the days before let expect. */
export interface Outside {
  source: string;
  hour_at: string;
  count_logs: number;
  low_logs: number;
  high_logs: number;
  count_anomalies: number;
  high_anomalies: number;
  is_volume_outside: boolean;
  is_anomalies_outside: boolean;
}

export interface Alert {
  alert_id: number;
  created_at: string;
  severity: Severity;
  /** "logkiln" where it is about the batch itself. */
  source: string;
  /** Null where it is about a source or the batch. */
  template_id: string | null;
  template_text: string | null;
  count_logs: number;
  first_logged_at: string;
  reasons: string[];
  batch_id: number;
  /** When a channel took it; null before. */
  delivered_at: string | null;
  count_attempts: number;
}

export interface Alerts {
  items: Alert[];
  /** What the batches of these found worth telling besides, of any source, and did not keep. */
  count_left_out: number;
}

export interface Mute {
  mute_id: number;
  source: string | null;
  /** Null: all of the source. */
  template_id: string | null;
  template_text: string | null;
  muted_until: string;
  reason: string | null;
  created_by: string | null;
}

export interface Page<Row> {
  items: Row[];
  /** Where the next page begins; null on the last one. */
  next?: string | null;
}
