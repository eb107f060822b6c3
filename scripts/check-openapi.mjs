// `node scripts/check-openapi.mjs FOLDER`: compares our feeds with ServiceTitan's OpenAPI documents, which are not
// part of this project: FOLDER holds `crm-v2.json`, `accounting-v2.json`, … Needs Node 24.

import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { inWorkspace } from "./lib/workspace.mjs";

/**
 * @typedef {{ type?: string | string[], properties?: Record<string, Schema>, required?: string[], items?: Schema,
 *   $ref?: string, oneOf?: Schema[], anyOf?: Schema[], allOf?: Schema[], enum?: unknown[], nullable?: boolean }} Schema
 * @typedef {{ paths: Record<string, any>, components: { schemas: Record<string, Schema> } }} Document
 * @typedef {{ properties: Record<string, Schema>, required: ReadonlySet<string> }} Row
 */

const badUsage = 2;

async function main() {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    process.stderr.write("Usage: node scripts/check-openapi.mjs FOLDER\n");
    return badUsage;
  }
  const { feeds, toJsonSchema } = await loadFeeds();
  let issues = 0;
  for (const feed of Object.values(feeds)) {
    /** @type {Document} */
    const document = JSON.parse(await readFile(join(folder, `${feed.module}-v2.json`), "utf8"));
    const found = checkFeed(feed, toJsonSchema(feed.schema), document);
    issues += found.length;
    process.stdout.write(`${found.length === 0 ? "✓" : "✗"} ${feed.name}\n`);
    for (const issue of found) process.stdout.write(`    ${issue}\n`);
  }
  process.stdout.write(`${issues} differences\n`);
  return issues === 0 ? 0 : 1;
}

/** The sources name their imports as they will be once compiled. */
async function loadFeeds() {
  registerHooks({
    resolve(specifier, context, next) {
      const isOurs = specifier.startsWith(".") && context.parentURL?.endsWith(".ts");
      return next(isOurs ? specifier.replace(/\.js$/, ".ts") : specifier, context);
    },
  });
  const core = inWorkspace("packages/core/src");
  const { feeds } = await import(join(core, "feeds/feeds.ts"));
  const { z } = await import(new URL("../packages/core/node_modules/zod/index.js", import.meta.url).href);
  /** @param {unknown} schema */
  const toJsonSchema = (schema) => z.toJSONSchema(schema, { unrepresentable: "any", io: "input" });
  return { feeds, toJsonSchema };
}

/**
 * @param {any} feed
 * @param {Schema} schema
 * @param {Document} document
 * @returns {string[]}
 */
function checkFeed(feed, schema, document) {
  const list = operationOf(document, `/tenant/{tenant}/${feed.path}`);
  const exported = operationOf(document, `/tenant/{tenant}/export/${feed.path}`);
  if (feed.reader === "export" && exported === null) return ["there is no export"];
  const operations = [list, exported].filter((operation) => operation !== null);
  const rows = operations.map((operation) => rowOf(document, operation));
  return [
    ...checkFields(feed, rows),
    ...rows.flatMap((row) => checkTypes(document, schema, row, "")),
    ...operations.flatMap((operation) => checkScope(feed, operation)),
    ...(list === null ? [] : checkParameters(feed, list)),
  ];
}

/**
 * @param {any} feed
 * @param {Row[]} rows
 */
function checkFields({ fields }, rows) {
  const documented = new Set(rows.flatMap((row) => Object.keys(row.properties)));
  const ours = [...fields.always, ...fields.sometimes];
  return [
    ...[...documented].filter((name) => !ours.includes(name)).map((name) => `${name} is not in our list`),
    ...ours.filter((name) => !documented.has(name)).map((name) => `${name} is not documented`),
    ...fields.always
      .filter((/** @type {string} */ name) => rows.some((row) => !row.required.has(name)))
      .map((/** @type {string} */ name) => `${name} is not always there`),
  ];
}

/**
 * @param {Document} document
 * @param {Schema} ours
 * @param {Row} row
 * @param {string} place
 * @returns {string[]}
 */
function checkTypes(document, ours, row, place) {
  return Object.entries(ours.properties ?? {}).flatMap(([name, own]) => {
    const theirs = row.properties[name];
    // Fields that only one of list and export has are checked there.
    if (theirs === undefined) return place === "" ? [] : [`${place}${name} is not documented`];
    const resolved = resolve(document, theirs);
    const allowed = typesOf(own);
    const missing = [...typesOf(resolved)].filter((type) => allowed.size > 0 && !allowed.has(type));
    const nested =
      ours.properties === undefined ? [] : variantsOf(own).filter((variant) => variant.properties);
    const inner = nested.flatMap((variant) => {
      const target = objectOf(document, theirs);
      return target === null ? [] : checkTypes(document, variant, target, `${place}${name}.`);
    });
    return [...missing.map((type) => `${place}${name} may be ${type}, which our schema rejects`), ...inner];
  });
}

/**
 * @param {any} feed
 * @param {any} operation
 */
function checkScope({ scope }, operation) {
  const scopes = (operation.security ?? []).flatMap((/** @type {any} */ each) => each.oauth ?? []);
  return scopes.includes(scope) ? [] : [`needs the scope ${scopes.join(", ")}, not ${scope}`];
}

/**
 * @param {any} feed
 * @param {any} list
 */
function checkParameters(feed, list) {
  /** @type {Set<string>} */
  const known = new Set(list.parameters.map((/** @type {any} */ parameter) => parameter.name));
  const used = [
    ...Object.keys(feed.listQuery),
    ...(feed.listSort === null ? [] : ["sort"]),
    ...(feed.listEqualsExport
      ? ["createdOnOrAfter", "createdBefore", "modifiedOnOrAfter", "modifiedBefore"]
      : []),
  ];
  return used.filter((name) => !known.has(name)).map((name) => `its list has no parameter ${name}`);
}

/**
 * @param {Document} document
 * @param {string} path
 */
function operationOf(document, path) {
  return document.paths[path]?.get ?? null;
}

/**
 * @param {Document} document
 * @param {any} operation
 * @returns {Row}
 */
function rowOf(document, operation) {
  const envelope = resolve(document, operation.responses["200"].content["application/json"].schema);
  const row = objectOf(document, envelope.properties?.["data"]?.items ?? {});
  if (row === null) throw new TypeError(`${operation.operationId} does not say what its rows are.`);
  return row;
}

/**
 * @param {Document} document
 * @param {Schema} schema
 * @returns {Row | null}
 */
function objectOf(document, schema) {
  for (const variant of variantsOf(resolve(document, schema)).map((each) => resolve(document, each))) {
    const parts = [variant, ...(variant.allOf ?? []).map((part) => resolve(document, part))];
    const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
    if (Object.keys(properties).length > 0) {
      return { properties, required: new Set(parts.flatMap((part) => part.required ?? [])) };
    }
  }
  return null;
}

/**
 * @param {Document} document
 * @param {Schema} schema
 * @returns {Schema}
 */
function resolve(document, schema) {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : resolve(document, document.components.schemas[name] ?? {});
}

/**
 * @param {Schema} schema
 * @returns {Schema[]}
 */
function variantsOf(schema) {
  const variants = schema.anyOf ?? schema.oneOf;
  return variants === undefined ? [schema] : variants.flatMap(variantsOf);
}

/**
 * A schema that says nothing allows everything.
 *
 * @param {Schema} schema
 * @returns {Set<string>}
 */
function typesOf(schema) {
  return new Set(variantsOf(schema).flatMap((variant) => variant.type ?? []));
}

process.exitCode = await main();
