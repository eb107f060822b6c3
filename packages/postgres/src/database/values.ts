/**
 * Columns as SQL text that every driver returns in the same form, however it or the host parses 64-bit
 * numbers, times and JSON: numbers as `float8`, everything else as `text`.
 */

/** A time as epoch milliseconds. */
export const epochMs = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** A whole number that JavaScript holds exactly. */
export const asNumber = (column: string): string => `${column}::float8`;

/** The time that the parameter gives in epoch milliseconds. */
export const fromEpochMs = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

/** Below no revision that an earlier table may have given: the server's clock in microseconds since 1970. */
export const minRevision = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
