import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, text } from "./fields.js";

export const businessUnits = defineFeed({
  name: "business-units",
  module: "settings",
  path: "business-units",
  scope: "tn.stt.businessunits:r",
  schema: z.object({ id, name: text, modifiedOn: text }),
  fields: {
    always: "id active name createdOn modifiedOn",
    sometimes: `
      officialName email currency phoneNumber invoiceHeader invoiceMessage defaultTaxRate
      authorizationParagraph acknowledgementParagraph address materialSku quickbooksClass accountCode
      franchiseId conceptCode corporateContractNumber trade division tagTypeIds tenant externalData
      certifiedSentriconSpecialistCode
    `,
  },
});

export type BusinessUnit = RowOf<typeof businessUnits>;
