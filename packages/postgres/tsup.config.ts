import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "support/index": "src/support/index.ts",
  },
  format: "esm",
  target: "node22",
  sourcemap: true,
  clean: true,
});
