import { describe, expect, test } from "vitest";
import type { TenantOptions } from "../options.js";
import { createSimulator } from "../simulator.js";
import { connect, ids } from "../test-support.js";

const customersPath = "crm/v2/tenant/1001/customers";
const invoicesPath = "accounting/v2/tenant/1001/invoices";

type Entities = NonNullable<TenantOptions["entities"]>;

function open(entities: Entities) {
  return connect(createSimulator({ rateLimitPerSecond: null, tenants: [{ entities }] }));
}

const customers = [1, 2, 3, 4, 5].map((id) => ({
  id,
  active: id !== 4,
  name: id === 2 ? " Jane SAMPLE" : `Customer ${id}`,
  address: id === 5 ? null : { street: `${id} Elm Ct`, city: "Aurora" },
  createdOn: `2023-01-0${id}T00:00:00Z`,
  modifiedOn: `2024-01-0${6 - id}T00:00:00.1234567Z`,
}));

describe("a list", () => {
  test("is paged, returns a total only on request, and says whether there is more", async () => {
    const client = await open({ customers });
    const first = await client.get(`${customersPath}?active=Any&pageSize=2`);
    expect(first.body).toMatchObject({ page: 1, pageSize: 2, hasMore: true, totalCount: null });
    expect(ids(first.data)).toEqual([1, 2]);
    const last = await client.get(`${customersPath}?active=Any&pageSize=2&page=3&includeTotal=true`);
    expect(last.body).toMatchObject({ page: 3, pageSize: 2, hasMore: false, totalCount: 5 });
    expect(ids(last.data)).toEqual([5]);
    const full = await client.get(`${customersPath}?active=Any&pageSize=5`);
    expect(full.body["hasMore"]).toBe(false);
    expect((await client.get(`${customersPath}?page=9`)).data).toEqual([]);
  });

  test("has 50 rows per page by default and at most 5000; page 0 is the first", async () => {
    const client = await connect(createSimulator({ tenants: [{ customers: 80 }] }));
    const { body, data } = await client.get(`${customersPath}?page=0&active=Any`);
    expect(body).toMatchObject({ page: 1, pageSize: 50, hasMore: true });
    expect(data).toHaveLength(50);
    expect((await client.get(`${customersPath}?pageSize=5000`)).status).toBe(200);
  });

  test.each([
    ["pageSize", "5001"],
    ["pageSize", "0"],
    ["pageSize", "many"],
    ["page", "-1"],
    ["sort", "-completedOn"],
    ["sort", " Id"],
    ["active", "Maybe"],
    ["modifiedOnOrAfter", "yesterday"],
    ["ids", "1,x"],
    ["ids", Array.from({ length: 51 }, (_, index) => index).join(",")],
  ])("refuses %s=%s with a problem that names it", async (parameter, value) => {
    const client = await open({ customers });
    const { status, body } = await client.get(
      `${customersPath}?${new URLSearchParams({ [parameter]: value })}`,
    );
    expect(status).toBe(400);
    expect(body["errors"]).toEqual({
      [parameter]: [expect.stringContaining(`The value '${value}' is not valid for`)],
    });
  });

  test.each([
    ["", [1, 2, 3, 5]],
    ["active=True", [1, 2, 3, 5]],
    ["active=false", [4]],
    ["active=Any", [1, 2, 3, 4, 5]],
    ["ids=3,1,4,99", [1, 3]],
    ["sort=-Id", [5, 3, 2, 1]],
    ["sort=%2BId", [1, 2, 3, 5]],
    ["sort=%2BModifiedOn", [5, 3, 2, 1]],
    ["sort=-CreatedOn", [5, 3, 2, 1]],
    ["createdOnOrAfter=2023-01-03", [3, 5]],
    ["createdBefore=2023-01-03", [1, 2]],
    ["modifiedOnOrAfter=2024-01-04T00:00:00.1234567Z", [1, 2]],
    ["modifiedBefore=2024-01-04T00:00:00.1234567Z", [3, 5]],
    ["modifiedOnOrAfter=2100-01-01", []],
    ["name=jane", [2]],
    ["street=elm&city=AURORA", [1, 2, 3]],
    ["modfiedOnOrAfter=2100-01-01&color=red", [1, 2, 3, 5]],
  ])("of customers with ?%s contains %j", async (query, expected) => {
    const client = await open({ customers });
    expect(ids((await client.get(`${customersPath}?${query}`)).data)).toEqual(expected);
  });

  test("shows a change at once, regardless of the export lag", async () => {
    const simulator = createSimulator({ tenants: [{ entities: { customers } }] });
    const client = await connect(simulator);
    await client.get(customersPath);
    simulator.mutate("1001", { kind: "deactivate", feed: "customers", id: 1 });
    expect(ids((await client.get(customersPath)).data)).toEqual([2, 3, 5]);
  });
});

