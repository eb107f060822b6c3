import { z } from "zod";

/** Whether a value is surely as its schema wants it. */
export type QuickCheck = (value: unknown) => boolean;

/**
 * A check that says yes to what its schema accepts and leaves unchanged. Parsing copies each row field by field, which
 * costs more than reading it from JSON; hardly a row is unsound, and only for those the schema has to say why.
 *
 * @returns `null` for a schema with a part that may change what it accepts, or that is not known here: it has to parse.
 */
export function quickCheckOf(schema: z.core.$ZodType): QuickCheck | null {
  if (schema instanceof z.ZodOptional) {
    return either((value) => value === undefined, quickCheckOf(schema.unwrap()));
  }
  if (schema instanceof z.ZodNullable)
    return either((value) => value === null, quickCheckOf(schema.unwrap()));
  if (schema instanceof z.ZodUnknown) return () => true;
  if (schema instanceof z.ZodNumber) return numberCheck(schema);
  if (!(schema instanceof z.ZodType) || hasChecks(schema)) return null;
  if (schema instanceof z.ZodString) return schema.def.coerce ? null : (value) => typeof value === "string";
  if (schema instanceof z.ZodBoolean) return schema.def.coerce ? null : (value) => typeof value === "boolean";
  if (schema instanceof z.ZodObject) return schema.def.catchall === undefined ? objectCheck(schema) : null;
  return null;
}

function either(one: QuickCheck, other: QuickCheck | null): QuickCheck | null {
  return other === null ? null : (value) => one(value) || other(value);
}

/** Only whole numbers that may have a smallest one, as ids are. */
function numberCheck(schema: z.ZodNumber): QuickCheck | null {
  const { checks = [], coerce } = schema.def;
  const isKnown = ({ _zod: { def } }: z.core.$ZodCheck): boolean =>
    (def.check === "greater_than" && "inclusive" in def && def.inclusive === true) ||
    (def.check === "number_format" && "format" in def && def.format === "safeint");
  if (coerce || schema.format !== "safeint" || !checks.every(isKnown)) return null;
  const smallest = schema.minValue ?? Number.MIN_SAFE_INTEGER;
  return (value) => Number.isSafeInteger(value) && (value as number) >= smallest;
}

function objectCheck(schema: z.ZodObject): QuickCheck | null {
  const names: string[] = [];
  const checks: QuickCheck[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    const check = quickCheckOf(field);
    if (check === null) return null;
    names.push(name);
    checks.push(check);
  }
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const fields = value as Readonly<Record<string, unknown>>;
    return names.every((name, index) => checks[index]?.(fields[name]) === true);
  };
}

function hasChecks(schema: z.ZodType): boolean {
  return (schema.def.checks ?? []).length > 0;
}
