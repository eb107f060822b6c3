import { createRequire } from "node:module";
import { basename } from "node:path";
import { ConfigError } from "@titan-sync/core";
import { loadConfig } from "c12";
import type { SettingsLayer } from "./settings-schema.js";

const baseName = "titan-sync.config";

/**
 * The settings in `titan-sync.config.{ts,js,json,yaml}`, or in the file that a flag names.
 *
 * @throws {@link ConfigError} when the named file is missing, or a file cannot be read.
 */
export async function fileLayer(directory: string, named: string | undefined): Promise<SettingsLayer> {
  const file = named ?? baseName;
  const loaded = await loadConfig({
    name: "titan-sync",
    cwd: directory,
    configFile: file,
    configFileRequired: named !== undefined,
    // One visible file: nothing from home directories, package.json, .env files or the network.
    rcFile: false,
    globalRc: false,
    packageJson: false,
    dotenv: false,
    envName: false,
    extend: false,
    giget: false,
  }).catch((error: unknown) => {
    throw new ConfigError(`The configuration file ${file} could not be read.`, {
      hint: error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : undefined,
      cause: error,
    });
  });
  // Node keeps JSON that it loaded, and a service reads its configuration again.
  if (loaded.configFile !== undefined) delete createRequire(import.meta.url).cache[loaded.configFile];
  const shownName = basename(loaded.configFile ?? file);
  return {
    values: { ...loaded.config },
    nameOf: (setting) => `${shownName}: ${setting}`,
  };
}
