import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/bin.ts"],
  format: "esm",
  target: "node22",
  dts: true,
  sourcemap: true,
  clean: true,
  // The demo's ServiceTitan is part of the program: nobody else installs a simulator with it.
  noExternal: ["@titan-sync/simulator"],
});
