import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/bin.ts"],
  format: "esm",
  target: "node22",
  sourcemap: true,
  clean: true,
  // The demo's ServiceTitan is bundled with the program, so that nobody has to install the simulator.
  noExternal: ["@titan-sync/simulator"],
});
