import { expect, test } from "vitest";
import { linkIdsOf } from "../../feeds/feed.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import { createTenant } from "../../testing/storage/tenant-under-test.js";
import { goldenCases } from "../__fixtures__/golden-cases.js";
import { joinEntities as joinByHand } from "../__fixtures__/join.js";
import type { RecordType } from "../record.js";
import { feeds, invoiceDefinition, type KnownFeedName, memberDefinition } from "./definitions.js";
import { invoiceJoin, type JoinedInvoice } from "./invoice.js";
import { joinEntities } from "./join-entities.js";
import { type JoinedMember, memberJoin } from "./member.js";

const cases = [...goldenCases("members"), ...goldenCases("invoices")];

/** Ids of whatever is joined, by the name under which it is. */
function idsIn(joined: object): unknown {
  const idOf = (row: { readonly id: unknown } | null): string | null =>
    row === null ? null : String(row.id);
  return Object.fromEntries(
    Object.entries(joined).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(idOf).sort() : idOf(value),
    ]),
  );
}

test("every link leads where ServiceTitan documents it: joined by hand, the golden cases give the same records", async () => {
  let compared = 0;
  const seen = new Set<string>();
  for (const { entities } of cases) {
    const tenant = await createTenant(memoryStorage());
    const run = await tenant.begin();
    for (const [feed, rows] of Object.entries(entities)) {
      const sound = rows.filter((row) => feeds[feed as KnownFeedName].schema.safeParse(row).success);
      await run.land({
        feed,
        touches: [],
        entities: sound
          .map((row) => ({
            id: String(row["id"]),
            payload: JSON.stringify(row),
            contentHash: "",
            usedHash: "",
            modifiedOn: null,
            links: linkIdsOf(feeds[feed as KnownFeedName], row),
          }))
          .sort((left, right) => Number(left.id) - Number(right.id)),
      });
    }
    const { members, invoices } = joinByHand(entities);
    const { storage, scope } = tenant;
    for (const byHand of members) {
      const id = String(byHand.customer.id);
      const joined = (await joinEntities(storage, scope, memberJoin, [id])).get(id)?.joined;
      expect(idsIn(onlyOwnTypes(joined as JoinedMember))).toEqual(idsIn(onlyOwnTypes(byHand)));
      addJoined(seen, "member", byHand);
      compared += 1;
    }
    for (const byHand of invoices) {
      const id = String(byHand.invoice.id);
      const joined = (await joinEntities(storage, scope, invoiceJoin, [id])).get(id)?.joined;
      expect(idsIn(joined as JoinedInvoice)).toEqual(idsIn(byHand));
      addJoined(seen, "invoice", byHand);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(100);
  const relations = [memberDefinition, invoiceDefinition].flatMap((definition) =>
    Object.keys(definition.relations).map((name) => `${definition.type}: ${name}`),
  );
  const untried = relations.filter((name) => !seen.has(name));
  expect(untried, "relations that no golden case has rows of").toEqual([]);
});

function addJoined(seen: Set<string>, type: RecordType, joined: object): void {
  for (const [name, value] of Object.entries(joined)) {
    if (Array.isArray(value) ? value.length > 0 : value !== null) seen.add(`${type}: ${name}`);
  }
}

/** By hand, a member is given every type there is. */
function onlyOwnTypes(joined: JoinedMember): JoinedMember {
  const own = joined.memberships.map(({ membershipTypeId }) => membershipTypeId);
  return {
    ...joined,
    membershipTypes: joined.membershipTypes.filter(({ id }) => own.includes(id as number)),
  };
}
