import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, text } from "./fields.js";

export const jobTypes = defineFeed({
  name: "job-types",
  module: "jpm",
  path: "job-types",
  reader: "list",
  scope: "tn.jpm.jobtypes:r",
  schema: z.object({ id, name: text, modifiedOn: text }),
  fields: {
    always: `
      id name businessUnitIds skills tagTypeIds priority duration class summary noCharge
      invoiceSignaturesRequired modifiedOn createdOn externalData active isSmartDispatched
      defaultEstimateSoldAction customFieldTypeIds
    `,
    sometimes: "soldThreshold enforceRecurringServiceEventSelection",
  },
});

export type JobType = RowOf<typeof jobTypes>;
