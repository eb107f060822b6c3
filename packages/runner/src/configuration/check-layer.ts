import type { z } from "zod";
import { type SettingsLayer, secretSettings, settingsSchema } from "./settings-schema.js";

const layerSchema = settingsSchema.partial();

export type CheckedLayer = z.infer<typeof layerSchema>;

/** Checks one source of settings. Mistakes are added to the list, named as this source names its settings. */
export function checkLayer(layer: SettingsLayer, mistakes: string[]): CheckedLayer {
  const checked = layerSchema.safeParse(layer.values);
  if (checked.success) return checked.data;

  const told = new Set<string>();
  for (const issue of checked.error.issues) {
    for (const path of pathsOf(issue)) {
      const [setting = ""] = path;
      const name = [layer.nameOf(setting), ...path.slice(1)].join(".");
      if (told.has(name)) continue;
      told.add(name);
      mistakes.push(describeMistake(name, path, layer.values));
    }
  }
  return {};
}

/** An unknown key is reported at the object that holds it. */
function pathsOf(issue: z.core.$ZodIssue): string[][] {
  const path = issue.path.map(String);
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
}

function describeMistake(
  name: string,
  path: readonly string[],
  values: Readonly<Record<string, unknown>>,
): string {
  const [setting = "", ...rest] = path;
  const expected = descriptionOf(setting, rest);
  if (expected === null) return `${name}: there is no such setting`;
  if (secretSettings.has(setting)) return `${name}: expected ${expected}`;
  const value = rest.reduce<unknown>(
    (current, key) => (current as Record<string, unknown> | null)?.[key],
    values[setting],
  );
  return `${name}: expected ${expected}, not ${JSON.stringify(value) ?? "nothing"}`;
}

function descriptionOf(setting: string, rest: readonly string[]): string | null {
  const fields: Readonly<Record<string, z.ZodType>> = settingsSchema.shape;
  const field = fields[setting];
  if (field === undefined) return null;
  if (rest.length === 0) return field.description ?? null;
  const inner: Readonly<Record<string, z.ZodType>> = settingsSchema.shape.tables.shape;
  return inner[rest[0] ?? ""]?.description ?? null;
}
