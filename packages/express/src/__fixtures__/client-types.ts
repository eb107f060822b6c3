import openapiTS, { astToString } from "openapi-typescript";
import { buildDocument } from "../openapi/build-document.js";

/** The types of a client, generated from the OpenAPI document as the router serves it. */
export async function generateClientTypes(): Promise<string> {
  const served: unknown = JSON.parse(JSON.stringify(buildDocument("")));
  const types = await openapiTS(served as Parameters<typeof openapiTS>[0]);
  return `// Generated from the OpenAPI document. client.test.ts says when it is out of date, and with UPDATE_GENERATED=1 writes it anew.\n\n${astToString(types)}`;
}
