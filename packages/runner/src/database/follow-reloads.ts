import { type KeyProvider, type Logger, TitanSyncError } from "@titan-sync/core";
import { loadSettings, type Settings } from "../configuration/load-settings.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { loadKeys } from "./encryption-keys.js";

/** What a program that keeps running was configured with, as it was read last. */
export interface FollowedSettings {
  settings(): Settings;
  readonly keys: KeyProvider;
  /** Nothing is read again afterwards. */
  release(): void;
}

/**
 * Reads settings and keys again whenever the context asks for it. Options of companies and keys take effect at once,
 * also in runs that are in progress; everything else needs a restart. What is unusable then leaves everything as it was.
 */
export function followReloads(
  context: CommandContext,
  flags: GlobalFlags,
  start: { readonly settings: Settings; readonly keys: KeyProvider },
  logger: Logger,
): FollowedSettings {
  let { settings, keys } = start;
  let reading = Promise.resolve();

  async function reload(): Promise<void> {
    try {
      const read = await loadSettings(context, flags);
      const readKeys = await loadKeys(read, { logger });
      [settings, keys] = [read, readKeys];
      logger.info({}, "the configuration and the keys were read again");
    } catch (error) {
      logger.error(
        { code: TitanSyncError.is(error) ? error.code : null },
        "the configuration could not be read again; the previous one stays in use",
      );
    }
  }

  const release = context.onReload?.(() => {
    reading = reading.then(reload);
  });
  return {
    settings: () => settings,
    keys: { current: () => keys.current(), find: (id) => keys.find(id) },
    release: () => release?.(),
  };
}
