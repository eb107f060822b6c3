import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, text } from "./fields.js";

export const membershipTypes = defineFeed({
  name: "membership-types",
  module: "memberships",
  path: "membership-types",
  scope: "tn.mem.membershiptypes:r",
  schema: z.object({ id, name: text, modifiedOn: text }),
  fields: {
    always: `
      id name active discountMode locationTarget revenueRecognitionMode autoCalculateInvoiceTemplates
      useMembershipPricingTable showMembershipSavings createdOn modifiedOn discount
    `,
    sometimes: `
      displayName createdById importId billingTemplateId durationBilling discounts recurringServices
      tagTypeIds
    `,
  },
});

export type MembershipType = RowOf<typeof membershipTypes>;
