import type { EntityId } from "../feeds/entity-id.js";
import type { Membership } from "../feeds/memberships.js";
import { cleanText } from "./clean-text.js";
import { normalizeInstant } from "./instant.js";

/** The criteria for choosing a membership, the most important first; they compare as texts and numbers. */
type Rank = readonly [isActive: number, to: string, from: string, id: EntityId];

/** Sorts after every instant. */
const never = "never";
/** Sorts before every instant. */
const always = "";

/**
 * The membership that speaks for its customer, in whatever order they come: of those not deleted an active
 * one, then the one that ends last (without an end is last), then the one that began last (without a
 * beginning is first), then the one with the highest id. `null` when there is none.
 */
export function chooseMembership(memberships: readonly Membership[]): Membership | null {
  let chosen: { readonly membership: Membership; readonly rank: Rank } | null = null;
  for (const membership of memberships) {
    const status = cleanText(membership.status)?.toLowerCase();
    if (status === "deleted") continue;
    const rank: Rank = [
      status === "active" ? 1 : 0,
      normalizeInstant(membership.to) ?? never,
      normalizeInstant(membership.from) ?? always,
      membership.id,
    ];
    if (chosen === null || outranks(rank, chosen.rank)) chosen = { membership, rank };
  }
  return chosen?.membership ?? null;
}

function outranks(rank: Rank, other: Rank): boolean {
  for (const [index, value] of rank.entries()) {
    const against = other[index];
    if (against !== undefined && value !== against) return value > against;
  }
  return false;
}
