import type { Page, PageRequest } from "./page.js";

/** `critical` wakes somebody; `warning` can wait for the morning. */
export type AlertSeverity = "warning" | "critical";

/**
 * What is stored of an alert; one that is ok has no row.
 * - `pending`: its condition holds, and nobody was told yet.
 * - `firing`: somebody was told.
 * - `recovered`: its condition has not held for a while. Others of its incident may still fire.
 */
export type AlertState = "pending" | "firing" | "recovered";

/** What identifies an alert. */
export interface AlertIdentity {
  /** What is wrong, such as `failing`. */
  readonly kind: string;
  /** With what: a credential's id, or the name of a part of the platform. */
  readonly subject: string;
}

/** Names and counts that a message shows: never rows, secrets or tenant ids. */
export type AlertFigures = Readonly<Record<string, string | number>>;

/** Times are epoch milliseconds by the storage's clock, as all times here. */
export interface StoredAlert extends AlertIdentity {
  /** Whose it is; `null` for one of the platform. */
  readonly companyId: string | null;
  readonly state: AlertState;
  readonly severity: AlertSeverity;
  /** Alerts of the same kind and cause are announced together. */
  readonly cause: string;
  /** When the condition came true. */
  readonly since: number;
  /** Not announced before this time. */
  readonly dueAt: number;
  /** Since when the condition no longer holds; `null` while it does. */
  readonly clearSince: number | null;
  readonly recoveredAt: number | null;
  /** The incident that it was announced with; `null` before. */
  readonly incidentId: string | null;
  /** How often in a row it came back soon after it had recovered. */
  readonly flaps: number;
  readonly figures: AlertFigures;
}

/** Alerts that were announced together: they have one message, its reminders, and one recovery. */
export interface AlertIncident {
  readonly id: string;
  readonly kind: string;
  readonly cause: string;
  readonly severity: AlertSeverity;
  /** Epoch milliseconds by the storage's clock. */
  readonly openedAt: number;
  /** When its last alert had recovered; `null` before. */
  readonly closedAt: number | null;
  readonly lastMessageAt: number;
  /** How often it was escalated because nobody acknowledged it. */
  readonly level: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  /** Those of its alerts; empty for the platform. */
  readonly companyIds: readonly string[];
}

/** Keeps matching alerts from being announced. Every field that is not `null` must match. */
export interface AlertSilence {
  readonly id: string;
  readonly kind: string | null;
  readonly companyId: string | null;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly reason: string;
  readonly actor: string;
  readonly createdAt: number;
}

/** A message to one channel. A repeat has the same key and the same body. */
export interface OutboxMessage {
  /** The same for all channels. */
  readonly key: string;
  readonly channel: string;
  /** `null` for a message that is about no incident. */
  readonly incidentId: string | null;
  readonly body: string;
}

/** A message that one sender may send until its claim ends. */
export interface ClaimedMessage extends OutboxMessage {
  readonly claimId: string;
  /** How often it failed before. */
  readonly attempts: number;
  /** When it was stored, in epoch milliseconds by the storage's clock. */
  readonly createdAt: number;
}

/** The outcome of an attempt to send a message. */
export type MessageOutcome =
  | { readonly kind: "sent" }
  /** `code` says why it failed; it is never the text of an answer. */
  | { readonly kind: "again"; readonly afterMs: number; readonly code: string }
  | { readonly kind: "given-up"; readonly code: string };

/** A message as it is stored. Times are epoch milliseconds by the storage's clock. */
export interface StoredMessage extends OutboxMessage {
  readonly createdAt: number;
  readonly attempts: number;
  readonly sentAt: number | null;
  readonly givenUpAt: number | null;
  /** Of the last attempt that failed. */
  readonly errorCode: string | null;
}

/** How a channel does. Ages are milliseconds by the storage's clock. */
export interface ChannelHealth {
  readonly channel: string;
  /** The age of the oldest message that was neither sent nor given up; `null` if there is none. */
  readonly oldestWaitingMs: number | null;
  /** Messages that were given up since the last one that was sent. */
  readonly givenUp: number;
}

