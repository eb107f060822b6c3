import type { Logger } from "@titan-sync/core";

export interface CapturingLogger extends Logger {
  readonly lines: readonly { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[];
}

export function createCapturingLogger(): CapturingLogger {
  const lines: { fields: Readonly<Record<string, unknown>>; message: string }[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void lines.push({ fields, message });
  return { lines, debug: note, info: note, warn: note, error: note };
}
