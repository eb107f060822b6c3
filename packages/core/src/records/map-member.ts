import { addressColumns } from "./address.js";
import { cleanText, idText } from "./clean-text.js";
import { companyColumns } from "./company-columns.js";
import { valueOr } from "./fallback.js";
import type { JoinedMember, MapContext, MapOutcome } from "./joined.js";
import { chooseMembership } from "./membership-choice.js";
import { nameColumns } from "./names.js";
import { phoneColumns } from "./phones.js";
import type { MemberRecord } from "./record.js";
import { judgeMember } from "./rules.js";
import { activeMember, foldStatus } from "./status.js";

/**
 * One customer as the host's member record, or the rules that it breaks. Pure; the order in which related
 * entities come does not matter. Inactive and merged customers are members too.
 */
export function mapMember(joined: JoinedMember, context: MapContext): MapOutcome<MemberRecord> {
  const { customer, contacts } = joined;
  const { company, version } = context;
  return judgeMember({
    ...companyColumns(company),
    customer_id: idText(customer.id),
    ...nameColumns(cleanText(customer.name), cleanText(customer.type), company.rules),
    ...phoneColumns(contacts),
    ...addressColumns(customer.address),
    ...membershipColumns(joined, context),
    version,
  });
}

function membershipColumns(joined: JoinedMember, { drained }: MapContext) {
  const { customer, memberships, membershipTypes } = joined;
  const chosen = chooseMembership(memberships);
  const status = cleanText(chosen?.status);
  const currentStatus = valueOr(
    status === null ? null : foldStatus(status),
    customer.active === false ? "Inactive" : null,
    { feeds: ["memberships"], drained },
  );
  const type = membershipTypes.find(({ id }) => id === chosen?.membershipTypeId);
  return {
    active_member: activeMember(currentStatus),
    membership_type: valueOr(cleanText(type?.name), cleanText(customer.type) ?? "Customer", {
      feeds: ["memberships", "membership-types"],
      drained,
    }),
    current_status: currentStatus,
  };
}
