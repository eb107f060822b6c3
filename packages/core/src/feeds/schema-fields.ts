import { z } from "zod";

/** The fields that a schema names, on a row's first two levels: `name`, `address`, `address.zip`. */
export function fieldsIn(schema: unknown): readonly string[] {
  return namesIn(schema).flatMap(([name, field]) => [
    name,
    ...namesIn(field).map(([part]) => `${name}.${part}`),
  ]);
}

function namesIn(schema: unknown): readonly (readonly [name: string, field: unknown])[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return namesIn(schema.unwrap());
  return schema instanceof z.ZodObject ? Object.entries(schema.shape) : [];
}
