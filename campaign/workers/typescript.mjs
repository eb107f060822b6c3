// Lets Node run TypeScript files that name each other with `.js`, as all files here do.

import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isOurs = specifier.startsWith(".") && context.parentURL?.endsWith(".ts") === true;
    return nextResolve(isOurs ? specifier.replace(/\.js$/, ".ts") : specifier, context);
  },
});
