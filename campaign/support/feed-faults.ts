import type { Fault, FaultEffect } from "@titan-sync/simulator";
import type { Dice } from "./campaign.js";
import { changedFeeds } from "./freshness-judgment.js";

/** Something that goes wrong with a feed: it fails, is refused, or its pages are not what they should be. */
export function rollFeedFault(dice: Dice): Fault {
  const feed = dice.pick([...changedFeeds, "locations", "memberships"] as const);
  const effect = dice.pick<FaultEffect>([
    { kind: "status", status: 500 },
    { kind: "status", status: 404, body: "problem" },
    { kind: "missing-scope" },
    { kind: "repeat-page", advance: true },
    { kind: "repeat-page" },
    { kind: "refused-cursor" },
    { kind: "cut-json" },
    { kind: "empty-page" },
  ]);
  const often = dice.pick([{ probability: 0.2 }, { probability: 1 }, { nth: dice.integer(1, 4), times: 1 }]);
  return { feed, effect, ...often };
}
