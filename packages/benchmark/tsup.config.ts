import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/bin.ts",
    "src/worker.ts",
    "src/simulator-host.ts",
    "src/multiplied-host.ts",
    "src/router-host.ts",
  ],
  format: "esm",
  target: "node22",
  sourcemap: true,
  clean: true,
});
