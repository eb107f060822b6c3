/** From when on something is an alert. Times are milliseconds. */
export interface AlertThresholds {
  /** Failed syncs in a row. @defaultValue 3 */
  readonly failures: number;
  /** How long syncs have failed, however few there were. @defaultValue 2 hours */
  readonly failingMs: number;
  /** How long syncs have been partial. @defaultValue 24 hours */
  readonly degradedMs: number;
  /** A late credential is critical once this many times its interval and grace have passed. @defaultValue 3 */
  readonly lateCriticalTimes: number;
  /** Rejected records of a day: more than this. @defaultValue 20 */
  readonly rejected: number;
  /** The share of rejected records, as a multiple of that of the 14 days before. @defaultValue 2 */
  readonly rejectedTimes: number;
  /** The rows of a day, as a share of the median of the same day of the four weeks before. @defaultValue 0.3 */
  readonly volumeShare: number;
  /** Since the last beat of any worker. @defaultValue 2 minutes */
  readonly noWorkerMs: number;
  /** Since the last sign of any scheduler. @defaultValue 3 minutes */
  readonly schedulerSilentMs: number;
  /** How long a job has waited that no longer rests; first loads and full passes are not counted. @defaultValue 15 minutes */
  readonly queueMs: number;
  /** The share of the database's space that is free: less than this. @defaultValue 0.1 */
  readonly freeShare: number;
  /** How far the clocks of this process and of the database may be apart. @defaultValue 10 seconds */
  readonly clockMs: number;
  /** The age of the encryption key. @defaultValue 365 days */
  readonly keyMs: number;
  /** How long a message may wait for its delivery. @defaultValue 10 minutes */
  readonly deliveryMs: number;
  /** How long a critical incident may be without acknowledgment before others are told, for each level. @defaultValue 1 hour */
  readonly escalateMs: number;
  /** How long the database may not answer before somebody is told. @defaultValue 1 minute */
  readonly databaseMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const defaultThresholds: AlertThresholds = {
  failures: 3,
  failingMs: 2 * hourMs,
  degradedMs: 24 * hourMs,
  lateCriticalTimes: 3,
  rejected: 20,
  rejectedTimes: 2,
  volumeShare: 0.3,
  noWorkerMs: 2 * minuteMs,
  schedulerSilentMs: 3 * minuteMs,
  queueMs: 15 * minuteMs,
  freeShare: 0.1,
  clockMs: 10_000,
  keyMs: 365 * 24 * hourMs,
  deliveryMs: 10 * minuteMs,
  escalateMs: hourMs,
  databaseMs: minuteMs,
};
