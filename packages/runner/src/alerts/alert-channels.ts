import type { AlertMessage, Notifier } from "@titan-sync/core";
import type { AlertSettings } from "../configuration/load-settings.js";
import { mailChannel } from "./mail-channel.js";
import { messageLines } from "./message-text.js";
import { postJson } from "./post-json.js";
import { webhookHeaders } from "./webhook-signature.js";

export interface ChannelOptions {
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds since 1970. @defaultValue the system clock */
  readonly now?: (() => number) | undefined;
}

/** A notifier for each configured channel, named by its type and place: `webhook-1`. */
export function alertChannels(
  { webhooks, slack, mail }: AlertSettings,
  { fetch = globalThis.fetch, now = Date.now }: ChannelOptions = {},
): readonly Notifier[] {
  return [
    ...webhooks.map(
      ({ url, secret }, index): Notifier => ({
        channel: `webhook-${index + 1}`,
        async send({ key, body }, { signal }) {
          const timestamp = Math.floor(now() / 1000);
          const headers = webhookHeaders(secret.reveal(), { id: key, timestamp, body });
          await postJson({ url: url.reveal(), headers, body, signal, fetch });
        },
      }),
    ),
    ...slack.map(
      ({ url }, index): Notifier => ({
        channel: `slack-${index + 1}`,
        async send({ body }, { signal }) {
          const text = chatText(JSON.parse(body) as AlertMessage);
          await postJson({ url: url.reveal(), body: JSON.stringify({ text }), signal, fetch });
        },
      }),
    ),
    ...mail.map((options, index) => mailChannel({ channel: `mail-${index + 1}`, ...options })),
  ];
}

/** A sign of life, if an address for it is configured. */
export function heartbeatOf(
  { heartbeatUrl }: AlertSettings,
  { fetch = globalThis.fetch }: ChannelOptions = {},
): ((signal: AbortSignal) => Promise<void>) | undefined {
  if (heartbeatUrl === null) return undefined;
  return async (signal) => await postJson({ url: heartbeatUrl.reveal(), body: "{}", signal, fetch });
}

/** In a chat, `&`, `<` and `>` begin markup. */
function chatText(message: AlertMessage): string {
  return [message.title, ...messageLines(message)]
    .join("\n")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
