import { randomUUID } from "node:crypto";
import { ConfigError, type Notifier, TitanSyncError, testMessage } from "@titan-sync/core";
import type { Command } from "commander";
import { alertChannels } from "../../alerts/alert-channels.js";
import { loadSettings } from "../../configuration/load-settings.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";

interface AlertsTestFlags {
  readonly json?: boolean | undefined;
}

export function registerAlertsTest(alerts: Command, perform: Perform): void {
  alerts
    .command("test")
    .description("send a test message to every channel")
    .option("--json", "print one JSON document")
    .action((flags: AlertsTestFlags) =>
      perform((context, globals) => runAlertsTest(context, globals, flags)),
    );
}

/** How long a channel may take, in milliseconds. */
const patienceMs = 15_000;

/** Exits 1 unless every channel took the message. */
export async function runAlertsTest(
  context: CommandContext,
  globals: GlobalFlags,
  { json }: AlertsTestFlags,
): Promise<ExitCode> {
  const { alerts } = await loadSettings(context, globals);
  const notifiers = alertChannels(alerts);
  if (notifiers.length === 0) {
    throw new ConfigError("No channel for alerts is configured.", {
      hint: 'Set TITAN_SYNC_ALERT_WEBHOOK_URL, TITAN_SYNC_ALERT_SLACK_URL or TITAN_SYNC_ALERT_MAIL_TO, or "alerts" in the configuration file.',
    });
  }
  const items = await Promise.all(notifiers.map((notifier) => tryOut(notifier, context.signal)));
  if (json === true) await writeJson(context.stdout, { items });
  else {
    for (const { channel, delivered, message } of items) {
      await writeLine(context.stdout, `${channel}: ${delivered ? "delivered" : `failed. ${message}`}`);
    }
  }
  return items.every(({ delivered }) => delivered) ? exitCodes.success : exitCodes.failure;
}

async function tryOut(notifier: Notifier, signal: AbortSignal) {
  const { channel } = notifier;
  const at = Date.now();
  const key = randomUUID();
  const body = JSON.stringify(testMessage({ key, at }));
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    await notifier.send({ key, body, createdAt: at }, { signal: limit });
    return { channel, delivered: true, message: null };
  } catch (error) {
    signal.throwIfAborted();
    return {
      channel,
      delivered: false,
      message: TitanSyncError.is(error) ? error.message : "It took too long.",
    };
  }
}
