import { z } from "zod";
import { defineRoute } from "./route.js";

export const documentationRoutes = [
  defineRoute({
    operation: "getOpenApiDocument",
    method: "get",
    path: "/openapi.json",
    tag: "Documentation",
    summary: "This document.",
    answers: {
      200: { description: "OpenAPI 3.1.", schema: z.looseObject({}).meta({ id: "OpenApiDocument" }) },
    },
    handle: async ({ services, server }) => ({ status: 200, body: services.document(server) }),
  }),
];
