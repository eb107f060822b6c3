const folded = new Map([
  ["active", "Active"],
  ["current", "Active"],
  ["enabled", "Active"],
  ["good", "Active"],
  ["inactive", "Inactive"],
  ["disabled", "Inactive"],
  ["deactivated", "Inactive"],
  ["suspended", "Inactive"],
  ["pending", "Pending"],
  ["new", "Pending"],
]);

/** The host's word for a status, whatever its case; a status without one keeps its own. @param status - Clean. */
export function foldStatus(status: string): string {
  return folded.get(status.toLowerCase()) ?? status;
}

/** The `active_member` column of a current status. */
export function activeMember(currentStatus: string | null): "Yes" | null {
  return currentStatus?.toLowerCase() === "active" ? "Yes" : null;
}