/** Everything that an evaluator decides by. */
export interface StoredAlerts {
  /** Changes with every tick, acknowledgment and silence. */
  readonly revision: number;
  /** When the last tick was committed; `null` before the first. */
  readonly tickAt: number | null;
  /** The storage's clock, in epoch milliseconds. */
  readonly now: number;
  readonly alerts: readonly StoredAlert[];
  /** Those that are open, and those that were opened since the requested time. */
  readonly incidents: readonly AlertIncident[];
  /** Those that have not ended by the storage's clock. */
  readonly silences: readonly AlertSilence[];
  readonly channels: readonly ChannelHealth[];
}

/** What one tick changes. */
export interface AlertTick {
  readonly expectedRevision: number;
  /** The time of the look that it is based on, by the storage's clock: {@link StoredAlerts.now}. */
  readonly at: number;
  /** To be stored in place of those with the same identity. */
  readonly alerts: readonly StoredAlert[];
  /** To be deleted: those that are ok again. */
  readonly removed: readonly AlertIdentity[];
  /** To be stored in place of those with the same id; acknowledgments are kept. */
  readonly incidents: readonly AlertIncident[];
  readonly messages: readonly OutboxMessage[];
}

export interface AlertFilter {
  /** Only alerts of these companies, and none of the platform. @defaultValue all */
  readonly companyIds?: readonly string[] | undefined;
  readonly state?: AlertState | undefined;
}

/**
 * Keeps alerts and the messages about them. Any number of evaluators and senders may use one store: one evaluator
 * commits each tick, and each message is sent by one sender at a time, at least once.
 */
export interface AlertStore {
  readAlerts(params: {
    /** Closed incidents that were opened before are left out. Epoch milliseconds. */
    readonly incidentsSince: number;
  }): Promise<StoredAlerts>;
  /**
   * Stores a tick in one transaction: all of it, or nothing.
   * @returns `false`, with nothing changed, when the revision is no longer the expected one.
   */
  commitAlertTick(tick: AlertTick): Promise<boolean>;
  /** Ordered by kind and subject. */
  listAlerts(filter: AlertFilter, page: PageRequest): Promise<Page<StoredAlert>>;
  /** Newest first. */
  listIncidents(
    filter: { readonly open?: boolean | undefined },
    page: PageRequest,
  ): Promise<Page<AlertIncident>>;
  /**
   * Notes that somebody cares for an open incident; the first who says so counts.
   * @returns `null` for an unknown or closed one.
   */
  acknowledgeIncident(params: {
    readonly incidentId: string;
    readonly actor: string;
  }): Promise<AlertIncident | null>;
  /** Stores a silence that begins now. */
  addSilence(silence: Omit<AlertSilence, "createdAt">): Promise<AlertSilence>;
  /** Ends a silence now. @returns `false` when it is unknown or has ended. */
  endSilence(id: string): Promise<boolean>;
  /** Newest first, also those that have ended. */
  listSilences(page: PageRequest): Promise<Page<AlertSilence>>;
  /** Stores messages that no tick has caused, such as tests of a channel; those with a known key are ignored. */
  addMessages(messages: readonly OutboxMessage[]): Promise<void>;
  /**
   * Claims the oldest message for one of the channels, for `claimMs`. One that failed waits for its next attempt, and
   * holds back later ones of the same incident and channel, so that no recovery arrives before its alert.
   * @returns `null` if none can be sent now.
   */
  claimMessage(params: {
    readonly channels: readonly string[];
    readonly claimMs: number;
  }): Promise<ClaimedMessage | null>;
  /** @returns `false`, with nothing changed, when the claim has ended and the message was claimed again. */
  settleMessage(params: { readonly claimId: string; readonly outcome: MessageOutcome }): Promise<boolean>;
  /** Newest first. */
  listMessages(
    filter: { readonly channel?: string | undefined; readonly incidentId?: string | undefined },
    page: PageRequest,
  ): Promise<Page<StoredMessage>>;
}