describe("the list of invoices", () => {
  const invoices = [
    {
      id: 1,
      active: true,
      syncStatus: "Pending",
      invoiceDate: "2024-03-01T00:00:00Z",
      total: "10.00",
      customer: { id: 7 },
      job: { id: 70, number: "J70" },
      modifiedOn: "2024-03-03T00:00:00Z",
      createdOn: "2024-03-01T00:00:00Z",
      referenceNumber: "INV-1",
    },
    {
      id: 2,
      active: false,
      syncStatus: "Posted",
      invoiceDate: "2024-03-02T00:00:00Z",
      total: "-5.00",
      customer: { id: 8 },
      job: null,
      modifiedOn: "2024-03-02T00:00:00Z",
      createdOn: "2024-03-02T00:00:00Z",
      referenceNumber: "INV-2",
    },
    {
      id: 3,
      active: true,
      syncStatus: "Exported",
      invoiceDate: null,
      total: null,
      customer: { id: 7 },
      job: null,
      modifiedOn: "2024-03-01T00:00:00Z",
      createdOn: "0001-01-01T00:00:00Z",
      referenceNumber: null,
    },
  ];

  test.each([
    ["", [1, 2, 3]],
    ["activeState=ActiveOnly", [1, 3]],
    ["activeState=InactiveOnly", [2]],
    ["activeState=All", [1, 2, 3]],
    ["active=False", [1, 2, 3]],
    ["statuses=Pending&statuses=Posted", [1, 2]],
    ["invoicedOnOrAfter=2024-03-02", [2]],
    ["invoicedOnBefore=2024-03-02", [1]],
    ["customerId=7", [1, 3]],
    ["jobId=70", [1]],
    ["jobNumber=j70", [1]],
    ["number=INV-2", [2]],
    ["totalGreater=0", [1]],
    ["totalLess=0", [2]],
    ["createdBefore=2000-01-01", [3]],
    ["sort=%2BModifiedOn", [3, 2, 1]],
    ["orderBy=ModifiedOn&orderByDirection=desc", [1, 2, 3]],
  ])("with ?%s contains %j", async (query, expected) => {
    const client = await open({ invoices });
    expect(ids((await client.get(`${invoicesPath}?${query}`)).data)).toEqual(expected);
  });

  test("prints money unchanged and tax rates with ten decimals", async () => {
    const client = await open({
      invoices: [{ id: 1, total: "126.40", salesTaxCode: { id: 9, taxRate: 0.09 } }],
    });
    const { text } = await client.get(invoicesPath);
    expect(text).toContain('"total":"126.40"');
    expect(text).toContain('"taxRate":0.0900000000');
  });
});

