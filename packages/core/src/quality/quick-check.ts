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
  const structure = structureOf(schema);
  return structure === null ? null : (value) => accepts(structure, value);
}

/** A schema's requirements in a form that can be checked several times faster than the schema itself. */
interface Structure {
  readonly kind: "anything" | "text" | "flag" | "whole number" | "large whole number" | "one of" | "object";
  readonly mayBeAbsent: boolean;
  readonly mayBeNull: boolean;
  /** Of a whole number. */
  readonly smallest: number | bigint;
  /** Of a large whole number. */
  readonly largest: bigint | null;
  /** Of which one has to fit. */
  readonly options: readonly Structure[];
  /** Of an object. */
  readonly fields: readonly { readonly name: string; readonly structure: Structure }[];
}

function accepts(structure: Structure, value: unknown): boolean {
  if (value === undefined) return structure.mayBeAbsent;
  if (value === null) return structure.mayBeNull;
  switch (structure.kind) {
    case "anything":
      return true;
    case "text":
      return typeof value === "string";
    case "flag":
      return typeof value === "boolean";
    case "whole number":
      return Number.isSafeInteger(value) && (value as number) >= structure.smallest;
    case "large whole number":
      return (
        typeof value === "bigint" &&
        value >= structure.smallest &&
        (structure.largest === null || value <= structure.largest)
      );
    case "one of":
      return acceptsOne(structure, value);
    case "object":
      return typeof value === "object" && !Array.isArray(value) && acceptsFields(structure, value);
  }
}

function acceptsFields({ fields }: Structure, value: object): boolean {
  for (const { name, structure } of fields) {
    if (!accepts(structure, (value as Readonly<Record<string, unknown>>)[name])) return false;
  }
  return true;
}

function acceptsOne({ options }: Structure, value: unknown): boolean {
  for (const option of options) if (accepts(option, value)) return true;
  return false;
}

const plain = {
  mayBeAbsent: false,
  mayBeNull: false,
  smallest: Number.MIN_SAFE_INTEGER,
  largest: null,
  options: [],
  fields: [],
};

function structureOf(schema: z.core.$ZodType): Structure | null {
  if (schema instanceof z.ZodOptional) return relaxed(schema.unwrap(), { mayBeAbsent: true });
  if (schema instanceof z.ZodNullable) return relaxed(schema.unwrap(), { mayBeNull: true });
  if (schema instanceof z.ZodNumber) return numberStructure(schema);
  if (schema instanceof z.ZodBigInt) return largeNumberStructure(schema);
  if (!(schema instanceof z.ZodType) || (schema.def.checks ?? []).length > 0) return null;
  if (schema instanceof z.ZodUnknown)
    return { ...plain, kind: "anything", mayBeAbsent: true, mayBeNull: true };
  if (schema instanceof z.ZodString) return schema.def.coerce ? null : { ...plain, kind: "text" };
  if (schema instanceof z.ZodBoolean) return schema.def.coerce ? null : { ...plain, kind: "flag" };
  if (schema instanceof z.ZodUnion) return oneOf(schema.options);
  if (schema instanceof z.ZodObject)
    return schema.def.catchall === undefined ? objectStructure(schema) : null;
  return null;
}

function relaxed(
  schema: z.core.$ZodType,
  more: Partial<Pick<Structure, "mayBeAbsent" | "mayBeNull">>,
): Structure | null {
  const structure = structureOf(schema);
  return structure === null ? null : { ...structure, ...more };
}

/** Only integers with an optional minimum, like ids. */
function numberStructure(schema: z.ZodNumber): Structure | null {
  const { checks = [], coerce } = schema.def;
  const isKnown = ({ _zod: { def } }: z.core.$ZodCheck): boolean =>
    (def.check === "greater_than" && "inclusive" in def && def.inclusive === true) ||
    (def.check === "number_format" && "format" in def && def.format === "safeint");
  if (coerce || schema.format !== "safeint" || !checks.every(isKnown)) return null;
  return { ...plain, kind: "whole number", smallest: schema.minValue ?? plain.smallest };
}

/** Only those with a minimum, like large ids. */
function largeNumberStructure(schema: z.ZodBigInt): Structure | null {
  const { checks = [], coerce } = schema.def;
  const isKnown = ({ _zod: { def } }: z.core.$ZodCheck): boolean =>
    (def.check === "greater_than" || def.check === "less_than") &&
    "inclusive" in def &&
    def.inclusive === true;
  if (coerce || schema.minValue === null || !checks.every(isKnown)) return null;
  return { ...plain, kind: "large whole number", smallest: schema.minValue, largest: schema.maxValue };
}

function oneOf(schemas: readonly z.core.$ZodType[]): Structure | null {
  const options = schemas.map(structureOf);
  return options.every((option) => option !== null) ? { ...plain, kind: "one of", options } : null;
}

function objectStructure(schema: z.ZodObject): Structure | null {
  const fields: { readonly name: string; readonly structure: Structure }[] = [];
  for (const [name, field] of Object.entries(schema.shape)) {
    const structure = structureOf(field);
    if (structure === null) return null;
    fields.push({ name, structure });
  }
  return { ...plain, kind: "object", fields };
}
