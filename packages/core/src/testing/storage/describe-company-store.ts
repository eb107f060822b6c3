import { describe, expect, it } from "vitest";
import type { CompanyDetails } from "../../ports/company-directory.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId } from "./tenant-under-test.js";

/** Details of companies, for hosts without their own directory. */
export function describeCompanyStore(fixture: StorageFixture): void {
  describe("companies", () => {
    it("returns null for an unknown company", async () => {
      expect(await fixture.storage.findCompany(randomCompanyId())).toBeNull();
    });

    it("keeps all details", async () => {
      const companyId = randomCompanyId();
      const details: CompanyDetails = {
        trade: "HVAC",
        importId: 42,
        timeZone: "America/Chicago",
        rules: { splitCompanyNames: true, negativeTotal: "reject" },
      };
      await fixture.storage.saveCompany(companyId, details);
      expect(await fixture.storage.findCompany(companyId)).toMatchObject(details);
    });

    it("replaces the details as a whole", async () => {
      const companyId = randomCompanyId();
      await fixture.storage.saveCompany(companyId, { trade: "HVAC", importId: 42, timeZone: "Asia/Tokyo" });
      await fixture.storage.saveCompany(companyId, { trade: null });
      const found = await fixture.storage.findCompany(companyId);
      expect(found?.trade).toBeNull();
      expect(found?.importId ?? null).toBeNull();
      expect(found?.timeZone ?? null).toBeNull();
    });
  });
}
