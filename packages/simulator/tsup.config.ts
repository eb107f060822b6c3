import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/msw.ts", "src/bin.ts"],
  format: "esm",
  target: "node22",
  sourcemap: true,
  clean: true,
});
