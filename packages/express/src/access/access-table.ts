import type { Permission } from "./principal.js";

/** What a request is about, which decides whose permission counts. */
export type Access =
  /** Contains nothing of any company: no sign-in is required. */
  | { readonly about: "nothing" }
  /** Every company for which the principal has the permission; the response contains only these. */
  | { readonly about: "companies"; readonly permission: Permission }
  /** The company that the body names. */
  | { readonly about: "company"; readonly permission: Permission }
  /**
   * The credential, or the run, that the path names. To a principal without the view permission it does not
   * exist.
   */
  | { readonly about: "credential"; readonly permission: Permission }
  | { readonly about: "run"; readonly permission: Permission };

/** Which permission each operation needs. There is no operation without a line here. */
export const accessTable = {
  getLiveness: { about: "nothing" },
  getReadiness: { about: "nothing" },
  getOpenApiDocument: { about: "nothing" },
  getDocumentationPage: { about: "nothing" },
  /** Only the page: it requests all data through the operations below, as the signed-in principal. */
  getDashboardPage: { about: "nothing" },

  listCredentials: { about: "companies", permission: "view" },
  createCredential: { about: "company", permission: "admin" },
  testCredentialValues: { about: "company", permission: "admin" },
  getCredentialMetadata: { about: "companies", permission: "view" },
  getCredential: { about: "credential", permission: "view" },
  updateCredential: { about: "credential", permission: "admin" },
  removeCredential: { about: "credential", permission: "admin" },
  testCredential: { about: "credential", permission: "admin" },

  triggerSync: { about: "credential", permission: "sync" },
  getSyncStatus: { about: "credential", permission: "view" },
  listSyncHistory: { about: "credential", permission: "view" },
  getSyncMetrics: { about: "credential", permission: "view" },
  cancelSync: { about: "credential", permission: "admin" },
  getSync: { about: "run", permission: "view" },
  streamSyncEvents: { about: "run", permission: "view" },
  streamEvents: { about: "companies", permission: "view" },

  getSchedule: { about: "credential", permission: "view" },
  saveSchedule: { about: "credential", permission: "admin" },
  changeSchedules: { about: "companies", permission: "admin" },
  removeSchedule: { about: "credential", permission: "admin" },

  listStatus: { about: "companies", permission: "view" },
  getCredentialStatus: { about: "credential", permission: "view" },
  pauseCredential: { about: "credential", permission: "admin" },
  resumeCredential: { about: "credential", permission: "admin" },

  /** Without the rows themselves, which are for admins. */
  listRejections: { about: "credential", permission: "view" },
  replayRejections: { about: "credential", permission: "admin" },
  dismissRejections: { about: "credential", permission: "admin" },

  getDashboard: { about: "companies", permission: "view" },
  listAudit: { about: "companies", permission: "admin" },
} as const satisfies Readonly<Record<string, Access>>;

export type Operation = keyof typeof accessTable;
