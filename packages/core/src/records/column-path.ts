import { exactNumber, noTexts, plainDecimal, type RowTexts } from "../json/exact-numbers.js";
import { cleanText } from "./clean-text.js";

/** One step of a path: into a field, to an element of a list, or to the first element with a field of this text. */
export type PathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "where"; readonly field: string; readonly equals: string };

/** Where a path leads: to a value, or to something that is none. */
export type Found =
  | { readonly kind: "value"; readonly value: string | number | boolean | null }
  | { readonly kind: "fault"; readonly fault: string };

const nothing: Found = { kind: "value", value: null };
const field = /^[A-Za-z_]\w*/;
const index = /^\[(\d{1,6})\]/;
/** The text may be in quotation marks, which are required if it contains a bracket. */
const where = /^\[([A-Za-z_]\w*)=(?:"([^"]*)"|([^\]"]+))\]/;

/**
 * Reads a path such as `customer.customFields[name=Gate code].value`.
 * @returns its steps, or `null` when it is none.
 */
export function parsePath(path: string): readonly PathStep[] | null {
  const steps: PathStep[] = [];
  let rest = path;
  while (rest !== "" || steps.length === 0) {
    const begins = steps.length === 0;
    const step = rest.startsWith("[") && !begins ? bracketStep(rest) : fieldStep(rest, begins);
    if (step === null) return null;
    steps.push(step.step);
    rest = rest.slice(step.length);
  }
  return steps;
}

/**
 * Follows a path. What is absent on the way leads to `null`; a list without a choice from it is a fault.
 *
 * @param texts - Of the rows on the way: a number in one of them is given as it stands there.
 */
export function followPath(from: unknown, steps: readonly PathStep[], texts: RowTexts = noTexts): Found {
  let here: unknown = from;
  let row: object | null = null;
  let path: (string | number)[] = [];
  for (const step of steps) {
    if (here === null || here === undefined) return nothing;
    const isList = Array.isArray(here);
    if (step.kind === "field") {
      if (isList)
        return faultOf(
          `"${step.name}" cannot be read from a list: choose an element with [0] or [field=text]`,
        );
      here = fieldOf(here, step.name);
      path.push(step.name);
    } else if (!isList) {
      return faultOf("cannot choose an element of a value that is not a list");
    } else {
      const list = here as readonly unknown[];
      const index = indexOf(list, step);
      here = list[index];
      path.push(index);
    }
    if (typeof here === "object" && here !== null && texts.has(here)) [row, path] = [here, []];
  }
  return typeof here === "number" && row !== null
    ? { kind: "value", value: exactNumber(row, path, here, texts) }
    : toValue(here);
}

function fieldStep(rest: string, begins: boolean) {
  const text = begins ? rest : rest.startsWith(".") ? rest.slice(1) : "";
  const match = field.exec(text);
  if (match === null) return null;
  const [name] = match;
  return { step: { kind: "field", name } as const, length: name.length + (begins ? 0 : 1) };
}

function bracketStep(rest: string) {
  const indexed = index.exec(rest);
  if (indexed !== null) {
    return { step: { kind: "index", index: Number(indexed[1]) } as const, length: indexed[0].length };
  }
  const chosen = where.exec(rest);
  if (chosen === null) return null;
  const [whole, name = "", quoted, bare] = chosen;
  const equals = cleanText(quoted ?? bare) ?? "";
  return { step: { kind: "where", field: name, equals } as const, length: whole.length };
}

/** -1 if no element matches. */
function indexOf(list: readonly unknown[], step: Exclude<PathStep, { readonly kind: "field" }>): number {
  if (step.kind === "index") return step.index;
  return list.findIndex((element) => {
    const found = toValue(fieldOf(element, step.field));
    return found.kind === "value" && (cleanText(textOf(found.value)) ?? "") === step.equals;
  });
}

/** Only own properties: a path reaches nothing of the language itself. */
function fieldOf(from: unknown, name: string): unknown {
  return typeof from === "object" && from !== null && Object.hasOwn(from, name)
    ? (from as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function toValue(value: unknown): Found {
  if (value === undefined || value === null) return nothing;
  if (typeof value === "bigint") return { kind: "value", value: String(value) };
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "value", value };
  }
  return faultOf(Array.isArray(value) ? "a list is not a value" : "an object is not a value");
}

/** A value as text; a number without an exponent. */
export function textOf(value: string | number | boolean | null): string | null {
  if (value === null) return null;
  return typeof value === "number" ? plainDecimal(String(value)) : String(value);
}

function faultOf(fault: string): Found {
  return { kind: "fault", fault };
}
