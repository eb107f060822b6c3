import { expect, it } from "vitest";
import { createAuthorizer } from "./authorizer.js";
import { isPermitted, type Permission, type Principal, permissions, readPrincipal } from "./principal.js";

const ann: Principal = { id: "ann", companies: { acme: ["sync"], globex: ["view"], initech: [] } };
const held = (principal: Principal, companyId: string): readonly Permission[] =>
  permissions.filter((permission) => isPermitted(principal, companyId, permission));

it("includes lower permissions, for that company only", () => {
  expect(held({ id: "x", companies: { acme: ["admin"] } }, "acme")).toEqual(["admin", "sync", "view"]);
  expect(held(ann, "acme")).toEqual(["sync", "view"]);
  expect(held(ann, "globex")).toEqual(["view"]);
  expect(held(ann, "initech")).toEqual([]);
  expect(held(ann, "umbrella")).toEqual([]);
});

it("lets operators do everything everywhere, unless they have lower permissions", () => {
  expect(held({ id: "op", companies: "*" }, "any")).toEqual(["admin", "sync", "view"]);
  expect(held({ id: "op", companies: "*", permissions: ["view"] }, "any")).toEqual(["view"]);
  expect(held({ id: "op", companies: "*", permissions: [] }, "any")).toEqual([]);
});

it.each(["constructor", "__proto__", "toString", "*", ""])(
  "finds no permission for a company named %j",
  (name) => {
    expect(held(ann, name)).toEqual([]);
  },
);

it("accepts nothing that is not a principal", () => {
  for (const given of [
    null,
    undefined,
    {},
    { id: "x" },
    { id: "", companies: {} },
    { id: "x", companies: ["acme"] },
  ]) {
    expect(readPrincipal(given)).toBeNull();
  }
  expect(readPrincipal({ ...ann, session: "secret" })).toEqual(ann);
});

it("lists the companies for which a principal has a permission", async () => {
  const { companiesOf } = createAuthorizer();
  const question = { principal: ann, permission: "view", operation: "listCredentials" } as const;
  expect(await companiesOf(question)).toEqual(["acme", "globex"]);
  expect(await companiesOf({ ...question, permission: "admin" })).toEqual([]);
  expect(await companiesOf({ ...question, principal: { id: "op", companies: "*" } })).toBe("*");
});

it("treats anything but true from the host as a denial", async () => {
  const { isAllowed } = createAuthorizer(() => "yes" as never);
  const question = { principal: ann, companyId: "acme", permission: "view", operation: "getSync" } as const;
  expect(await isAllowed(question)).toBe(false);
});
