import { DatabaseSync } from "node:sqlite";
import { vi } from "vitest";
import { createTestDatabase } from "./test-database.js";

const { prepare } = DatabaseSync.prototype;

/** Keeps every statement that is prepared from now on, without those that SQLite runs inside. */
export function recordStatements(): { readonly texts: ReadonlySet<string>; end(): void } {
  const texts = new Set<string>();
  const spy = vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (
    this: DatabaseSync,
    text,
  ) {
    texts.add(text);
    return prepare.call(this, text);
  });
  return { texts, end: () => spy.mockRestore() };
}

/** A step of a statement's plan: `SCAN runs: SELECT …`, in one line. */
export interface PlanStep {
  readonly step: string;
  readonly text: string;
  readonly line: string;
}

/** The plans of those that read or write rows, as SQLite makes them without statistics. */
export async function planSteps(texts: Iterable<string>): Promise<readonly PlanStep[]> {
  const test = await createTestDatabase();
  const explaining = new DatabaseSync(test.path);
  const steps = [...texts].flatMap((text) => {
    if (!/^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text)) return [];
    return plansOf(explaining, text).map((step) => ({
      step,
      text,
      line: `${step}: ${text.replaceAll(/\s+/g, " ")}`,
    }));
  });
  explaining.close();
  await test.drop();
  return steps;
}

/** Whether a step of a plan reads all of a table, under whatever name the statement has for it. */
export function isScanOf({ step, text }: PlanStep, table: string): boolean {
  const [, name] = /^SCAN (\w+)/.exec(step) ?? [];
  if (name === undefined) return false;
  return name === table || new RegExp(`\\b${table}(?: AS)? ${name}\\b`).test(text);
}

function plansOf(database: DatabaseSync, text: string): readonly string[] {
  return prepare
    .call(database, `EXPLAIN QUERY PLAN ${text}`)
    .all(...parametersOf(text))
    .map((row) => String(row["detail"]));
}

/** As many nothings as the text has parameters. */
function parametersOf(text: string): readonly null[] {
  const numbers = [...text.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const plain = [...text.matchAll(/\?(?!\d)/g)].length;
  return Array.from({ length: Math.max(0, plain, ...numbers) }, () => null);
}
