import type { ClaimedMessage } from "./alert-store.js";

/** Where messages about alerts go: a webhook, a mailbox, a chat. Give each its own name. */
export interface Notifier {
  /** The channel's name: that of its messages in the outbox, so it must not change. Shown to people. */
  readonly channel: string;
  /**
   * Whom it reaches: 0 is told of everything, 1 only of what nobody acknowledged in time, and so on. @defaultValue 0
   */
  readonly level?: number | undefined;
  /**
   * Sends a message. It may be sent again, with the same key and body: a receiver that must not act twice compares keys.
   * @throws `TitanSyncError`; when it is not `retryable`, the message is given up.
   */
  send(
    message: Pick<ClaimedMessage, "key" | "body" | "createdAt">,
    context: { readonly signal: AbortSignal },
  ): Promise<void>;
}
