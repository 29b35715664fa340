import { registerHooks } from "node:module";

/** Makes a program that has the page one that lacks it. */
registerHooks({
  resolve(name, context, next) {
    if (name !== "@remem/view") return next(name, context);
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
  },
});
