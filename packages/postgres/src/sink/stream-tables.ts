/** Which record it is, in each of our stream tables. */
export const identityColumns = ["tenant", "environment", "source_tenant", "source_id"] as const;

/** Columns that are not texts. */
const otherTypes: Readonly<Record<string, string>> = {
  id: "bigint",
  revision: "bigint",
  hub_plus_import_id: "int",
  total: "numeric",
};

/** What the values of a column are cast to. */
export function typeOf(column: string): string {
  return otherTypes[column] ?? "text";
}
