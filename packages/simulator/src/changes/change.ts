import type { SimulatedFeed } from "../feeds.js";

/** Feeds whose entities belong to a customer. */
export type CustomerOwnedFeed =
  | "customer-contacts"
  | "memberships"
  | "locations"
  | "jobs"
  | "appointments"
  | "invoices";

/** Something that happens to an entity of a tenant. */
export type Change =
  /** Fields take new values. */
  | {
      readonly kind: "edit";
      readonly feed: SimulatedFeed;
      readonly id: number;
      readonly set: Readonly<Record<string, unknown>>;
      /** Leaves `modifiedOn` unchanged, as some edits do in the real API. @defaultValue false */
      readonly keepModifiedOn?: boolean | undefined;
    }
  /** A new entity; without an `id` it gets the next unused one. */
  | { readonly kind: "add"; readonly feed: SimulatedFeed; readonly row: Readonly<Record<string, unknown>> }
  /** One customer, or location, becomes inactive and points to another. What belongs to it stays: move it. */
  | {
      readonly kind: "merge";
      readonly feed: "customers" | "locations";
      readonly id: number;
      readonly intoId: number;
    }
  /** An entity goes to another customer. Neither customer's `modifiedOn` moves. */
  | {
      readonly kind: "move";
      readonly feed: CustomerOwnedFeed;
      readonly id: number;
      readonly customerId: number;
    }
  /** `active` becomes false; exports still deliver the row. */
  | { readonly kind: "deactivate"; readonly feed: SimulatedFeed; readonly id: number }
  /** The entity vanishes from exports and lists without a trace. */
  | { readonly kind: "delete"; readonly feed: SimulatedFeed; readonly id: number };

/** An entity that was changed. */
export interface ChangedEntity {
  readonly feed: SimulatedFeed;
  readonly id: number;
  readonly kind: Change["kind"];
}
