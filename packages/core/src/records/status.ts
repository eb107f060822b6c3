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

/** The host's word for a status in any case; a status without one does not change. @param status - Clean. */
export function foldStatus(status: string): string {
  return folded.get(status.toLowerCase()) ?? status;
}

/** The `active_member` column of a current status. */
export function activeMember(currentStatus: string | null): "Yes" | null {
  return currentStatus?.toLowerCase() === "active" ? "Yes" : null;
}
