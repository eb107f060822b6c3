import type { CustomValues } from "./custom-columns.js";
import type { MapContext } from "./map-context.js";
import type { MapOutcome, RuleViolation } from "./map-outcome.js";
import type { InvoiceRecord, KnownRecordType, MemberRecord } from "./record.js";
import { type Judged, type Rule, ruleList } from "./rules.js";

const rulesOf: Readonly<Record<KnownRecordType, readonly Rule[]>> = {
  member: ruleList.filter((rule) => rule.records.includes("member")),
  invoice: ruleList.filter((rule) => rule.records.includes("invoice")),
};

/** A mapped record, and what it was made of as far as rules look at it. */
export interface MappedRecord<Kind extends MemberRecord | InvoiceRecord>
  extends Omit<Judged, "rules" | "now"> {
  readonly record: Kind;
  readonly custom: CustomValues;
  readonly context: MapContext;
}

/**
 * Holds a mapped record against the company's rules. All those that reject are reported at once; without one the record
 * continues, with what is unusual about it.
 */
export function judge<Kind extends MemberRecord | InvoiceRecord>(
  mapped: MappedRecord<Kind>,
): MapOutcome<Kind> {
  const { type, record, total, contacts, isStartUnreadable, custom, context } = mapped;
  const { rules } = context.company;
  const now = Number(context.version) * 1000;
  const judged: Judged = { type, record, total, contacts, isStartUnreadable, rules, now };
  const violations: RuleViolation[] = custom.violation === null ? [] : [custom.violation];
  const warnings: RuleViolation[] = [];
  for (const rule of rulesOf[type]) {
    const level = rules[rule.setting];
    if (level === "off") continue;
    const message = rule.fault(judged, level);
    if (message === null) continue;
    if (level === "reject") violations.push({ rule: rule.rejectsAs, message });
    else warnings.push({ rule: rule.warnsAs, message });
  }
  return violations.length > 0 ? { kind: "rejected", violations } : { kind: "record", record, warnings };
}
