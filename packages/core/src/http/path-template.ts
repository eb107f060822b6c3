/**
 * A path without the ids in it, so that there are few of them and none shows whose data it is:
 * `crm/v2/tenant/1001/customers/42` gives `crm/v2/tenant/{tenant}/customers/{id}`.
 */
export function pathTemplate(path: string): string {
  const segments = path.split("/");
  return segments
    .map((segment, index) => {
      if (segments[index - 1] === "tenant") return "{tenant}";
      return /^\d+$/.test(segment) ? "{id}" : segment;
    })
    .join("/");
}
