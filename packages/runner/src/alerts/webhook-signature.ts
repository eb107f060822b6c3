import { createHmac } from "node:crypto";

/** Of a secret as Standard Webhooks write it. */
export const webhookSecret = /^whsec_(?:[A-Za-z0-9+/]{4}){8,22}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export interface SignedMessage {
  readonly id: string;
  /** When it is sent, in seconds since 1970: receivers refuse what is older than a few minutes. */
  readonly timestamp: number;
  readonly body: string;
}

/** The headers that a receiver verifies, as Standard Webhooks define them (https://www.standardwebhooks.com). */
export function webhookHeaders(
  secret: string,
  { id, timestamp, body }: SignedMessage,
): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${signature}`,
  };
}
