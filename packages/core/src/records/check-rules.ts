import { z } from "zod";
import { type CompanyRules, defaultRules, ruleLevels } from "./company-rules.js";
import { type CustomColumns, columnsFor } from "./custom-columns.js";
import type { RecordCatalog } from "./definitions/catalog.js";

/** What a company may say about rules and options; what is absent keeps its default. */
export interface RuleSettings extends Partial<Omit<CompanyRules, "alsoRequired">> {
  readonly alsoRequired?: Readonly<Partial<CompanyRules["alsoRequired"]>> | undefined;
}

const level = z.enum(ruleLevels, { error: `expected one of ${ruleLevels.join(", ")}` }).optional();
const flag = z.boolean({ error: "expected true or false" }).optional();
const columns = z.array(z.string(), { error: "expected a list of column names" }).optional();

const ruleShape = {
  names: level,
  address: level,
  total: level,
  negativeTotal: level,
  required: level,
  dates: level,
  phones: level,
  emails: level,
  splitCompanyNames: flag,
  leaveOutInactiveCustomers: flag,
  leaveOutMergedCustomers: flag,
};

/**
 * Fills in the defaults of a company's rules.
 *
 * @param custom - Columns that the company adds may be required too.
 * @returns every mistake with its place; the rules count only without one.
 */
export function checkRules(
  { plans }: Pick<RecordCatalog, "plans">,
  given: unknown,
  custom: CustomColumns,
): { readonly rules: CompanyRules; readonly issues: readonly string[] } {
  const alsoRequiredSchema = z
    .strictObject(Object.fromEntries(plans.map(({ record }) => [record, columns])))
    .optional();
  const parsed = z.strictObject({ ...ruleShape, alsoRequired: alsoRequiredSchema }).safeParse(given ?? {});
  const alsoRequired = alsoRequiredIn(given, alsoRequiredSchema);
  const known = new Map(
    plans.map(({ record, columns }) => [
      record,
      [...columns, ...columnsFor(custom, record).map((column) => column.name)],
    ]),
  );
  const unknown = Object.entries(alsoRequired).flatMap(([type, asked]) =>
    unknownColumns(type, asked, known.get(type) ?? []),
  );
  if (!parsed.success) {
    return { rules: defaultRules, issues: [...parsed.error.issues.flatMap(describeIssue), ...unknown] };
  }
  const said = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  return { rules: { ...defaultRules, ...said, alsoRequired }, issues: unknown };
}

/** Also checks settings with problems elsewhere, so that all problems are reported at once. */
function alsoRequiredIn(
  given: unknown,
  alsoRequiredSchema: z.ZodType<Readonly<Record<string, readonly string[] | undefined>> | undefined>,
): CompanyRules["alsoRequired"] {
  const parsed = z.looseObject({ alsoRequired: alsoRequiredSchema }).safeParse(given);
  const named = Object.entries(parsed.data?.alsoRequired ?? {});
  return Object.fromEntries(named.flatMap(([type, asked]) => (asked === undefined ? [] : [[type, asked]])));
}

function describeIssue(issue: z.core.$ZodIssue): readonly string[] {
  const path = ["rules", ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${[...path, key].join(".")}: unknown rule or option`);
  }
  return [`${path.join(".")}: ${issue.message}`];
}

function unknownColumns(type: string, asked: readonly string[], known: readonly string[]): readonly string[] {
  return asked
    .filter((column) => !known.includes(column))
    .map((column) => `rules.alsoRequired.${type}: unknown column ${column}`);
}