describe("the list of contacts", () => {
  const contacts = [
    { id: 1, customerId: 5, active: true, modifiedOn: "2024-03-01T00:00:00Z" },
    { id: 2, customerId: 6, active: true, modifiedOn: "2024-03-02T00:00:00Z" },
    { id: 3, customerId: 5, active: false, modifiedOn: "2024-03-03T00:00:00Z" },
  ];
  const entities = {
    customers: [
      { id: 5, active: true },
      { id: 4, active: false },
    ],
    "customer-contacts": contacts,
  };

  test("requires customers or a modification, and has no rows or fields that only the export has", async () => {
    const client = await open(entities);
    expect((await client.get(`${customersPath}/contacts`)).status).toBe(400);
    const { data } = await client.get(`${customersPath}/contacts?customerIds=5,6`);
    expect(data).toEqual([
      { id: 1, customerId: 5, modifiedOn: "2024-03-01T00:00:00Z" },
      { id: 2, customerId: 6, modifiedOn: "2024-03-02T00:00:00Z" },
    ]);
    expect(ids((await client.get(`${customersPath}/contacts?modifiedOnOrAfter=2024-03-02`)).data)).toEqual([
      2,
    ]);
  });

  test("of one customer omits the customer, and returns a conflict if that one is inactive", async () => {
    const client = await open(entities);
    expect((await client.get(`${customersPath}/5/contacts`)).data).toEqual([
      { id: 1, modifiedOn: "2024-03-01T00:00:00Z" },
    ]);
    const inactive = await client.get(`${customersPath}/4/contacts`);
    expect([inactive.status, inactive.body["title"]]).toEqual([409, "Customer ID = 4 is not active"]);
    expect((await client.get(`${customersPath}/9/contacts`)).status).toBe(404);
  });
});

describe("other lists", () => {
  test("of jobs never contain deleted ones and accept no active filter", async () => {
    const client = await open({
      jobs: [
        { id: 1, active: true, customerId: 7 },
        { id: 2, active: false },
      ],
    });
    expect((await client.get("jpm/v2/tenant/1001/jobs?active=Any")).data).toEqual([{ id: 1, customerId: 7 }]);
    expect((await client.get("jpm/v2/tenant/1001/jobs?customerId=8")).data).toEqual([]);
  });

  test("of membership types return nested parts as null unless requested", async () => {
    const row = {
      id: 1,
      active: true,
      durationBilling: [{ duration: 12 }],
      discounts: [],
      recurringServices: [],
      tagTypeIds: [3],
    };
    const client = await open({ "membership-types": [row] });
    const where = "memberships/v2/tenant/1001/membership-types";
    const emptied = {
      ...row,
      durationBilling: null,
      discounts: null,
      recurringServices: null,
      tagTypeIds: null,
    };
    expect((await client.get(where)).data).toEqual([emptied]);
    expect((await client.get(`${where}?includeDurationBilling=true&includeTags=true`)).data).toEqual([
      { ...emptied, durationBilling: row.durationBilling, tagTypeIds: [3] },
    ]);
    expect((await client.get(`${where}/1`)).body).toEqual(row);
  });

  test("of memberships accept several customers and a status", async () => {
    const memberships = [
      { id: 1, active: true, customerId: 5, status: "Active" },
      { id: 2, active: true, customerId: 6, status: "Expired" },
      { id: 3, active: false, customerId: 5, status: "Deleted" },
    ];
    const client = await open({ memberships });
    const where = "memberships/v2/tenant/1001/memberships";
    expect(ids((await client.get(`${where}?customerIds=5,6`)).data)).toEqual([1, 2]);
    expect(ids((await client.get(`${where}?status=expired`)).data)).toEqual([2]);
    expect(ids((await client.get(`${where}?active=Any`)).data)).toEqual([1, 2, 3]);
  });

  test("zones contain the active ones, and all on request, and accept no sort", async () => {
    const client = await connect(createSimulator({ tenants: [{ customers: 1 }] }));
    const where = "dispatch/v2/tenant/1001/zones";
    expect((await client.get(where)).data).toHaveLength(5);
    expect((await client.get(`${where}?active=Any`)).data).toHaveLength(6);
    expect((await client.get(`${where}?active=Any&sort=-Name`)).status).toBe(400);
  });

  test("zones accept no ids", async () => {
    const client = await open({ zones: [{ id: 1 }, { id: 2 }] });
    expect((await client.get("dispatch/v2/tenant/1001/zones?ids=1")).data).toHaveLength(2);
  });
});

describe("a single entity", () => {
  test("is found by id, inactive or not", async () => {
    const client = await open({ customers });
    expect((await client.get(`${customersPath}/4`)).body).toEqual(customers[3]);
  });

  test("returns a problem if unknown", async () => {
    const client = await open({ customers });
    const { status, body } = await client.get(`${customersPath}/99`);
    expect(status).toBe(404);
    expect(body).toMatchObject({ status: 404, traceId: expect.any(String) });
  });
});
