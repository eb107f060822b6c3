import { withIsoTimes } from "@titan-sync/core";
import { auditPage, auditQuery, dashboard, dashboardQuery } from "../schemas/watch.js";
import { dashboardBody } from "./dashboard-body.js";
import { narrowCompanies } from "./narrow-companies.js";
import { defineRoute } from "./route.js";

const tag = "Watch";

export const watchRoutes = [
  defineRoute({
    operation: "getDashboard",
    method: "get",
    path: "/dashboard",
    tag,
    summary: "The status of every credential, the stalest first, with the last 30 days.",
    query: dashboardQuery,
    answers: { 200: { description: "One page of credentials, and its totals.", schema: dashboard } },
    async handle({ services, subject, query: { companyId, environment, limit, cursor } }) {
      const filter = { ...narrowCompanies(subject, companyId), environment };
      return { status: 200, body: await dashboardBody(services, filter, { limit, cursor }) };
    },
  }),
  defineRoute({
    operation: "listAudit",
    method: "get",
    path: "/audit",
    tag,
    summary: "Who did what, newest first.",
    query: auditQuery,
    answers: { 200: { description: "One page of entries.", schema: auditPage } },
    async handle({ services, subject, query: { companyId, limit, cursor } }) {
      const page = await services.titan.audit.list(narrowCompanies(subject, companyId), {
        limit,
        cursor,
      });
      const items = page.items.map(({ requestId = null, ...entry }) => ({
        ...withIsoTimes(entry, ["at"]),
        requestId,
      }));
      return { status: 200, body: { items, next: page.next } };
    },
  }),
];
