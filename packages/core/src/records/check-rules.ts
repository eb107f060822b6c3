import { z } from "zod";
import { recordColumns } from "./column-names.js";
import { type CompanyRules, defaultRules, ruleLevels } from "./company-rules.js";
import type { CustomColumns } from "./custom-columns.js";
import type { RecordType } from "./record.js";

/** What a company may say about rules and options; what is absent keeps its default. */
export interface RuleSettings extends Partial<Omit<CompanyRules, "alsoRequired">> {
  readonly alsoRequired?: Readonly<Partial<CompanyRules["alsoRequired"]>> | undefined;
}

const level = z.enum(ruleLevels, { error: `expected one of ${ruleLevels.join(", ")}` }).optional();
const flag = z.boolean({ error: "expected true or false" }).optional();
const columns = z.array(z.string(), { error: "expected a list of column names" }).optional();

const alsoRequiredSchema = z.strictObject({ member: columns, invoice: columns }).optional();

const rulesSchema = z.strictObject({
  names: level,
  address: level,
  total: level,
  negativeTotal: level,
  required: level,
  dates: level,
  phones: level,
  emails: level,
  alsoRequired: alsoRequiredSchema,
  splitCompanyNames: flag,
  leaveOutInactiveCustomers: flag,
  leaveOutMergedCustomers: flag,
});

/**
 * Fills in the defaults of a company's rules.
 *
 * @param custom - Columns that the company adds may be required too.
 * @returns every mistake with its place; the rules count only without one.
 */
export function checkRules(
  given: unknown,
  custom: CustomColumns,
): { readonly rules: CompanyRules; readonly issues: readonly string[] } {
  const parsed = rulesSchema.safeParse(given ?? {});
  const alsoRequired = { member: [], invoice: [], ...alsoRequiredIn(given) };
  const types: readonly RecordType[] = ["member", "invoice"];
  const unknown = types.flatMap((type) => unknownColumns(type, alsoRequired[type], custom));
  if (!parsed.success) {
    return { rules: defaultRules, issues: [...parsed.error.issues.flatMap(describeIssue), ...unknown] };
  }
  const said = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  return { rules: { ...defaultRules, ...said, alsoRequired }, issues: unknown };
}

/** Also of settings with mistakes elsewhere, so that all are told at once. */
function alsoRequiredIn(given: unknown): Partial<CompanyRules["alsoRequired"]> {
  const parsed = z.looseObject({ alsoRequired: alsoRequiredSchema }).safeParse(given);
  const { member, invoice } = parsed.data?.alsoRequired ?? {};
  return { ...(member && { member }), ...(invoice && { invoice }) };
}

function describeIssue(issue: z.core.$ZodIssue): readonly string[] {
  const path = ["rules", ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[...path, key].join(".")}: there is no such rule or option`);
  }
  return [`${path.join(".")}: ${issue.message}`];
}

function unknownColumns(
  type: RecordType,
  asked: readonly string[],
  custom: CustomColumns,
): readonly string[] {
  const known: readonly string[] = [...recordColumns[type], ...custom[type].map((column) => column.name)];
  return asked
    .filter((column) => !known.includes(column))
    .map((column) => `rules.alsoRequired.${type}: there is no column ${column}`);
}
