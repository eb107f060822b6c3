import type { AlertMessage } from "@titan-sync/core";

/** A message as plain text for people, its title left out. */
export function messageLines({ lines, affected, advice, link }: AlertMessage): readonly string[] {
  const hidden = affected - lines.length;
  return [
    ...lines.map((line) => `• ${line}`),
    ...(hidden > 0 && lines.length > 0 ? [`and ${hidden} more`] : []),
    ...(advice === "" ? [] : [advice]),
    ...(link === null ? [] : [link]),
  ];
}
