import { z } from "zod";
import { defineFeed } from "./feed.js";
import { id, text } from "./fields.js";

export const businessUnits = defineFeed({
  name: "business-units",
  module: "settings",
  path: "business-units",
  scope: "tn.stt.businessunits:r",
  schema: z.looseObject({ id, name: text, modifiedOn: text }),
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

export type BusinessUnit = z.infer<typeof businessUnits.schema>;
