import { expect, it } from "vitest";
import { z } from "zod";
import { defineFeed } from "../feeds/feed.js";
import { id, text } from "../feeds/fields.js";
import { defineRecord } from "../records/definitions/own-record.js";
import { companyIssues } from "./company-profile.js";

const technicians = defineFeed({
  name: "technicians",
  module: "settings",
  path: "technicians",
  scope: "tn.stg.technicians:r",
  schema: z.object({ id, name: text }),
  fields: { always: "id name", sometimes: "" },
});

const technician = defineRecord({
  type: "technician",
  driver: technicians,
  driverName: "technician",
  relations: {},
  columns: { name: { from: "`technician.name`", reads: ["technician.name"] } },
  map: ({ technician }) => ({ name: technician.name }),
});

it("called the mapping and the rules of a host's own record type unknown, which the instance accepts", () => {
  const details = {
    trade: null,
    mapping: { technician: { extra: "technician.name" } },
    rules: { alsoRequired: { technician: ["extra"] } },
    acceptAbsent: ["technicians.name"],
  };
  expect(companyIssues(details)).not.toEqual([]);
  expect(companyIssues(details, [technician])).toEqual([]);
  const wrong = { ...details, mapping: { technician: { extra: "technician.nickname" } } };
  expect(companyIssues(wrong, [technician]).join()).toContain("nickname of technicians");
});
