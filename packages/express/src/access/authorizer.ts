import { type CompanyFilter, isPermitted, type Permission, type Principal } from "./principal.js";

/** A question of access. */
export interface AccessRequest {
  readonly principal: Principal;
  /** `"*"` asks, for an operator, for every company at once. */
  readonly companyId: string;
  readonly permission: Permission;
  /** Such as `triggerSync`: the OpenAPI document's `operationId`. */
  readonly operation: string;
}

/** Decides instead of the permissions that `authenticate` returned. */
export type Authorize = (request: AccessRequest) => boolean | Promise<boolean>;

/** Answers questions of access for one router. */
export interface Authorizer {
  isAllowed(request: AccessRequest): Promise<boolean>;
  /** The companies for which the principal has the permission. */
  companiesOf(request: Omit<AccessRequest, "companyId">): Promise<CompanyFilter>;
}

const byPermissions: Authorize = ({ principal, companyId, permission }) =>
  isPermitted(principal, companyId, permission);

export function createAuthorizer(authorize: Authorize = byPermissions): Authorizer {
  // Anything but `true` is a denial.
  const isAllowed = async (request: AccessRequest): Promise<boolean> => (await authorize(request)) === true;
  return {
    isAllowed,
    async companiesOf(request) {
      const { companies } = request.principal;
      if (companies === "*") return (await isAllowed({ ...request, companyId: "*" })) ? "*" : [];
      const asked = Object.keys(companies);
      const allowed = await Promise.all(asked.map((companyId) => isAllowed({ ...request, companyId })));
      return asked.filter((_companyId, index) => allowed[index]);
    },
  };
}
