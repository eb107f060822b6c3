import { describe, expect, it } from "vitest";
import { ValidationError } from "../../errors.js";
import type { Page, PageRequest } from "../../ports/page.js";
import type { Storage } from "../../ports/storage.js";
import type { StorageFixture } from "./storage-fixture.js";

type List = (storage: Storage, page: PageRequest) => Promise<Page<unknown>>;

const lists: Readonly<Record<string, List>> = {
  runs: (storage, page) => storage.listRuns({}, page),
  rejections: (storage, page) => storage.listRejections({}, page),
  records: (storage, page) => storage.listRecords({ record: "member" }, page),
  credentials: (storage, page) => storage.listCredentials({}, page),
  audit: (storage, page) => storage.listAudit({}, page),
};

/** Cursors of lists are opaque, and checked. */
export function describePages(fixture: StorageFixture): void {
  describe("pages", () => {
    it.each(Object.keys(lists))("refuses a cursor of the %s that it did not give", async (name) => {
      for (const cursor of ["nonsense", "e30", "WzEsMl0", "💧"]) {
        const listing = lists[name]?.(fixture.storage, { limit: 5, cursor });
        await expect(listing, `cursor ${cursor}`).rejects.toBeInstanceOf(ValidationError);
      }
    });
  });
}
