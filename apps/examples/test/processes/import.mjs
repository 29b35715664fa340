// Imports a package and prints what that did besides loading code.
import fs from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";

/** SDKs and drivers, which are slow to load. */
const HEAVY = /^(openai|@azure\/|keyv|@keyv\/|redis|@redis\/)/;
const heavy = [];
registerHooks({
  resolve(specifier, context, next) {
    if (HEAVY.test(specifier)) heavy.push(specifier);
    return next(specifier, context);
  },
});

const opened = [];
for (const name of [
  "open",
  "openSync",
  "readFile",
  "readFileSync",
  "createReadStream",
  "createWriteStream",
  "mkdirSync",
  "statSync",
]) {
  const original = fs[name];
  fs[name] = (path, ...rest) => {
    const isCode = /\.[cm]?js$/.test(String(path)) || /node_modules.*package\.json$/.test(String(path)); // This is how CommonJS is loaded.
    if (!isCode) opened.push(`${name} ${path}`);
    return original(path, ...rest);
  };
}
syncBuiltinESMExports();

await import(process.argv[2]);
const active = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
const sqlite = process.moduleLoadList.some((name) => name.endsWith(" sqlite"));
console.log(JSON.stringify({ opened, active, heavy, sqlite }));
