import type { Mutant } from "./mutant.js";

const definitions = "packages/core/src/records/definitions";

export const ownRecordMutants: readonly Mutant[] = [
  {
    mistake: "a host's function that throws fails the run instead of one record",
    file: `${definitions}/own-values.ts`,
    original: '    return { kind: "done", value: work() };\n  } catch (error) {',
    replacement:
      '    return { kind: "done", value: work() };\n  } catch (error) {\n    if (error instanceof RangeError) throw error;',
    test: { file: `${definitions}/own-record.test.ts`, title: "rejects one record where it fails" },
  },
  {
    mistake:
      "a record type of customers' rows without customer_id starts, and an erasure misses what changed hands",
    file: `${definitions}/check-records.ts`,
    original: "needsCustomer && owned.length > 0",
    replacement: "needsCustomer && owned.length > 5",
    test: { file: `${definitions}/check-records.test.ts`, title: "have a column customer_id" },
  },
  {
    mistake: "a feed whose rows name a customer needs no link to it",
    file: `${definitions}/check-feed.ts`,
    original: "customer !== undefined && !isOwned(feed)",
    replacement: "customer === null && !isOwned(feed)",
    test: {
      file: `${definitions}/check-records.test.ts`,
      title: "whose rows name a customer must have a link by which an erasure finds them",
    },
  },
  {
    mistake: "a rejected row in a kept batch is the customer's only if it names it as invoices do",
    file: "packages/core/src/erasure/withdraw-records.ts",
    original:
      "return namedByRaw(driver, id, parseExactly(payload)).customers.some((customer) => customers.has(customer));",
    replacement:
      "return customers.has(String((parseExactly(payload) as { customer?: { id?: unknown } }).customer?.id) + driver.name.slice(99) + id.slice(99));",
    test: {
      file: "packages/core/src/erasure/withdraw-records.test.ts",
      title: "finds a rejected row whose feed names its customer by an id",
    },
  },
  {
    mistake: "an instance starts with a sink that does not take one of its record types",
    file: "packages/core/src/check-options.ts",
    original: "    .filter((type) => !taken.includes(type))",
    replacement: '    .filter((type) => !taken.includes(type) && type === "")',
    test: {
      file: "packages/core/src/check-options.test.ts",
      title: "are refused if record types are invalid, or the sink does not accept them",
    },
  },
];
