type TimeLimit = "statement_timeout" | "idle_in_transaction_session_timeout";

/**
 * An expression that limits the time of the open transaction. A limit that is lower already stays: whoever runs the
 * database has set it.
 *
 * @param limitMs - an SQL expression of whole milliseconds.
 */
export function lowerLimit(setting: TimeLimit, limitMs: string): string {
  // 0 is none.
  const current = `nullif((extract(epoch FROM current_setting('${setting}')::interval) * 1000)::bigint, 0)`;
  return `set_config('${setting}', least(${limitMs}, ${current})::text, true)`;
}

/** `lowerLimit` of the time that the transaction may idle. */
export function lowerIdleLimit(limitMs: string): string {
  return lowerLimit("idle_in_transaction_session_timeout", limitMs);
}
