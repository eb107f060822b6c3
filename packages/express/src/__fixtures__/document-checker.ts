import type { ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { buildDocument, type OpenApiDocument } from "../openapi/build-document.js";

/** Says what of an answer the OpenAPI document does not allow; nothing when it is as documented. */
export type DocumentChecker = (
  operation: { readonly path: string; readonly method: string },
  answer: { readonly status: number; readonly contentType: string; readonly body: unknown },
) => readonly string[];

export function createDocumentChecker(document: OpenApiDocument = buildDocument("")): DocumentChecker {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: "document" });
  const validators = new Map<string, ValidateFunction>();

  return ({ path, method }, { status, contentType, body }) => {
    const [mediaType = ""] = contentType.split(";");
    const parts = ["paths", path, method, "responses", String(status), "content", mediaType, "schema"];
    if (valueAt(document, parts) === undefined)
      return [`${method} ${path} documents no ${status} ${mediaType}`];
    const pointer = parts.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")));
    const reference = `document#/${pointer.join("/")}`;
    const validate = validators.get(reference) ?? ajv.compile({ $ref: reference });
    validators.set(reference, validate);
    if (validate(body)) return [];
    return (validate.errors ?? []).map(
      (error) =>
        `${method} ${path} ${status}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
    );
  };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
