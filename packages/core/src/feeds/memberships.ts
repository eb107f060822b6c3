import { z } from "zod";
import { defineFeed, type RowOf } from "./feed.js";
import { id, optionalId, text } from "./fields.js";

export const memberships = defineFeed({
  name: "memberships",
  module: "memberships",
  path: "memberships",
  scope: "tn.mem.memberships:r",
  schema: z.object({
    id,
    customerId: id,
    membershipTypeId: optionalId,
    status: text,
    from: text,
    to: text,
    modifiedOn: text,
  }),
  fields: {
    always: `
      id createdOn modifiedOn followUpOn billingFrequency status followUpStatus active
      initialDeferredRevenue businessUnitId customerId membershipTypeId customFields
    `,
    sometimes: `
      createdById cancellationDate from nextScheduledBillDate to renewalBillingFrequency duration
      renewalDuration activatedById activatedFromId billingTemplateId cancellationBalanceInvoiceId
      cancellationInvoiceId followUpCustomStatusId locationId paymentMethodId paymentTypeId
      recurringLocationId renewalMembershipTaskId renewedById soldById customerPo importId memo
    `,
  },
  links: {
    customer: { feed: "customers", field: "customerId" },
    type: { feed: "membership-types", field: "membershipTypeId" },
  },
});

export type Membership = RowOf<typeof memberships>;
