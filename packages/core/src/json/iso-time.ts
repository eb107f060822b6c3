/**
 * An instant as it is written in JSON: ISO 8601 in UTC. `null` remains `null`.
 * @param time - Epoch milliseconds.
 */
export function isoTime(time: number): string;
export function isoTime(time: number | null): string | null;
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** The type of an instant in JSON: text in place of epoch milliseconds. */
export type IsoTimeOf<Time> = Time extends number ? string : Time;

/** A value whose named instants are ISO 8601 text. */
export type WithIsoTimes<Value, Name extends PropertyKey> = {
  readonly [Key in keyof Value]: Key extends Name ? IsoTimeOf<Value[Key]> : Value[Key];
};

/** A copy for JSON: the named properties, epoch milliseconds or `null`, as {@link isoTime} gives them. */
export function withIsoTimes<Name extends string, Value extends { readonly [Key in Name]?: number | null }>(
  value: Value,
  names: readonly Name[],
): WithIsoTimes<Value, Name> {
  const times = names.flatMap((name) => {
    const time: unknown = Reflect.get(value, name);
    return typeof time === "number" ? [[name, isoTime(time)] as const] : [];
  });
  return { ...value, ...Object.fromEntries(times) } as WithIsoTimes<Value, Name>;
}
