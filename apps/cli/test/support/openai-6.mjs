// Loaded before the command: it makes version 6 the installed version of the `openai` package.
import { registerHooks } from "node:module";

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "openai" ? { url: import.meta.resolve("openai-6"), shortCircuit: true } : next(specifier, context),
});
