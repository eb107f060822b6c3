import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { packageNames } from "./source-files.js";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly typedocOptions: { readonly entryPoints: readonly string[] };
}

const root = new URL("../../", import.meta.url);

const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), "utf8"));
const manifestOf = (name: string): Manifest => readJson(`packages/${name}/package.json`) as Manifest;

/** The source of each entry that a package exports. */
function sourcesOf(manifest: Manifest): (string | undefined)[] {
  return Object.values(manifest.exports)
    .filter((entry) => typeof entry !== "string")
    .map((entry) => entry["@titan-sync/source"]);
}

const isPublished = (name: string): boolean => manifestOf(name).private !== true;
const published = packageNames().filter(isPublished);

it.each(packageNames().filter((name) => !isPublished(name)))(
  "the private package %s builds as the others do, and exports nothing",
  (name) => {
    const manifest = manifestOf(name);
    expect(manifest).toMatchObject({
      name: `@titan-sync/${name}`,
      type: "module",
      engines: { node: ">=22.16" },
      scripts: { build: "tsup", typecheck: "tsc --noEmit" },
    });
    expect(manifest).not.toHaveProperty("exports");
  },
);

describe.each(published)("the package %s", (name) => {
  const manifest = manifestOf(name);

  it("has what every package has", () => {
    expect(manifest).toMatchObject({
      name: `@titan-sync/${name}`,
      license: "Apache-2.0",
      type: "module",
      engines: { node: ">=22.16" },
      files: expect.arrayContaining(["dist", "src", "!src/**/*.test.ts", "!src/**/__fixtures__"]),
      scripts: {
        build: "tsup",
        typecheck: "tsc --noEmit",
        "lint:package": "publint --strict && attw --pack --profile esm-only",
      },
    });
    for (const file of ["README.md", "tsconfig.json", "tsup.config.ts"]) {
      const path = fileURLToPath(new URL(`packages/${name}/${file}`, root));
      expect(existsSync(path), `${name}/${file} exists`).toBe(true);
    }
  });

  it("names the source of each entry first, so that the workspace never uses an old build", () => {
    for (const entry of Object.values(manifest.exports)) {
      if (typeof entry !== "string") expect(Object.keys(entry)[0]).toBe("@titan-sync/source");
    }
  });

  it("installs neither types nor a simulator for its users", () => {
    const brought = Object.keys(manifest.dependencies ?? {});
    expect(brought.filter((dependency) => /^@types\/|simulator/.test(dependency))).toEqual([]);
  });

  it("documents each entry that it exports", () => {
    const documented = manifest.typedocOptions.entryPoints.map((entry) => `./${entry}`);
    expect(documented.sort()).toEqual(sourcesOf(manifest).sort());
    expect(readJson("typedoc.json")).toMatchObject({
      entryPoints: expect.arrayContaining([`packages/${name}`]),
    });
  });
});

it("releases all public packages together", () => {
  const { fixed } = readJson(".changeset/config.json") as { fixed: string[][] };
  const names = published.map((name) => manifestOf(name).name);
  expect(fixed.map((group) => group.sort())).toEqual([names.sort()]);
});
