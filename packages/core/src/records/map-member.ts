import { idText } from "../feeds/entity-id.js";
import { noTexts, type RowTexts } from "../json/exact-numbers.js";
import { addressColumns } from "./address.js";
import { applyMapping } from "./apply-mapping.js";
import { cleanText } from "./clean-text.js";
import { companyColumns } from "./company-columns.js";
import type { MemberSource } from "./company-mapping.js";
import { columnsFor, readColumns } from "./custom-columns.js";
import { type JoinedMember, memberJoin } from "./definitions/member.js";
import { feedsBehind } from "./definitions/reach.js";
import { valueOr } from "./fallback.js";
import { judge } from "./judge-record.js";
import type { MapContext } from "./map-context.js";
import type { MapOutcome } from "./map-outcome.js";
import { chooseMembership } from "./membership-choice.js";
import { nameColumns } from "./names.js";
import { phoneColumns } from "./phones.js";
import type { MemberRecord } from "./record.js";
import { activeMember, foldStatus } from "./status.js";

const membershipFeeds = feedsBehind(memberJoin, "memberships");
const typeFeeds = feedsBehind(memberJoin, "membershipTypes");

/**
 * One customer as the host's member record, or the rules that it breaks. Pure; the order in which related
 * entities come does not matter. Inactive and merged customers are members too: whether they are left out is
 * the caller's matter.
 *
 * @param texts - Of the joined rows: numbers have the digits that stand there.
 */
export function mapMember(
  joined: JoinedMember,
  context: MapContext,
  texts: RowTexts = noTexts,
): MapOutcome<MemberRecord> {
  const { customer, contacts } = joined;
  const { company, version } = context;
  const type = cleanText(customer.type);
  const source = withMembership(joined);
  const mapped: MemberRecord = {
    ...companyColumns(company),
    customer_id: idText(customer.id),
    ...nameColumns(cleanText(customer.name), type, company.rules),
    ...phoneColumns(contacts),
    ...addressColumns(customer.address),
    ...membershipColumns(source, context),
    version,
  };
  const custom = readColumns(columnsFor(company.columns, "member"), source, company.timeZone, texts);
  const record = applyMapping(mapped, custom, type, company.rules);
  return judge({ type: "member", record, total: null, contacts, isStartUnreadable: false, custom, context });
}

function withMembership(joined: JoinedMember): MemberSource {
  const membership = chooseMembership(joined.memberships);
  const typeId = membership?.membershipTypeId;
  return {
    ...joined,
    membership,
    membershipType: joined.membershipTypes.find(({ id }) => id === typeId) ?? null,
  };
}

function membershipColumns(source: MemberSource, { drained }: MapContext) {
  const { customer, membership, membershipType } = source;
  const status = cleanText(membership?.status);
  const currentStatus = valueOr(
    status === null ? null : foldStatus(status),
    customer.active === false ? "Inactive" : null,
    { feeds: membershipFeeds, drained },
  );
  return {
    active_member: activeMember(currentStatus),
    membership_type: valueOr(cleanText(membershipType?.name), cleanText(customer.type) ?? "Customer", {
      feeds: typeFeeds,
      drained,
    }),
    current_status: currentStatus,
  };
}
