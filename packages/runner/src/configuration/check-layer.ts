import type { z } from "zod";
import { type SettingsLayer, secretSettings, settingsSchema } from "./settings-schema.js";

const layerSchema = settingsSchema.partial();

export type CheckedLayer = z.infer<typeof layerSchema>;

/** Checks one source of settings. Mistakes are added to the list, named as this source names its settings. */
export function checkLayer(layer: SettingsLayer, issues: string[]): CheckedLayer {
  const checked = layerSchema.safeParse(layer.values);
  if (checked.success) return checked.data;

  const told = new Set<string>();
  for (const issue of checked.error.issues) {
    const settings = issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0] ?? "")];
    for (const setting of settings) {
      if (told.has(setting)) continue;
      told.add(setting);
      issues.push(`${layer.nameOf(setting)}: ${describeIssue(setting, layer.values[setting])}`);
    }
  }
  return {};
}

function describeIssue(setting: string, value: unknown): string {
  const fields: Readonly<Record<string, z.ZodType>> = settingsSchema.shape;
  const expected = fields[setting]?.description;
  if (expected === undefined) return "unknown setting";
  if (secretSettings.has(setting)) return `expected ${expected}`;
  return `expected ${expected}, not ${JSON.stringify(value) ?? "nothing"}`;
}
