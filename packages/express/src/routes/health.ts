import { health } from "../schemas/watch.js";
import { defineRoute } from "./route.js";

const tag = "Health";

export const healthRoutes = [
  defineRoute({
    operation: "getLiveness",
    method: "get",
    path: "/health/live",
    tag,
    summary: "Whether the process is alive.",
    answers: { 200: { description: "It does.", schema: health } },
    handle: async () => ({ status: 200, body: { status: "ok" } }),
  }),
  defineRoute({
    operation: "getReadiness",
    method: "get",
    path: "/health/ready",
    tag,
    summary: "Whether requests can be served: the storage responds.",
    answers: {
      200: { description: "They can.", schema: health },
      503: { description: "They cannot.", schema: health },
    },
    async handle({ services: { titan, logger } }) {
      try {
        await titan.runs.list({ status: "running" }, { limit: 1 });
        return { status: 200, body: { status: "ok" } };
      } catch {
        logger.warn({}, "not ready: the storage does not respond");
        return { status: 503, body: { status: "unavailable" } };
      }
    },
  }),
];
